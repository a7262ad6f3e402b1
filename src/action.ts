// The bundle: what the doors load when there is something to do.
export { main } from './main.ts';
export { post } from './post-step.ts';
