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

/** Defects that the world must find when they are put back. */
export const DEFECTS: readonly Defect[] = [
  {
    name: 'One 404 from a node that lags means that the import was deleted',
    edits: [
      {
        file: 'src/case/verdict.ts',
        from: 'export const MISSING_MS = 60_000;',
        to: 'export const MISSING_MS = 0;'
      }
    ]
  },
  {
    name: 'An outage uses up the half minute in which a lost creation is looked for',
    edits: [
      {
        file: 'src/case/transitions.ts',
        from: 'return { ...c, missing: undefined, quiet: { ...c.quiet, lastAt: undefined } };',
        to: 'return { ...c, missing: undefined };'
      }
    ]
  },
  {
    name: 'Two create calls of the step arrive, and nothing is said of it',
    edits: [
      {
        file: 'src/case/verdict.ts',
        from: "return mayAsk(c, terms) ? { kind: 'failed', trouble: undefined } : { kind: 'skipped' };",
        to: "return { kind: 'not-needed' };"
      }
    ]
  },
  {
    name: 'A create call is sent when there is no time left for its answer',
    edits: [
      {
        file: 'src/wait/create.ts',
        from: 'const SHORTEST_CALL_MS = 5_000;',
        to: 'const SHORTEST_CALL_MS = 0;'
      }
    ]
  },
  {
    name: 'The post step cancels what a colleague created an hour after the step’s own lost call',
    edits: [
      {
        file: 'src/case/creation.ts',
        from: 'const AFTER_LAST_CALL_MS = 60_000;',
        to: 'const AFTER_LAST_CALL_MS = Infinity;'
      }
    ]
  },
  {
    name: 'Two steps adopt the same import, because no second list is read',
    edits: [
      {
        file: 'src/case/transitions.ts',
        from: 'isConfirmed: c.creation && isNews ? false : c.isConfirmed',
        to: 'isConfirmed: c.isConfirmed'
      },
      {
        file: 'src/wait/create.ts',
        from: 'return { relistAt: endedAt + LISTING_DELAY_MS };',
        to: 'return { relistAt: undefined };'
      }
    ]
  },
  {
    name: 'An import that ends while the cancel calls meet only 503s is not read again',
    edits: [
      {
        file: 'src/wait/settle.ts',
        from: 'await this.#readBack();',
        to: 'if (this.#case.cancel.isAccepted) await this.#readBack();'
      }
    ]
  },
  {
    name: 'The post step forgets that a cancellation was accepted',
    edits: [
      {
        file: 'src/case/saved-case.ts',
        from: '...cancel,\n      refusal:',
        to: '...cancel,\n      isAccepted: false,\n      refusal:'
      }
    ]
  },
  {
    name: 'An import is cancelled without a look, at a signal or after a failed last read',
    edits: [{ file: 'src/wait/settle.ts', from: 'await this.#look();', to: '' }]
  },
  {
    name: 'The post step forgets that this configuration has worked',
    edits: [
      {
        file: 'src/case/saved-case.ts',
        from: 'resumedAt: at',
        to: 'resumedAt: at,\n    hasWorked: false'
      }
    ]
  },
  {
    name: 'A timeout shorter than the lag of the list says that no import is in progress',
    edits: [
      {
        file: 'src/wait/identify.ts',
        from: 'if (gate.cell.case.quiet.ms >= LISTING_DELAY_MS) {',
        to: 'if (gate.cell.case.quiet.ms >= LISTING_DELAY_MS || patience.leftMs <= 0) {'
      }
    ]
  },
  {
    name: 'The outputs of a killed step say failed where the user chose to leave the import',
    edits: [
      {
        file: 'src/case/verdict.ts',
        from: "if (!mayAsk(c, terms)) return { kind: 'skipped' };",
        to: "if (c.ending && !mayAsk(c, terms)) return { kind: 'skipped' };"
      }
    ]
  },
  {
    name: 'The outputs of a killed step say failed where nothing was created',
    edits: [
      {
        file: 'src/case/verdict.ts',
        from: 'if (c.id === undefined) return false;',
        to: "if (c.id === undefined) return c.origin === 'created';"
      }
    ]
  },
  {
    name: 'The post step forgets that the import failed and was deleted',
    edits: [
      {
        file: 'src/case/saved-case.ts',
        from: 'resumedAt: at',
        to: 'resumedAt: at,\n    read: undefined'
      }
    ]
  }
];
