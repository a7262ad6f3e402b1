import { opened, type Case } from '../../src/case/case.ts';
import type { ImportApi } from '../../src/case/import-api.ts';
import { restored } from '../../src/case/saved-case.ts';
import { stepFinished, waitEnded } from '../../src/case/transitions.ts';
import { verdict, type Terms } from '../../src/case/verdict.ts';
import { aftermathOf } from '../../src/report/aftermath.ts';
import { sentencesOf } from '../../src/report/words.ts';
import type { Report } from '../../src/report/report.ts';
import { CaseCell, type Publication } from '../../src/wait/case-cell.ts';
import { passGate } from '../../src/wait/gate.ts';
import { taskOf, taskWithout } from '../../src/handover.ts';
import { settle } from '../../src/wait/settle.ts';
import { newStep, type Target } from '../../src/wait/step.ts';
import { outputsOf } from '../../src/report/publication.ts';
import type { StepPlan } from './plan.ts';
import type { Process } from './process.ts';

/** What the main step and the post step of the real code stand on here; they are put together as in `src/`. */
export interface Ground {
  readonly plan: StepPlan;
  readonly process: Process;
  readonly api: ImportApi;
  /** 0 to 1. */
  readonly random: () => number;
  /** A change of the case. */
  readonly publish: (after: Case, text: string, report: Report) => Publication;
  /** Is given the way to the present case. */
  readonly watch: (present: () => Case) => void;
  /** Whether the post step has made its mark. */
  readonly isPostStepThere: () => boolean;
}

const PLACE = {
  host: 'om',
  apiUrl: 'https://om/api/public/v1.0',
  projectId: 'project',
  projectUrl: 'https://om/project'
};
const QUIET = {
  onRead: () => undefined,
  onOthersInProgress: () => undefined,
  onHostsWithoutAgent: () => undefined,
  onOutage: () => undefined,
  onOutageLasts: () => undefined,
  onRecovery: () => undefined,
  onRetry: () => undefined
};

/** The main step, up to its last report; undefined where the process died on its way. */
export async function runMain(ground: Ground): Promise<Report | undefined> {
  const { plan, process, api, random, publish } = ground;
  const { target, terms } = plan;
  let waitedMs = (): number => 0;
  const publisher = {
    publish: (_before: Case, after: Case, text: string): Publication =>
      publish(after, text, reportOf(after, terms, target, waitedMs()))
  };
  const cell = new CaseCell(opened(target), terms, publisher, { terms });
  const timing = {
    clock: process.clock,
    random,
    signal: process.interrupts.signal
  };
  const signalled = process.signalled.signal;
  const { isPostStepThere } = ground;
  const step = newStep({
    api,
    cell,
    options: plan,
    timing,
    signalled,
    observer: QUIET,
    isPostStepThere
  });
  waitedMs = () => step.patience.waitedMs;
  ground.watch(() => cell.case);
  cell.record((c) => c);
  try {
    await passGate(step);
  } catch (error) {
    const trouble = { title: 'Defect', happened: String(error), advice: '' };
    cell.record(waitEnded({ kind: 'error', cause: { kind: 'defect', trouble } }));
    const onRetry = (): void => undefined;
    await settle({
      api,
      cell,
      timing: { ...timing, signal: signalled },
      onRetry
    });
  }
  cell.record(stepFinished(undefined));
  return process.isAlive ? reportOf(cell.case, terms, target, waitedMs()) : undefined;
}

/** The post step, with what arrived of what was saved. */
export async function runPost(ground: Ground, savedText: string): Promise<Report | undefined> {
  const { plan, process, api, random, publish } = ground;
  const { inputs } = plan.post;
  const { clock } = process;
  const handover = restored(savedText, clock.now());
  const { terms: main } = (handover?.context ?? {}) as { terms?: Terms };
  const mayCancel =
    inputs.terms.cancelOnInterrupt && inputs.terms.cancelOnTimeout && !inputs.areOfComposite;
  const { goal } = inputs.terms;
  const task =
    handover?.case && main
      ? taskOf(handover.case, { terms: main })
      : taskWithout({ target: inputs.target, goal, areSure: mayCancel }, clock.now());
  const { terms } = task;
  const cell = new CaseCell(task.case, terms, {
    publish: (_before, after, text) =>
      publish(after, text, reportOf(after, terms, inputs.target, 0))
  });
  const timing = { clock, random, signal: process.signalled.signal };
  if (inputs.haveKeys) await settle({ api, cell, timing, onRetry: () => undefined });
  return process.isAlive ? reportOf(cell.case, terms, inputs.target, 0) : undefined;
}

/** Whether the door of the post step has nothing to do. */
export function isSettledText(text: string): boolean {
  try {
    return (JSON.parse(text) as { isSettled?: unknown }).isSettled === true;
  } catch {
    return false;
  }
}

/** What a report says to people: title and sentences. */
export function wordsOf(report: Report, by: 'main' | 'post'): readonly string[] {
  if (by === 'post') {
    const said = aftermathOf(report);
    const [title, sentences] = [said.short, sentencesOf(said)];
    return [title, ...sentences];
  }
  const { title = '', message = '' } = outputsOf(report);
  return [title, message];
}

function reportOf(c: Case, terms: Terms, target: Target, waitedMs: number): Report {
  return {
    by: 'main',
    isPostStepThere: false,
    hasForeignInputs: false,
    case: c,
    terms,
    verdict: verdict(c, terms),
    waitedMs,
    outages: [],
    findings: [],
    place: PLACE,
    requested:
      target.kind === 'create' ? { seedHost: 'db:27017', processes: ['db:27017'] } : undefined
  };
}
