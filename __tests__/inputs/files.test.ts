import { execFileSync } from 'node:child_process';
import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Authority } from '../support/certificates.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { read } from '../support/workflow.ts';

const BODY = JSON.stringify({
  seedHostport: 'mongodb1.example.com:27017',
  requiredProcesses: ['mongodb1.example.com:27017'],
  username: 'Jürgen',
  password: 'Österreich'
});
const BOM = '\ufeff';
const file = temporaryFolder();

describe('a file', () => {
  it.each([
    { name: 'with a byte order mark', text: `${BOM}${BODY}` },
    { name: 'without one', text: BODY }
  ])('of JSON in UTF-8 is taken $name', ({ text }) => {
    const { inputs, message, masked } = read({ 'import-request': file('body.json', text) });
    expect(message).toBe('');
    expect(inputs?.target).toMatchObject({ kind: 'create', body: BODY });
    expect(masked).toContain('Österreich');
  });

  it('of certificates may begin with a byte order mark', () => {
    const pem = new Authority('Private Root').certificate;
    const { inputs, message } = read({ 'ca-certificate': file('ca.pem', `${BOM}${pem}`) });
    expect(message).toBe('');
    expect(inputs?.connection.caCertificate).toBe(pem);
  });

  it.each([
    { name: 'Latin-1', bytes: Buffer.from(BODY, 'latin1'), says: /not in UTF-8.*Save it as UTF-8/ },
    {
      name: 'UTF-16 with its mark',
      bytes: Buffer.from(`${BOM}${BODY}`, 'utf16le'),
      says: /UTF-16.*Save it as UTF-8/
    },
    {
      name: 'UTF-16, the other way round',
      bytes: Buffer.from(`${BOM}${BODY}`, 'utf16le').swap16(),
      says: /UTF-16.*Save it as UTF-8/
    },
    {
      name: 'UTF-16 without a mark',
      bytes: Buffer.from(BODY.replaceAll(/[^ -~]/g, ''), 'utf16le'),
      says: /UTF-16.*Save it as UTF-8/
    }
  ])('in $name is a problem, and never altered', ({ bytes, says }) => {
    const { problems } = read({ 'import-request': file('body.json', bytes) });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^import-request: its file is/);
    expect(problems[0]).toMatch(says);
  });
});

describe('what is no regular file', () => {
  const special = (name: string, make: (path: string) => void): string => {
    const path = file(name, '');
    const made = `${path}.special`;
    make(made);
    return made;
  };

  it.each<{ name: string; pathOf: () => string; says: string }>([
    { name: 'a device without an end', pathOf: () => '/dev/zero', says: 'a device or a pipe' },
    {
      name: 'a link to one',
      pathOf: () =>
        special('link', (path) => {
          symlinkSync('/dev/zero', path);
        }),
      says: 'a device or a pipe'
    },
    {
      name: 'a pipe into which nobody writes',
      pathOf: () => special('pipe', (path) => execFileSync('mkfifo', [path])),
      says: 'a device or a pipe'
    },
    {
      name: 'a link to such a pipe',
      pathOf: () =>
        special('linked-pipe', (path) => {
          execFileSync('mkfifo', [`${path}.pipe`]);
          symlinkSync(`${path}.pipe`, path);
        }),
      says: 'a device or a pipe'
    },
    { name: 'a folder', pathOf: () => import.meta.dirname, says: 'a folder' }
  ])('is a problem at once: $name', ({ pathOf, says }) => {
    const path = pathOf();
    for (const input of ['import-request', 'ca-certificate']) {
      expect(read({ [input]: path }).problems).toEqual([
        expect.stringMatching(
          new RegExp(`^${input}: “.*” is ${says}\\. Give the path of a regular`)
        )
      ]);
    }
  });

  it('may be linked to, where it is a regular file', () => {
    const path = file('linked.json', BODY);
    symlinkSync(path, `${path}.link`);
    expect(read({ 'import-request': `${path}.link` }).message).toBe('');
  });
});

describe('a file’s size', () => {
  const MIB = 1024 * 1024;

  it('may be 1 MiB, and no more', () => {
    const padded = (length: number): string => file('body.json', BODY.padEnd(length));
    const bytes = Buffer.byteLength(BODY) - BODY.length;
    expect(read({ 'import-request': padded(MIB - bytes) }).message).toBe('');
    expect(read({ 'import-request': padded(MIB - bytes + 1) }).problems).toEqual([
      expect.stringMatching(/^import-request: its file “.*body.json” has more than 1 MiB/)
    ]);
  });

  it('is what can be read, and not what the system says', () => {
    // Its size is 0 there, and it has no end in sight.
    expect(read({ 'import-request': '/proc/self/maps' }).message).not.toBe('');
    expect(read({ 'ca-certificate': '/proc/self/status' }).message).toMatch(/no whole certificate/);
  });
});

describe('a path', () => {
  it('is taken as it is given, backslashes included', () => {
    expect(read({ 'import-request': file('imports\\body.json', BODY) }).message).toBe('');
    expect(read({ 'ca-certificate': 'C:\\certificates\\ca.pem' }).message).toContain(
      'ca-certificate: there is no file'
    );
  });

  it('is shown where there is no such file, to its end', () => {
    const path = join('a'.repeat(60), 'b'.repeat(60), 'c.json');
    expect(read({ 'import-request': path }).message).toContain(`there is no file “${path}”`);
  });

  it('is shown where its file may not be read', () => {
    if (process.getuid?.() === 0) return;
    const path = file('closed.json', BODY);
    chmodSync(path, 0);
    expect(read({ 'import-request': path }).message).toContain(`${path}” cannot be read (EACCES)`);
  });
});

describe('a JSON text', () => {
  it('may begin with a byte order mark, which is not passed on', () => {
    const { inputs } = read({ 'import-request': `${BOM}${BODY}` });
    expect(inputs?.target).toMatchObject({ body: BODY });
  });
});
