import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { Finding } from '../../src/diagnosis/finding.ts';
import {
  diagnosisJson,
  type FindingInWords,
  findingsOf,
  inWords,
  sentenceOf
} from '../../src/diagnosis/findings.ts';
import type { ProcessAt } from '../../src/diagnosis/facts.ts';
import {
  agentsOn,
  at,
  hostOf,
  hostsOf,
  processOf,
  required,
  statusOf
} from '../support/diagnosis.ts';
import { importIn } from '../support/imports.ts';

type Evidence = Parameters<typeof findingsOf>[0];

const PERMISSION = {
  code: 100,
  text: 'File Permissions Error (open /data/0/mongod.lock: permission denied)'
};

const processes = [
  processOf(1, { achievedVersion: 4, plan: ['WaitAllRsMembersUp'] }),
  processOf(2, { achievedVersion: 4 }),
  processOf(3, { achievedVersion: -1, plan: ['Start'], error: PERMISSION }),
  processOf(4, { achievedVersion: 4, plan: ['Download'] }),
  processOf(5, { achievedVersion: 4, error: PERMISSION })
];
const evidence: Evidence = {
  request: importIn('AWAIT_GOAL_STATE'),
  facts: {
    status: statusOf(processes),
    agents: agentsOn([1, 3, 4, 5], [{ hostname: hostOf(2), lastConf: at('10:22') }])
  },
  notAsked: [{ call: 'hosts', reason: 'HTTP 403' }]
};
const findings = findingsOf(evidence);

function processAt(number: number, rest: Partial<ProcessAt> = {}): ProcessAt {
  return {
    name: `rs0_${number}`,
    host: hostOf(number),
    version: 4,
    goalVersion: 5,
    since: undefined,
    plan: [],
    agentSilentMs: undefined,
    ...rest
  };
}

const P1 = processAt(1);
const P2 = processAt(2);
const H4 = { host: hostOf(4), port: 27_017 };
const H5 = { host: hostOf(5), port: 27_018 };
const readAt = at('10:36');
const nothing = { processes: [], errors: [] };

