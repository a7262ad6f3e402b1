import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ApiError } from '../../src/case/import-api.ts';
import type { OpsManagerClient } from '../../src/ops-manager/client.ts';
import { diagnosisApi } from '../../src/ops-manager/diagnosis.ts';
import { ServerText } from '../../src/untrusted.ts';
import { Redaction } from '../../src/redaction.ts';
import { READ_AT } from '../support/diagnosis.ts';
import { TEXT } from '../support/http-get.ts';

const NO_ERROR = {
  errorCode: 0,
  errorCodeHumanReadable: '',
  errorCodeDescription: '',
  errorString: ''
};
const PROCESS = {
  hostname: 'mongodb3.example.com',
  name: 'rs0_3',
  lastGoalVersionAchieved: -1,
  plan: ['Start']
};

const OPTIONS = { signal: new AbortController().signal };

/** A diagnosis's calls where the answer to each is `json`. */
function answering(json: unknown, text = TEXT) {
  const get: OpsManagerClient['get'] = async (_path, _maxBytes, _options, read) => {
    await Promise.resolve();
    return read({ json, readAt: READ_AT }, text);
  };
  return diagnosisApi(get, 'project');
}

async function statusIn(json: unknown, text = TEXT) {
  return answering(json, text).readAutomationStatus(OPTIONS);
}

async function errorOf(fields: Readonly<Record<string, unknown>>) {
  const { processes } = await statusIn({ goalVersion: 5, processes: [{ ...PROCESS, ...fields }] });
  return processes[0]?.error;
}

describe('the state of automation', () => {
  it('is read as documented', async () => {
    const json = { goalVersion: 5, processes: [{ ...PROCESS, ...NO_ERROR }] };
    expect(await statusIn(json)).toEqual({
      goalVersion: 5,
      processes: [
        {
          hostname: 'mongodb3.example.com',
          name: 'rs0_3',
          achievedVersion: -1,
          plan: ['Start'],
          error: undefined
        }
      ],
      readAt: READ_AT,
      isComplete: true
    });
  });

  it.each([
    { name: 'fields without an error', fields: NO_ERROR, want: undefined },
    { name: 'absent fields', fields: {}, want: undefined },
    { name: 'code 0 with its name', fields: { ...NO_ERROR, errorCodeHumanReadable: 'None' }, want: undefined }, // prettier-ignore
    { name: 'a code alone', fields: { errorCode: 7 }, want: { code: 7, text: 'error code 7' } },
    {
      name: 'a name alone',
      fields: { errorCodeHumanReadable: 'File Permissions Error' },
      want: { code: undefined, text: 'File Permissions Error' }
    },
    {
      name: 'a name and its description',
      fields: {
        errorCode: 100,
        errorCodeHumanReadable: 'File Permissions Error',
        errorCodeDescription: 'There is an issue'
      },
      want: { code: 100, text: 'File Permissions Error (There is an issue)' }
    },
    {
      name: 'code 0 with a text',
      fields: { ...NO_ERROR, errorString: 'Failed to compute states' },
      want: { code: 0, text: 'Failed to compute states' }
    },
    {
      name: 'the documented sample',
      fields: {
        errorCode: 100,
        errorCodeHumanReadable: 'File Permissions Error',
        errorCodeDescription: 'There is an issue with file permissions for this process',
        errorString:
          '<rs0_3> [13:11:33.348] Failed to compute states : <rs0_3> [13:11:33.301] open /data/0/mongod.lock: permission denied'
      },
      want: {
        code: 100,
        text: 'File Permissions Error (Failed to compute states : open /data/0/mongod.lock: permission denied)'
      }
    },
    {
      name: 'several lines: the first that says something',
      fields: { errorCode: 1, errorString: '<rs0_3> [1:02:03] \r\nfirst\nsecond' },
      want: { code: 1, text: 'first' }
    },
    {
      name: 'commands and control characters',
      fields: { errorCode: 1, errorString: '::error::\u001b[31mno ##[group]x' },
      want: { code: 1, text: ':error:: [31mno # [group]x' }
    }
  ])('tells the error of $name', async ({ fields, want }) => {
    expect(await errorOf(fields)).toEqual(want);
  });

  it('keeps both ends of a long error, whose cause comes last', async () => {
    const error = await errorOf({
      errorString: `Failed to start ${'x'.repeat(3000)} permission denied`
    });
    expect(error?.text).toHaveLength(300);
    expect(error?.text).toMatch(/^Failed to start x+ … x+ permission denied$/);
  });

  it('leaves out what is odd, and says so', async () => {
    const odd = [
      null,
      'rs0_1',
      { ...PROCESS, name: '' },
      { ...PROCESS, hostname: 5 },
      { ...PROCESS, lastGoalVersionAchieved: '4' }
    ];
    const json = { goalVersion: 5, processes: [...odd, { ...PROCESS, plan: ['Start', 5, null] }] };
    const { processes, isComplete } = await statusIn(json);
    expect(processes).toHaveLength(1);
    expect(processes[0]?.plan).toEqual(['Start']);
    expect(isComplete).toBe(false);
  });

  it('may have no processes and no goal yet', async () => {
    const none = { goalVersion: undefined, processes: [], readAt: READ_AT, isComplete: true };
    expect(await statusIn({ processes: [] })).toEqual(none);
  });

  it('is bounded', async () => {
    const long = {
      ...PROCESS,
      name: 'x'.repeat(1000),
      plan: Array.from({ length: 500 }, () => 'y'.repeat(1000))
    };
    const json = {
      goalVersion: 5,
      processes: [long, ...Array.from({ length: 2500 }, () => PROCESS)]
    };
    const { processes, isComplete } = await statusIn(json);
    expect(processes).toHaveLength(2000);
    expect(processes[0]?.name).toHaveLength(255);
    expect(processes[0]?.plan).toHaveLength(50);
    expect(processes[0]?.plan[0]).toHaveLength(100);
    expect(isComplete).toBe(false);
  });
});

