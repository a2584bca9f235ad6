import type { LaunchRequest } from '../launch/launcher.js';
import type { Changes } from '../run/prepare.js';

/** A sweep or a table, and what a person asks for beside it. */
export interface StudyRequest {
  /** The study's document, as typed. */
  readonly file: string;
  readonly changes: Changes;
  /** The folder of the records. */
  readonly root: string;
  readonly launch: LaunchRequest;
  /** Of a table: these rows and cells alone. */
  readonly only?: readonly string[];
}

/** How what came out is told. */
export interface Presentation {
  readonly json: boolean;
  /** Why, for every verdict of a table. */
  readonly reasons: boolean;
  /** A verdict that is open counts as one that differs. */
  readonly strict: boolean;
  /** The file that it is written to as well. */
  readonly output?: string;
}

/** How a plan is told. */
export interface HowToPlan {
  /** Trains for a moment, and says how long all that is left would take. */
  readonly measure: boolean;
  readonly json: boolean;
  /** The file that the plan is written to as well. */
  readonly output?: string;
}
