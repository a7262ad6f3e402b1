import { describe, expect, it } from '@jest/globals';
import type { Facts } from '../../src/diagnosis/facts.ts';
import { worst } from '../../src/diagnosis/finding.ts';
import { findingsOf, sentenceOf } from '../../src/diagnosis/findings.ts';
import { freshMemory, remember } from '../../src/diagnosis/memory.ts';
import {
  agentsOn,
  at,
  hostOf,
  hostsOf,
  processOf,
  READ_AT,
  required,
  statusOf
} from '../support/diagnosis.ts';
import { history, importIn } from '../support/imports.ts';

type Evidence = Parameters<typeof findingsOf>[0];

const PERMISSION = {
  code: 100,
  text: 'File Permissions Error (open /data/0/mongod.lock: permission denied)'
};
const WAITS = ['WaitAllRsMembersUp'];

function sentences(evidence: Evidence): string[] {
  return findingsOf(evidence).map(sentenceOf);
}

function standing(state: string, facts: Facts, rest: Partial<Evidence> = {}): string[] {
  return sentences({ request: importIn(state, history([state, 0])), facts, ...rest });
}

describe('the seed host', () => {
  const seedHost = `${hostOf(1)}:27017`;
  const requested = { seedHost };
  const live = agentsOn([1]);

  it.each<{ name: string; facts: Facts; says: string[] }>([
    {
      name: 'is not known',
      facts: { agents: live, hosts: hostsOf([]) },
      says: ['mongodb1.example.com:27017 is not known to Ops Manager: it has not been discovered.']
    },
    {
      name: 'was never reached',
      facts: { agents: live, hosts: hostsOf([{ typeName: 'NO_DATA', lastPing: undefined }]) },
      says: [
        'mongodb1.example.com:27017 is known to Ops Manager, but its monitoring has never reached it. Look at that host.'
      ]
    },
    {
      name: 'was reached',
      facts: { agents: live, hosts: hostsOf([{}]) },
      says: ['mongodb1.example.com:27017 was last reached at 10:35 UTC.']
    },
    {
      name: 'has no agent, which comes first',
      facts: { agents: agentsOn([2]), hosts: hostsOf([]) },
      says: [
        'No agent calls in under the host name mongodb1.example.com; look at that host.',
        'mongodb1.example.com:27017 is not known to Ops Manager: it has not been discovered.'
      ]
    },
    {
      name: 'has a silent agent',
      facts: {
        agents: agentsOn([], [{ hostname: 'MongoDB1.Example.com', lastConf: at('10:22') }]),
        hosts: hostsOf([{}])
      },
      says: [
        'The agent on mongodb1.example.com last called in 14m ago; look at that host.',
        'mongodb1.example.com:27017 was last reached at 10:35 UTC.'
      ]
    },
    {
      name: 'is known in another case',
      facts: { agents: live, hosts: hostsOf([{ hostname: 'MONGODB1.example.COM' }]) },
      says: ['mongodb1.example.com:27017 was last reached at 10:35 UTC.']
    },
    {
      name: 'is known by an alias, as is its agent',
      facts: {
        agents: agentsOn([], [{ hostname: 'db-internal' }]),
        hosts: hostsOf([
          { hostname: 'db-internal', aliases: ['Mongodb1.example.com:27017', '10.1.0.11:27017'] }
        ])
      },
      says: ['mongodb1.example.com:27017 was last reached at 10:35 UTC.']
    },
    {
      name: 'has two agents under its names: the one that called in last counts',
      facts: {
        agents: agentsOn([1], [{ hostname: 'a-internal', lastConf: at('09:00') }]),
        hosts: hostsOf([{ hostname: 'a-internal', aliases: ['mongodb1.example.com:27017'] }])
      },
      says: ['mongodb1.example.com:27017 was last reached at 10:35 UTC.']
    },
    {
      name: 'is another port of a known host',
      facts: { agents: live, hosts: hostsOf([{ port: 27_018 }]) },
      says: ['mongodb1.example.com:27017 is not known to Ops Manager: it has not been discovered.']
    },
    {
      name: 'is not in lists that are not complete',
      facts: {
        agents: agentsOn([2], [], { isComplete: false }),
        hosts: hostsOf([], { isComplete: false })
      },
      says: []
    },
    { name: 'could not be asked for', facts: {}, says: [] }
  ])('$name', ({ facts, says }) => {
    expect(standing('AWAIT_SEED_HOST_CONNECTED', facts, { requested })).toEqual(says);
  });

  it('is not guessed: without it, what is there is told, and who is silent', () => {
    const agents = agentsOn([1], [{ hostname: hostOf(2), lastConf: at('10:00') }]);
    const hosts = hostsOf([{}, { hostname: hostOf(2), typeName: 'NO_DATA' }]);
    expect(standing('AWAIT_SEED_HOST_CONNECTED', { agents, hosts })).toEqual([
      'The agent on mongodb2.example.com last called in 36m ago; look at that host.',
      'Ops Manager knows 2 processes of the project; its monitoring has never reached mongodb2.example.com:27017.'
    ]);
  });
});

