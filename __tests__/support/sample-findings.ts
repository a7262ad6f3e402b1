import type { Finding, ProcessAt } from '../../src/diagnosis/finding.ts';
import { at, hostOf } from './diagnosis.ts';

/** What a diagnosis found at 10:45, worst first, for samples of reports. */

const READ_AT = at('10:45');

function processAt(number: number, version: number, rest: Partial<ProcessAt> = {}): ProcessAt {
  return {
    name: `rs0_${number}`,
    hostname: hostOf(number),
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
  process: processAt(1, 4, { plan: ['WaitAllRsMembersUp'] }),
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
    process: processAt(2, 4, {
      since: at('10:13'),
      plan: ['Download', 'Start', 'RsInit', 'WaitRsInit']
    }),
    readAt: READ_AT
  }
];

/** One agent has been silent for long, and another node waits. */
export const A_DEAD_AGENT: readonly Finding[] = [
  {
    kind: 'silent-agent',
    hostname: hostOf(2),
    lastConf: at('10:31'),
    silentMs: 14 * 60_000,
    processes: [processAt(2, 4, { agentSilentMs: 14 * 60_000 })],
    errors: []
  },
  VICTIM,
  {
    kind: 'not-asked',
    troubles: [{ calls: ['hosts'], reason: 'HTTP 403 USER_UNAUTHORIZED' }]
  }
];

/** Two required hosts that are not there, after the failure. */
export const HOSTS_NOT_DISCOVERED: readonly Finding[] = [
  { kind: 'host-unknown', hostPort: `${hostOf(4)}:27017`, isAfterFailure: true },
  { kind: 'host-never-reached', hostPort: `${hostOf(5)}:27017`, isAfterFailure: true },
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

/** More than a table shows. */
export const A_CROWD: readonly Finding[] = Array.from({ length: 60 }, (_, index): Finding => ({
  kind: 'behind',
  process: processAt(index + 1, 3, { since: at('10:13'), plan: ['Start'] }),
  readAt: READ_AT
}));
