import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseImportBody, type ImportBody } from '../../src/inputs/import-body.ts';
import { InputProblem } from '../../src/inputs/form.ts';

const GOOD = {
  seedHostport: 'db1.example.com:27017',
  requiredProcesses: ['db1.example.com:27017']
};

function parse(body: unknown): ImportBody {
  return parseImportBody(JSON.stringify(body), () => undefined);
}

describe('the body of a create call', () => {
  it.each([
    { name: 'the least', body: GOOD },
    { name: 'an IPv6 address', body: { ...GOOD, seedHostport: '[::1]:27017' } },
    {
      name: 'the shortest and the longest timeouts',
      body: { ...GOOD, timeouts: { a: 60, b: 86_400 } }
    },
    { name: 'no timeouts', body: { ...GOOD, timeouts: {} } },
    { name: 'what this action does not know', body: { ...GOOD, newOption: { a: [1] } } }
  ])('may be $name', ({ body }) => {
    expect(parse(body).body).toBe(JSON.stringify(body));
  });

  it('is passed through to the letter', () => {
    const text = ` {"requiredProcesses" : ["a:1"],\n "seedHostport":"a:1",\r\n "n": 1.0 }\n`;
    expect(parseImportBody(text, () => undefined).body).toBe(text);
  });

  it('gives what reports say of it', () => {
    const timeouts = {
      seedHostConnectionSec: 60,
      processesDiscoverySec: 120,
      automationImported: 180,
      goalStateSec: 86_400,
      another: 60
    };
    expect(parse({ ...GOOD, timeouts, password: 'p' }).requested).toEqual({
      seedHost: GOOD.seedHostport,
      processes: GOOD.requiredProcesses,
      limitsSec: {
        AWAIT_SEED_HOST_CONNECTED: 60,
        AWAIT_HOSTS_DISCOVERED: 120,
        AWAIT_AUTOMATION_IMPORTED: 180,
        AWAIT_GOAL_STATE: 86_400
      }
    });
  });

  it('has its passwords masked also where they are numbers, unless every text has them', () => {
    const masked: string[] = [];
    const body = { ...GOOD, password: 31_415_926, ldap: { bindPassword: 2718.28, pwd: 7 } };
    parseImportBody(JSON.stringify(body), (secret) => masked.push(secret));
    expect(masked).toEqual(['31415926', '2718.28']);
  });

  it.each<{ name: string; extra: string; masked: readonly string[] }>([
    { name: 'its own', extra: '"password":"p1","pemKeyFilePassword":"p2"', masked: ['p1', 'p2'] },
    {
      name: 'what is named like one',
      extra:
        '"apiKey":"s1","x":{"api-key":"s2"},"keyFile":"s3","authorization":"s4","token":"s5","client_secret":"s6","pwd":"s7"',
      masked: ['s1', 's2', 's3', 's4', 's5', 's6', 's7']
    },
    {
      name: 'what stands in one',
      extra: '"credentials":{"user":"s1","list":["s2",{"a":"s3"}]}',
      masked: ['s1', 's2', 's3']
    },
    {
      name: 'the user info of a URI',
      extra: '"uri":"mongodb://me:p%40ss@db1:27017,db2/?w=1 and https://t0ken@host/a@b"',
      masked: ['me:p%40ss', 'me:p@ss', 'p%40ss', 'p@ss', 't0ken', 't0ken']
    },
    {
      name: 'numbers as they are written and as they are meant',
      extra: '"password":1.50e3,"pin-token":31415926',
      masked: ['1.50e3', '1500', '31415926']
    },
    {
      name: 'a key’s text, whatever its name',
      extra: '"x":"-----BEGIN RSA PRIVATE KEY-----\\nabc"',
      masked: ['-----BEGIN RSA PRIVATE KEY-----\nabc']
    },
    {
      name: 'those that an equal key hides',
      extra: '"password":"first","password":"second"',
      masked: ['first', 'second']
    },
    {
      name: 'no paths, hosts and names',
      extra:
        '"pemKeyFilePath":"/k.pem","keyFilePath":"/k","caFilePath":"/c","username":"u","authMechanism":"NONE","adminKerberosKeytab":"/t"',
      masked: []
    }
  ])('has its secrets masked: $name', ({ extra, masked }) => {
    const seen: string[] = [];
    const text = `${JSON.stringify(GOOD).slice(0, -1)},${extra}}`;
    expect(parseImportBody(text, (secret) => seen.push(secret)).body).toBe(text);
    expect(seen.filter((secret, index) => seen.indexOf(secret) === index)).toEqual(
      masked.filter((secret, index) => masked.indexOf(secret) === index)
    );
    // Also where it is cut in the middle of what follows.
    const ofCut: string[] = [];
    expect(() => parseImportBody(`${text.slice(0, -1)},`, (s) => ofCut.push(s))).toThrow('line 1');
    expect(ofCut).toEqual(seen);
  });

  it.each([
    { name: 'no user at all', extra: { password: null } },
    {
      name: 'a mechanism without a password',
      extra: { authMechanism: 'GSSAPI', username: 'u', password: null }
    },
    { name: 'a password that is left out', extra: { authMechanism: 'MONGODB_CR', username: 'u' } },
    { name: 'no mechanism, and a password', extra: { username: 'u', password: 'p' } },
    { name: 'an empty password of a key', extra: { pemKeyFilePassword: '' } },
    { name: 'a password that is left out, of a user', extra: { username: 'u' } }
  ])('may have $name', ({ extra }) => {
    expect(parse({ ...GOOD, ...extra }).requested.seedHost).toBe(GOOD.seedHostport);
  });

  it('may have a nearly known key beside the known one', () => {
    expect(parse({ ...GOOD, seedHostPort: 'db1:1' }).requested.seedHost).toBe(GOOD.seedHostport);
  });

  it.each([
    {
      name: 'no host',
      body: { ...GOOD, seedHostport: undefined },
      says: 'seedHostport is missing: it must be host:port'
    },
    { name: 'a host without a port', body: { ...GOOD, seedHostport: 'db1' }, says: 'seedHostport' },
    { name: 'a port of 0', body: { ...GOOD, seedHostport: 'db1:0' }, says: 'seedHostport' },
    { name: 'a port too high', body: { ...GOOD, seedHostport: 'db1:65536' }, says: 'seedHostport' },
    { name: 'a URL', body: { ...GOOD, seedHostport: 'mongodb://db1:27017' }, says: 'seedHostport' },
    { name: 'a user', body: { ...GOOD, seedHostport: 'me@db1:27017' }, says: 'seedHostport' },
    { name: 'a number', body: { ...GOOD, seedHostport: 27_017 }, says: 'seedHostport' },
    {
      name: 'no processes',
      body: { seedHostport: 'db1:1' },
      says: 'requiredProcesses is missing: it must be a list'
    },
    { name: 'an empty list', body: { ...GOOD, requiredProcesses: [] }, says: 'at least one' },
    { name: 'a text for a list', body: { ...GOOD, requiredProcesses: 'db1:1' }, says: 'a list' },
    {
      name: 'a process without a port',
      body: { ...GOOD, requiredProcesses: ['db1:1', 'db1'] },
      says: 'requiredProcesses[1] is “db1”: it must be host:port'
    },
    {
      name: 'a timeout too short',
      body: { ...GOOD, timeouts: { goalStateSec: 59 } },
      says: '“timeouts.goalStateSec” is 59: it must be a number of seconds from 60 to 86400'
    },
    {
      name: 'a timeout too long',
      body: { ...GOOD, timeouts: { goalStateSec: 86_401 } },
      says: 'timeouts.goalStateSec'
    },
    {
      name: 'a timeout as text',
      body: { ...GOOD, timeouts: { goalStateSec: '600' } },
      says: 'timeouts.goalStateSec'
    },
    {
      name: 'a list of timeouts',
      body: { ...GOOD, timeouts: [60] },
      says: 'timeouts is a list: it must be an object'
    },
    { name: 'a list', body: [GOOD], says: 'it is JSON, but no object' },
    { name: 'a text', body: 'x', says: 'in quotation marks, but no object' },
    { name: 'nothing', body: null, says: 'it is JSON, but no object' }
  ])('is wrong with $name', ({ body, says }) => {
    expect(() => parse(body)).toThrow(InputProblem);
    expect(() => parse(body)).toThrow(says);
  });

  it('has all that is wrong with it named at once', () => {
    const body = { timeouts: { seedHostConnectionSec: 1, goalStateSec: 2 } };
    expect(() => parse(body)).toThrow(
      /seedHostport.*requiredProcesses.*seedHostConnectionSec.*goalStateSec/
    );
  });

  it('that is not JSON is not repeated', () => {
    expect(() => parseImportBody('{"password":"hunter2",}', () => undefined)).toThrow(
      /^(?!.*hunter2).*line 1, column 22: there is a “,” too many before }/
    );
  });

  it('of any form is taken or is a problem, and each of its passwords is masked first', () => {
    fc.assert(
      fc.property(fc.object(), fc.stringMatching(/^[a-z]{4,10}$/), (extra, secret) => {
        const masked: string[] = [];
        const text = JSON.stringify({ deep: [{ ...extra, adminPassword: secret }] });
        expect(() => parseImportBody(text, (each) => masked.push(each))).toThrow(InputProblem);
        expect(masked).toContain(secret);
      })
    );
  });
});
