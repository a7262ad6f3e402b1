import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isInProgress } from '../../src/case/import.ts';
import { cancelAnnounced, cancelRefused, waitEnded } from '../../src/case/transitions.ts';
import { HttpFailure, type Where } from '../../src/http/failure.ts';
import { errorOfFailure } from '../../src/ops-manager/network-errors.ts';
import { errorOfReply, type Purpose } from '../../src/ops-manager/reply-errors.ts';
import { Redaction } from '../../src/redaction.ts';
import type { Report } from '../../src/report/report.ts';
import { wordsOf } from '../../src/report/words.ts';
import { ServerText } from '../../src/untrusted.ts';
import { outputsOf } from '../../src/report/outputs.ts';
import { inWords } from '../../src/diagnosis/findings.ts';
import type { Trouble } from '../../src/case/import-api.ts';
import { ALL_REPORTS } from '../support/all-reports.ts';
import { followed, GIVEN, readIn } from '../support/cases.ts';
import { reportOn } from '../support/gate-under-test.ts';
import { IMPORT } from '../support/imports.ts';
import { AN_ERROR } from '../support/sample-findings.ts';
import { played, SAMPLES } from '../support/sample-results.ts';

const TERMS = {
  goal: 'SUCCESS',
  cancelOnTimeout: true,
  cancelOnInterrupt: true,
  deleteFailed: true
} as const;
const HOST = 'ops-manager.example.com:8443';
const BASE_URL = `https://${HOST}`;
/** A word of our own that a public key could be, so that it is not in a quotation. */
const PUBLIC_KEY = 'qwxyzabc';

const PURPOSES: readonly Purpose[] = ['read', 'list', 'create', 'cancel', 'delete', 'other'];
const STATUSES = [302, 400, 401, 403, 404, 405, 408, 409, 410, 413, 421, 429, 500, 502, 503];
const CODES = [
  undefined,
  '',
  'USER_UNAUTHORIZED',
  'IP_ADDRESS_NOT_ON_ACCESS_LIST',
  'NO_SUCH_GROUP'
];
const HOPS = ['server', 'proxy'] as const;
const PLACES: readonly Where[] = [
  ...(['name', 'connection', 'certificate', 'tls', 'proxy', 'answer', 'size'] as const)
];
const LOGINS = ['answerable', 'stale', 'unanswerable', 'hash-refused', undefined] as const;
const FAILURES = ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_SOCKET', ''];

/** Whatever a call can come to, in the words that the action has for it, each once. */
function troubles(): readonly Trouble[] {
  const text = new ServerText(new Redaction([]));
  const replies = PURPOSES.flatMap((purpose) =>
    STATUSES.flatMap((status) =>
      CODES.flatMap((errorCode) =>
        LOGINS.flatMap((login) =>
          [true, false].map((hasWorked) =>
            errorOfReply({
              ...{ status, purpose, host: HOST, wasKeySent: true, login, hasWorked },
              version: undefined,
              body: errorCode === undefined ? undefined : { detail: 'no', errorCode }
            })
          )
        )
      )
    )
  );
  const failures = PLACES.flatMap((at) =>
    HOPS.flatMap((hop) =>
      FAILURES.flatMap((code) =>
        ['https:', 'http:'].map((scheme) => {
          const reach = { host: HOST, scheme, hasClientCertificate: true, hasWorked: false };
          const certificate = { isAlone: true, given: ['Example CA'] };
          const facts = { proxy: 'proxy.example.com:3128', status: 403, certificate };
          const failure = new HttpFailure(at, hop, { code, message: 'it failed' }, facts);
          return errorOfFailure(failure, reach, text);
        })
      )
    )
  );
  const all = [...replies, ...failures].map(({ title, happened, advice }): [string, Trouble] => [
    [title, happened, advice].join('\n'),
    { title, happened, advice }
  ]);
  return [...new Map(all).values()];
}

/** A trouble wherever it can stand: before any read, at the end of a wait, against a cancellation. */
function reportsOf(trouble: Trouble): readonly Report[] {
  const read = readIn('AWAIT_HOSTS_DISCOVERED')(GIVEN);
  const cases = [
    waitEnded({ kind: 'error', cause: { kind: 'api', trouble } })(GIVEN),
    waitEnded({ kind: 'unreachable', outageMs: 600_000, trouble, wasRefused: false })(read),
    followed(read, waitEnded({ kind: 'timed-out', timeoutMs: 60_000, trouble }), cancelAnnounced),
    followed(
      read,
      waitEnded({ kind: 'stalled', stalledMs: 60_000 }),
      cancelAnnounced,
      cancelRefused(trouble)
    )
  ];
  return cases.map((c) => reportOn(c, TERMS, { kind: 'given', id: IMPORT }));
}

