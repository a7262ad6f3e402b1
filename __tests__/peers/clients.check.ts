import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { IMPORT_ID, PRIVATE_KEY, PROJECT_ID, PUBLIC_KEY } from '../../simulator/ops-manager.ts';
import { opsManager } from '../support/ops-manager.ts';

const run = promisify(execFile);
const PATH = `/api/public/v1.0/automation/importDeployment/${PROJECT_ID}/${IMPORT_ID}`;

const URLLIB = `
import sys, urllib.request as r
url, user, password = sys.argv[1:]
handler = r.HTTPDigestAuthHandler()
handler.add_password('MMS Public API', url, user, password)
opener = r.build_opener(handler)
for _ in range(3): print(opener.open(url).status)
`;

describe('the simulator', () => {
  it('is right for curl', async () => {
    await using there = await opsManager();
    const url = `${there.url}${PATH}`;
    const login = `${PUBLIC_KEY}:${PRIVATE_KEY}`;
    const { stdout } = await run('curl', ['-sSf', '--digest', '-u', login, url, url, url]);
    expect(stdout.match(/"transitionsHistory"/g)).toHaveLength(3);
    expect(there.simulator.calls.filter((call) => call.isAuthenticated)).toHaveLength(3);
  });

  it('is right for Python’s urllib', async () => {
    await using there = await opsManager();
    const url = `${there.url}${PATH}`;
    const { stdout } = await run('python3', ['-c', URLLIB, url, PUBLIC_KEY, PRIVATE_KEY]);
    expect(stdout.trim().split(/\s+/)).toEqual(['200', '200', '200']);
    expect(there.simulator.calls.filter((call) => call.isAuthenticated)).toHaveLength(3);
  });

  it('refuses a wrong key of theirs', async () => {
    await using there = await opsManager();
    const args = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '--digest'];
    const { stdout } = await run('curl', [
      ...args,
      ...['-u', `${PUBLIC_KEY}:wrong`, `${there.url}${PATH}`]
    ]);
    expect(stdout).toBe('401');
  });
});