/** One of each kind, what its title says, and what is advised; the compiler asks for all. */
const KINDS: {
  readonly [K in Finding['kind']]: readonly {
    readonly finding: Finding & { readonly kind: K };
    /** Whom it is about, and what was seen. */
    readonly brief: string;
    readonly advice: string;
  }[];
} = {
  error: [
    {
      finding: { kind: 'error', processes: [P1], error: PERMISSION.text, since: undefined, readAt },
      brief:
        'rs0_1 on mongodb1.example.com, File Permissions Error (open /data/0/mongod.lock: permission denied)',
      advice: 'Correct on mongodb1.example.com what the error names.'
    },
    {
      finding: { kind: 'error', processes: [P1, P2], error: 'Disk full', since: undefined, readAt },
      brief: '2 processes, Disk full',
      advice: 'Correct on mongodb1.example.com and mongodb2.example.com what the error names.'
    }
  ],
  'silent-agent': [
    {
      finding: {
        kind: 'silent-agent',
        hosts: [
          { host: hostOf(1), lastConf: at('10:22'), silentMs: 840_000, ...nothing, processes: [P1] }
        ]
      },
      brief: 'rs0_1 on mongodb1.example.com, agent silent for 14m',
      advice: 'Check that the MongoDB Agent runs on mongodb1.example.com, and reaches Ops Manager.'
    },
    {
      finding: {
        kind: 'silent-agent',
        hosts: [{ host: hostOf(1), lastConf: at('10:22'), silentMs: 840_000, ...nothing }]
      },
      brief: 'mongodb1.example.com, agent silent for 14m',
      advice: 'Check that the MongoDB Agent runs on mongodb1.example.com, and reaches Ops Manager.'
    }
  ],
  'no-agent': [
    {
      finding: { kind: 'no-agent', hosts: [{ host: hostOf(1), ...nothing, processes: [P1, P2] }] },
      brief: '2 processes on mongodb1.example.com, no agent calls in',
      advice:
        'Check that a MongoDB Agent of this project runs on mongodb1.example.com, under that name.'
    },
    {
      finding: { kind: 'no-agent', hosts: [{ host: hostOf(1), ...nothing }] },
      brief: 'mongodb1.example.com, no agent calls in',
      advice:
        'Check that a MongoDB Agent of this project runs on mongodb1.example.com, under that name.'
    }
  ],
  behind: [
    {
      finding: { kind: 'behind', processes: [P1], readAt },
      brief: 'rs0_1 on mongodb1.example.com, version 4 of 5',
      advice:
        'Check on mongodb1.example.com that the agent may restart its process, and reaches its files, its port and MongoDB’s downloads.'
    },
    {
      finding: { kind: 'behind', processes: [processAt(1, { host: '10.1.0.11', version: -1 })], readAt }, // prettier-ignore
      brief: 'rs0_1 on 10.1.0.11, no version yet',
      advice:
        'Check on 10.1.0.11 that the agent may restart its process, and reaches its files, its port and MongoDB’s downloads.'
    }
  ],
  waiting: [
    {
      finding: { kind: 'waiting', processes: [P1], isForOthers: false },
      brief: 'rs0_1 on mongodb1.example.com, version 4 of 5',
      advice: 'Check that all members of the deployment run and reach each other.'
    },
    {
      finding: { kind: 'waiting', processes: [P1], isForOthers: true },
      brief: 'rs0_1 on mongodb1.example.com, version 4 of 5',
      advice: 'Turn to the others first.'
    }
  ],
  'host-unknown': [
    {
      finding: { kind: 'host-unknown', hosts: [H4] },
      brief: 'mongodb4.example.com, not known to Ops Manager',
      advice:
        'Check that mongodb4.example.com:27017 runs, and has the same name in the import as in the deployment’s own configuration.'
    },
    {
      finding: { kind: 'host-unknown', hosts: [H4, H5] },
      brief: '2 processes, not known to Ops Manager',
      advice:
        'Check that mongodb4.example.com:27017 and mongodb5.example.com:27018 run, and have the same name in the import as in the deployment’s own configuration.'
    }
  ],
  'host-never-reached': [
    {
      finding: { kind: 'host-never-reached', hosts: [H4] },
      brief: 'mongodb4.example.com, never reached',
      advice:
        'Check that the MongoDB Agents reach mongodb4.example.com:27017: name, port, firewall, TLS, credentials.'
    }
  ],
  'host-reached': [
    {
      finding: { kind: 'host-reached', hosts: [H4], lastPing: at('10:35'), readAt },
      brief: 'mongodb4.example.com, last reached at 10:35 UTC',
      advice: ''
    }
  ],
  'hosts-found': [
    {
      finding: { kind: 'hosts-found', found: 3, required: 5 },
      brief: '3 of 5 required processes known',
      advice: ''
    }
  ],
  'hosts-there': [
    {
      finding: { kind: 'hosts-there', total: 0, neverReached: [] },
      brief: 'no process known',
      advice: 'Check the seed host, and that a MongoDB Agent reaches it.'
    },
    {
      finding: { kind: 'hosts-there', total: 2, neverReached: [] },
      brief: '2 processes known',
      advice: 'Compare them with the processes that the import requires.'
    },
    {
      finding: { kind: 'hosts-there', total: 2, neverReached: [H4] },
      brief: '1 of 2 processes never reached',
      advice: 'Check that the MongoDB Agents reach mongodb4.example.com:27017.'
    }
  ],
  'required-in-automation': [
    {
      finding: { kind: 'required-in-automation', found: 1, required: 2, notUnderTheirName: ['a'] },
      brief: '1 of 2 required hosts in automation',
      advice: 'Check under which names automation lists the processes of a, if it does.'
    },
    {
      finding: { kind: 'required-in-automation', found: 1, required: 1, notUnderTheirName: [] },
      brief: '1 of 1 required host in automation',
      advice:
        'Check that nobody else changes the project’s automation configuration, and look in Ops Manager’s own log.'
    }
  ],
  'nobody-behind': [
    {
      finding: { kind: 'nobody-behind', total: 3, goalVersion: 5, isAll: true },
      brief: '3 processes at version 5, none behind',
      advice:
        'Look in Ops Manager’s own log: by its automation status, no process is left to wait for.'
    }
  ],
  'project-behind': [
    {
      finding: { kind: 'project-behind', names: ['rs0_1'], total: 3, goalVersion: 5 },
      brief: '1 of 3 processes of the project behind',
      advice: 'Look at the agents of rs0_1: the project’s own automation has not come to its goal.'
    }
  ],
  'others-behind': [
    {
      finding: { kind: 'others-behind', names: ['x_1'], total: 1, goalVersion: 5 },
      brief: '1 of 1 other process behind',
      advice: 'Check whether those hosts are the import’s under other names.'
    }
  ],
  'no-automation': [
    {
      finding: { kind: 'no-automation' },
      brief: 'no process in automation',
      advice:
        'Check in Ops Manager that the project’s automation has the imported processes, and look in its own log.'
    }
  ],
  'other-import': [
    {
      finding: { kind: 'other-import', id: 'b', state: 'PENDING', since: undefined, isAhead: true },
      brief: 'another import is ahead',
      advice: 'Let import b come to its end first, or cancel it.'
    },
    {
      finding: { kind: 'other-import', id: 'b', state: 'PENDING', since: undefined, isAhead: false }, // prettier-ignore
      brief: 'another import is in PENDING',
      advice: 'Look at import b, too.'
    }
  ],
  'phase-limit': [
    {
      finding: {
        kind: 'phase-limit',
        phase: 'AWAIT_GOAL_STATE',
        limitName: 'goalStateSec',
        limitSec: 600,
        lastedMs: 601_000
      },
      brief: 'lasted as long as timeouts.goalStateSec',
      advice:
        'If the phase needs longer, raise timeouts.goalStateSec in the body of the next import.'
    }
  ],
  'past-error': [
    {
      finding: {
        kind: 'past-error',
        processes: [P1],
        error: 'Disk full',
        since: at('10:14'),
        lastSeenAt: at('10:20')
      },
      brief: 'rs0_1 on mongodb1.example.com, earlier Disk full',
      advice: 'If that error comes back, correct on mongodb1.example.com what it names.'
    }
  ],
  'not-asked': [
    {
      finding: { kind: 'not-asked', troubles: [{ calls: ['agents'], reason: 'HTTP 403' }] },
      brief: 'could not ask Ops Manager',
      advice: ''
    }
  ]
};
const ALL = Object.entries(KINDS).flatMap(([kind, examples]) =>
  examples.map((example) => ({ kind, ...example }))
);

