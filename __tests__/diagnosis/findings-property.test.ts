import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  diagnosisJson,
  hostsOf as hostsIn,
  inWords,
  processesOf,
  sentenceOf,
  worst,
  type DiagnosisCall,
  type Finding,
  type ProcessAt
} from '../../src/diagnosis/finding.ts';
import { callsFor, findingsOf, type Evidence } from '../../src/diagnosis/findings.ts';
import { freshMemory, remember } from '../../src/diagnosis/memory.ts';
import { PIPELINE, type Phase } from '../../src/case/states.ts';
import { agentOf, at, hostsOf, READ_AT, statusOf } from '../support/diagnosis.ts';
import { history, importIn } from '../support/imports.ts';

const OWN = ['own1.example.com', 'own2.example.com', 'own3.example.com'] as const;
const FOREIGN = ['foreign1.example.com', 'foreign2.example.com'] as const;
const REQUIRED = OWN.map((hostname) => `${hostname}:27017`);

/** Never said, whatever the evidence. */
const FORBIDDEN =
  /\bbecause\b|\bdue to\b|\bdoing\b|\bmissing\b|\bcancelled by\b|\b(timed out|stalled|interrupted|unreachable)\b|undefined|null|NaN|\[object/i;

/** What an advice says, and no finding of these kinds may stand above it. */
const DENIED: readonly (readonly [advice: RegExp, by: readonly Finding['kind'][]])[] = [
  [/agent may restart its process|has not reached|is behind/, ['nobody-behind', 'no-automation']],
  [/Agent runs on|Agent of this project runs/, ['error', 'behind', 'waiting', 'nobody-behind']],
  [/Agents reach/, ['host-unknown', 'host-reached']],
  [/same name in the import/, ['host-never-reached', 'host-reached']],
  [/what the error names|what it names/, ['behind', 'waiting', 'silent-agent', 'no-agent']],
  [/Let import .* end first/, ['error', 'behind', 'silent-agent']],
  [/timeouts\./, ['nobody-behind', 'other-import']]
];

/** The documented keys of an item of the output. */
const KEYS = [
  ...['finding', 'kind', 'process', 'host', 'port', 'since', 'agentSilentSeconds'],
  ...['version', 'goalVersion', 'plan']
];

const anyCase = (name: string): fc.Arbitrary<string> =>
  fc.constantFrom(name, name.toUpperCase(), `${name}.`);
const hostnames = fc.constantFrom(...OWN, ...FOREIGN).chain(anyCase);
const holes = fc.boolean();
const dates = fc.constantFrom(READ_AT, undefined);

const errors = fc.option(
  fc.constantFrom({ code: 100, text: 'Permission denied' }, { code: 0, text: 'Out of disk.' }),
  { nil: undefined }
);

const processes = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('p_1', 'p_2', 'p_10'),
    hostname: hostnames,
    achievedVersion: fc.constantFrom(-1, 4, 5, 6),
    plan: fc.subarray(['Start', 'WaitAllRsMembersUp', 'UpdateAuth', 'WaitAuthUpdate']),
    error: errors
  }),
  {
    selector: ({ name, hostname }) => `${name} ${hostname.toLowerCase().replace(/\.$/, '')}`,
    maxLength: 8
  }
);

const statuses = fc.record({
  goalVersion: fc.constant(5),
  processes,
  readAt: dates,
  isComplete: holes
});

const agents = fc.record({
  agents: fc.array(
    fc
      .record({
        hostname: hostnames,
        lastConf: fc.constantFrom(at('10:35:59'), at('10:34'), at('10:20'), undefined)
      })
      .map(agentOf),
    { maxLength: 6 }
  ),
  readAt: dates,
  isComplete: holes
});

const hosts = fc
  .record({
    list: fc.array(
      fc.record({
        hostname: hostnames,
        typeName: fc.constantFrom('NO_DATA', 'REPLICA_PRIMARY', undefined),
        lastPing: fc.constantFrom(at('10:35'), undefined)
      }),
      { maxLength: 5 }
    ),
    isComplete: holes
  })
  .map(({ list, isComplete }) => hostsOf(list, { isComplete }));

