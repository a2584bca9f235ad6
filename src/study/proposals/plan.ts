import type { Accepted } from '../../validity/accept.js';
import type { Trial } from '../../launch/launcher.js';
import type { Sweep } from './load.js';
import type { Assignment } from './propose.js';

export interface Configuration {
  /** The configuration's number, from 0, in the order of the proposals. */
  readonly index: number;
  readonly assignments: readonly Assignment[];
  /** What they assign, with files by their whole paths, for whoever trains it from another folder. */
  readonly sets: readonly { readonly path: string; readonly value: unknown }[];
  readonly epochs: number;
  readonly parameters: number;
}

/** What of a sweep's trials is known: all of them, or those of the rounds so far. */
export interface Trials {
  readonly configurations: readonly Configuration[];
  /** Configuration by configuration, seed by seed. */
  readonly trials: readonly Trial[];
  /** Proposals that are the same work as an earlier one, and were left out. */
  readonly repeated: number;
  /** The numbers of the configurations that were proposed together. */
  readonly rounds: readonly (readonly number[])[];
}

/** What a sweep would do. */
export interface SweepPlan extends Trials {
  readonly sweep: Sweep;
  /** The experiment's name, under which the trials are recorded. */
  readonly experiment: string;
  /** In the order in which they are trained. */
  readonly brackets: readonly Bracket[];
  /** Configurations that are proposed once those before them are settled. */
  readonly later: number;
  /** With the next round. `ranked`: the numbers of all configurations so far, the best first. */
  readonly grow: (ranked: readonly number[]) => SweepPlan;
  /** Threats to the validity of the sweep and of its trials that are accepted; left out where there are none. */
  readonly accepted?: readonly Accepted[];
  readonly better: 'higher' | 'lower';
  /** Of the metric that is compared. */
  readonly unit: string;
  /** From the least to the most that its values can be; an end may be infinite. */
  readonly range: readonly [least: number, most: number];
}

/** Configurations that compete with each other. */
export interface Bracket {
  readonly configurations: readonly number[];
  /** Where they are compared and pruned; the last one is the end of training. */
  readonly rungs: readonly Rung[];
}

/** Epochs at which configurations are compared; the last rung is the end of training. */
export interface Rung {
  readonly epoch: number;
  /** How many configurations train as far as this. */
  readonly configurations: number;
}