describe('the required processes', () => {
  const requested = { processes: required(1, 2, 3, 4) };

  it('are counted, and those named that are unknown, never reached or without a live agent', () => {
    const facts = {
      agents: agentsOn([1, 3], [{ hostname: hostOf(2), lastConf: at('10:32') }]),
      hosts: hostsOf([
        { hostname: hostOf(1) },
        { hostname: hostOf(2) },
        { hostname: hostOf(3), typeName: 'NO_DATA' },
        { hostname: 'other.example.com', typeName: 'NO_DATA' }
      ])
    };
    expect(standing('AWAIT_HOSTS_DISCOVERED', facts, { requested })).toEqual([
      'The agent on mongodb2.example.com last called in 4m ago; look at that host.',
      'No agent calls in under the host name mongodb4.example.com; look at that host.',
      'mongodb3.example.com:27017 is known to Ops Manager, but its monitoring has never reached it. Look at that host.',
      'mongodb4.example.com:27017 is not known to Ops Manager: it has not been discovered.',
      'Ops Manager knows 3 of 4 required processes.'
    ]);
  });

  it('are all there when nothing else is to be said', () => {
    const hosts = hostsOf([1, 2, 3, 4].map((number) => ({ hostname: hostOf(number) })));
    const facts = { agents: agentsOn([1, 2, 3, 4]), hosts };
    expect(standing('AWAIT_HOSTS_DISCOVERED', facts, { requested })).toEqual([
      'Ops Manager knows 4 of 4 required processes.'
    ]);
  });

  it('may be two on one host: its silent agent is told once', () => {
    const facts = { agents: agentsOn([], [{ lastConf: at('10:30') }]), hosts: hostsOf([{}]) };
    const processes = [`${hostOf(1)}:27017`, `${hostOf(1)}:27018`];
    expect(standing('AWAIT_HOSTS_DISCOVERED', facts, { requested: { processes } })).toEqual([
      'The agent on mongodb1.example.com last called in 6m ago; look at that host.',
      'mongodb1.example.com:27018 is not known to Ops Manager: it has not been discovered.',
      'Ops Manager knows 1 of 2 required processes.'
    ]);
  });

  it('are nobody’s business when they are not known', () => {
    const facts = { agents: agentsOn([1]), hosts: hostsOf([{}]) };
    expect(standing('AWAIT_HOSTS_DISCOVERED', facts)).toEqual([
      'Ops Manager knows 1 process of the project.'
    ]);
  });

  it('are looked for in automation', () => {
    const facts = {
      status: statusOf([processOf(1), processOf(9, { achievedVersion: 3 })]),
      agents: agentsOn([1, 2])
    };
    const processes = required(1, 2);
    expect(standing('AWAIT_AUTOMATION_IMPORTED', facts, { requested: { processes } })).toEqual([
      'Automation lists the required processes of 1 of 2 required hosts; under these names it lists fewer or none: mongodb2.example.com.'
    ]);
  });

  it('are all in automation', () => {
    const status = statusOf([processOf(1), processOf(2, { hostname: 'MONGODB2.EXAMPLE.COM' })]);
    const facts = { status, agents: agentsOn([1, 2]) };
    const processes = required(1, 2);
    expect(standing('AWAIT_AUTOMATION_IMPORTED', facts, { requested: { processes } })).toEqual([
      'All 2 required hosts are in automation.'
    ]);
  });
});