describe('a list', () => {
  it('of agents has their last calls', async () => {
    const results = [
      {
        typeName: 'AUTOMATION',
        hostname: 'a',
        stateName: 'ACTIVE',
        lastConf: '2026-11-20T10:02:11Z'
      },
      { typeName: 'AUTOMATION', hostname: 'b', lastConf: 'long ago' },
      { typeName: 'AUTOMATION' }
    ];
    const json = { results, totalCount: 3, links: [{ rel: 'self' }] };
    expect(await answering(json).listAgents(OPTIONS)).toEqual({
      agents: [
        { hostname: 'a', lastConf: '2026-11-20T10:02:11.000Z' },
        { hostname: 'b', lastConf: undefined }
      ],
      readAt: READ_AT,
      isComplete: false
    });
  });

  it('of hosts has their names', async () => {
    const results = [
      {
        hostname: 'a',
        port: 27_017,
        aliases: ['a:27017', 5, '10.1.0.11:27017'],
        typeName: 'NO_DATA'
      },
      { hostname: 'b' }
    ];
    expect(await answering({ results }).listHosts(OPTIONS)).toEqual({
      hosts: [
        {
          hostname: 'a',
          port: 27_017,
          aliases: ['a:27017', '10.1.0.11:27017'],
          typeName: 'NO_DATA',
          lastPing: undefined
        }
      ],
      readAt: READ_AT,
      isComplete: false
    });
  });
});

it('garbage of any kind is read, or is an error that may pass', async () => {
  const calls = ['readAutomationStatus', 'listAgents', 'listHosts'] as const;
  const objects = fc.record(
    { processes: fc.anything(), results: fc.array(fc.anything()), goalVersion: fc.anything() },
    { requiredKeys: [] }
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...calls),
      fc.oneof(fc.anything(), objects),
      async (call, json) => {
        try {
          await answering(json)[call](OPTIONS);
        } catch (error) {
          expect(error).toBeInstanceOf(ApiError);
          expect(error).toMatchObject({ kind: 'transient' });
        }
      }
    )
  );
});

describe('a secret in an answer', () => {
  const HIDING = new ServerText(
    new Redaction(['pass=word', 'two words\nof a passphrase', 'rs0', '2026'])
  );

  it('is hidden in the errors, names and plans of processes', async () => {
    const process = {
      name: 'rs0_1',
      hostname: 'pass=word.example.com',
      lastGoalVersionAchieved: 4,
      plan: ['Start pass=word'],
      errorCode: 100,
      errorCodeHumanReadable: 'Of pass=word',
      errorString: `mongod --password pass=word, ${'x'.repeat(1000)} of a passphrase pass%3Dword`
    };
    const { processes } = await statusIn({ goalVersion: 5, processes: [process] }, HIDING);
    expect(processes).toMatchObject([
      { name: '***_1', hostname: '***.example.com', plan: ['Start ***'] }
    ]);
    expect(processes[0]?.error?.text).toMatch(
      /^Of \*{3} \(mongod --password \*{3}, x+ … x+ \*{3} \*{3}\)$/
    );
  });

  it('is hidden where a line would have been cut out of it', async () => {
    const process = { ...PROCESS, errorString: 'two words\nof a passphrase' };
    const { processes } = await statusIn({ goalVersion: 5, processes: [process] }, HIDING);
    expect(processes[0]?.error?.text).toBe('***');
  });

  it('is hidden in the names of hosts, and changes no date, port or word of Ops Manager’s', async () => {
    const lastPing = '2026-11-20T10:15:41.000Z';
    const host = {
      hostname: 'pass=word',
      port: 27017,
      aliases: ['rs0.b:2026'],
      typeName: 'rs0',
      lastPing
    };
    const { hosts } = await answering({ results: [host] }, HIDING).listHosts(OPTIONS);
    expect(hosts).toEqual([
      {
        hostname: '***',
        port: 27017,
        aliases: ['***.b:2026'],
        typeName: 'rs0',
        lastPing
      }
    ]);
    const agent = { hostname: 'a.pass=word', lastConf: lastPing };
    const { agents } = await answering({ results: [agent] }, HIDING).listAgents(OPTIONS);
    expect(agents).toEqual([{ hostname: 'a.***', lastConf: lastPing }]);
  });
});
