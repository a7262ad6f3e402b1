import { spawn } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import {
  IMPORT_ID,
  PRIVATE_KEY,
  PROJECT_ID,
  PUBLIC_KEY,
  Simulator
} from '../../simulator/ops-manager.ts';
import { callsInWords, commandsFor } from '../../src/report/advice.ts';
import type { ByHand } from '../../src/report/report.ts';

const PLACE = {
  host: 'om.example.com',
  apiUrl: 'https://om.example.com/api/public/v1.0',
  projectId: PROJECT_ID,
  projectUrl: `https://om.example.com/v2/${PROJECT_ID}`
};

/** What a shell that has the keys in its variables writes when it runs a command; needs curl. */
async function run(command: string): Promise<string> {
  const env = { ...process.env, PUBLIC_KEY, PRIVATE_KEY };
  const shell = spawn('sh', ['-c', `${command} --silent`], { env });
  let text = '';
  shell.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await new Promise((resolve) => shell.on('close', resolve));
  return text;
}

async function doneByHand(
  byHand: Pick<ByHand, 'call' | 'ids'>,
  state: 'PENDING' | 'FAILED'
): Promise<string> {
  const simulator = await Simulator.start({
    imports: [{ id: IMPORT_ID, cancelTakesMs: 0, steps: [[state, 0]] }]
  });
  try {
    const place = { ...PLACE, apiUrl: `${simulator.url}/api/public/v1.0` };
    const list: ByHand = { call: 'list', ids: [], purpose: '' };
    for (const command of commandsFor({ ...byHand, purpose: '' }, place)) await run(command);
    return await run(commandsFor(list, place).join('\n'));
  } finally {
    await simulator.close();
  }
}

describe('a command to copy', () => {
  it('lists the project’s imports', async () => {
    expect(await doneByHand({ call: 'list', ids: [] }, 'PENDING')).toContain(IMPORT_ID);
  });

  it('cancels an import', async () => {
    expect(await doneByHand({ call: 'cancel', ids: [IMPORT_ID] }, 'PENDING')).toMatch(
      new RegExp(`"id": ?"${IMPORT_ID}"[^]*"state": ?"CANCELLED"`)
    );
  });

  it('deletes the record of a failed import', async () => {
    expect(await doneByHand({ call: 'delete', ids: [IMPORT_ID] }, 'FAILED')).not.toContain(
      IMPORT_ID
    );
  });

  it('is one for each import, which stands above it', () => {
    const ids = ['a'.repeat(24), 'b'.repeat(24)];
    const commands = commandsFor({ call: 'cancel', ids, purpose: '' }, PLACE);
    expect(commands.map((command) => command.split('\n')[0])).toEqual(ids.map((id) => `# ${id}`));
    commands.forEach((command, index) => {
      expect(command).toMatch(new RegExp(`/${ids[index] ?? ''}/cancel'$`));
    });
  });

  it('trusts the private authority and shows the client certificate that the step uses', () => {
    const list: ByHand = { call: 'list', ids: [], purpose: '' };
    const place = { ...PLACE, hasAuthority: true, hasClientCertificate: true };
    expect(commandsFor(list, place).join('\n')).toBe(
      [
        `curl --digest --cookie '' --user "$PUBLIC_KEY:$PRIVATE_KEY"`,
        '--cacert "$CA_CERTIFICATE_FILE"',
        '--cert "$CLIENT_CERTIFICATE_FILE" --key "$CLIENT_KEY_FILE"',
        '--request GET',
        `'${PLACE.apiUrl}/automation/importDeployment/${PROJECT_ID}'`
      ].join(' \\\n  ')
    );
    expect(commandsFor(list, PLACE).join('')).not.toMatch(/--ca|--cert/);
  });

  it('cannot be left by an address with a quotation mark', () => {
    const place = { ...PLACE, apiUrl: "https://om.example.com/it's/api/public/v1.0" };
    const [command = ''] = commandsFor({ call: 'list', ids: [], purpose: '' }, place);
    expect(command.match(/'/g)).toHaveLength(4);
  });

  it('is a method and an address where there is no room for more', () => {
    const ids = ['a'.repeat(24), 'b'.repeat(24)];
    const all = `${PLACE.apiUrl}/automation/importDeployment/${PROJECT_ID}`;
    expect(callsInWords({ call: 'cancel', ids, purpose: '' }, PLACE)).toBe(
      ids.map((id) => `POST ${all}/${id}/cancel`).join(', ')
    );
    expect(callsInWords({ call: 'list', ids: [], purpose: '' }, PLACE)).toBe(`GET ${all}`);
  });
});
