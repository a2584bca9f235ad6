import type { Place } from '../diagnostics/diagnostic.js';

/** Options of one stage as resolved: its kind, and every option with a value. */
export interface StageConfig {
  readonly kind: string;
  readonly [option: string]: unknown;
}

/** The value of an `experiment:` document after `resolve`: every default filled in. */
export interface ExperimentConfig {
  readonly experiment: string;
  readonly description?: string;
  readonly use: readonly string[];
  readonly seed: number;
  readonly dataset: StageConfig;
  readonly model: StageConfig;
  readonly loss: StageConfig;
  readonly optimizer: StageConfig;
  readonly metrics: readonly (StageConfig & { readonly splits?: readonly string[] })[];
  readonly training: TrainingConfig;
  readonly engine: {
    readonly kind: 'compiled' | 'tensorflow' | 'eager-wasm' | 'eager-js';
    readonly device: 'cpu' | 'webgpu' | 'cuda';
    readonly threads: number;
  };
  readonly tracking?: { readonly uri: string };
  readonly on_finish?: string;
}

export interface TrainingConfig {
  readonly epochs: number;
  readonly batch_size: number;
  readonly shuffle: boolean;
  /** What a model's state does between batches of an epoch: `carry` hands it on, `reset` starts from zero. */
  readonly recurrent_state: 'carry' | 'reset';
  /** Epochs between checkpoints. */
  readonly checkpoint_every: number;
  readonly keep: 'last' | 'best';
  readonly early_stopping?: { readonly metric: string; readonly patience: number; readonly minimum_delta: number };
  readonly samples?: {
    readonly every: number;
    readonly prefixes: readonly string[];
    readonly length: number;
    readonly temperature: number;
  };
}

/** Where a resolved value came from. */
export type Origin = { readonly from: 'file' | 'set' | 'flag' | 'environment'; readonly place: Place } | { readonly from: 'default' };

export interface ResolvedConfig {
  readonly kind: 'experiment';
  /** The document's path as typed. */
  readonly file: string;
  /** The document's bytes as read; copied into the record. */
  readonly source: string;
  readonly values: ExperimentConfig;
  /** By dotted path (`model.hidden_size`, `metrics.0.kind`); every leaf of `values` has one. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** Dotted paths of leaves that affect the execution only; all others are part of the work key. */
  readonly execution: ReadonlySet<string>;
}
