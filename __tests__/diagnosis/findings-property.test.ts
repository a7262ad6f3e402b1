import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Finding,
  hostsOf as hostsIn,
  processesOf,
  worst
} from '../../src/diagnosis/finding.ts';
import {
  callsFor,
  diagnosisJson,
  findingsOf,
  inWords,
  sentenceOf
} from '../../src/diagnosis/findings.ts';
import { freshMemory, remember } from '../../src/diagnosis/memory.ts';
import { type Phase, PIPELINE } from '../../src/case/states.ts';
import type { DiagnosisCall, ProcessAt } from '../../src/diagnosis/facts.ts';
import { agentOf, at, hostsOf, READ_AT, statusOf } from '../support/diagnosis.ts';
import { history, importIn } from '../support/imports.ts';

type Evidence = Parameters<typeof findingsOf>[0];

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

/** Whether the findings are as they should be; undefined where the evidence says nothing of it. */
type Rule = (evidence: Evidence, findings: readonly Finding[]) => boolean | undefined;

/** Drawn once for all rules: to draw them costs more than to hold a rule against them. */
const SEED = Math.trunc(Math.random() * 2 ** 31);
const DRAWN = fc
  .sample(evidences, { seed: SEED, numRuns: 2_500 })
  .map((evidence) => ({ evidence, findings: findingsOf(evidence) }));

/** Holds a rule against all that was drawn; what breaks it is drawn again, to be shown as small as can be. */
function check(rule: Rule): void {
  const held = DRAWN.map(({ evidence, findings }) => rule(evidence, findings));
  if (held.includes(false)) {
    const property = fc.property(evidences, (each) => rule(each, findingsOf(each)) !== false);
    fc.assert(property, { seed: SEED, numRuns: 10_000 });
  }
  expect(held).not.toContain(false);
  expect(held.filter((each) => each === true).length).toBeGreaterThan(30);
}

