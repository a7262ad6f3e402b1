import { rmSync } from 'node:fs';
import { IMPORT_ID } from '../../../simulator/ops-manager.ts';

const response = await fetch(process.env['STATE_control'] ?? '', { method: 'DELETE' });
const { states } = (await response.json()) as { states: Record<string, string> };
const expected = process.env['INPUT_EXPECTED-STATE'];
const state = states[IMPORT_ID];
if (state === expected) {
  console.log(`The import ended as it should: ${expected ?? ''}.`);
} else {
  console.log(`::error::The import is ${state ?? 'gone'}, but should be ${expected ?? ''}.`);
  process.exitCode = 1;
}

// The simulator may need a moment to end, and Windows removes no file that is open.
rmSync(process.env['STATE_folder'] ?? '', { recursive: true, force: true, maxRetries: 10 });
