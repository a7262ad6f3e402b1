import manifest from '../package.json' with { type: 'json' };

/** This action's version. */
export const { version } = manifest;
