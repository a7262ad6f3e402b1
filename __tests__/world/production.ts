import { type Case, opened } from '../../src/case/case.ts';
import type { ImportApi } from '../../src/case/import-api.ts';
import { restored } from '../../src/case/saved-case.ts';
import { statusDelivered, stepFinished, waitEnded } from '../../src/case/transitions.ts';
import { type Terms, verdict } from '../../src/case/verdict.ts';
import { aftermathOf, aftermathStatus } from '../../src/report/aftermath.ts';
import { sentencesOf } from '../../src/report/words.ts';
import type { Report } from '../../src/report/report.ts';
import { CaseCell, type Publication } from '../../src/wait/case-cell.ts';
import { passGate } from '../../src/wait/gate.ts';
import { needsTelling, taskWithout } from '../../src/handover.ts';
import { finalStatus, isSettled } from '../../src/report/commit-status.ts';
import { settle } from '../../src/wait/settle.ts';
import { newStep, type Target } from '../../src/wait/step.ts';
import { outputsOf } from '../../src/report/outputs.ts';
import type { GitHub } from './git-hub.ts';
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
  /** Is given the last report, before the commit status is sent. */
  readonly conclude: (report: Report) => void;
  /** Undefined where no commit status is published. */
  readonly gitHub: GitHub | undefined;
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

/** The main step, to its end. */
export async function runMain(ground: Ground): Promise<void> {
  const { plan, process, api, random, publish, gitHub } = ground;
  const sender = gitHub?.statusOf(process, ground.isPostStepThere);
  const { target, terms } = plan;
  let waitedMs = (): number => 0;
  const publisher = {
    publish: (_before: Case, after: Case, text: string): Publication => {
      const publication = publish(after, text, reportOf(after, terms, target, waitedMs()));
      if (after.read && process.isAlive) sender?.onState(after.read);
      return publication;
    }
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
  const report = reportOf(cell.case, terms, target, waitedMs());
  const { title = '' } = outputsOf(report);
  cell.record(stepFinished(sender && finalStatus(report.verdict.outcome.kind, title)));
  ground.conclude(reportOf(cell.case, terms, target, waitedMs()));
  const { status } = cell.case;
  if (!gitHub || !sender || !status || !process.isAlive) return;
  const delivery = await gitHub.finish(process, sender, status, mainLimit(process));
  if (isSettled(delivery)) cell.record(statusDelivered);
}

/** As main limits its last commit status. */
function mainLimit(process: Process): AbortSignal {
  const limit = new AbortController();
  const stopAfter = (ms: number): void => {
    process.after(ms, () => {
      limit.abort();
    });
  };
  stopAfter(5_000);
  const { signal } = process.signalled;
  const hurry = (): void => {
    stopAfter(1_000);
  };
  if (signal.aborted) hurry();
  else signal.addEventListener('abort', hurry, { once: true });
  return limit.signal;
}

/** The post step, with what arrived of what was saved. */
export async function runPost(ground: Ground, savedText: string): Promise<void> {
  const { plan, process, api, random, publish, gitHub } = ground;
  const { inputs } = plan.post;
  const { clock } = process;
  const handover = restored(savedText, clock.now());
  const { terms: main } = (handover?.context ?? {}) as { terms?: Terms };
  const mayCancel =
    inputs.terms.cancelOnInterrupt && inputs.terms.cancelOnTimeout && !inputs.areOfComposite;
  const { goal } = inputs.terms;
  const task =
    handover?.case && main
      ? { case: handover.case, terms: main }
      : taskWithout({ target: inputs.target, goal, areSure: mayCancel }, clock.now());
  const { terms } = task;
  const cell = new CaseCell(task.case, terms, {
    publish: (_before, after, text) =>
      publish(after, text, reportOf(after, terms, inputs.target, 0))
  });
  const timing = { clock, random, signal: process.signalled.signal };
  if (inputs.haveKeys) await settle({ api, cell, timing, onRetry: () => undefined });
  const report = reportOf(cell.case, terms, inputs.target, 0);
  if (needsTelling(task, cell.case)) ground.conclude(report);
  const { status, isFinished } = cell.case;
  const hasPlace = handover !== undefined || inputs.areTheSame;
  if (!gitHub || !hasPlace || status?.isDelivered === true || !process.isAlive) return;
  const last = isFinished && status ? status : finalStatus('error', aftermathStatus(report));
  const limit = new AbortController();
  process.after(20_000, () => {
    limit.abort();
  });
  await gitHub.finish(
    process,
    gitHub.statusOf(process, () => false),
    last,
    limit.signal
  );
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
  return wordsIn(outputsOf(report));
}

/** What the outputs say to people. */
export function wordsIn({
  title = '',
  message = ''
}: ReturnType<typeof outputsOf>): readonly string[] {
  return [title, message];
}

function reportOf(c: Case, terms: Terms, target: Target, waitedMs: number): Report {
  return {
    isPostStepThere: false,
    hasForeignInputs: false,
    case: c,
    terms,
    verdict: verdict(c, terms),
    waitedMs,
    outages: [],
    findings: [],
    traffic: { version: undefined, requests: 0, retries: 0 },
    place: PLACE,
    requested:
      target.kind === 'create' ? { seedHost: 'db:27017', processes: ['db:27017'] } : undefined
  };
}
