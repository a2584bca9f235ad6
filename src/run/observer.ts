import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Replicate } from '../language/replicate.js';
import type { RunOutcome } from './attempt.js';

/** What happens while a document is prepared, trained or judged: plain data, told in the order in which it happens. */
export type ObservedEvent =
  /** A document holds no mistake, and something that looks like one. */
  | { readonly kind: 'warnings'; readonly diagnostics: readonly Diagnostic[] }
  /** Of an experiment with its seed; of a sweep or a table with how it stands. */
  | {
      readonly kind: 'begins';
      readonly name: string;
      readonly seed?: number;
      readonly standing?: ObservedStanding;
      readonly records: string;
    }
  /** A run is on record and held by this process. `from`: the epoch that it goes on after, 0 at a fresh start. */
  | { readonly kind: 'opened'; readonly run: string; readonly folder: string; readonly attempt: number; readonly from: number }
  /** A step of this run has no program yet; making it takes seconds. */
  | { readonly kind: 'compiling' }
  /** The program of a run is made, and its first step comes next. */
  | { readonly kind: 'ready' }
  /** Several times a second. `step` of this epoch; `loss` is the epoch's mean so far. */
  | { readonly kind: 'progress'; readonly epoch: number; readonly step: number; readonly loss: number; readonly examplesPerSecond: number }
  /** The last epoch is on record; pictures and the model are made of it. */
  | { readonly kind: 'concluding' }
  /** An epoch is on record: its metrics by their keys, as in `test/loss`. */
  | { readonly kind: 'epoch'; readonly epoch: number; readonly metrics: Readonly<Record<string, number>> }
  /** What a model of text wrote after an epoch. */
  | { readonly kind: 'samples'; readonly epoch: number; readonly texts: readonly string[] }
  /** A sweep that prunes, or proposes in rounds, trains `configurations` to the end of `epoch` next: its rung `number` of `rungs`, from 1. */
  | {
      readonly kind: 'rung';
      readonly number: number;
      readonly rungs: number;
      readonly configurations: number;
      readonly epoch: number;
      readonly round?: { readonly number: number; readonly rounds: number };
      readonly bracket?: { readonly number: number; readonly brackets: number };
    }
  /** Rows of a table that are not decided are trained to a stage next. */
  | ({ readonly kind: 'stage' } & ObservedStage)
  /** Trials of a sweep or a table begin side by side: `done` of `all` were done before; `metric` is the one that is told of each. */
  | { readonly kind: 'training'; readonly all: number; readonly done: number; readonly metric: string }
  | ({ readonly kind: 'trial progress'; readonly epoch: number; readonly epochs: number; readonly share: number } & ObservedTrial)
  | ({ readonly kind: 'trial'; readonly outcome: RunOutcome | 'paused' | 'held' } & ObservedTrial & TrialEnd)
  /** No trial of those is left or at work any more. */
  | { readonly kind: 'trained' }
  /** Something about a run that a person may want to know, in a sentence. */
  | { readonly kind: 'note'; readonly text: string }
  /** A line for a person, of what goes on beside the training: a server that follows, a command at the end. */
  | { readonly kind: 'message'; readonly text: string };

/** How the trials of a sweep or the runs of a table stand, by the records. */
export type ObservedStanding = ObservedSweep | ObservedTable;

/** `later`: configurations that are proposed once these are settled. `repeated`: proposals that are the same work as another one. `needed`: never begun, or in need of another attempt. */
export interface ObservedSweep {
  readonly kind: 'sweep';
  readonly trials: number;
  readonly configurations: number;
  readonly later: number;
  readonly repeated: number;
  readonly counts: Readonly<Record<'finished' | 'diverged' | 'failed' | 'unfinished' | 'pruned' | 'needed', number>>;
}

/** `earlier`: those that are done, by an engine whose arithmetic has changed since. */
export interface ObservedTable {
  readonly kind: 'table';
  readonly runs: number;
  readonly done: number;
  readonly earlier: number;
  /** Where seeds come in stages: how many there are, and which one is next, if one is. */
  readonly stages?: number;
  readonly next?: ObservedStage;
}

/** Stage `number` of `stages`, from 1, to which `rows` rows get `trials` trials. */
export interface ObservedStage {
  readonly number: number;
  readonly stages: number;
  readonly rows: number;
  readonly trials: number;
}

interface ObservedTrial extends Replicate {
  /** Number of the process, from 0. */
  readonly worker: number;
  /** What its configuration sets, or its row. */
  readonly name: string;
}

interface TrialEnd {
  /** Why it did not finish. */
  readonly reason?: string;
  readonly seconds: number;
  /** Of the metric that is told. */
  readonly value?: number;
}

/** Is told of each event, at once; what it throws ends the work as any other error does. */
export type Observer = (event: ObservedEvent) => void;