describe('a finding', () => {
  it.each(ALL)('of the kind $kind is in a few words $brief', ({ finding, brief }) => {
    expect(inWords([finding]).map(inFewWords)).toEqual([brief]);
  });

  it.each(ALL)('of the kind $kind has the advice $advice', ({ finding, advice }) => {
    expect(inWords([finding]).map((told) => told.advice)).toEqual([advice]);
  });

  it.each(ALL)('of the kind $kind is told with the zone of each time', ({ finding }) => {
    const told = inWords([finding]).flatMap(({ sentence, item, brief }) => [sentence, item, brief]);
    expect(told.join(' ').replace(/\d\d:\d\d( to \d\d:\d\d)? UTC/g, '')).not.toMatch(/\d\d:\d\d/);
    expect(told.join(' ')).not.toMatch(/version -|-1/);
  });
});

it('only what could not be asked, hosts found and a host reached have no advice', () => {
  const kinds = ALL.filter(({ advice }) => advice === '').map(({ kind }) => kind);
  expect(kinds).toEqual(['host-reached', 'hosts-found', 'not-asked']);
});

/** As a title has it. */
function inFewWords({ about: { process, group, host }, brief }: FindingInWords): string {
  const who = [process ?? group, host].filter((part) => part !== undefined).join(' on ');
  return who === '' ? brief : `${who}, ${brief}`;
}

it('what holds of several is told since when it holds of all of them', () => {
  const since = (time: string): Partial<ProcessAt> => ({ since: at(time), plan: ['Start'] });
  const pair = [processAt(1, since('10:14')), processAt(2, since('10:30'))] as const;
  expect(sentenceOf({ kind: 'behind', processes: pair, readAt })).toContain(
    ' since at least 10:30 UTC (6m); their plan: Start'
  );
  expect(sentenceOf({ kind: 'behind', processes: [pair[0], processAt(2)], readAt })).not.toContain(
    'since'
  );
});

