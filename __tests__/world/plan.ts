import type { Terms } from '../../src/case/verdict.ts';
import type { Target } from '../../src/wait/step.ts';

/**
 * What a world is like, drawn from its seed: which kinds of trouble and of people exist in it at all,
 * and when. Times are milliseconds from the start of the first step.
 */
export interface Plan {
  readonly seed: number;
  readonly kinds: readonly Kind[];
  readonly manager: ManagerPlan;
  readonly steps: readonly StepPlan[];
  /** Whether the second step is a later one of the same job, not one of another job. */
  readonly isOneJob: boolean;
  /** How the imports of this world live, in the order of their creation. */
  readonly lives: readonly Life[];
  /** Imports that were there before, with their age. */
  readonly earlier: readonly EarlierImport[];
  readonly people: readonly Deed[];
  readonly gitHub: GitHubPlan;
  readonly faults: readonly Fault[];
  /** From then on Ops Manager and the network are well: the phase of liveness. */
  readonly faultsEndAt: number;
}

export const OPERATIONS = ['read', 'list', 'create', 'cancel', 'delete'] as const;
export type Operation = (typeof OPERATIONS)[number];

export const FAULTS = [
  'reset',
  'unavailable',
  'silence',
  'lost answer',
  'silent answer',
  'garbled',
  'late',
  'foreign',
  'redirect',
  'unauthorized',
  'forbidden',
  'not found',
  'nothing found',
  'slow',
  'throws'
] as const;
export type FaultKind = (typeof FAULTS)[number];

/** What may exist in a world, or not. */
export const KINDS = [
  ...FAULTS,
  'several nodes',
  'faults of one node',
  'nodes that lag',
  'a node that is stuck',
  'lists that are late',
  'lists that are cut',
  'lists without order',
  'lists undated at first',
  'lists without histories',
  'histories that are late',
  'ragged histories',
  'no dates of replies',
  'clocks that differ',
  'cancelling refused',
  'imports that have just ended',
  'a long history',
  'people create',
  'people cancel',
  'people delete',
  'a crowd',
  'signal',
  'kill',
  'dead log',
  'exception',
  'kill at',
  'never started',
  'suspend',
  'suspend at',
  'unwritable',
  'state cut',
  'state lost',
  'other inputs',
  'post step killed',
  'post step beside',
  'another job',
  'another step'
] as const;
export type Kind = (typeof KINDS)[number];

export interface ManagerPlan {
  readonly nodes: readonly NodePlan[];
  readonly routing: 'first' | 'in turn' | 'random';
  /** The clocks that transitions are dated by, minus the world's: of the first import, of the next. */
  readonly clocksMs: readonly number[];
  readonly hasDate: boolean;
  readonly lists: {
    /** They give the state of an import without its history: never one, or not while it is so young. */
    readonly undatedMs: number;
    readonly areOrdered: boolean;
    /** So many of them show the newest imports alone. */
    readonly cut: { readonly rate: number; readonly atMost: number };
  };
  readonly history: {
    /** For so long a new state is not in the history yet. */
    readonly lagMs: number;
    /** So many reads give some of the history. */
    readonly raggedRate: number;
  };
  readonly latencyMs: number;
  readonly cancel: {
    readonly takesMs: number;
    readonly refusal: 'none' | 'forbidden' | 'conflict';
    /** A second call while the first is being carried out. */
    readonly again: 'accepted' | 'conflict';
  };
}

export const GITHUB_TROUBLES = ['slow', 'silent', 'late', 'unavailable', 'refused'] as const;
export type GitHubTrouble = (typeof GITHUB_TROUBLES)[number];

/** The API that takes commit statuses. */
export interface GitHubPlan {
  /** Whether the steps publish one. */
  readonly isUsed: boolean;
  /** So many calls meet one of the troubles, until then. */
  readonly rate: number;
  readonly troubles: readonly GitHubTrouble[];
  readonly until: number;
}

export interface NodePlan {
  readonly lagMs: number;
  /** What lists lag beyond that. */
  readonly listLagMs: number;
  /** The clock that its replies are dated by, minus the world's. */
  readonly clockMs: number;
  /** It learns nothing new for a while. */
  readonly stuck: { readonly from: number; readonly to: number } | undefined;
}

export interface StepPlan {
  readonly name: string;
  /** Of a later step of a job: from the end of the one before. */
  readonly startAt: number;
  readonly target: Target;
  readonly timeoutMs: number;
  readonly stallTimeoutMs: number | undefined;
  readonly pollIntervalMs: number;
  readonly requestTimeoutMs: number;
  readonly maxOutageMs: number;
  readonly terms: Terms;
  readonly runner: readonly RunnerDeed[];
  readonly post: PostPlan;
}

export interface PostPlan {
  /** From the end of the main steps to the post step; undefined where the runner is gone. */
  readonly afterMs: number | undefined;
  /** What arrives of what a killed main step saved: all, as a fraction, or nothing. */
  readonly arrives: number;
  readonly runner: readonly RunnerDeed[];
  readonly inputs: PostInputs;
  /** It begins then, and the main step lives on for so long. */
  readonly beside: Beside | undefined;
}

export interface Beside {
  readonly at: number;
  /** A background step is signalled before; a step in a container is not. */
  readonly isSignalled: boolean;
  readonly mainLivesMs: number;
  /** Whether the post step can make the mark that the main step looks for. */
  readonly isMarkPossible: boolean;
}

/** What the runner hands to the post step as its inputs: those of the main step, or others. */
export interface PostInputs {
  readonly areTheSame: boolean;
  /** Whether they have the keys that the main step had. */
  readonly haveKeys: boolean;
  /** Whether they name another Ops Manager, or another project. */
  readonly areElsewhere: boolean;
  /** Whether the step stands in a composite action. */
  readonly areOfComposite: boolean;
  readonly terms: Terms;
  readonly target: Target;
}

export type RunnerDeed =
  | {
      readonly kind: 'signal';
      readonly at: number;
      readonly secondAfterMs: number | undefined;
    }
  /** `exception`: a library throws beside its callers. */
  | { readonly kind: 'kill' | 'dead log' | 'exception'; readonly at: number }
  /** At its nth publication or call, in the middle of it. */
  | { readonly kind: 'kill at'; readonly count: number }
  | { readonly kind: 'never started' }
  | ({ readonly kind: 'suspend'; readonly at: number } & Suspension)
  | ({ readonly kind: 'suspend at'; readonly count: number } & Suspension)
  | {
      readonly kind: 'unwritable';
      readonly what: 'outputs' | 'state' | 'both';
      readonly from: number;
      readonly to: number;
    };

export interface Suspension {
  readonly ms: number;
  readonly clockStands: boolean;
}

export interface Life {
  readonly phases: readonly { readonly state: string; readonly ms: number }[];
  readonly end: string | undefined;
}

export interface EarlierImport {
  readonly ageMs: number;
  readonly life: Life;
}

export type Deed = { readonly at: number } & (
  | { readonly kind: 'create'; readonly life: Life }
  | { readonly kind: 'cancel' | 'delete'; readonly whose: 'step' | 'other' }
);

export interface Fault {
  readonly kind: FaultKind;
  readonly operations: readonly Operation[];
  /** The one node that has it; undefined for all. */
  readonly node: number | undefined;
  readonly from: number;
  readonly to: number;
  readonly rate: number;
}

/** The id of the nth import of a world. */
export function idOf(index: number): string {
  return (0xabc000 + index).toString(16).padStart(24, '68f5f0a0c2b3a41d2f');
}