describe('an import that is PENDING', () => {
  it('is told of processes of the project that are behind, and of imports ahead', () => {
    const status = statusOf([processOf(1), processOf(2, { achievedVersion: 4 })]);
    const request = importIn('PENDING', history(['PENDING', 600]));
    const ahead = importIn('AWAIT_GOAL_STATE', history(['PENDING', 0], ['AWAIT_GOAL_STATE', 300]));
    const later = importIn('PENDING', history(['PENDING', 1200]));
    const list = {
      imports: [
        { ...ahead, id: 'a'.repeat(24) },
        { ...later, id: 'b'.repeat(24) }
      ],
      readAt: undefined
    };
    expect(sentences({ request, facts: { status }, list })).toEqual([
      'Another import of the project, aaaaaaaaaaaaaaaaaaaaaaaa, is in AWAIT_GOAL_STATE since 10:05 UTC. It began before this one.',
      'Another import of the project, bbbbbbbbbbbbbbbbbbbbbbbb, is in PENDING since 10:20 UTC.',
      '1 of 2 processes is behind version 5 in this project: rs0_2.'
    ]);
  });

  it('is no longer told of imports ahead once it has begun', () => {
    const other = { ...importIn('PENDING', history(['PENDING', -60])), id: 'a'.repeat(24) };
    const list = { imports: [other], readAt: at('10:00:10') };
    expect(standing('AWAIT_GOAL_STATE', {}, { list })).toEqual([
      'As of 10:00 UTC: another import of the project, aaaaaaaaaaaaaaaaaaaaaaaa, is in PENDING since 09:59 UTC.'
    ]);
  });

  it('says nothing of a project without automation: that is normal there', () => {
    const status = statusOf([], { goalVersion: undefined });
    expect(standing('PENDING', { status })).toEqual([]);
  });
});

