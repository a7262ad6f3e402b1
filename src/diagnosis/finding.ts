import type { Phase } from '../case/states.ts';

/** A call of a diagnosis. */
export type DiagnosisCall = 'status' | 'agents' | 'hosts';

/** A process that something is said of. */
export interface ProcessAt {
  readonly name: string;
  readonly hostname: string;
  readonly version: number;
  readonly goalVersion: number;
  /** Since when it has been seen at this version, at least (ISO 8601). */
  readonly since: string | undefined;
  readonly plan: readonly string[];
  /** How long its agent has been silent; undefined where that is not known. */
  readonly agentSilentMs: number | undefined;
  /** Its host runs more processes than are required, and names do not tell which these are. */
  readonly shared?: { readonly onHost: number; readonly required: number } | undefined;
}

/** Something that Ops Manager said and that may hold the import up. Data, no prose. */
export type Finding = {
  /** Read after the import had failed: not what made it fail. */
  readonly isAfterFailure?: boolean;
  /** Not read now but remembered from then (ISO 8601). */
  readonly asOf?: string | undefined;
} & (
  | {
      readonly kind: 'error';
      /** All that report this text, the first one seen first. */
      readonly processes: readonly [ProcessAt, ...ProcessAt[]];
      readonly error: string;
      readonly since: string | undefined;
      readonly readAt: string | undefined;
    }
  | {
      readonly kind: 'silent-agent';
      readonly hostname: string;
      readonly lastConf: string;
      readonly silentMs: number;
      /** Those that are behind; none where the phase is not about versions. */
      readonly processes: readonly ProcessAt[];
      /** What their agent said of them when it last called in. */
      readonly errors: readonly { readonly name: string; readonly error: string }[];
    }
  | {
      readonly kind: 'no-agent';
      readonly hostname: string;
      readonly processes: readonly ProcessAt[];
      readonly errors: readonly { readonly name: string; readonly error: string }[];
    }
  | {
      readonly kind: 'behind';
      readonly process: ProcessAt;
      readonly readAt: string | undefined;
    }
  | {
      readonly kind: 'waiting';
      readonly process: ProcessAt;
      /** Whether another one is to blame. */
      readonly isForOthers: boolean;
    }
  | { readonly kind: 'host-unknown' | 'host-never-reached'; readonly hostPort: string }
  | {
      readonly kind: 'host-reached';
      readonly hostPort: string;
      readonly lastPing: string;
    }
  | { readonly kind: 'hosts-found'; readonly found: number; readonly required: number }
  | {
      readonly kind: 'hosts-there';
      readonly total: number;
      readonly neverReached: readonly string[];
    }
  | {
      readonly kind: 'required-in-automation';
      readonly found: number;
      readonly required: number;
      /** Required hosts under whose names automation lists too few processes, or none. */
      readonly notUnderTheirName: readonly string[];
    }
  | {
      readonly kind: 'nobody-behind';
      readonly total: number;
      readonly goalVersion: number;
      /** Whether these are all processes that count; else only those found by name. */
      readonly isAll: boolean;
    }
  | {
      readonly kind: 'project-behind' | 'others-behind';
      readonly names: readonly string[];
      readonly total: number;
      readonly goalVersion: number;
    }
  | { readonly kind: 'no-automation' }
  | {
      readonly kind: 'other-import';
      readonly id: string;
      readonly state: string;
      readonly since: string | undefined;
      /** Whether it began before this one, and this one has not begun yet. */
      readonly isAhead: boolean;
    }
  | {
      readonly kind: 'phase-limit';
      readonly phase: Phase;
      readonly limitName: string;
      readonly limitSec: number;
      readonly lastedMs: number;
    }
  | {
      readonly kind: 'past-error';
      readonly process: ProcessAt;
      readonly error: string;
      readonly since: string | undefined;
      readonly lastSeenAt: string | undefined;
    }
  | {
      readonly kind: 'not-asked';
      readonly troubles: readonly {
        readonly calls: readonly DiagnosisCall[];
        readonly reason: string;
      }[];
    }
);

/** The finding of one kind. */
export type FindingOf<K extends Finding['kind']> = Finding & { readonly kind: K };