it('the last words of silent agents are one error and a count of the others', () => {
  const errors = ['Disk full', 'Disk full', 'No route', 'Bad CA'].map((error, index) => ({
    name: `rs0_${index + 1}`,
    error
  }));
  const host = { host: hostOf(1), processes: [P1], errors };
  expect(sentenceOf({ kind: 'no-agent', hosts: [host] })).toBe(
    'No agent calls in under the host name mongodb1.example.com; rs0_1 there is at version 4 of 5. As of that agent’s last call, the error of rs0_1 and rs0_2: Disk full. 2 other errors beside it.'
  );
});

describe('equal findings', () => {
  const crowd = Array.from({ length: 60 }, (_, n) =>
    processOf(n + 1, { achievedVersion: 3, plan: ['Start'] })
  );
  const ids = crowd.map((_, n) => n + 1);

  it('of sixty processes are one, which names three in a sentence and ten in a list', () => {
    const found = findingsOf({
      request: importIn('AWAIT_GOAL_STATE'),
      facts: { status: statusOf(crowd), agents: agentsOn(ids) }
    });
    expect(found.map(sentenceOf)).toEqual([
      'rs0_1 on mongodb1.example.com, rs0_2 on mongodb2.example.com, rs0_3 on mongodb3.example.com and 57 more are at version 3 of 5; their plan: Start (start the process). Look at the agents’ logs there.'
    ]);
    expect(inWords(found)).toMatchObject([
      {
        about: { group: '60 processes' },
        item: expect.stringContaining('rs0_10 on mongodb10.example.com and 50 more')
      }
    ]);
  });

  it('with another version, plan or host that is shared are others', () => {
    const status = statusOf([
      processOf(1, { achievedVersion: 4, plan: ['Start'] }),
      processOf(2, { achievedVersion: 4, plan: ['Start'] }),
      processOf(3, { achievedVersion: 3, plan: ['Start'] }),
      processOf(4, { achievedVersion: 4, plan: ['Download'] }),
      processOf(5, { achievedVersion: 4, plan: ['Start'] }),
      processOf(5, { name: 'other_5', achievedVersion: 4, plan: ['Start'] })
    ]);
    const found = findingsOf({
      request: importIn('AWAIT_GOAL_STATE'),
      requested: { processes: required(1, 2, 3, 4, 5) },
      facts: { status, agents: agentsOn([1, 2, 3, 4, 5]) }
    });
    expect(
      found.map((finding) => 'processes' in finding && finding.processes.map(({ name }) => name))
    ).toEqual([['other_5', 'rs0_5'], ['rs0_1', 'rs0_2'], ['rs0_3'], ['rs0_4']]);
  });

  it('of hosts are one, too, in the order of the longest silence', () => {
    const found = findingsOf({
      request: importIn('AWAIT_HOSTS_DISCOVERED'),
      requested: { processes: required(1, 2, 3, 4, 5) },
      facts: {
        hosts: hostsOf([{ hostname: hostOf(1) }]),
        agents: agentsOn(
          [3],
          [
            { hostname: hostOf(1), lastConf: at('10:22:40') },
            { hostname: hostOf(2), lastConf: at('10:22:10') }
          ]
        )
      }
    });
    expect(found.map(sentenceOf)).toEqual([
      'The agents on mongodb2.example.com and mongodb1.example.com last called in 13m ago; look at those hosts.',
      'No agent calls in under the host names mongodb4.example.com and mongodb5.example.com; look at those hosts.',
      'mongodb2.example.com:27017, mongodb3.example.com:27017, mongodb4.example.com:27017 and 1 more are not known to Ops Manager: they have not been discovered.',
      'Ops Manager knows 1 of 5 required processes.'
    ]);
  });
});

