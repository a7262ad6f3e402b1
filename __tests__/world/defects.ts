/** One change of a source file: the rule that mends a defect, taken out. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A defect that an earlier state of this action had. */
export interface Defect {
  readonly name: string;
  readonly edits: readonly Edit[];
}

const CASE = 'src/case/case.ts';
const TRANSITIONS = 'src/case/transitions.ts';
const CREATE_CALLS = 'src/case/create-calls.ts';
const CREATION = 'src/case/creation.ts';
const VERDICT = 'src/case/verdict.ts';
const SAVED = 'src/case/saved-case.ts';
const SETTLE = 'src/wait/settle.ts';

/** Defects that the world must find when they are put back. */
export const DEFECTS: readonly Defect[] = [
  {
    name: 'One 404 from a node that lags means that the import was deleted',
    edits: [edit(CASE, 'export const MISSING_MS = 60_000;', 'export const MISSING_MS = 0;')]
  },
  {
    name: 'An outage uses up the half minute in which a lost creation is looked for',
    edits: [edit(TRANSITIONS, 'quiet: { ...c.quiet, lastAt: undefined } };', 'quiet: c.quiet };')]
  },
  {
    name: 'Two create calls of the step arrive, and nothing is said of it',
    edits: [
      edit(
        VERDICT,
        "return mayAsk(c, terms) ? { kind: 'failed', trouble: undefined } : { kind: 'skipped' };",
        "return { kind: 'not-needed', why: 'nothing-created' };"
      )
    ]
  },
  {
    name: 'A create call is sent when there is no time left for its answer',
    edits: [
      edit('src/wait/identify.ts', 'const SHORTEST_CALL_MS = 5_000;', 'const SHORTEST_CALL_MS = 0;')
    ]
  },
  {
    name: 'The post step cancels what a colleague created an hour after the step’s own lost call',
    edits: [edit(CREATION, 'Math.max(...ends) + CLOCKS_DIFFER_MS', 'Infinity')]
  },
  {
    name: 'Two steps adopt the same import, because no second list is read',
    edits: [
      edit(
        'src/wait/wait.ts',
        '!creation.isClosed ? creation.closesAt',
        'false ? creation.closesAt'
      ),
      edit(TRANSITIONS, 'isOurs: c.isOurs && isAsBefore', 'isOurs: c.isOurs'),
      edit(
        SETTLE,
        'await this.#lookInLists(() => (isShort() ? half : look()));',
        'if (!isShort()) await this.#lookInLists(look);'
      ),
      edit(SETTLE, 'return hasTime && mayHaveRivals(this.#case);', 'return false;'),
      edit(VERDICT, '  if (mayHaveRivals(c)) return undefined;\n', '')
    ]
  },
  {
    name: 'A step that gives up asks for the first that is new, before the closing list',
    edits: [edit(SETTLE, 'return hasTime && mayHaveRivals(this.#case);', 'return false;')]
  },
  {
    name: 'A goal on the way opens the gate before the closing list',
    edits: [edit(VERDICT, '  if (mayHaveRivals(c)) return undefined;\n', '')]
  },
  {
    name: 'An import that ends while the cancel calls meet only 503s is not read again',
    edits: [
      edit(
        SETTLE,
        '    await this.#readBack();\n',
        '    if (this.#case.cancel.isAccepted) await this.#readBack();\n'
      )
    ]
  },
  {
    name: 'The post step forgets that a cancellation was accepted',
    edits: [edit(SAVED, '    cancel,\n', '    cancel: { ...cancel, isAccepted: false },\n')]
  },
  {
    name: 'An import is cancelled without a look, at a signal or after a failed last read',
    edits: [edit(SETTLE, '    await this.#look();\n', '')]
  },
  {
    name: 'The post step forgets that this configuration has worked',
    edits: [edit(SAVED, '    cancel,\n', '    cancel,\n    hadGoodAnswer: false,\n')]
  },
  {
    name: 'A timeout shorter than the lag of the list says that no import is in progress',
    edits: [
      edit(
        'src/wait/identify.ts',
        'isQuiet(cell.case))',
        'isQuiet(cell.case) || patience.leftMs <= 0)'
      )
    ]
  },
  {
    name: 'The outputs of a killed step say failed where the user chose to leave the import',
    edits: [
      edit(
        VERDICT,
        "if (!mayAsk(c, terms)) return { kind: 'skipped' };",
        "if (c.ending && !mayAsk(c, terms)) return { kind: 'skipped' };"
      )
    ]
  },
  {
    name: 'The outputs of a killed step say failed where nothing was created',
    edits: [
      edit(
        VERDICT,
        "!mayHaveCreated(creation)) return whyNothing(c, 'nothing-created');",
        '!mayHaveCreated(creation)) return undefined;'
      )
    ]
  },
  {
    name: 'The post step forgets that the import failed and was deleted',
    edits: [edit(SAVED, '    cancel,\n', '    cancel,\n    read: undefined,\n')]
  },
  {
    name: 'An import that had ended is taken for the one in progress, because a list is late',
    edits: [
      edit(
        'src/wait/identify.ts',
        'const { imports, unread } = await readRunning(step, shown);',
        'const [imports, unread] = [shown, [] as readonly Import[]];'
      ),
      edit(TRANSITIONS, 'isOurs: c.isOurs || (isAfterList && isInProgress(read))', 'isOurs: true')
    ]
  },
  {
    name: 'Clocks that differ by more than 5 s hide the step’s own import, or show a colleague’s',
    edits: [edit(CREATION, 'const CLOCKS_DIFFER_MS = 60_000;', 'const CLOCKS_DIFFER_MS = 5_000;')]
  },
  {
    name: 'A candidate without a date stays, though each read dates it before the step began',
    edits: [
      edit(
        TRANSITIONS,
        'keptOrNext({ ...next, creation: withRead(c.creation, read) })',
        'kept(next)'
      ),
      edit(TRANSITIONS, 'creation: withRead(c.creation, read) };', 'creation: c.creation };')
    ]
  },
  {
    name: 'A newcomer that dates exclude ends the look in the lists',
    edits: [
      edit(SETTLE, 'mayHaveCreated }', 'mayHaveCreated, othersOf }'),
      edit(SETTLE, '} while (this.#case.id === undefined && ', '} while (false && '),
      edit(
        SETTLE,
        '        const isFound =',
        '        if (creation && othersOf(creation).length > 0) return;\n        const isFound ='
      )
    ]
  },
  {
    name: 'An import counts as deleted where each path answers 404 for a minute',
    edits: [edit(VERDICT, 'missing?.isUnlisted === true && ', '')]
  },
  {
    name: 'A read with a short history counts as one of a node that lags, also in SUCCESS',
    edits: [
      edit(
        'src/case/import.ts',
        '  if (!known || known.state === read.state) return false;\n',
        '  if (!known) return false;\n  if (read.transitions.length < known.transitions.length) return true;\n  if (known.state === read.state) return false;\n'
      )
    ]
  },
  {
    name: 'A call of a suspended process ends when that notices it',
    edits: [
      edit(
        CREATE_CALLS,
        'const endedAt = Math.min(at, openSince + (calls.at(-1)?.limitMs ?? Infinity));',
        'const endedAt = at;'
      )
    ]
  },
  {
    name: 'A settling that was suspended asks with 1 ms to answer',
    edits: [
      edit('src/wait/budget.ts', 'until() - this.#now >= this.#budget.shortestCallMs;', 'true;')
    ]
  },
  {
    name: 'A state that a full disk has cut means that the import was asked to be cancelled',
    edits: [
      edit(
        CASE,
        '{ ...opened(sought), hadGoodAnswer: true, resumed };',
        '{ ...opened(sought), hadGoodAnswer: true, resumed, cancel: { ...NOTHING_ASKED, isUnanswered: true } };'
      )
    ]
  },
  {
    name: 'Of many that are new in the list the first twenty are kept',
    edits: [
      edit(CREATION, 'const NEWCOMERS_AT_MOST = 500;', 'const NEWCOMERS_AT_MOST = 20;'),
      edit(CREATION, 'newcomers.toSorted((a, b) => rank(a) - rank(b));', 'newcomers;')
    ]
  },
  {
    name: 'The post step asks its inputs again for what the main step had decided',
    edits: [
      edit(
        '__tests__/world/production.ts',
        '? { case: handover.case, terms: main }',
        '? { case: handover.case, terms: inputs.terms }'
      )
    ]
  },
  {
    name: 'Nothing saved means that nothing was done',
    edits: [edit(CASE, '{ ...opened(sought), hadGoodAnswer: true, resumed };', 'opened(sought);')]
  },
  {
    name: 'The main step creates beside its post step',
    edits: [edit('src/wait/identify.ts', 'if (step.isPostStepThere())', 'if (false)')]
  },
  {
    name: 'One 401 or 403 of one node ends the wait',
    edits: [
      edit(
        'src/wait/retry.ts',
        "return error.kind === 'refused' && FINAL_REFUSALS[call](error);",
        "return error.kind === 'refused';"
      )
    ]
  }
];

function edit(file: string, from: string, to: string): Edit {
  return { file, from, to };
}