const evidences: fc.Arbitrary<Evidence> = fc.record({
  request: fc
    .record({
      phase: fc.constantFrom(...PIPELINE.slice(0, -1), 'AWAIT_COFFEE'),
      end: fc.constantFrom(undefined, 'FAILED', 'FAILED', 'SUCCESS', 'CANCELLED')
    })
    .map(({ phase, end }) =>
      importIn(
        end ?? phase,
        history([phase, 0], ...(end === undefined ? [] : [[end, 600] as const]))
      )
    ),
  requested: fc.record({
    seedHost: fc.constantFrom(REQUIRED[0], undefined),
    processes: fc.constantFrom(REQUIRED, undefined),
    limitsSec: fc.constantFrom({}, { AWAIT_GOAL_STATE: 600 })
  }),
  facts: fc.record({ status: statuses, agents, hosts }, { requiredKeys: [] }),
  memory: fc.option(
    statuses.map((status) => remember(freshMemory(), { ...status, readAt: at('10:14') }).memory),
    { nil: undefined }
  ),
  list: fc.constantFrom(undefined, {
    imports: [{ ...importIn('PENDING'), id: 'b'.repeat(24) }],
    readAt: at('10:01')
  }),
  notAsked: fc.constantFrom([], [{ call: 'agents', reason: 'HTTP 403' } as const])
});

/** A process as an answer had it, the newest one or a remembered one. */
function isReported({ facts, memory }: Evidence, { name, host, version }: ProcessAt): boolean {
  return [facts.status, memory?.status].some((status) =>
    status?.processes.some(
      (process) =>
        process.name === name && process.hostname === host && process.achievedVersion === version
    )
  );
}

const BLAME = ['error', 'silent-agent', 'no-agent', 'behind', 'waiting'];
const RANK: Readonly<Record<string, number>> = {
  error: 1,
  'silent-agent': 2,
  'no-agent': 2,
  behind: 3,
  waiting: 4,
  'past-error': 5
};

function check(property: (evidence: Evidence, findings: readonly Finding[]) => void): void {
  fc.assert(
    fc.property(evidences, (evidence) => {
      property(evidence, findingsOf(evidence));
    }),
    { numRuns: 600 }
  );
}

