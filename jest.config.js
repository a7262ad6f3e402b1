import { env } from 'node:process';
import { COMPILE_CACHE } from './simulator/compile-cache.ts';

// For the workers, and for the programs that the tests start beside steps.
env['NODE_COMPILE_CACHE'] ??= COMPILE_CACHE;
// Dates are Ops Manager’s own, in UTC, wherever a runner stands.
env['TZ'] = 'America/St_Johns';

/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  // Node 24 strips the types itself; tsc alone checks them (npm run check:types).
  transform: {},
  extensionsToTreatAsEsm: ['.ts'],
  // What the bundle has of it, which loads in a third of the time.
  moduleNameMapper: { '^undici$': '<rootDir>/scripts/undici.js' },
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts'],
  testSequencer: '<rootDir>/__tests__/support/sequencer.ts',
  // No machine needs as long, however busy it is.
  testTimeout: 300_000,
  // End-to-end tests mostly wait for processes that wait: more of them at once than there are cores.
  maxWorkers: 4,
  maxConcurrency: 16
};
