import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where Node keeps compiled code: many steps are started here, and each compiles what none did before. */
export const COMPILE_CACHE = join(tmpdir(), 'await-ops-manager-import-compile-cache');
