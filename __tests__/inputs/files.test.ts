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

describe('a JSON text', () => {
  it('may begin with a byte order mark, which is not passed on', () => {
    const { inputs } = read({ 'import-request': `${BOM}${BODY}` });
    expect(inputs?.target).toMatchObject({ body: BODY });
  });
});
