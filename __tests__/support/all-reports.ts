import type { Case } from '../../src/case/case.ts';
import { waitEnded, wasListed, wasRead } from '../../src/case/transitions.ts';
import type { Report } from '../../src/report/report.ts';
import {
  ACCEPTED,
  ADOPTED,
  AMBIGUOUS,
  ASKED,
  ASKED_OF_ANOTHER,
  CALLED,
  CREATED,
  CREATING,
  DISCOVERING,
  ENDINGS,
  followed,
  FOUND,
  FOUND_OURS,
  GIVEN,
  LATE_ARRIVAL,
  LOST,
  missingFor,
  OUTSIDER,
  readIn,
  REFUSED,
  SEVERAL,
  SILENCE,
  UNANSWERED
} from './cases.ts';
import { CREATE, reportOn } from './gate-under-test.ts';
import { idOf, IMPORT, importAt, importIn, listAt } from './imports.ts';

const READ = readIn('AWAIT_HOSTS_DISCOVERED')(GIVEN);

const SHAPES = {
  'never read': GIVEN,
  read: READ,
  reached: followed(READ, readIn('SUCCESS')),
  failed: followed(READ, readIn('FAILED')),
  'cancelled by someone': followed(READ, readIn('CANCELLED')),
  'cancelled before the first read': followed(GIVEN, readIn('CANCELLED')),
  'cancelled before the first read, undated': followed(
    GIVEN,
    wasRead({ ...importIn('CANCELLED'), id: IMPORT }, 70_000)
  ),
  accepted: followed(READ, ...ASKED),
  refused: followed(READ, ...REFUSED),
  unanswered: followed(READ, ...UNANSWERED),
  confirmed: followed(READ, ...ASKED, readIn('CANCELLED')),
  missing: followed(READ, ...missingFor(60_000, false)),
  gone: followed(READ, ...missingFor(60_000, true)),
  'not found yet': DISCOVERING,
  found: FOUND,
  'found, ours': FOUND_OURS,
  several: SEVERAL,
  adopted: ADOPTED,
  'not created yet': CREATING,
  'being created': CALLED,
  'call lost': LOST,
  'call lost, none appeared': followed(LOST, ...SILENCE),
  'call accepted': ACCEPTED,
  created: CREATED,
  'created, reached, not confirmed': followed(CREATED, readIn('SUCCESS')),
  'created, cancelled at the first read': followed(
    ACCEPTED,
    wasListed(listAt(2, importAt(IMPORT, 1, 'CANCELLED')), 2000)
  ),
  ambiguous: AMBIGUOUS,
  'somebody else’s': OUTSIDER,
  'created, and a lost call’s late': LATE_ARRIVAL,
  'reached, and a lost call’s late': followed(
    LATE_ARRIVAL,
    readIn('SUCCESS'),
    wasListed(listAt(130, importAt(IMPORT, 32, 'SUCCESS'), importAt(idOf(3), 110)), 130_000)
  ),
  'asked of somebody else’s': ASKED_OF_ANOTHER
} as const satisfies Readonly<Record<string, Case>>;

export type Shape = keyof typeof SHAPES;
type EndingName = keyof typeof ENDINGS | 'killed';

/** A report and the names of what it is about. */
interface NamedReport {
  readonly name: string;
  readonly shape: Shape;
  readonly ending: EndingName;
  readonly report: Report;
}

/** The report on a shape of a case after an ending, where the policy lets the step cancel or not. */
export function reportFor(shape: Shape, ending: EndingName, mayCancel = true): Report {
  const c = SHAPES[shape];
  const last = ending === 'killed' ? c : waitEnded(ENDINGS[ending])(c);
  const terms = {
    goal: 'SUCCESS',
    cancelOnTimeout: mayCancel,
    cancelOnInterrupt: mayCancel,
    deleteFailed: false
  } as const;
  const target =
    c.origin === 'given'
      ? ({ kind: 'given', id: IMPORT } as const)
      : c.origin === 'found'
        ? ({ kind: 'discover' } as const)
        : CREATE;
  return reportOn(last, terms, target);
}

/** Each shape of a case with each ending and each policy. */
export const ALL_REPORTS: readonly NamedReport[] = (Object.keys(SHAPES) as Shape[]).flatMap(
  (shape) =>
    (['killed', ...Object.keys(ENDINGS)] as EndingName[]).flatMap((ending) =>
      [true, false].map((mayCancel) => ({
        name: `${shape}, ${ending}${mayCancel ? '' : ', not to be cancelled'}`,
        shape,
        ending,
        report: reportFor(shape, ending, mayCancel)
      }))
    )
);
