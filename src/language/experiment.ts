import type { Place } from '../diagnostics/diagnostic.js';
import { type Static, Type } from './type.js';

/** What `training:` takes. */
export const training = Type.Object({
  epochs: Type.Integer({ minimum: 1, description: 'Times that training goes through the train split.' }),
  batch_size: Type.Integer({ minimum: 1, description: 'Examples of one step; the last batch of an epoch may hold fewer.' }),
  shuffle: Type.Boolean({ default: true, description: 'Draw a new order of the train split for every epoch.' }),
  recurrent_state: Type.Enum(['carry', 'reset'], {
    default: 'reset',
    description:
      'What a model remembers from one batch of an epoch to the next: reset starts each batch from zero, right for batches of independent examples; carry hands the state on, right only where each batch continues the one before it.',
  }),
  early_stopping: Type.Optional(
    Type.Object({
      metric: Type.String({ pattern: '^[^/]+/[^/]+$', description: 'What is watched, as SPLIT/METRIC: validation/loss.' }),
      patience: Type.Integer({ minimum: 1, description: 'Training stops after so many epochs without a better value.' }),
      minimum_delta: Type.Number({
        minimum: 0,
        default: 0,
        description: 'A value is better when it beats the best so far by more than this.',
      }),
    }),
  ),
  keep: Type.Enum(['last', 'best'], {
    default: 'last',
    description:
      'Of which epoch a run keeps the parameters: the last, or the best by the metric of early_stopping; without that by the first metric on validation, or on train where there is none.',
  }),
  initial_weights: Type.Optional(
    Type.String({
      minLength: 1,
      path: true,
      description:
        "Weights to begin with in place of the initializer's: a .safetensors or .npz file of the same model, as a run keeps and export writes it. On other data, tokens, classes and features are matched by name, and features scaled as they were; the path is relative to the document.",
    }),
  ),
  checkpoint_every: Type.Integer({ minimum: 1, default: 1, affects: 'execution', description: 'Epochs between checkpoints.' }),
  samples: Type.Optional(
    Type.Object(
      {
        every: Type.Integer({ minimum: 1, default: 10, description: 'Epochs between samples; the last epoch always has some.' }),
        prefixes: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description: 'Beginnings that the model goes on from.' }),
        length: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 50, description: 'Tokens of a sample, without its prefix.' }),
        temperature: Type.Number({ minimum: 0, default: 0, description: '0 takes the likeliest token; 1 draws as the model says.' }),
        top_k: Type.Optional(Type.Integer({ minimum: 1, description: 'Draws among so many of the likeliest tokens only.' })),
      },
      { affects: 'execution' },
    ),
  ),
});

/** What `engine:` takes. */
export const engine = Type.Object({
  kind: Type.Enum(['compiled', 'tensorflow', 'eager-wasm', 'eager-js'], {
    default: 'compiled',
    description:
      'What computes: compiled records the training step and runs it on ONNX Runtime; the others run TensorFlow.js operation by operation.',
  }),
  device: Type.Enum(['cpu', 'webgpu', 'cuda'], { default: 'cpu', description: 'Where it computes.' }),
  threads: Type.Integer({
    minimum: 1,
    maximum: 1024,
    default: 1,
    affects: 'execution',
    description: 'Threads of the engine; the results are the same with any number.',
  }),
});

/** What `tracking:` takes. */
export const tracking = Type.Object(
  {
    uri: Type.Optional(
      Type.String({
        pattern: '^https?://[^@\\s]+$',
        description:
          'The address of an MLflow server that runs are sent to while they are recorded. Names and passwords belong in MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.',
      }),
    ),
    system_metrics: Type.Optional(
      Type.Boolean({
        description:
          'Record what the processor, the memory and the disk of this machine do, every ten seconds, as system/... beside the metrics.',
      }),
    ),
  },
  { affects: 'execution' },
);

/** What `on_finish:` takes. */
export const onFinish = Type.String({
  minLength: 1,
  affects: 'execution',
  description:
    'A command of the shell that is run in the folder of this file when a run comes to its end, well or badly; RETABLE_RUN, RETABLE_STATUS, RETABLE_EXPERIMENT, RETABLE_SEED and RETABLE_RECORD say of which. A sweep of it runs it once, when no trial is left: RETABLE_SWEEP and RETABLE_SUMMARY stand in the place of the seed.',
});

/** What stands at the top of an experiment besides its stages. */
export const head = Type.Object({
  experiment: Type.String({
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$',
    affects: 'execution',
    description: 'The name of the experiment: letters, digits, "_", "-" and "."; runs are filed and found under it.',
  }),
  description: Type.Optional(Type.String({ affects: 'execution', description: 'What it is about, in a sentence or two.' })),
  use: Type.Optional(
    Type.Array(Type.String({ minLength: 1, path: true }), {
      minItems: 1,
      uniqueItems: true,
      description: 'Modules with stages of your own, by paths from the folder of this file: [./my_stages.mjs].',
    }),
  ),
  seed: Type.Integer({
    minimum: 0,
    default: 1,
    description: 'Where all random numbers come from; another seed is another replicate of the same experiment.',
  }),
});

/** Options of one stage as resolved: its kind, and every option with a value. */
export interface StageConfig {
  readonly kind: string;
  readonly [option: string]: unknown;
}

/** The value of an `experiment:` document after `resolve`: every default filled in. */
export interface ExperimentConfig {
  readonly experiment: string;
  readonly description?: string;
  readonly use?: readonly string[];
  readonly seed: number;
  readonly dataset: StageConfig;
  readonly model: StageConfig;
  readonly loss: StageConfig;
  readonly optimizer: StageConfig;
  readonly metrics: readonly MetricConfig[];
  readonly training: TrainingConfig;
  readonly engine: {
    readonly kind: 'compiled' | 'tensorflow' | 'eager-wasm' | 'eager-js';
    readonly device: 'cpu' | 'webgpu' | 'cuda';
    readonly threads: number;
  };
  readonly tracking?: TrackingConfig;
  readonly on_finish?: string;
}

export interface MetricConfig extends StageConfig {
  readonly splits?: readonly string[];
  readonly as?: string;
}

/** What stands behind `SPLIT/` where a metric's values are recorded, and wherever a document names it. */
export const metricName = ({ kind, as }: MetricConfig): string => as ?? kind;

export interface TrackingConfig {
  readonly uri?: string;
  readonly system_metrics?: boolean;
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
  /** A file, relative to the document's folder. */
  readonly initial_weights?: string;
  readonly early_stopping?: { readonly metric: string; readonly patience: number; readonly minimum_delta: number };
  readonly samples?: {
    readonly every: number;
    readonly prefixes: readonly string[];
    readonly length: number;
    readonly temperature: number;
    readonly top_k?: number;
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

/** A compile error where what the schema takes isn't what the rest of the program reads. */
type Reads<Wanted, Given extends Wanted> = Given;
export type Skeleton = Static<typeof head> & {
  readonly training: Reads<TrainingConfig, Static<typeof training>>;
  readonly engine: Reads<ExperimentConfig['engine'], Static<typeof engine>>;
};
