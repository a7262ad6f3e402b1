import type { Finding } from '../../src/diagnosis/finding.ts';
import type { ProcessAt } from '../../src/diagnosis/facts.ts';
import { at, hostOf } from './diagnosis.ts';

/** What a diagnosis found at 10:45, worst first, for samples of reports. */

const READ_AT = at('10:45');

function processAt(number: number, version: number, rest: Partial<ProcessAt> = {}): ProcessAt {
  return {
    name: `rs0_${number}`,
    host: hostOf(number),
    version,
    goalVersion: 5,
    since: undefined,
    plan: [],
    agentSilentMs: 4000,
    ...rest
  };
}

const VICTIM: Finding = {
  kind: 'waiting',
  processes: [processAt(1, 4, { plan: ['WaitAllRsMembersUp'] })],
  isForOthers: true
};

/** One node cannot start, and another one waits for it. */
export const AN_ERROR: readonly Finding[] = [
  {
    kind: 'error',
    processes: [processAt(3, -1)],
    error: 'File Permissions Error (open /data/0/mongod.lock: permission denied)',
    since: at('10:14'),
    readAt: READ_AT
  },
  VICTIM
];

/** One node has work left in its plan. */
export const A_NODE_BEHIND: readonly Finding[] = [
  {
    kind: 'behind',
    processes: [
      processAt(2, 4, {
        since: at('10:13'),
        plan: ['Download', 'Start', 'RsInit', 'WaitRsInit']
      })
    ],
    readAt: READ_AT
  }
];

/** One agent has been silent for long, and another node waits. */
export const A_DEAD_AGENT: readonly Finding[] = [
  {
    kind: 'silent-agent',
    hosts: [
      {
        host: hostOf(2),
        lastConf: at('10:31'),
        silentMs: 14 * 60_000,
        processes: [processAt(2, 4, { agentSilentMs: 14 * 60_000 })],
        errors: []
      }
    ]
  },
  VICTIM,
  {
    kind: 'not-asked',
    troubles: [{ calls: ['hosts'], reason: 'HTTP 403 USER_UNAUTHORIZED' }]
  }
];

/** Two required hosts that are not there, after the failure. */
export const HOSTS_NOT_DISCOVERED: readonly Finding[] = [
  { kind: 'host-unknown', hosts: [{ host: hostOf(4), port: 27_017 }], isAfterFailure: true },
  { kind: 'host-never-reached', hosts: [{ host: hostOf(5), port: 27_017 }], isAfterFailure: true },
  {
    kind: 'phase-limit',
    phase: 'AWAIT_HOSTS_DISCOVERED',
    limitName: 'processesDiscoverySec',
    limitSec: 600,
    lastedMs: 10 * 60_000
  },
  { kind: 'hosts-found', found: 3, required: 5, isAfterFailure: true }
];

/** Nobody is behind. */
export const NOBODY_BEHIND: readonly Finding[] = [
  { kind: 'nobody-behind', total: 3, goalVersion: 5, isAll: true }
];

const CROWD = Array.from({ length: 60 }, (_, index) =>
  processAt(index + 1, 3, { since: at('10:13'), plan: ['Start'] })
);

/** Sixty processes that are equally behind. */
export const A_CROWD: readonly Finding[] = CROWD.slice(0, 1).map((first) => ({
  kind: 'behind',
  processes: [first, ...CROWD.slice(1)],
  readAt: READ_AT
}));
