import { join } from 'node:path';

/** How Node is told that a process lives for a second or two. */
export const SHORT_LIVED = {
  nodeFlags: ['--import', join(import.meta.dirname, 'unoptimised.js')]
} as const;