/** What GitHub would drop an output for, where it is kept as a secret, and where it stands. */
function secretsIn(report: Report): readonly string[] {
  const { message = '', title = '' } = outputsOf(report);
  const said = `${title} ${message}`;
  const { projectId } = report.place;
  const secrets = [BASE_URL, projectId, PUBLIC_KEY].filter((secret) => said.includes(secret));
  return secrets.map((secret) => `${secret} in “${said}”`);
}

describe('message and title have neither base-url as given, nor project-id nor public-key', () => {
  it('of any case, whatever ended the wait', () => {
    const found = ALL_REPORTS.flatMap(({ name, report }) =>
      [report, { ...report, findings: AN_ERROR }].flatMap((each) =>
        secretsIn(each).map((secret) => `${name}: ${secret}`)
      )
    );
    expect(found).toEqual([]);
  });

  it.each(Object.keys(SAMPLES) as (keyof typeof SAMPLES)[])('of the sample %s', async (name) => {
    expect(secretsIn((await played(name)).report)).toEqual([]);
  });

  it('whatever a call comes to', () => {
    const all = troubles();
    expect(all.length).toBeGreaterThan(200);
    expect(all.flatMap(reportsOf).flatMap(secretsIn)).toEqual([]);
  });
});

describe('a title', () => {
  const letters = fc.constantFrom(...Array.from('abcxyz019-_'));
  const labels = fc.oneof(
    fc.string({ unit: letters, minLength: 1, maxLength: 63 }),
    fc.string({ unit: letters, minLength: 40, maxLength: 63 })
  );
  const hosts = fc.oneof(
    fc.array(labels, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.')),
    fc.constantFrom('10.20.30.40', '2001:db8:1234:5678:9abc:def0:1234:5678')
  );
  const states = fc
    .string({
      unit: fc.constantFrom(...Array.from('ABCXYZ_019')),
      minLength: 1,
      maxLength: 63,
      size: 'max'
    })
    .map((rest) => `A${rest}`);
  const waiting = ALL_REPORTS.filter(
    ({ report: { case: c, verdict } }) =>
      ['timed-out', 'stalled', 'unreachable', 'interrupted'].includes(verdict.outcome.kind) &&
      (!c.read || isInProgress(c.read))
  );

  it('has at most 100 characters, and always what became of the import and whom it hangs on', () => {
    const [error] = AN_ERROR;
    if (error?.kind !== 'error') throw new Error('That is an error');
    const [process] = error.processes;
    fc.assert(
      fc.property(
        fc.constantFrom(...waiting),
        states,
        labels,
        hosts,
        ({ report }, state, name, host) => {
          const findings = [{ ...error, processes: [{ ...process, name, host }] as const }];
          const { read } = report.case;
          const c = read && { ...report.case, read: { ...read, state, transitions: [] } };
          const { title } = wordsOf({ ...report, case: c ?? report.case, findings });
          expect(title.length).toBeLessThanOrEqual(100);
          const { kind } = report.verdict.cancellation;
          if (['requested', 'refused', 'failed'].includes(kind))
            expect(title).toMatch(/may still (be running|run\b)/);
          if (kind === 'confirmed') expect(title).toContain('import cancelled');
          const label = /^[\d.]+$|:/.test(host) ? host : (host.split('.')[0] ?? '');
          for (const part of [name, label]) expect(title).toContain(part.slice(0, 11));
        }
      ),
      { numRuns: 1000 }
    );
  });

  it('says of a host no more than its first label where its whole name has no room', async () => {
    const { report } = await played('unreachable');
    expect(wordsOf(report).title).toMatch(/; om does not answer$/);
  });
});

describe('an advice', () => {
  it('names the hosts that its finding is about, or points at them where they are many', async () => {
    for (const name of ['timed out, a crowd behind', 'timed out, a dead agent'] as const) {
      const { report } = await played(name);
      const [worst] = inWords(report.findings);
      const isCrowd = worst?.about.group !== undefined;
      expect(worst?.advice).toMatch(isCrowd ? /these hosts/ : /mongodb2\.example\.com/);
      expect(wordsOf(report).advice[0]).toBe(worst?.advice);
    }
  });
});
