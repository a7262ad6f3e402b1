import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aftermathOf, aftermathStatus } from '../../src/report/aftermath.ts';
import type { Report } from '../../src/report/report.ts';
import { aftermathSummary, summaryOf } from '../../src/report/summary.ts';
import { messageOf, sentencesOf, wordsOf } from '../../src/report/words.ts';
import { type Case, creationOf } from '../../src/case/case.ts';
import { type BriefList, type Import, isInProgress } from '../../src/case/import.ts';
import { restored, saved } from '../../src/case/saved-case.ts';
import { createAnswered } from '../../src/case/create-calls.ts';
import { becameAmbiguous, waitEnded, wasListed } from '../../src/case/transitions.ts';
import { isMissing, verdict } from '../../src/case/verdict.ts';
import { outputsOf } from '../../src/report/outputs.ts';
import { ALL_REPORTS, reportFor, type Shape } from '../support/all-reports.ts';
import {
  ACCEPTED,
  ADOPTED,
  AMBIGUOUS,
  CALLED,
  CREATED,
  CREATING,
  DISCOVERING,
  endedBy,
  ENDINGS,
  followed,
  FOUND,
  FOUND_OURS,
  GIVEN,
  LOST,
  missingFor,
  readIn,
  REFUSED,
  TROUBLE
} from '../support/cases.ts';
import { idOf, IMPORT, importAt, listAt } from '../support/imports.ts';
import { textOf } from '../support/rendered-text.ts';
import { AN_ERROR, NOBODY_BEHIND } from '../support/sample-findings.ts';
import { played, SAMPLES } from '../support/sample-results.ts';

type SampleName = keyof typeof SAMPLES;
const NAMES = Object.keys(SAMPLES) as SampleName[];
const FAILING = NAMES.filter((name) => !name.includes('reached'));
/** An interrupt that left nothing wants nothing. */
const ADVISING = FAILING.filter((name) => name !== 'interrupted before any import was found');

function isOpen({ verdict: { cancellation } }: Report): boolean {
  return ['requested', 'refused', 'failed'].includes(cancellation.kind);
}

function is(kind: Report['verdict']['cancellation']['kind']) {
  return ({ verdict: { cancellation } }: Report): boolean => cancellation.kind === kind;
}

/** All that is said, a sentence each. */
function allOf(report: Report): readonly string[] {
  const words = wordsOf(report);
  return [...words.whole.outcome, ...words.whole.fate, ...sentencesOf(words), ...words.caveats];
}

/** The title, and all that is said in one line. */
function textFor(report: Report): string {
  return `${wordsOf(report).title} ${messageOf(report)}`;
}

/** A report on a case, which is judged by the policies. */
function reportOver(c: Case, mayCancel = true): Report {
  const report = reportFor('created', 'killed', mayCancel);
  return { ...report, case: c, verdict: verdict(c, report.terms) };
}

/** What the post step says below its title. */
function afterwards(report: Report): readonly string[] {
  return sentencesOf(aftermathOf(report));
}

/** What the words of a report must have, and what they must not have. */
const RULES: readonly {
  readonly name: string;
  readonly when: (report: Report, shape: string) => boolean;
  readonly must?: RegExp;
  readonly mustNot?: RegExp;
}[] = [
  {
    name: 'an import that may be running is in the title',
    when: isOpen,
    must: /^[^.]*may still (be running|run\b)/
  },
  {
    name: 'an import that has ended, was cancelled or is nobody’s may not be running',
    when: (report) => ['not-needed', 'confirmed'].includes(report.verdict.cancellation.kind),
    mustNot: /may (still )?be running|left running/
  },
  {
    name: 'no timeout is to be raised while the import may be running',
    when: (report) =>
      (isOpen(report) || is('skipped')(report)) && report.verdict.outcome.kind !== 'reached',
    mustNot: /raise (timeout|stall-timeout|max-outage)/
  },
  {
    name: 'after a cancellation of ours the import is to be created again',
    when: is('confirmed'),
    must: /This action cancelled import [\da-f]{24}, .*Create the import again/,
    mustNot: /run (it |this |the job )?again/i
  },
  {
    name: 'one that was left running is to be waited for with request-id',
    when: (report) =>
      is('skipped')(report) &&
      report.case.id !== undefined &&
      !isAmbiguous(report) &&
      !isMissing(report.case) &&
      !(report.case.read && !isInProgress(report.case.read)),
    must: new RegExp(`left running.*Wait for it with request-id: ${IMPORT}\\.`),
    mustNot: /[Cc]reate the import again/
  },
  {
    name: 'what the user chose is named by its input',
    when: is('skipped'),
    must: /as cancel-on-(timeout|interrupt) is false/
  },
  {
    name: 'a refused cancellation has the words of Ops Manager, and corrects no request',
    when: is('refused'),
    must: /refused to cancel it.*HTTP 409: not now\./,
    mustNot: /[Cc]orrect/
  },
  {
    name: 'nothing is called accepted but what was accepted',
    when: ({ case: c }) => !c.cancel.isAccepted,
    mustNot: /accepted its cancellation/
  },
  {
    name: 'nothing is called refused that was not',
    when: ({ case: c }) => c.cancel.refusal === undefined,
    mustNot: /refused to cancel/
  },
  {
    name: 'nothing is called unreachable that answered',
    when: ({ verdict: { outcome } }) => outcome.kind !== 'unreachable',
    mustNot: /unreachable|no usable answer/i
  },
  {
    name: 'nothing was read that was not',
    when: ({ case: c }) => c.read === undefined,
    mustNot: /last read|It was in| in AWAIT_| in PENDING/i
  },
  {
    name: 'one that was CANCELLED at the first read is nobody’s doing',
    when: ({ verdict: { outcome }, case: c }) =>
      outcome.kind === 'cancelled' && c.origin === 'given' && c.firstState === 'CANCELLED',
    must: /had been cancelled .*before .*perhaps by an earlier attempt of this run/,
    mustNot: /someone else|while this step waited|not by this step/
  },
  {
    name: 'one that was created, and CANCELLED at the first read, was so before that',
    when: ({ verdict: { outcome }, case: c }) =>
      outcome.kind === 'cancelled' && c.origin === 'created' && c.firstState === 'CANCELLED',
    must: /had been cancelled before this step first read it, and not by this step/,
    mustNot: /while this step waited|earlier attempt/
  },
  {
    name: 'one that was cancelled in the wait was not cancelled by this step',
    when: ({ verdict: { outcome }, case: c }) =>
      outcome.kind === 'cancelled' && c.firstState !== 'CANCELLED',
    must: /was cancelled while this step waited, and not by this step/
  },
  {
    name: 'nothing was deleted that did not meet 404s alone for a minute',
    when: (_report, shape) => shape !== 'gone',
    mustNot: /was deleted/
  },
  {
    name: 'nothing was created is said only where nothing can have been',
    when: (report) => isOpen(report) || is('skipped')(report) || report.case.id !== undefined,
    mustNot: /nothing was created/i
  },
  {
    name: 'after lost answers and silence none appeared',
    when: (report, shape) => shape === 'call lost, none appeared' && is('not-needed')(report),
    must: /none appeared within 30 s/
  },
  {
    name: 'somebody else’s import is named and not called ours',
    when: (report, shape) => shape === 'somebody else’s' && isOpen(report),
    must: new RegExp(`begun at another time: ${idOf(3)} PENDING`)
  },
  {
    name: 'what runs beside the own import may come of a lost call, and is named',
    when: (_report, shape) => shape.endsWith('a lost call’s late'),
    must: new RegExp(`begun at another time: ${idOf(3)} PENDING`)
  },
  {
    name: 'several that may be ours are all named, and none was cancelled',
    when: (report, shape) => shape === 'ambiguous' && isOpen(report),
    must: new RegExp(`${IMPORT} PENDING.*${idOf(2)} PENDING.*none was cancelled`)
  },
  {
    name: 'a step that passed has no advice to cancel anything',
    when: ({ verdict: { outcome } }) => outcome.kind === 'reached',
    mustNot: /cancel|running/
  }
];