describe('whatever the evidence', () => {
  it('a process is named only if an answer had it so, and is not where it should be', () => {
    check((evidence, findings) =>
      findings.flatMap(processesOf).every((process) => {
        const changes = process.plan.some((move) => /^(UpdateAuth|WaitAuthUpdate)$/.test(move));
        return isReported(evidence, process) && (process.version < process.goalVersion || changes);
      })
    );
  });

  it('an error is told only if an answer had it', () => {
    check(({ facts, memory }, findings) => {
      const texts = [facts.status, memory?.status].flatMap(
        (status) => status?.processes.flatMap(({ error }) => error?.text ?? []) ?? []
      );
      return findings.every((finding) => !('error' in finding) || texts.includes(finding.error));
    });
  });

  it('absence is told only of lists without a hole', () => {
    check(({ facts, memory }, findings) => {
      const absences: readonly Finding['kind'][] = [
        ...(facts.agents?.isComplete ? [] : (['no-agent'] as const)),
        ...(facts.hosts?.isComplete ? [] : (['host-unknown', 'hosts-found'] as const)),
        ...(facts.status?.isComplete || memory?.status?.isComplete
          ? []
          : (['required-in-automation', 'nobody-behind'] as const))
      ];
      return !findings.some(({ kind }) => absences.includes(kind));
    });
  });

  it('a silence is longer than two minutes by Ops Manager’s clock', () => {
    check((_evidence, findings) => {
      const silent = findings.flatMap((each) => (each.kind === 'silent-agent' ? each.hosts : []));
      if (silent.length === 0) return undefined;
      return silent.every(
        ({ silentMs, lastConf }) =>
          silentMs > 120_000 && silentMs === Date.parse(READ_AT) - Date.parse(lastConf)
      );
    });
  });

  it('nothing of another deployment is named where the required processes are known', () => {
    check((evidence, findings) => {
      if (!evidence.requested?.processes || !evidence.requested.seedHost) return undefined;
      // Before any host is known, what is behind in the project is told as the project’s.
      const own = findings.filter(({ kind }) => kind !== 'project-behind');
      return !/foreign/i.test(JSON.stringify(inWords(own)) + diagnosisJson(own));
    });
  });

  it('blame goes in its order, and errors that are gone come after it', () => {
    check(({ request }, findings) => {
      if (request.transitions[0]?.state !== 'AWAIT_GOAL_STATE') return undefined;
      const ranks = findings.flatMap(({ kind }) => RANK[kind] ?? []);
      const guilty = ranks.some((rank) => rank <= 2);
      const blamed = findings.filter(({ kind }) => BLAME.includes(kind)).flatMap(processesOf);
      const keys = blamed.map(({ name, host }) => `${name} ${host}`);
      return (
        ranks.join() === ranks.toSorted((a, b) => a - b).join() &&
        findings.every((each) => each.kind !== 'waiting' || each.isForOthers === guilty) &&
        new Set(keys).size === keys.length
      );
    });
  });

  it('no sentence says what must not be said, and each is one line that ends', () => {
    check((_evidence, findings) => {
      const isSound = (sentence: string): boolean =>
        !FORBIDDEN.test(sentence) && /^\S[^\n]*\.$/.test(sentence) && !/\.\.|'/.test(sentence);
      const areSound = ({ brief, item, advice }: ReturnType<typeof inWords>[number]): boolean =>
        !FORBIDDEN.test(`${brief} ${item} ${advice}`) &&
        /^[^\n]+$/.test(brief) &&
        /^(\S[^\n]*\.)?$/.test(advice);
      return findings.map(sentenceOf).every(isSound) && inWords(findings).every(areSound);
    });
  });

  it('no advice stands that its finding denies', () => {
    check((_evidence, findings) =>
      inWords(findings).every(({ kind, advice }) => {
        const isNone = ['not-asked', 'hosts-found', 'host-reached'].includes(kind);
        const isDenied = DENIED.some(([said, by]) => said.test(advice) && by.includes(kind));
        return !isDenied && (advice === '') === isNone;
      })
    );
  });

  it('a finding about one process or host names it for a title, and one about several counts', () => {
    check((_evidence, findings) => {
      const told = inWords(findings);
      return findings.every((finding, index) => {
        const about = told[index]?.about ?? {};
        const own = processesOf(finding);
        const areSeveral = own.length > 1 || hostsIn(finding).length > 1;
        return (
          about.process === (own.length === 1 ? own[0]?.name : undefined) &&
          (about.group !== undefined) === areSeveral &&
          !/:\d+$/.test(about.host ?? '')
        );
      });
    });
  });

  it('the output has its documented keys, hosts without ports, and what is true of one alone', () => {
    check((_evidence, findings) => {
      const items = JSON.parse(diagnosisJson(findings)) as Record<string, unknown>[];
      const kindsOf = (each: readonly { readonly kind?: unknown }[]): string =>
        [...new Set(each.map(({ kind }) => kind))].sort().join();
      return (
        items.length >= Math.min(findings.length, 50) &&
        items.every(
          (item) =>
            Object.keys(item).every((key) => KEYS.includes(key)) &&
            !JSON.stringify(item['host'] ?? '').includes(':') &&
            !Object.values(item).includes(null)
        ) &&
        kindsOf(items) === kindsOf(findings)
      );
    });
  });

  it('after a failure everything that was read is told as what is so after it', () => {
    check(({ request }, findings) =>
      findings
        .filter(({ kind }) => !['phase-limit', 'not-asked'].includes(kind))
        .every(
          ({ isAfterFailure = false, asOf }) =>
            isAfterFailure === (request.state === 'FAILED' && asOf === undefined)
        )
    );
  });

  it('the same evidence gives the same findings, in whatever order it came', () => {
    check((evidence, findings) => {
      const { status } = evidence.facts;
      if (status === undefined) return undefined;
      const turned = { ...status, processes: status.processes.toReversed() };
      const again = findingsOf({ ...evidence, facts: { ...evidence.facts, status: turned } });
      return again.map(sentenceOf).join('\n') === findings.map(sentenceOf).join('\n');
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