describe('a process', () => {
  const goal = (facts: Facts, rest: Partial<Evidence> = {}): string[] =>
    standing('AWAIT_GOAL_STATE', facts, rest);
  const live = agentsOn([1, 2, 3, 4]);
  const before = (...processes: ReturnType<typeof processOf>[]): Evidence['memory'] =>
    remember(freshMemory(), statusOf(processes, { readAt: at('10:14') })).memory;

  it('with an error comes first, and those that wait are its victims', () => {
    const failing = processOf(3, { achievedVersion: -1, plan: ['Start'], error: PERMISSION });
    const waiting = processOf(1, { achievedVersion: 4, plan: WAITS });
    const silent = processOf(2, { achievedVersion: 4 });
    const working = processOf(4, { achievedVersion: 4, plan: ['Download', 'Bewilder'] });
    const processes = [waiting, silent, failing, working];
    const agents = agentsOn([1, 3, 4], [{ hostname: hostOf(2), lastConf: at('10:22') }]);
    const found = goal({ status: statusOf(processes), agents }, { memory: before(...processes) });
    expect(found).toEqual([
      'rs0_3 on mongodb3.example.com has no version yet (goal 5) and reports an error since at least 10:14 UTC (22m): File Permissions Error (open /data/0/mongod.lock: permission denied). Look at the agent’s log there.',
      'The agent on mongodb2.example.com last called in 14m ago; rs0_2 there is at version 4 of 5.',
      'rs0_4 on mongodb4.example.com is at version 4 of 5 since at least 10:14 UTC (22m); its plan: Download (download MongoDB’s binaries), Bewilder. Look at the agent’s log there.',
      'rs0_1 on mongodb1.example.com is at version 4 of 5; its plan: WaitAllRsMembersUp (wait until all members of its replica set are up). It waits for the others.'
    ]);
  });

  it.each<{ name: string; facts: Facts; rest?: Partial<Evidence>; says: string[] }>([
    {
      name: 'that only waits is no victim where nobody else is to blame',
      facts: {
        status: statusOf([processOf(1, { achievedVersion: 4, plan: WAITS })]),
        agents: live
      },
      says: [
        'rs0_1 on mongodb1.example.com is at version 4 of 5; its plan: WaitAllRsMembersUp (wait until all members of its replica set are up).'
      ]
    },
    {
      name: 'whose plan is empty is behind all the same',
      facts: { status: statusOf([processOf(1, { achievedVersion: 4 })]), agents: live },
      says: [
        'rs0_1 on mongodb1.example.com is at version 4 of 5; its plan: empty. Look at the agent’s log there.'
      ]
    },
    {
      name: 'whose agent called in 2 minutes ago has a live one',
      facts: {
        status: statusOf([processOf(1, { achievedVersion: 4, plan: ['Start'] })]),
        agents: agentsOn([], [{ lastConf: at('10:34') }])
      },
      says: [
        'rs0_1 on mongodb1.example.com is at version 4 of 5; its plan: Start (start the process). Look at the agent’s log there.'
      ]
    },
    {
      name: 'whose agent called in more than 2 minutes ago has a silent one',
      facts: {
        status: statusOf([processOf(1, { achievedVersion: 4, plan: ['Start'] })]),
        agents: agentsOn([], [{ lastConf: at('10:33:59') }])
      },
      says: [
        'The agent on mongodb1.example.com last called in 2m ago; rs0_1 there is at version 4 of 5.'
      ]
    },
    {
      name: 'without an agent is told by the host',
      facts: {
        status: statusOf([processOf(1, { achievedVersion: 4, plan: ['Start'] })]),
        agents: agentsOn([2])
      },
      says: [
        'No agent calls in under the host name mongodb1.example.com; rs0_1 there is at version 4 of 5.'
      ]
    },
    {
      name: 'has the agent whose name differs in case',
      facts: {
        status: statusOf([processOf(1, { achievedVersion: 4, plan: ['Start'], hostname: 'DB-1' })]),
        agents: agentsOn([], [{ hostname: 'db-1' }])
      },
      says: [
        'rs0_1 on DB-1 is at version 4 of 5; its plan: Start (start the process). Look at the agent’s log there.'
      ]
    },
    {
      name: 'is not said to be without an agent when the list has a hole',
      facts: {
        status: statusOf([processOf(1, { achievedVersion: 4, plan: ['Start'] })]),
        agents: agentsOn([2], [], { isComplete: false })
      },
      says: [
        'rs0_1 on mongodb1.example.com is at version 4 of 5; its plan: Start (start the process). Look at the agent’s log there.'
      ]
    },
    {
      name: 'has an old error when its agent has died: the silence leads',
      facts: {
        status: statusOf([processOf(3, { achievedVersion: -1, error: PERMISSION })]),
        agents: agentsOn([], [{ hostname: hostOf(3), lastConf: at('02:36') }])
      },
      says: [
        'The agent on mongodb3.example.com last called in 8h ago; rs0_3 there has no version yet (goal 5). As of that agent’s last call, the error of rs0_3: File Permissions Error (open /data/0/mongod.lock: permission denied).'
      ]
    },
    {
      name: 'is one of several on a silent host: three names, then a count',
      facts: {
        status: statusOf(
          [1, 2, 3, 4, 5].map((n) =>
            processOf(n, { hostname: hostOf(1), achievedVersion: n === 5 ? -1 : 4 })
          )
        ),
        agents: agentsOn([], [{ lastConf: at('10:26') }])
      },
      says: [
        'The agent on mongodb1.example.com last called in 10m ago; rs0_1, rs0_2, rs0_3 and 2 more there are at version 4 of 5 at most, some at none yet.'
      ]
    },
    {
      name: 'shares its error with others: one finding',
      facts: {
        status: statusOf(
          [1, 2, 10].map((n) => processOf(n, { achievedVersion: 4, error: PERMISSION }))
        ),
        agents: agentsOn([1, 2, 10])
      },
      says: [
        'rs0_1 on mongodb1.example.com, rs0_2 on mongodb2.example.com and rs0_10 on mongodb10.example.com are at version 4 of 5 and report the same error: File Permissions Error (open /data/0/mongod.lock: permission denied). Look at the agents’ logs there.'
      ]
    },
    {
      name: 'at the goal is not blamed: its plan is the last one, its error past',
      facts: {
        status: statusOf([
          processOf(1, { plan: ['Start', 'WaitAllRsMembersUp'], error: PERMISSION }),
          processOf(2, { achievedVersion: 6 }),
          processOf(3)
        ]),
        agents: agentsOn([1, 2])
      },
      says: ['All 3 processes are at version 5; Ops Manager has not said SUCCESS.']
    },
    {
      name: 'at the goal is blamed while its authentication changes',
      facts: {
        status: statusOf([processOf(1, { plan: ['WaitAuthUpdate'] }), processOf(2)]),
        agents: live
      },
      says: ['rs0_1 on mongodb1.example.com is at version 5 of 5; its plan: WaitAuthUpdate.']
    },
    {
      name: 'at the goal is one of all only where the list is complete',
      facts: { status: statusOf([processOf(1)], { isComplete: false }), agents: live },
      says: []
    },
    {
      name: 'does not exist',
      facts: { status: statusOf([], { goalVersion: undefined }), agents: live },
      says: ['Automation lists no process of this project.']
    },
    {
      name: 'is known though agents could not be asked for',
      facts: { status: statusOf([processOf(1, { achievedVersion: 4 })]) },
      rest: { notAsked: [{ call: 'agents', reason: 'HTTP 403 IP_ADDRESS_NOT_ON_ACCESS_LIST' }] },
      says: [
        'rs0_1 on mongodb1.example.com is at version 4 of 5; its plan: empty. Look at the agent’s log there.',
        'Could not ask for the agents: HTTP 403 IP_ADDRESS_NOT_ON_ACCESS_LIST.'
      ]
    }
  ])('$name', ({ facts, rest, says }) => {
    expect(goal(facts, rest)).toEqual(says);
  });

  it('of another deployment is counted apart', () => {
    const others = [7, 8].map((n) => processOf(n, { achievedVersion: 4, error: PERMISSION }));
    const status = statusOf([processOf(1), processOf(2, { achievedVersion: 4 }), ...others]);
    const requested = { processes: ['MONGODB1.example.com:27017', ...required(2)] };
    expect(goal({ status, agents: live }, { requested })).toEqual([
      'rs0_2 on mongodb2.example.com is at version 4 of 5; its plan: empty. Look at the agent’s log there.',
      'On hosts that the import does not name, 2 of 2 processes are behind version 5.'
    ]);
  });

  it('on a host that another deployment shares is said to be one of several', () => {
    const status = statusOf([
      processOf(1, { achievedVersion: 4 }),
      processOf(1, { name: 'other_1' })
    ]);
    const requested = { processes: required(1) };
    expect(goal({ status, agents: live }, { requested })).toEqual([
      'rs0_1 on mongodb1.example.com (one of 2 processes on that host, of which the import requires 1) is at version 4 of 5; its plan: empty. Look at the agent’s log there.'
    ]);
  });

  it('under another name is not said to be missing', () => {
    const status = statusOf([processOf(1), processOf(2, { hostname: 'ip-10-1-0-12' })]);
    const requested = { processes: required(1, 2) };
    expect(goal({ status, agents: live }, { requested })).toEqual([
      'Automation lists the required processes of 1 of 2 required hosts; under these names it lists fewer or none: mongodb2.example.com.',
      '1 process on required hosts is at version 5; Ops Manager has not said SUCCESS.'
    ]);
  });

  it('had an error that is gone: told in the past tense, after all that last', () => {
    const ill = processOf(1, { achievedVersion: 4, plan: WAITS, error: PERMISSION });
    const status = statusOf([{ ...ill, error: undefined }, processOf(2, { achievedVersion: 4 })]);
    expect(goal({ status, agents: live }, { memory: before(ill) })).toEqual([
      'rs0_2 on mongodb2.example.com is at version 4 of 5; its plan: empty. Look at the agent’s log there.',
      'rs0_1 on mongodb1.example.com is at version 4 of 5; its plan: WaitAllRsMembersUp (wait until all members of its replica set are up).',
      'rs0_1 on mongodb1.example.com reported an error at 10:14 UTC that it no longer reports: File Permissions Error (open /data/0/mongod.lock: permission denied). Look at the agent’s log there.'
    ]);
  });

  it('is remembered when it cannot be asked for again', () => {
    const ill = processOf(1, { achievedVersion: 4, error: PERMISSION });
    const notAsked = [{ call: 'status', reason: 'no time was left' } as const];
    expect(goal({}, { memory: before(ill), notAsked })).toEqual([
      'As of 10:14 UTC: rs0_1 on mongodb1.example.com is at version 4 of 5 and reports an error: File Permissions Error (open /data/0/mongod.lock: permission denied). Look at the agent’s log there.',
      'Could not ask for the processes: no time was left.'
    ]);
  });

  it('that waits and works is at work', () => {
    const status = statusOf([processOf(1, { achievedVersion: 4, plan: [...WAITS, 'Start'] })]);
    const [finding] = findingsOf({ request: importIn('AWAIT_GOAL_STATE'), facts: { status } });
    expect(finding?.kind).toBe('behind');
  });

  it('has an agent of which nobody knows how long it is silent without a date of the answer', () => {
    const status = statusOf([processOf(1, { achievedVersion: 4 })]);
    const agents = agentsOn([], [{ lastConf: at('01:00') }], { readAt: undefined });
    const [finding] = findingsOf({
      request: importIn('AWAIT_GOAL_STATE'),
      facts: { status, agents }
    });
    expect(finding).toMatchObject({ kind: 'behind', processes: [{ agentSilentMs: undefined }] });
  });

  it('reports again the error that was gone: it is told once', () => {
    const ill = processOf(1, { achievedVersion: 4, error: PERMISSION });
    const well = { ...ill, error: undefined };
    const memory = [ill, well].reduce(
      (last, process, index) =>
        remember(last, statusOf([process], { readAt: at(`10:1${index}`) })).memory,
      freshMemory()
    );
    expect(goal({ status: statusOf([ill]), agents: live }, { memory })).toHaveLength(1);
  });

  it('that shared an error first is named first, and tells since when', () => {
    const ill = (n: number) => processOf(n, { achievedVersion: 4, error: PERMISSION });
    const status = statusOf([ill(1), ill(2), ill(3)]);
    expect(goal({ status, agents: live }, { memory: before(ill(2)) })).toEqual([
      'rs0_2 on mongodb2.example.com, rs0_1 on mongodb1.example.com and rs0_3 on mongodb3.example.com are at version 4 of 5 and report the same error since at least 10:14 UTC (22m): File Permissions Error (open /data/0/mongod.lock: permission denied). Look at the agents’ logs there.'
    ]);
  });

  it('that has been behind for more than a day is dated', () => {
    const working = processOf(1, { achievedVersion: 4, plan: ['Start'] });
    const status = statusOf([working], { readAt: '2025-10-22T10:36:00.000Z' });
    expect(goal({ status }, { memory: before(working) })).toEqual([
      'rs0_1 on mongodb1.example.com is at version 4 of 5 since at least 2025-10-20 10:14 UTC (2d 22m); its plan: Start (start the process). Look at the agent’s log there.'
    ]);
  });

  it('seen first comes first', () => {
    const first = processOf(9, { achievedVersion: 4, error: PERMISSION });
    const second = processOf(1, { achievedVersion: 4, error: { code: 1, text: 'Out of disk' } });
    const found = findingsOf({
      request: importIn('AWAIT_GOAL_STATE'),
      facts: { status: statusOf([second, first]), agents: agentsOn([1, 9]) },
      memory: before(first)
    });
    expect(found.map((finding) => 'error' in finding && finding.error)).toEqual([
      PERMISSION.text,
      'Out of disk'
    ]);
  });
});