it('in a list does not say again that all this is after the failure, but what is of then', () => {
  const [finding] = findings;
  const told = (rest: Partial<Finding>): readonly FindingInWords[] =>
    inWords([{ ...finding, ...rest } as Finding]);
  expect(told({ isAfterFailure: true })).toMatchObject([
    {
      sentence: expect.stringMatching(/^After the failure: rs0_3 on/),
      item: expect.stringMatching(/^rs0_3 on/)
    }
  ]);
  expect(told({ asOf: at('10:30') })).toMatchObject([
    {
      sentence: expect.stringMatching(/^As of 10:30 UTC: rs0_3 on/),
      item: expect.stringMatching(/^As of 10:30 UTC: rs0_3 on/)
    }
  ]);
});

describe('the output', () => {
  it('is a list, worst first, without what does not apply', () => {
    const sentences = findings.map(sentenceOf);
    expect(JSON.parse(diagnosisJson(findings))).toEqual([
      { finding: sentences[0], kind: 'error', since: at('10:36'), goalVersion: 5 },
      {
        finding: sentences[1],
        kind: 'silent-agent',
        process: 'rs0_2',
        host: 'mongodb2.example.com',
        since: at('10:22'),
        agentSilentSeconds: 840,
        version: 4,
        goalVersion: 5
      },
      {
        finding: sentences[2],
        kind: 'behind',
        process: 'rs0_4',
        host: 'mongodb4.example.com',
        since: at('10:36'),
        agentSilentSeconds: 2,
        version: 4,
        goalVersion: 5,
        plan: ['Download']
      },
      {
        finding: sentences[3],
        kind: 'waiting',
        process: 'rs0_1',
        host: 'mongodb1.example.com',
        since: at('10:36'),
        agentSilentSeconds: 2,
        version: 4,
        goalVersion: 5,
        plan: ['WaitAllRsMembersUp']
      },
      { finding: sentences[4], kind: 'not-asked' }
    ]);
  });

  it('has a host without its port everywhere, the port beside it, and an item for each', () => {
    const hosts = [H4, { host: 'fe80::1', port: 27_017 }] as const;
    expect(JSON.parse(diagnosisJson([{ kind: 'host-unknown', hosts }]))).toEqual([
      {
        finding:
          'mongodb4.example.com:27017 is not known to Ops Manager: it has not been discovered.',
        kind: 'host-unknown',
        host: 'mongodb4.example.com',
        port: 27_017
      },
      {
        finding: '[fe80::1]:27017 is not known to Ops Manager: it has not been discovered.',
        kind: 'host-unknown',
        host: 'fe80::1',
        port: 27_017
      }
    ]);
  });

  it('has 50 items at most', () => {
    const hosts = [H4, ...Array.from({ length: 59 }, (_, n) => ({ host: `h${n}` }))] as const;
    expect(JSON.parse(diagnosisJson([{ kind: 'host-unknown', hosts }]))).toHaveLength(50);
  });

  it('is [] without findings, and whole items of at most 64 KiB with many', () => {
    expect(diagnosisJson([])).toBe('[]');
    const moves = Array.from({ length: 50 }, () => 'ü'.repeat(100));
    const name = 'ö'.repeat(255);
    const status = statusOf(
      Array.from({ length: 2000 }, (_, n) => ({
        name,
        hostname: `${n}${name}`,
        achievedVersion: 4,
        plan: moves,
        error: { code: 1, text: `${n}${'e'.repeat(296)}` }
      }))
    );
    const all = findingsOf({ request: importIn('AWAIT_GOAL_STATE'), facts: { status } });
    const json = diagnosisJson(all);
    const items = JSON.parse(json) as { finding: string }[];
    expect(items.length).toBeGreaterThan(5);
    expect(items.map(({ finding }) => finding)).toEqual(all.slice(0, items.length).map(sentenceOf));
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(64 * 1024);
  });
});

it('the kinds and the keys of the output are those that are documented', () => {
  const page = readFileSync(new URL('../../docs/diagnosis.md', import.meta.url), 'utf8');
  const output = page.slice(page.indexOf('## The output'), page.indexOf('## What it cannot'));
  const documented = [...output.matchAll(/^\| `([\w-]+)`/gm)].map(([, name]) => name);
  const keys =
    'finding kind process host port since agentSilentSeconds version goalVersion plan'.split(' ');
  expect(documented).toEqual([...keys, ...Object.keys(KINDS)]);
});
