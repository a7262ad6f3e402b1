import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { LocalServer } from '../support/local-server.ts';
import { evaluateAll, evaluateCondition, recipe, type Context } from '../support/recipes.ts';

const [, message] = recipe('message')['import']?.steps ?? [];
const RUN = 'https://github.com/example/deployments/actions/runs/4711';

/** Runs the recipe's second step with the real jq and curl; the bodies that a webhook was sent. */
async function sent(title: string, report: string): Promise<unknown[]> {
  const bodies: unknown[] = [];
  await using webhook = await LocalServer.http((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      bodies.push(JSON.parse(text));
      response.end('ok');
    });
  });
  const known: Context = {
    'secrets.CHAT_WEBHOOK': `${webhook.url}/services/x`,
    'github.server_url': 'https://github.com',
    'github.repository': 'example/deployments',
    'github.run_id': '4711',
    'job.status': 'failure',
    'steps.import.outputs.title': title,
    'steps.import.outputs.report': report
  };
  expect(evaluateCondition(message?.if ?? '', known)).toBe(true);
  const env = { PATH: process.env['PATH'], ...evaluateAll(message?.env, known) };
  await promisify(execFile)('bash', ['-e', '-o', 'pipefail', '-c', message?.run ?? ''], { env });
  expect(webhook.requests).toEqual(['POST /services/x']);
  return bodies;
}

describe('the recipe that sends a message', () => {
  it('sends title, run and the beginning of the report', async () => {
    const report = `# Import failed\n\n${'ä'.repeat(4000)}`;
    const text = `Import failed\n${RUN}\n${report.slice(0, 3000)}`;
    expect(await sent('Import failed', report)).toEqual([{ text }]);
  });

  it('keeps what a server wrote plain text', async () => {
    const text = '"}, \\(env.WEBHOOK) `$(touch made)` $HOME %s \\n';
    expect(await sent(text, text)).toEqual([{ text: `${text}\n${RUN}\n${text}` }]);
  });
});