describe('an import that has ended', () => {
  const behind = {
    status: statusOf([processOf(1, { achievedVersion: 4 })]),
    agents: agentsOn([1])
  };
  const failed = importIn('FAILED', history(['AWAIT_GOAL_STATE', 0], ['FAILED', 601]));

  it('by failing is told as what is so after it, and that its phase met its own limit', () => {
    const requested = { limitsSec: { AWAIT_GOAL_STATE: 600 } };
    expect(sentences({ request: failed, facts: behind, requested })).toEqual([
      'After the failure: rs0_1 on mongodb1.example.com is at version 4 of 5; its plan: empty. Look at the agent’s log there.',
      'AWAIT_GOAL_STATE lasted 10m 1s, as long as its own limit: timeouts.goalStateSec is 600 s.'
    ]);
  });

  it('by failing at its limit says so before the victims, and after those that only wait', () => {
    const requested = { limitsSec: { AWAIT_GOAL_STATE: 600 } };
    const waiting = processOf(1, { achievedVersion: 4, plan: WAITS });
    const ill = processOf(2, { achievedVersion: 4, error: PERMISSION });
    const kinds = (...processes: readonly ReturnType<typeof processOf>[]): string[] =>
      findingsOf({ request: failed, facts: { status: statusOf(processes) }, requested }).map(
        ({ kind }) => kind
      );
    expect(kinds(waiting)).toEqual(['waiting', 'phase-limit']);
    expect(kinds(waiting, ill)).toEqual(['error', 'phase-limit', 'waiting']);
  });

  it('by failing is told in our own words without a capital', () => {
    const facts = { status: statusOf([processOf(1)]) };
    expect(sentences({ request: failed, facts })).toEqual([
      'After the failure: the only process is at version 5; Ops Manager has not said SUCCESS.'
    ]);
  });

  it.each([
    { limit: 600, lasted: 594, says: 0 },
    { limit: 600, lasted: 595, says: 1 },
    { limit: 600, lasted: 720, says: 1 },
    { limit: 600, lasted: 721, says: 0 }
  ])('after $lasted s of $limit s met its limit $says times', ({ limit, lasted, says }) => {
    const request = importIn(
      'FAILED',
      history(['PENDING', 0], ['AWAIT_HOSTS_DISCOVERED', 9], ['FAILED', 9 + lasted])
    );
    const requested = { limitsSec: { AWAIT_HOSTS_DISCOVERED: limit } };
    expect(sentences({ request, facts: {}, requested })).toHaveLength(says);
  });

  it.each(['SUCCESS', 'CANCELLED'])('in %s has nothing to explain', (state) => {
    const request = importIn(state, history(['AWAIT_GOAL_STATE', 0], [state, 601]));
    expect(findingsOf({ request, facts: behind })).toEqual([]);
  });

  it('in a state that nobody knows has no phase to explain', () => {
    expect(standing('AWAIT_COFFEE', behind)).toEqual([]);
  });
});

