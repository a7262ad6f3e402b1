import { isInProgress } from '../case/import.ts';
import { mayAsk, straysOf } from '../case/verdict.ts';
import { listInWords } from './cause.ts';
import { policyOf, type Fate } from './fate-parts.ts';
import type { Report } from './report.ts';

/** A fate, and what else may have come of this step’s create calls and runs. */
export function withStrays(fate: Fate, report: Report): Fate {
  const { case: c, terms } = report;
  const strays = straysOf(c);
  if (strays.length === 0) return fate;
  const isOne = strays.length === 1;
  const which = isOne ? 'Another import' : `${strays.length} other imports`;
  const named = listInWords({ imports: strays, count: strays.length });
  const alarm = `${which} may be this step’s too and may still be running: ${named}.`;
  const others = isOne ? 'another' : 'others';
  const short = isOne
    ? 'another import may still be running'
    : 'other imports may still be running';
  const ownShort =
    fate.alarm === '' ? `${fate.short}; ${short}` : `${fate.short}, and ${others} too`;
  const isOver = c.read !== undefined && !isInProgress(c.read);
  return {
    short: fate.short === '' ? short : ownShort,
    alarm: fate.alarm === '' ? alarm : fate.alarm,
    sentences: [
      ...(fate.alarm === '' ? [] : [alarm]),
      ...fate.sentences,
      'More than one create call of this step may have arrived, one of them late.',
      mayAsk(c, terms)
        ? `The other ${isOne ? 'import' : 'imports'} may be someone else’s, so nothing was done about ${isOne ? 'it' : 'them'}.`
        : `Nothing was done about the other ${isOne ? 'import' : 'imports'}, as ${policyOf(report)} is false.`
    ],
    // Before anything is created again, what else runs is to be looked at.
    advice: [
      ...(isOver ? [] : fate.advice),
      isOne
        ? 'Look at the other import in Ops Manager, and cancel it there if it is not wanted.'
        : 'Look at the other imports in Ops Manager, and cancel there what is not wanted.'
    ]
  };
}
