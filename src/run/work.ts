import type { Engine } from '../engine/engine.js';
import type { Plan } from '../planning/plan.js';
import type { RunPlace, Store } from '../record/layout.js';
import type { Machine } from '../record/lease.js';
import type { Files, Stage } from '../stages/stage.js';
import type { OwnModules } from '../modules/use-modules.js';
import type { RunOutcome } from './attempt.js';
import type { FinishedRun } from './go-on-from.js';
import type { Observer } from './observer.js';
import type { Surroundings } from '../host/surroundings.js';

export interface WorkRequest {
  readonly plan: Plan;
  readonly stages: readonly Stage[];
  /** Modules that some of these stages come from. */
  readonly own?: OwnModules;
  readonly files: Files;
  readonly store: Store;
  readonly machine: Machine;
  readonly surroundings: Surroundings;
  readonly fresh: boolean;
  /** Where a new attempt goes on from: the end of the same work with fewer epochs. Asked where there is one to begin. */
  readonly from?: () => FinishedRun;
  /** The run of the sweep that asks for this work first. */
  readonly parent?: string;
  /** Draw no pictures at the end: a sweep draws one of all its trials, and `report RUN` draws those of a run from its record. */
  readonly plain?: boolean;
  /** The last epoch to train, where that is before the plan's: what is left stays for whoever goes on. */
  readonly until?: number;
  readonly openEngine: () => Promise<Engine>;
  /** True once the person or the system asked to stop. */
  readonly stopped: () => boolean;
  readonly observe: Observer;
  /** Sends the record elsewhere while it is made; what it gives is called when the record is at its end. */
  readonly follow?: (run: RunPlace) => () => Promise<void>;
}

export interface WorkResult {
  readonly runId: string;
  /** `settled` before: shown, not repeated. */
  readonly repeated: boolean;
  /** `paused`: it came to `until`. */
  readonly outcome: RunOutcome | 'paused';
  /** Why it did not finish, in one sentence. */
  readonly reason?: string;
}
