import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';

// Hundreds of processes are started here, and by each worker: each compiles what none did before.
env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'await-ops-manager-import-compile-cache');
// Dates are Ops Manager’s own, in UTC, wherever a runner stands.
env['TZ'] = 'America/St_Johns';

/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  // Node 24 strips the types itself; tsc alone checks them (npm run check:types).
  modulePathIgnorePatterns: ['<rootDir>/.stryker-tmp/'],
  transform: {},
  extensionsToTreatAsEsm: ['.ts'],
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts'],
  testTimeout: 60_000,
  // End-to-end tests mostly wait for processes that wait: more of them at once than there are cores.
  maxWorkers: 6,
  maxConcurrency: 16
};
