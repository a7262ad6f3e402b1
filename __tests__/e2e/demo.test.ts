import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const DEMO = join(import.meta.dirname, '..', '..', 'simulator', 'demo.ts');

/** Runs `npm start -- …` without npm. */
async function runDemo(...args: readonly string[]): Promise<{ code: number | null; text: string }> {
  const demo = spawn(process.execPath, [DEMO, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [demo.stdout, demo.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  const code = await new Promise<number | null>((resolve) => demo.on('close', resolve));
  return { code, text };
}

const SCENARIOS = [
  { scenario: 'reached', outcome: 'reached', cancellation: 'not-needed', state: 'SUCCESS' },
  { scenario: 'failed', outcome: 'failed', cancellation: 'not-needed', state: 'FAILED' },
  { scenario: 'cancelled', outcome: 'cancelled', cancellation: 'not-needed', state: 'CANCELLED' },
  { scenario: 'timeout', outcome: 'timed-out', cancellation: 'confirmed', state: 'CANCELLED' },
  { scenario: 'stalled', outcome: 'stalled', cancellation: 'confirmed', state: 'CANCELLED' },
  {
    scenario: 'interrupted',
    outcome: 'interrupted',
    cancellation: 'confirmed',
    state: 'CANCELLED'
  },
  { scenario: 'error', outcome: 'error', cancellation: 'not-needed', state: '' }
];

describe('npm start', () => {
  it.concurrent.each(SCENARIOS)('shows the scenario $scenario', async (example) => {
    // Without a word more it is the first.
    const { code, text } = await runDemo(...(example === SCENARIOS[0] ? [] : [example.scenario]));
    const outputs = Object.fromEntries(
      Array.from(text.matchAll(/^ {2}([a-z-]+) +(.*)$/gm), ([, name, value]) => [name, value])
    ) as unknown;
    expect(outputs).toMatchObject({
      outcome: example.outcome,
      cancellation: example.cancellation,
      state: example.state
    });
    expect(code).toBe(example.outcome === 'reached' ? 0 : 1);
    expect(text).toContain('Ops Manager is simulated at http://127.0.0.1:');
    expect(text).toMatch(/^ {2}▎\S/m);
    expect(text).not.toMatch(/<wbr>|```|\\_/);
    const [, page = ''] = /^As GitHub shows it: (file:.*)$/m.exec(text) ?? [];
    expect(readFileSync(new URL(page), 'utf8')).toMatch(/<h2>[^]*<ul>/);
    expect(text).toMatch(/^The step ended with exit code [01] after \d+ HTTP requests\.$/m);
  });

  it.concurrent.each([
    { args: ['--help'], code: 0, says: /^Shows the step/ },
    { args: ['nothing'], code: 2, says: /^There is no scenario “nothing”/ },
    { args: ['reached', '--scenario', 'failed'], code: 2, says: /^Name one scenario/ },
    { args: ['--nothing'], code: 2, says: /^There is no option --nothing/ }
  ])('names the scenarios for $args', async ({ args, code: wanted, says }) => {
    const { code, text } = await runDemo(...args);
    expect(code).toBe(wanted);
    expect(text).toMatch(says);
    for (const { scenario } of SCENARIOS) expect(text).toMatch(new RegExp(`^  ${scenario} `, 'm'));
  });
});