it.each([
  {
    notAsked: [['status', 'HTTP 403'], ['agents', 'HTTP 403']], // prettier-ignore
    line: 'Could not ask for the processes and the agents: HTTP 403.'
  },
  {
    notAsked: [['hosts', 'HTTP 503'], ['agents', 'no time was left']], // prettier-ignore
    line: 'Could not ask for the hosts: HTTP 503; for the agents: no time was left.'
  }
] as const)('calls without an answer are one line: $line', ({ notAsked, line }) => {
  const evidence = {
    request: importIn('PENDING'),
    facts: {},
    notAsked: notAsked.map(([call, reason]) => ({ call, reason }))
  };
  expect(sentences(evidence)).toEqual([line]);
});

it('other imports in progress are told from those that ended, and from this one', () => {
  const request = { ...importIn('PENDING'), id: 'a' };
  const other = { ...importIn('PENDING', history(['PENDING', 5])), id: 'b' };
  const ended = { ...importIn('FAILED', history(['PENDING', 5], ['FAILED', 6])), id: 'c' };
  const list = { imports: [request, other, ended], readAt: undefined };
  expect(sentences({ request, facts: {}, list })).toEqual([
    'Another import of the project, b, is in PENDING since 10:00 UTC.'
  ]);
});

it('the worst finding is the first, and a call that failed is none', () => {
  const request = importIn('AWAIT_GOAL_STATE');
  const notAsked = [{ call: 'status', reason: 'HTTP 503' } as const];
  expect(worst(findingsOf({ request, facts: {}, notAsked }))).toBeUndefined();
  const status = statusOf([processOf(1)], { readAt: READ_AT });
  expect(worst(findingsOf({ request, facts: { status }, notAsked }))?.kind).toBe('nobody-behind');
});