describe('whatever the evidence', () => {
  it('a process is named only if an answer had it so, and is not where it should be', () => {
    check((evidence, findings) => {
      for (const process of findings.flatMap(processesOf)) {
        expect(isReported(evidence, process)).toBe(true);
        const changes = process.plan.some((move) => /^(UpdateAuth|WaitAuthUpdate)$/.test(move));
        expect(process.version < process.goalVersion || changes).toBe(true);
      }
    });
  });

  it('an error is told only if an answer had it', () => {
    check(({ facts, memory }, findings) => {
      const texts = [facts.status, memory?.status].flatMap(
        (status) => status?.processes.flatMap(({ error }) => error?.text ?? []) ?? []
      );
      for (const finding of findings)
        if ('error' in finding) expect(texts).toContain(finding.error);
    });
  });

  it('absence is told only of lists without a hole', () => {
    check(({ facts, memory }, findings) => {
      const kinds = findings.map(({ kind }) => kind);
      if (!facts.agents?.isComplete) expect(kinds).not.toContain('no-agent');
      if (!facts.hosts?.isComplete) {
        expect(kinds).not.toContain('host-unknown');
        expect(kinds).not.toContain('hosts-found');
      }
      if (!facts.status?.isComplete && !memory?.status?.isComplete) {
        expect(kinds).not.toContain('required-in-automation');
        expect(kinds).not.toContain('nobody-behind');
      }
    });
  });

  it('a silence is longer than two minutes by Ops Manager’s clock', () => {
    check((_evidence, findings) => {
      for (const finding of findings) {
        if (finding.kind !== 'silent-agent') continue;
        for (const { silentMs, lastConf } of finding.hosts) {
          expect(silentMs).toBe(Date.parse(READ_AT) - Date.parse(lastConf));
          expect(silentMs).toBeGreaterThan(120_000);
        }
      }
    });
  });

  it('nothing of another deployment is named where the required processes are known', () => {
    check((evidence, findings) => {
      fc.pre(Boolean(evidence.requested?.processes && evidence.requested.seedHost));
      // Before any host is known, what is behind in the project is told as the project’s.
      const own = findings.filter(({ kind }) => kind !== 'project-behind');
      expect(JSON.stringify(inWords(own))).not.toMatch(/foreign/i);
      expect(diagnosisJson(own)).not.toMatch(/foreign/i);
    });
  });

  it('blame goes in its order, and errors that are gone come after it', () => {
    check(({ request }, findings) => {
      fc.pre(request.transitions[0]?.state === 'AWAIT_GOAL_STATE');
      const ranks = findings.flatMap(({ kind }) => RANK[kind] ?? []);
      expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
      const guilty = ranks.some((rank) => rank <= 2);
      for (const finding of findings) {
        if (finding.kind === 'waiting') expect(finding.isForOthers).toBe(guilty);
      }
      const blamed = findings.filter(({ kind }) => BLAME.includes(kind)).flatMap(processesOf);
      const keys = blamed.map(({ name, host }) => `${name} ${host}`);
      expect(new Set(keys).size).toBe(keys.length);
    });
  });

  it('no sentence says what must not be said, and each is one line that ends', () => {
    check((_evidence, findings) => {
      for (const sentence of findings.map(sentenceOf)) {
        expect(sentence).not.toMatch(FORBIDDEN);
        expect(sentence).toMatch(/^\S[^\n]*\.$/);
        expect(sentence).not.toMatch(/\.\.|'/);
      }
      for (const { brief, item, advice } of inWords(findings)) {
        expect(`${brief} ${item} ${advice}`).not.toMatch(FORBIDDEN);
        expect(brief).toMatch(/^[^\n]+$/);
        expect(advice).toMatch(/^(\S[^\n]*\.)?$/);
      }
    });
  });

  it('no advice stands that its finding denies', () => {
    check((_evidence, findings) => {
      for (const { kind, advice } of inWords(findings)) {
        const denied = DENIED.filter(([said, by]) => said.test(advice) && by.includes(kind));
        expect(denied).toEqual([]);
        const isNone = ['not-asked', 'hosts-found', 'host-reached'].includes(kind);
        expect(advice === '').toBe(isNone);
      }
    });
  });

  it('a finding about one process or host names it for a title, and one about several counts', () => {
    check((_evidence, findings) => {
      const told = inWords(findings);
      for (const [index, finding] of findings.entries()) {
        const about = told[index]?.about ?? {};
        const own = processesOf(finding);
        expect(about.process).toBe(own.length === 1 ? own[0]?.name : undefined);
        expect(about.group !== undefined).toBe(own.length > 1 || hostsIn(finding).length > 1);
        expect(about.host ?? '').not.toMatch(/:\d+$/);
      }
    });
  });

  it('the output has its documented keys, hosts without ports, and what is true of one alone', () => {
    check((_evidence, findings) => {
      const items = JSON.parse(diagnosisJson(findings)) as Record<string, unknown>[];
      expect(items.length).toBeGreaterThanOrEqual(Math.min(findings.length, 50));
      for (const item of items) {
        expect(KEYS).toEqual(expect.arrayContaining(Object.keys(item)));
        expect(item['host'] ?? '').not.toMatch(/:/);
        expect(Object.values(item)).not.toContain(null);
      }
      const kinds = items.map(({ kind }) => kind);
      expect(new Set(kinds)).toEqual(new Set(findings.map(({ kind }) => kind)));
    });
  });

  it('after a failure everything that was read is told as what is so after it', () => {
    check(({ request }, findings) => {
      const read = findings.filter(({ kind }) => !['phase-limit', 'not-asked'].includes(kind));
      for (const { isAfterFailure = false, asOf } of read) {
        expect(isAfterFailure).toBe(request.state === 'FAILED' && asOf === undefined);
      }
    });
  });

  it('the same evidence gives the same findings, in whatever order it came', () => {
    check((evidence, findings) => {
      const { status } = evidence.facts;
      fc.pre(status !== undefined);
      const turned = { ...status, processes: status.processes.toReversed() };
      const again = findingsOf({ ...evidence, facts: { ...evidence.facts, status: turned } });
      expect(again.map(sentenceOf)).toEqual(findings.map(sentenceOf));
    });
  });
});

describe('the calls', () => {
  const CALLS: Readonly<Record<Phase, readonly DiagnosisCall[]>> = {
    PENDING: ['status'],
    AWAIT_SEED_HOST_CONNECTED: ['hosts', 'agents'],
    AWAIT_HOSTS_DISCOVERED: ['hosts', 'agents'],
    AWAIT_AUTOMATION_IMPORTED: ['status', 'agents'],
    AWAIT_GOAL_STATE: ['status', 'agents']
  };
  it.each(Object.entries(CALLS))('for %s are %j', (phase, calls) => {
    expect(callsFor(phase)).toEqual(calls);
  });

  it.each(['SUCCESS', 'FAILED', 'AWAIT_COFFEE', undefined])('for %s are none', (state) => {
    expect(callsFor(state)).toEqual([]);
  });
});

it('2000 processes that are behind are two findings', () => {
  const many = Array.from({ length: 2000 }, (_, n) => ({
    name: `p_${n}`,
    hostname: `own${n}.example.com`,
    achievedVersion: 4,
    plan: ['WaitAllRsMembersUp'],
    error: n % 2 === 0 ? { code: 1, text: 'Out of disk' } : undefined
  }));
  const findings = findingsOf({
    request: importIn('AWAIT_GOAL_STATE'),
    requested: { processes: many.map(({ hostname }) => `${hostname}:27017`) },
    facts: { status: statusOf(many) }
  });
  expect(findings.map(({ kind }) => kind)).toEqual(['error', 'waiting']);
  expect(findings.map((finding) => processesOf(finding).length)).toEqual([1000, 1000]);
  expect(worst(findings)).toMatchObject({ kind: 'error', error: 'Out of disk' });
});
