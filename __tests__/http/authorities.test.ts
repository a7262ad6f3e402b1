import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { authoritiesOf } from '../../src/http/connection.ts';
import { Authority } from '../support/certificates.ts';
import { opsManager } from '../support/ops-manager.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PROGRAM = join(import.meta.dirname, '../support/read-import.ts');
const file = temporaryFolder();

/** What a process reads from servers, with authorities from the input and from Node's variable. */
async function read(
  authorities: { readonly input: string; readonly extra: string },
  ...urls: readonly string[]
): Promise<string[]> {
  const args = ['--no-warnings', PROGRAM, authorities.input, ...urls];
  const env = { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: authorities.extra };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return stdout.trim().split('\n');
}

describe('ca-certificate', () => {
  it('is added to the authorities of NODE_EXTRA_CA_CERTS', async () => {
    const [one, other, none] = ['One Root', 'Other Root', 'No Root'].map(
      (name) => new Authority(name)
    ) as [Authority, Authority, Authority];
    const pair = (authority: Authority) => ({ tls: authority.issue({ commonName: 'om' }) });
    await using first = await opsManager(pair(one));
    await using second = await opsManager(pair(other));
    await using third = await opsManager(pair(none));
    const input = file('input.pem', one.certificate);
    const extra = file('extra.pem', other.certificate);
    const urls = [first.url, second.url, third.url];
    expect(await read({ input, extra }, ...urls)).toEqual([
      'PENDING',
      'PENDING',
      expect.stringMatching(/Set ca-certificate/)
    ]);
    expect(await read({ input: '', extra }, ...urls.slice(0, 2))).toEqual([
      expect.stringMatching(/Set ca-certificate/),
      'PENDING'
    ]);
  });

  it('is added to the public authorities', () => {
    const { certificate } = new Authority('One Root');
    const { ca = [] } = authoritiesOf(certificate);
    expect(ca).toContain(certificate);
    expect(rootCertificates.length).toBeGreaterThan(50);
    for (const root of rootCertificates) expect(ca).toContain(root);
  });

  it.each([undefined, 'x'])('never turns the checks off: %s', (certificate) => {
    expect(authoritiesOf(certificate).rejectUnauthorized).toBe(true);
  });
});