function isAmbiguous({ case: c }: Report): boolean {
  return creationOf(c)?.isAmbiguous === true;
}

/** Whether an import of this step’s may be running. */
function isDangerous(report: Report): boolean {
  return isOpen(report) || isAmbiguous(report);
}

describe('the words for any case', () => {
  const reports = ALL_REPORTS;

  it.each(RULES)('keep the rule: $name', ({ when, must, mustNot }) => {
    const about = reports.filter(({ report, shape }) => when(report, shape));
    expect(about.length).toBeGreaterThan(0);
    const broken = about.filter(({ report }) => {
      const text = textFor(report);
      return !(must?.test(text) ?? true) || (mustNot?.test(text) ?? false);
    });
    expect(broken.map(({ name, report }) => `${name}: ${textFor(report)}`)).toEqual([]);
  });

  it('have a title of at most 100 characters, which no sentence repeats', () => {
    for (const { report } of reports) {
      const { title } = wordsOf(report);
      expect(title.length).toBeGreaterThan(5);
      expect(title.length).toBeLessThanOrEqual(100);
      expect(title).not.toMatch(/\.$|undefined|NaN|\n/);
      expect(allOf(report)).not.toContain(title);
    }
  });

  it('say no sentence twice', () => {
    for (const { name, report } of reports) {
      const sentences = allOf(report);
      expect(sentences.filter((each, index) => sentences.indexOf(each) !== index)).toEqual([]);
      expect(`${name} ${sentences.join(' ')}`).not.toMatch(/undefined|NaN|\[object| {2}/);
    }
  });

  it('end each sentence with a full stop, in one line', () => {
    for (const { report } of reports)
      for (const sentence of allOf(report)) expect(sentence).toMatch(/^[^\n]+\.$/);
  });

  it('begin with what is dangerous, and only then', () => {
    for (const { report } of reports) {
      const { alarm } = wordsOf(report);
      expect(alarm !== '').toBe(isDangerous(report));
      expect(messageOf(report).startsWith(alarm)).toBe(true);
    }
  });

  it('say what to do whenever an import may be running', () => {
    for (const { report, shape } of reports.filter((each) => isOpen(each.report))) {
      const { byHand } = wordsOf(report);
      expect(byHand.length).toBeGreaterThan(0);
      const ids = byHand.flatMap((each) => each.ids);
      for (const id of ids) expect(textFor(report)).toContain(id);
      const { read, id } = report.case;
      const isIts = shape !== 'asked of somebody else’s' && !(read && !isInProgress(read));
      if (id !== undefined && isIts) expect(ids).toContain(id);
    }
  });

  it('are plain text with typographic apostrophes', () => {
    for (const { report } of ALL_REPORTS) expect(textFor(report)).not.toMatch(/['`*<>]/);
  });
});

describe('the words of the post step', () => {
  it('say at first what became of the import', () => {
    const cases = [
      ['reached', 'Import has reached SUCCESS'],
      ['failed', 'Import failed in AWAIT_HOSTS_DISCOVERED'],
      ['cancelled by someone', 'Import was cancelled in AWAIT_HOSTS_DISCOVERED'],
      ['confirmed', 'Import cancelled in AWAIT_HOSTS_DISCOVERED'],
      ['accepted', 'Import may still be running'],
      ['refused', 'Import may still be running'],
      ['gone', 'Import was deleted in AWAIT_HOSTS_DISCOVERED'],
      ['not found yet', 'No import had been found'],
      ['call lost, none appeared', 'No import appeared'],
      ['several', '2 imports in progress: set request-id'],
      ['ambiguous', 'Imports may still be running']
    ] as const;
    for (const [shape, want] of cases)
      expect([shape, aftermathOf(reportFor(shape, 'killed')).short]).toEqual([shape, want]);
  });

  it('have a description of at most 140 characters for a status', () => {
    for (const { report } of ALL_REPORTS)
      expect(aftermathStatus(report).length).toBeLessThanOrEqual(140);
  });

  it('call nothing running that has ended, and nothing ended that may be running', () => {
    for (const { name, report } of ALL_REPORTS) {
      const sentences = afterwards(report);
      const text = `${name}: ${[aftermathOf(report).short, ...sentences].join(' ')}`;
      expect(sentences.length).toBeGreaterThan(0);
      if (isDangerous(report)) expect(text).toMatch(/may (still )?be running/);
      else expect(text).not.toMatch(/may (still )?be running/);
    }
  });

  it('never say whether the step passed, whose last state may not have been saved', () => {
    const text = afterwards(reportFor('reached', 'killed')).join(' ');
    expect(text).toContain('does not change how the step itself ended');
    expect(text).not.toMatch(/pass/);
  });

  /** A post step that goes on with what main has saved. */
  function goneOnWith(shape: Shape, mayCancel = true): Report {
    const report = reportFor(shape, 'killed', mayCancel);
    const c = {
      ...report.case,
      resumed: { at: 0, answeredAt: 0, isForgotten: false, inProgress: undefined }
    };
    return { ...report, case: c, verdict: verdict(c, report.terms) };
  }

  const foreign = [
    { shape: 'read', alarm: new RegExp(`^Import ${IMPORT} may still be running on ops-manager`) },
    { shape: 'created', alarm: /^Import \w{24} may still be running on ops-manager/ },
    { shape: 'call lost', alarm: /^An import of this step may still be running on ops-manager/ },
    { shape: 'not created yet', alarm: /^An import of this step may still be running/ }
  ] as const;
  it.each(foreign)(
    'claim nothing of an import that other inputs kept it from asking for: $shape',
    ({ shape, alarm: want }) => {
      const report = { ...goneOnWith(shape), hasForeignInputs: true };
      const { short, alarm, happened, advice, byHand } = aftermathOf(report);
      expect(short).toBe('Import may still be running');
      expect(alarm).toMatch(want);
      expect(alarm).toMatch(/handed other inputs than the step, so it could ask nothing\.$/);
      expect(happened).toEqual([]);
      expect(advice.join(' ')).toMatch(/^Inputs that come from env or from outputs of steps/);
      const { id } = report.case;
      expect(byHand).toEqual([
        expect.objectContaining(
          id === undefined ? { call: 'list', ids: [] } : { call: 'cancel', ids: [id] }
        )
      ]);
      expect(aftermathStatus(report)).toBe(
        'Step killed, or its end not saved. Import may still be running'
      );
    }
  );

  it.each([
    { shape: 'reached', short: 'Import has reached SUCCESS' },
    { shape: 'failed', short: 'Import failed in AWAIT_HOSTS_DISCOVERED' },
    { shape: 'confirmed', short: 'Import cancelled in AWAIT_HOSTS_DISCOVERED' },
    { shape: 'gone', short: 'Import was deleted in AWAIT_HOSTS_DISCOVERED' },
    { shape: 'not found yet', short: 'No import had been found' },
    { shape: 'several', short: '2 imports in progress: set request-id' }
  ] as const)(
    'call nothing running that other inputs kept it from asking for, where main knew better: $shape',
    ({ shape, short }) => {
      const said = aftermathOf({ ...goneOnWith(shape), hasForeignInputs: true });
      expect(said.short).toBe(short);
      expect(said.alarm).toBe('');
      expect(said.happened.at(-1)).toBe(
        'The post step was handed other inputs than the step, so it could ask nothing.'
      );
    }
  );

  const STANDING =
    'When it was last read, the import was in AWAIT_HOSTS_DISCOVERED (discovering the required processes) since 2025-10-20 10:01:00 UTC.';
  it.each([
    { shape: 'read', mayCancel: true },
    { shape: 'read', mayCancel: false },
    { shape: 'accepted', mayCancel: true },
    { shape: 'refused', mayCancel: true },
    { shape: 'unanswered', mayCancel: true }
  ] as const)(
    'say where an import stands that may run on, and since when: $shape, $mayCancel',
    ({ shape, mayCancel }) => {
      expect(afterwards(goneOnWith(shape, mayCancel))[1]).toBe(STANDING);
    }
  );

  it('say where an import stands that was only looked at, and since when', () => {
    const c = reportFor('read', 'killed').case;
    expect(aftermathOf(lookedAt(c, false)).alarm).toMatch(
      /the post step read it in AWAIT_HOSTS_DISCOVERED since 2025-10-20 10:01:00 UTC\.$/
    );
  });

  it.each([
    { ending: 'timedOut', why: `Import ${IMPORT} did not reach SUCCESS within 1h.` },
    {
      ending: 'signal',
      why: /stopped the step before import \w+ reached SUCCESS: the workflow was/
    }
  ] as const)(
    'tell how the wait ended of a step that was killed before it could: $ending',
    ({ ending, why }) => {
      const { case: c, ...report } = reportFor('accepted', ending);
      const told = (isFinished: boolean): string =>
        afterwards({ ...report, case: { ...c, isFinished } })[1] ?? '';
      expect(told(false)).toMatch(why);
      expect(told(true)).toBe(STANDING);
    }
  );

  it.each(
    [false, true].flatMap((isForgotten) =>
      [false, true].flatMap((isFinished) =>
        [false, true].map((hasForeignInputs) => ({ isForgotten, isFinished, hasForeignInputs }))
      )
    )
  )(
    'are whole sentences, none of them twice: %j',
    ({ isForgotten, isFinished, hasForeignInputs }) => {
      for (const { report } of ALL_REPORTS) {
        const resumed = { at: 0, answeredAt: 0, isForgotten, inProgress: undefined };
        const c = { ...report.case, isFinished, resumed };
        const meaning = verdict(c, report.terms);
        const said = afterwards({ ...report, case: c, hasForeignInputs, verdict: meaning });
        const sentences = said.flatMap((text) => text.split(/(?<=\.) (?=[A-Z])/));
        expect(new Set(sentences).size).toBe(sentences.length);
        for (const sentence of sentences) expect(sentence).toMatch(/^[\p{Lu}\d][^\n]+\.$/u);
      }
    }
  );

  it('say of an import that may run on that it was never read', () => {
    expect(afterwards(goneOnWith('never read'))[1]).toBe('The import’s state was never read.');
  });

  it('name all of several that other inputs kept it from asking for', () => {
    const report = { ...goneOnWith('ambiguous'), hasForeignInputs: true };
    const { short, alarm, byHand } = aftermathOf(report);
    expect(short).toBe('Imports may still be running');
    expect(alarm).toMatch(/^2 imports may be this step’s and may still be running: /);
    expect(byHand).toMatchObject([{ call: 'cancel', ids: [IMPORT, idOf(2)] }]);
  });

  it('say nothing of where an import stands that has ended, or is not known', () => {
    for (const { report, shape } of ALL_REPORTS) {
      const { read } = report.case;
      const isOne = read && isInProgress(read) && shape !== 'ambiguous';
      if (!isOne) expect(afterwards(report).join(' ')).not.toMatch(/last read/);
    }
  });

  it('say first what became of the import, then why', () => {
    expect(afterwards(goneOnWith('missing', false)).slice(0, 3)).toEqual([
      'The import was not cancelled, as cancel-on-interrupt is false.',
      STANDING,
      'Ops Manager does not find it: it may have been deleted.'
    ]);
  });

  it('say why an import may be running of which nothing is known', () => {
    expect(aftermathOf(goneOnWith('not created yet')).alarm).toBe(
      'An import of this step may be running: it is not known whether an import was created.'
    );
  });

  it('never claim that the step was killed, as its end may not have been saved', () => {
    for (const { report } of ALL_REPORTS) {
      expect(aftermathStatus(report)).toMatch(/^Step killed, or its end not saved\. /);
      expect(afterwards(report).join(' ')).not.toMatch(/killed/);
    }
  });

  /** A post step that nothing came to, and what it read. */
  function forgottenOf(shape: Shape, inProgress?: BriefList): Report {
    const report = reportFor(shape, 'killed');
    const resumed = { at: 0, answeredAt: 0, isForgotten: true, inProgress };
    const c = { ...report.case, resumed };
    return { ...report, case: c, verdict: verdict(c, report.terms) };
  }

  const forgotten = [
    { shape: 'reached', short: 'Import is SUCCESS', said: /is SUCCESS\. What the main step did/ },
    {
      shape: 'cancelled by someone',
      short: 'Import is CANCELLED',
      said: /^Import \w+ is CANCELLED\. What the main step did is not known/
    },
    {
      shape: 'failed',
      short: 'Import failed in AWAIT_HOSTS_DISCOVERED',
      said: /failed\. What the main step did .* import’s record remains in Ops Manager\./
    },
    {
      shape: 'confirmed',
      short: 'Import cancelled in AWAIT_HOSTS_DISCOVERED',
      said: /This action cancelled import \w+, and Ops Manager confirmed it\. What the main step did/
    },
    {
      shape: 'refused',
      short: 'Import may still be running',
      said: /may still be running: Ops Manager refused to cancel it\. .* What the main step did/
    }
  ] as const;
  it.each(forgotten)(
    'say that nothing was saved, and not who cancelled: $shape',
    ({ shape, short, said }) => {
      const report = forgottenOf(shape);
      expect(aftermathOf(report).short).toBe(short);
      expect(afterwards(report).join(' ')).toMatch(said);
      expect(afterwards(report).join(' ')).not.toMatch(
        /by someone|not asked for it|main step asked/
      );
      expect(aftermathStatus(report)).toBe(`The step’s state did not arrive. ${short}`);
    }
  );

  const NOT_KNOWN = [
    'What the main step did is not known: its saved state did not arrive.',
    'So what it decided cannot be known either, and the post step only looked.'
  ];
  /** What a post step to which nothing came came to; it may not cancel, where there is doubt. */
  function lookedAt(c: Case, mayCancel: boolean, inProgress?: BriefList): Report {
    const report = reportFor('read', 'killed', mayCancel);
    const resumed = { at: 0, answeredAt: 0, isForgotten: true, inProgress };
    const forgotten = { ...c, resumed };
    return { ...report, case: forgotten, verdict: verdict(forgotten, report.terms) };
  }
  const READ = reportFor('read', 'killed').case;
  const RUNNING = 'Import may still be running';
  const looks = [
    {
      name: 'one that runs',
      c: READ,
      short: RUNNING,
      alarm: /AWAIT_HOSTS_DISCOVERED since .* UTC\.$/
    },
    {
      name: 'one that could not be read',
      c: GIVEN,
      short: RUNNING,
      alarm: /the post step could not read it\.$/
    },
    {
      name: 'one that is not found for a moment',
      c: followed(GIVEN, ...missingFor(20_000, false)),
      short: RUNNING,
      alarm: /Ops Manager does not find it\.$/
    },
    {
      name: 'one that was not found after a read',
      c: followed(READ, ...missingFor(60_000, false)),
      short: RUNNING,
      alarm: /Ops Manager does not find it\.$/
    },
    {
      name: 'one at a goal that may not have been main’s',
      c: READ,
      goal: 'AWAIT_HOSTS_DISCOVERED',
      short: RUNNING,
      alarm: /AWAIT_HOSTS_DISCOVERED since .* UTC\.$/
    },
    {
      name: 'one that Ops Manager does not know',
      c: followed(GIVEN, ...missingFor(40_000, false)),
      short: 'Import not found',
      alarm: /^$/,
      said: /does not know import/
    },
    {
      name: 'the one in progress, without a list',
      c: DISCOVERING,
      short: 'An import may still be running',
      alarm: /imports could not be listed\.$/
    },
    {
      name: 'a new one, in lists that show none yet',
      c: CREATING,
      listed: { imports: [], count: 0 },
      short: 'An import may still be running',
      alarm: /none is listed yet, but lists can be late\.$/
    },
    {
      name: 'a new one, beside another in progress',
      c: CREATING,
      listed: { imports: [{ id: idOf(1), state: 'PENDING' }], count: 1 },
      short: 'An import may still be running',
      alarm: /in progress in the project: \w+ PENDING\.$/
    }
  ] as const;
  it.each(looks)('claim nothing of main’s choice where nothing was saved: $name', (look) => {
    const { c, short, alarm: want } = look;
    const seen = lookedAt(c, false, 'listed' in look ? look.listed : undefined);
    const terms = 'goal' in look ? { ...seen.terms, goal: look.goal } : seen.terms;
    const report = { ...seen, terms, verdict: verdict(seen.case, terms) };
    const said = aftermathOf(report);
    expect(said.short).toBe(short);
    expect(said.alarm).toMatch(want);
    expect(said.happened.slice(-2)).toEqual(NOT_KNOWN);
    expect(said.happened.join(' ')).toMatch('said' in look ? look.said : /^What the main/);
    const all = `${aftermathSummary(report)} ${aftermathStatus(report)}`.replaceAll('\\', '');
    expect(all).not.toMatch(/left running|cancel-on|cancelled|asked|created/i);
    const isOpen = said.alarm !== '';
    expect(all.includes('[!CAUTION]')).toBe(isOpen);
    const command = 'id' in c && c.id !== undefined ? /\/cancel'/ : /--request (GET|POST)/;
    if (isOpen) expect(all).toMatch(command);
  });

  // Without what main has saved only a given import is known by its id.
  const OPEN = ALL_REPORTS.filter(
    ({ report: { case: c } }) => c.origin === 'given' || (c.id === undefined && !creationOf(c))
  );
  it.each(OPEN)('say of main nothing that only main can know: $name', ({ report }) => {
    const left = lookedAt({ ...report.case, ending: undefined }, report.terms.cancelOnTimeout);
    const text = `${aftermathOf(left).short} ${afterwards(left).join(' ')}`;
    expect(text).not.toMatch(/left running|is false|[Nn]othing was cancelled|was not cancelled/);
    expect(text).not.toMatch(/an import was created|needs nothing|Nothing to cancel/);
    expect(text).toContain('What the main step did is not known');
  });

  it('do not say who cancelled what Ops Manager had refused to cancel', () => {
    const c = followed(READ, ...REFUSED, readIn('CANCELLED'));
    const report = { ...reportFor('read', 'killed'), case: c };
    const told = { ...report, verdict: verdict(c, report.terms) };
    expect(told.verdict.cancellation.kind).toBe('confirmed');
    for (const text of [textFor(told), afterwards(told).join(' ')]) {
      expect(text).not.toMatch(/by this action|[Tt]his action cancelled/);
      expect(text).toMatch(/is CANCELLED, though Ops Manager refused this action’s call/);
    }
  });

  it('name those in progress where nothing was saved, with a call that cancels each', () => {
    const imports = [
      { id: idOf(1), state: 'PENDING', since: '2025-10-20T10:00:00.000Z' },
      { id: idOf(2), state: 'AWAIT_GOAL_STATE' }
    ];
    const report = forgottenOf('not created yet', { imports, count: 3 });
    const { short, alarm, happened, byHand } = aftermathOf(report);
    expect(happened).toEqual(NOT_KNOWN);
    expect(short).toBe('An import may still be running');
    expect(alarm).toBe(
      `An import of this step may still be running; in progress in the project: ${idOf(1)} PENDING since 2025-10-20 10:00:00 UTC, ${idOf(2)} AWAIT_GOAL_STATE, and 1 more.`
    );
    expect(byHand).toMatchObject([{ call: 'cancel', ids: [idOf(1), idOf(2)] }]);
  });

  it('do not say who cancelled where main did not come to its end', () => {
    const killed = reportFor('cancelled by someone', 'killed');
    expect(afterwards(killed).join(' ')).toMatch(/perhaps the main step asked for it/);
    const ended = { ...killed, case: { ...killed.case, isFinished: true } };
    expect(aftermathOf(ended).short).toBe(
      'Import was cancelled in AWAIT_HOSTS_DISCOVERED, not by this action'
    );
    for (const report of [killed, ended])
      expect(aftermathOf(report).advice).toEqual([
        'Create the import again if it is still wanted.'
      ]);
  });

  const LEFT = /its record not deleted.* was not deleted/;
  const MAY_BE_LEFT = /its record may remain.* may not have been deleted/;
  const records = [
    { deletion: undefined, want: LEFT },
    { deletion: { kind: 'deleted' }, want: /its record deleted.* was deleted/ },
    { deletion: { kind: 'asked' }, want: MAY_BE_LEFT },
    { deletion: { kind: 'failed', isSure: false, trouble: TROUBLE }, want: MAY_BE_LEFT },
    { deletion: { kind: 'failed', isSure: true, trouble: TROUBLE }, want: LEFT }
  ] as const;
  it.each(records)(
    'say of a record what the main step says, after a deletion $deletion',
    ({ deletion, want }) => {
      const report = reportFor('failed', 'killed');
      const terms = { ...report.terms, deleteFailed: true };
      const c = { ...report.case, deletion };
      const given = { ...report, case: c, terms, verdict: verdict(c, terms) };
      expect(textFor(given)).toMatch(want);
      expect([aftermathOf(given).short, ...afterwards(given)].join(' ')).toMatch(want);
    }
  );

  it('say that a record remains that was not to be deleted', () => {
    expect(afterwards(reportFor('failed', 'killed')).join(' ')).toMatch(
      /record remains in Ops Manager, as delete-failed is false\. Delete that record/
    );
  });
});

describe('the words for a sample', () => {
  it.each(NAMES)('are the same in outputs and summary: %s', async (name) => {
    const { report } = await played(name);
    const { title } = wordsOf(report);
    if (name !== 'hostile server') expect(outputsOf(report)['message']).toBe(messageOf(report));
    expect(outputsOf(report)['title']).toBe(title);
    expect(title.length).toBeLessThanOrEqual(100);
    const summary = textOf(summaryOf(report));
    expect(summary).toContain(title);
    const { caveats, byHand, ...words } = wordsOf(report);
    for (const sentence of [...sentencesOf({ ...words, byHand: [] }), ...caveats])
      if (name !== 'hostile server') expect(summary).toContain(sentence);
    for (const { purpose } of byHand) expect(summary).toContain(`${purpose}:`);
  });

  it.each(ADVISING)('say what to do when the step failed: %s', async (name) => {
    const { report } = await played(name);
    expect(report.verdict.outcome.kind).not.toBe('reached');
    expect(messageOf(report)).toMatch(
      / (Check|Look|Ask|Set|Create|Wait|Report|Correct|Cancel|List|Delete|Add) /
    );
  });

  it.each(FAILING)('name the phase and since when, if there is one: %s', async (name) => {
    const { report } = await played(name);
    const phase = outputsOf(report)['last-phase'] ?? '';
    const { title } = wordsOf(report);
    if (phase === '' || isAmbiguous(report)) {
      expect(title).not.toMatch(/ in [A-Z_]{7,}/);
      return;
    }
    expect(title).toContain(` in ${phase}`);
    const since = new RegExp(
      `t was in ${phase}( \\(.+?\\))?( for [\\dhms ]+)?,? since 2025-10-2\\d [\\d:]{8} UTC\\.$`
    );
    expect(allOf(report).filter((sentence) => since.test(sentence))).toHaveLength(1);
  });

  it('say why no create call was sent before the time was over', () => {
    const report = reportFor('not created yet', 'timedOut');
    const limit = { kind: 'timed-out', timeoutMs: 6_000 } as const;
    const { terms, ...rest } = report;
    const told = (waitedMs: number): string => {
      const c = { ...rest.case, ending: limit };
      return messageOf({ ...rest, waitedMs, case: c, terms, verdict: verdict(c, terms) });
    };
    expect(told(2_400)).toBe(
      'Of the 6s of timeout less than 5s were left, and no create call begins then. Nothing was created. Raise timeout.'
    );
    expect(told(6_000)).toContain('The import could not be created within 6s.');
  });

  it('name what Ops Manager said against a new import, and that nothing was created', async () => {
    const { report } = await played('not created');
    expect(textFor(report)).toMatch(
      /refused to create.*seedHostport is unknown.*Nothing was created/
    );
  });

  it('say of a deleted one where it was last, and not that it may be running', async () => {
    const { report } = await played('deleted');
    expect(textFor(report)).toMatch(/was deleted by someone.*AWAIT_SEED_HOST_CONNECTED/);
  });
});

describe('the words for what is new in the list', () => {
  const second = { number: idOf(2), began: 2 };
  const amongThose = (own: string, other: string): Report => {
    const shown = listAt(
      35,
      importAt(IMPORT, 1, own),
      importAt(second.number, second.began, other)
    );
    const c = followed(ACCEPTED, wasListed(shown, 35_000), becameAmbiguous);
    return reportOver(endedBy({ kind: 'ambiguous' })(c));
  };

  it('call none of several running where all have ended', () => {
    const report = amongThose('SUCCESS', 'FAILED');
    const { title, byHand } = wordsOf(report);
    expect(title).toBe('Several imports may be this step’s; all have ended');
    expect(messageOf(report)).toMatch(
      /2 imports may be this step’s; no longer in progress: .*, ended /
    );
    expect(textFor(report)).not.toMatch(/running/);
    expect(byHand).toEqual([]);
    expect(aftermathOf(report).short).toBe('Imports have ended');
  });

  it('cancel by hand only those of several that are in progress', () => {
    const { title, byHand, alarm } = wordsOf(amongThose('SUCCESS', 'PENDING'));
    expect(title).toBe('Several imports may be this step’s; some may still be running');
    expect(alarm).toContain('2 imports may be this step’s; those in progress may still be running');
    expect(byHand).toMatchObject([{ call: 'cancel', ids: [second.number] }]);
  });

  it('do not deny that a list showed what dates exclude', () => {
    const c = followed(ACCEPTED, wasListed(listAt(35, importAt(idOf(3), 3600)), 35_000));
    const report = reportOver(waitEnded(ENDINGS.timedOut)(c));
    expect(messageOf(report)).not.toMatch(/no list has shown it/);
    expect(messageOf(report)).toMatch(
      /listed none that began then by its date.*by date begun at another time: .*clocks.*it may be this step’s all the same/
    );
    const none = reportOver(waitEnded(ENDINGS.timedOut)(ACCEPTED));
    expect(messageOf(none)).toMatch(/no list has shown it/);
    expect(messageOf(none)).not.toMatch(/clocks/);
  });

  it('do not deny a goal that was reached while it is not known whose it is', () => {
    const { read, ...rest } = reportFor('created', 'killed').case;
    const c = { ...rest, read: { ...read, ...importAt(IMPORT, 1, 'AWAIT_GOAL_STATE') } } as Case;
    const { terms, ...report } = reportFor('created', 'killed');
    const asked = { ...terms, goal: 'AWAIT_GOAL_STATE' } as const;
    const message = messageOf({ ...report, case: c, terms: asked, verdict: verdict(c, asked) });
    expect(message).toContain('The step was killed.');
    expect(message).not.toContain('reached');
  });

  it('send nobody to a node where the goal was reached, and only a list was missing', () => {
    const { read, ...rest } = reportFor('created', 'timedOut').case;
    const c = { ...rest, read: { ...read, ...importAt(IMPORT, 1, 'AWAIT_GOAL_STATE') } } as Case;
    const { terms, ...report } = reportFor('created', 'timedOut');
    const told = (goal: 'AWAIT_GOAL_STATE' | 'SUCCESS'): string => {
      const asked = { ...terms, goal };
      const given = { ...report, case: c, terms: asked, verdict: verdict(c, asked) };
      return summaryOf(given);
    };
    const node = /node whose agent/;
    expect(told('SUCCESS')).toMatch(node);
    expect(told('SUCCESS')).toContain('What to check');
    expect(told('AWAIT_GOAL_STATE')).toContain('no list confirmed');
    expect(told('AWAIT_GOAL_STATE')).not.toMatch(node);
    expect(told('AWAIT_GOAL_STATE')).not.toContain('What to check');
  });

  it('say of several that an earlier call of this step may have made one', () => {
    const late = becameAmbiguous(reportFor('created, and a lost call’s late', 'killed').case);
    const { terms, ...report } = reportFor('ambiguous', 'killed');
    const message = messageOf({ ...report, case: late, terms, verdict: verdict(late, terms) });
    const sentence =
      'This step sent 2 create calls, as one had no good answer: more than one of these may be its own.';
    expect(message).toContain(sentence);
    expect(messageOf({ ...report, terms })).not.toContain('create calls');
  });

  it('do not say when a goal was reached that was read too late', () => {
    const report = reportFor('reached', 'timedOut');
    expect(report.verdict.outcome).toMatchObject({ kind: 'reached', late: true });
    expect(messageOf(report)).toContain('as this step learned only after it gave up waiting');
    const created = reportFor('reached, and a lost call’s late', 'timedOut');
    expect(messageOf(created)).toContain('as this step knew for certain only after it gave up');
  });

  it('say that nothing was created where one ended that was to be adopted', () => {
    const ended = endedBy({ kind: 'ended-early' });
    expect(messageOf(reportOver(ended(ADOPTED)))).toContain('Nothing was created.');
    expect(messageOf(reportOver(ended(FOUND)))).not.toContain('Nothing was created');
  });
});

describe('the words for many imports', () => {
  const TERMS = reportFor('created', 'killed').terms;
  const briefs = Array.from({ length: 600 }, (_, nth) => importAt(idOf(nth + 10), 2));
  const crowd = followed(CREATED, wasListed(listAt(5, ...briefs), 5000), becameAmbiguous);
  const found = { imports: briefs.slice(0, 10), count: 600 };
  const cases = [
    { name: 'ambiguous', c: crowd, more: 'and 591 more' },
    { name: 'ambiguous, then timed out', c: waitEnded(ENDINGS.timedOut)(crowd), more: '601' },
    {
      name: 'ambiguous, then killed',
      c: restored(saved(crowd, TERMS), 0)?.case,
      more: 'and 591 more'
    },
    { name: 'several', c: followed(FOUND, endedBy({ kind: 'several', found })), more: '590 more' },
    { name: 'busy', c: followed(CREATING, endedBy({ kind: 'busy', found })), more: '590 more' },
    { name: 'none', c: followed(DISCOVERING, endedBy({ kind: 'none', found })), more: '590 more' }
  ];
  it.each(cases)('name ten of them at most, and how many more there are: $name', ({ c, more }) => {
    if (!c) throw new Error('What is saved can be restored');
    const report = reportOver(c);
    for (const text of [messageOf(report), sentencesOf(wordsOf(report)).join('\n')]) {
      expect(text).toContain(more);
      expect(new Set(text.match(/\b[\da-f]{24}\b/g)).size).toBeLessThanOrEqual(10);
    }
    const summary = summaryOf(report);
    expect(new Set(summary.match(/\b0{10}[\da-f]{14}\b/g)).size).toBeLessThanOrEqual(10);
  });

  it('leave room in an annotation, however many there are', () => {
    const states = fc.constantFrom('PENDING', 'AWAIT_AUTOMATION_IMPORTED', 'X'.repeat(64));
    const count = fc.integer({ min: 0, max: 700 });
    const shape = fc.record({ own: count, others: count, state: states, mayCancel: fc.boolean() });
    fc.assert(
      fc.property(shape, fc.constantFrom(...Object.values(ENDINGS)), (drawn, ending) => {
        const listed = [
          ...Array.from({ length: drawn.own }, (_, nth) => [nth + 10, 2] as const),
          ...Array.from({ length: drawn.others }, (_, nth) => [nth + 1000, 800] as const)
        ].map(([nth, at]) => ({ ...importAt(idOf(nth), at), state: drawn.state }));
        const c = followed(LOST, wasListed(listAt(900, ...listed), 5000), becameAmbiguous);
        const lengths = [c, waitEnded(ending)(c)].flatMap((each) => {
          const report = reportOver(each, drawn.mayCancel);
          return [wordsOf(report), aftermathOf(report)].map(
            (said) => sentencesOf(said).join('\n').length
          );
        });
        return Math.max(...lengths) < 4096;
      })
    );
  });

  const early = (state: string): Case =>
    followed(
      FOUND,
      readIn('AWAIT_HOSTS_DISCOVERED'),
      readIn(state),
      endedBy({ kind: 'ended-early' })
    );
  const causes = [
    { name: 'several', c: followed(FOUND_OURS, endedBy({ kind: 'several', found })) },
    { name: 'several, as created', c: followed(CREATED, endedBy({ kind: 'several', found })) },
    { name: 'busy', c: followed(CREATED, endedBy({ kind: 'busy', found })) },
    { name: 'none', c: followed(CREATED, endedBy({ kind: 'none', found })) },
    { name: 'ambiguous', c: AMBIGUOUS },
    { name: 'ended early by failing', c: early('FAILED') },
    { name: 'ended early by SUCCESS', c: early('SUCCESS') }
  ];
  it.each(causes)('say no phase of one import where the cause is: $name', ({ c }) => {
    const { title, ...words } = wordsOf(reportOver(c));
    expect(title).not.toMatch(/ in (AWAIT|PENDING)/);
    expect(sentencesOf(words).join(' ')).not.toMatch(/[Tt]he import was in /);
  });
});

describe('what Ops Manager says of a failure', () => {
  const SAID = 'Ops Manager says: “the port is taken”';
  function failedWith(findings: Report['findings']): Report {
    const report = reportFor('failed', 'killed');
    const { read } = report.case;
    if (!read) throw new Error('The sample has been read');
    const c = { ...report.case, read: { ...read, said: 'the port is taken' } };
    return { ...report, case: c, findings };
  }

  it.each([
    { name: 'nothing was found', findings: [] },
    { name: 'what was found is nobody’s fault', findings: NOBODY_BEHIND }
  ])('is the cause, in its own words, where $name', ({ findings }) => {
    const report = failedWith(findings);
    expect(wordsOf(report).cause).toBe(SAID);
    expect(messageOf(report)).toContain(SAID);
    const summary = summaryOf(report);
    expect(textOf(summary)).toContain(SAID);
    expect(summary).toMatch(/> \[!WARNING\]\n> \*\*Ops Manager says/);
    expect(afterwards(report)).toContain(SAID);
  });

  it('stands below a finding that names what is wrong', () => {
    const { cause, happened } = wordsOf(failedWith(AN_ERROR));
    expect(cause).not.toContain(SAID);
    expect(happened).toContain(SAID);
  });
});

describe('words that were once wrong', () => {
  it('name all imports that may be running also where the policy forbids asking', () => {
    const text = textFor(reportFor('ambiguous', 'error', false));
    expect(text).toContain(idOf(2));
    expect(text).toMatch(/may (still )?be running/);
  });

  it('do not count none as several, where what was asked to be cancelled is none of this step’s', () => {
    const report = reportFor('asked of somebody else’s', 'timedOut');
    for (const text of [textFor(report), afterwards(report).join(' ')]) {
      expect(text).not.toMatch(/\b0 imports|[Ss]everal/);
      expect(text).toContain('An import of this step may be running: ');
      expect(text).toContain(`Import ${IMPORT} was asked to be cancelled before a read dated it`);
    }
  });

  it('count the import that was found among several', () => {
    const report = reportFor('several', 'killed');
    expect(wordsOf(report).title).toContain('2 imports in progress');
    expect(wordsOf(report).cause).toContain(IMPORT);
  });

  it('do not send a deleted import to wait for longer', () => {
    expect(textFor(reportFor('gone', 'timedOut'))).not.toMatch(/raise timeout/);
  });

  it('do not say of a new import that none in progress was found', () => {
    expect(textFor(reportFor('not created yet', 'timedOut'))).not.toMatch(/in progress was found/);
  });

  it('do not deny SUCCESS that was read and not confirmed', () => {
    expect(textFor(reportFor('created, reached, not confirmed', 'signal'))).toContain(
      'SUCCESS, but'
    );
  });

  it('say once what was refused twice in the same words', () => {
    expect(textFor(reportFor('refused', 'error')).split(TROUBLE.happened)).toHaveLength(2);
  });

  it('have what was said against a cancellation beside the alarm, and nowhere else', () => {
    const report = reportFor('refused', 'timedOut');
    const { alarm, happened, cause } = wordsOf(report);
    expect(alarm).toBe(
      `Import ${IMPORT} may still be running: Ops Manager refused to cancel it. ${TROUBLE.happened}`
    );
    expect([cause, ...happened].join(' ')).not.toContain(TROUBLE.happened);
  });

  it('tell which call had no good answer where the time ran out', () => {
    const { terms, ...report } = reportFor('read', 'timedOut');
    const ending = { kind: 'timed-out', timeoutMs: 15_000, trouble: TROUBLE } as const;
    const told = (from: Case): string => {
      const c = { ...from, ending };
      return messageOf({ ...report, case: c, terms, verdict: verdict(c, terms) });
    };
    expect(told(report.case)).toContain('The last read had no good answer');
    const lost = followed(CALLED, createAnswered('lost', 200, TROUBLE));
    expect(told(followed(lost, wasListed(listAt(2, importAt(IMPORT, 1)), 2000)))).toContain(
      'The create call had no good answer'
    );
  });

  it('lead to the ids where a given import was never known', () => {
    const { terms, ...report } = reportFor('never read', 'killed');
    const c = followed(report.case, ...missingFor(60_000, true));
    const given = { ...report, case: c, terms, verdict: verdict(c, terms) };
    expect(afterwards(given).join(' ')).toBe(
      `Ops Manager does not know import ${IMPORT}. Check request-id and project-id, and that they are not swapped.`
    );
  });

  it('lead to the call that cancels an import that is not found, and not to a list', () => {
    const { byHand, advice } = wordsOf(reportFor('missing', 'timedOut', false));
    expect(byHand).toMatchObject([{ call: 'cancel', ids: [IMPORT] }]);
    expect(advice.join(' ')).not.toContain('deleted');
  });

  it('put nothing right where nothing is said to be wrong', () => {
    const report = reportFor('failed', 'killed');
    const { read } = report.case;
    if (!read) throw new Error('The sample has been read');
    const known = { ...report.case, read: { ...read, transitions: [], stoodIn: undefined } };
    expect(messageOf({ ...report, case: known })).not.toContain('that is put right');
    expect(messageOf(report)).toContain('When that is put right, create the import again.');
  });

  it('do not show one of several as the one that was meant', () => {
    const report = reportFor('several', 'killed');
    expect(report.case.id).toBeDefined();
    for (const text of [summaryOf(report), aftermathSummary(report)])
      expect(text).not.toContain('**Import:**');
  });

  it('say of an import that had ended before when that was, as far as it is known', () => {
    const report = reportFor('cancelled before the first read', 'killed');
    const { read } = report.case;
    if (!read) throw new Error('That has been read');
    const told = (changed: Partial<Import>): string =>
      messageOf({ ...report, case: { ...report.case, read: { ...read, ...changed } } });
    const ended = [{ state: 'CANCELLED', transitionedAt: '2025-10-20T10:00:00.000Z' }];
    expect(told({ transitions: ended, readAt: '2025-10-21T08:00:00.000Z' })).toContain(
      'had been cancelled 22h before this step began'
    );
    for (const unknown of [
      { transitions: [] },
      { transitions: ended, readAt: undefined },
      { transitions: ended, readAt: ended[0]?.transitionedAt }
    ])
      expect(told(unknown)).toContain('had been cancelled before this step first read it');
  });

  it('have a comma before since only where a length stands before it', async () => {
    const { report } = await played('stalled');
    expect(wordsOf(report).cause).toMatch(/\(discovering the required processes\) since 2025/);
  });

  it('have a title that says once that nothing was created', async () => {
    const { report } = await played('busy');
    expect(wordsOf(report).title.match(/nothing was created/g)).toHaveLength(1);
  });

  it('begin each sentence with a capital letter', () => {
    for (const { report } of ALL_REPORTS)
      for (const sentence of allOf(report)) expect(sentence).toMatch(/^[A-Z0-9]/);
  });
});
