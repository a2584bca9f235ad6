import type { Place } from '../diagnostics/diagnostic.js';
import type { Slot, Stage } from '../stages/stage.js';
import { ACCEPTABLE } from './threats.js';
import { emitDocument, type JsonSchema, type ObjectSchema, type Schema, slotListed, type Static, Type } from './type.js';

/** How a text is gone on with, in a document and by `sample`. */
export const sampling = {
  length: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 50, description: 'How many tokens a sample has after its prefix.' }),
  temperature: Type.Number({ minimum: 0, default: 0, description: '0 always takes the most likely token; 1 draws as the model says.' }),
  top_k: Type.Integer({ minimum: 1, otherwise: 'all', examples: [5], description: 'Draw only among the k most likely tokens.' }),
};

/** What `training:` takes. */
const training = Type.Object({
  epochs: Type.Integer({ minimum: 1, examples: [20], description: 'How many times training goes through the train split.' }),
  batch_size: Type.Integer({
    minimum: 1,
    examples: [32],
    description: 'Examples of one step; the last batch of an epoch may hold fewer.',
  }),
  shuffle: Type.Boolean({ default: true, description: 'Shuffle the train split anew for every epoch.' }),
  recurrent_state: Type.Enum(['carry', 'reset'], {
    default: 'reset',
    description:
      'What a model remembers from one batch of an epoch to the next: reset starts each batch from zero, right for batches of independent examples; carry hands the state on, right only where each batch continues the one before it.',
  }),
  before_test: Type.Optional(
    Type.Enum(['zero', 'read_train'], {
      otherwise: 'zero',
      description:
        'With recurrent_state: carry, what state a split other than train begins with when it is measured: zero, or with read_train the state that is left after reading train and all splits that stand before it.',
    }),
  ),
  measure_train: Type.Optional(
    Type.Enum(['running', 'end'], {
      otherwise: 'running',
      description:
        'How the metrics of train are measured: running, the mean over an epoch while the weights change; end, with the weights at the end of the epoch, as on the other splits.',
    }),
  ),
  early_stopping: Type.Optional(
    Type.Object(
      {
        metric: Type.String({ pattern: '^[^/]+/[^/]+$', description: 'What is watched, as SPLIT/METRIC: validation/loss.' }),
        patience: Type.Integer({
          minimum: 1,
          examples: [5],
          description: 'Training stops after this many epochs without a better value.',
        }),
        minimum_delta: Type.Number({
          minimum: 0,
          default: 0,
          description: 'A value is better when it beats the best so far by more than this.',
        }),
      },
      { description: 'Ends training before its last epoch when a metric no longer gets better.' },
    ),
  ),
  keep: Type.Enum(['last', 'best'], {
    default: 'last',
    description:
      'Which weights a run keeps: those of the last epoch, or of the best one by the metric of early_stopping; without early_stopping by the first metric on validation, or on train where there is no validation.',
  }),
  initial_weights: Type.Optional(
    Type.String({
      minLength: 1,
      path: true,
      description:
        "Weights to begin with in place of the initializer's: a .safetensors or .npz file of the same model, as a run keeps and export writes it. On other data, tokens, classes and features are matched by name, and features scaled as they were; the path is relative to the document.",
    }),
  ),
  freeze: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      uniqueItems: true,
      otherwise: 'none',
      examples: [['E', 'layer0.*']],
      description:
        'Parameters that stay as they are before training, by the names that plan shows; * stands for any characters. The others learn.',
    }),
  ),
  checkpoint_every: Type.Integer({ minimum: 1, default: 1, affects: 'execution', description: 'Epochs between checkpoints.' }),
  samples: Type.Optional(
    Type.Object(
      {
        every: Type.Integer({ minimum: 1, default: 10, description: 'Epochs between samples; the last epoch always has some.' }),
        prefixes: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, description: 'The texts that samples begin with.' }),
        ...sampling,
        top_k: Type.Optional(sampling.top_k),
      },
      { affects: 'execution', description: 'Texts that are written on the way, to see what the model has learnt.' },
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
const tracking = Type.Object(
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
        otherwise: false,
        description: 'Record the use of processor, memory and disk of this machine every ten seconds, as system/... beside the metrics.',
      }),
    ),
  },
  { affects: 'execution' },
);

/** What `on_finish:` takes. */
const onFinish = Type.String({
  minLength: 1,
  affects: 'execution',
  description:
    'A shell command that is run in the folder of this file when a run ends, well or badly; RETABLE_RUN, RETABLE_STATUS, RETABLE_EXPERIMENT, RETABLE_SEED and RETABLE_RECORD say of which. A sweep or a table of it runs it once, when no trial is left: RETABLE_SWEEP or RETABLE_TABLE, and RETABLE_SUMMARY, stand in the place of the seed.',
});

/** What `accept:` takes, in a document of any kind. */
export const accept = Type.Optional(
  Type.Array(
    Type.Object({
      threat: Type.Enum(ACCEPTABLE, { description: 'The code of the threat, as it is told.' }),
      because: Type.String({ minLength: 1, description: 'Why the result is meant so; told wherever it is shown.' }),
    }),
    {
      minItems: 1,
      affects: 'execution',
      description:
        'Threats to the validity of the result that are there on purpose: they are then no errors, and are printed with their reason.',
    },
  ),
);

/** What `seed:` takes. */
export const seed = Type.Integer({
  minimum: 0,
  default: 1,
  description: 'Where all random numbers come from; another seed repeats the same experiment with other random numbers.',
});

/** What stands at the top of an experiment besides its stages. */
const head = Type.Object({
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
  seed,
  fold: Type.Optional(
    Type.Integer({
      minimum: 1,
      otherwise: 'the last one',
      examples: [1],
      description: 'Which fold of the data is trained and tested, where a dataset has folds.',
    }),
  ),
});

/** Options of one stage as resolved: its kind, and every option with a value. */
export interface StageConfig {
  readonly kind: string;
  readonly [option: string]: unknown;
}

/** What the language must know of a stage: how it is called, and what may be written about it. */
export type Kind = Pick<Stage, 'slot' | 'kind' | 'summary' | 'options'>;

/** The schema of an `experiment:` document, in the order in which a person reads one. */
export function experimentSchema(stages: readonly Kind[]) {
  return Type.Object({
    ...head.properties,
    dataset: { ...oneOf('dataset', withLists(stages), { seed: dataSeed }), description: 'Where examples come from.' },
    model: { ...oneOf('model', stages), description: 'The model: it turns an input into an output.' },
    loss: { ...oneOf('loss', stages), description: 'What training minimises. It is recorded as SPLIT/loss.' },
    optimizer: { ...oneOf('optimizer', stages), description: 'How training changes the parameters.' },
    metrics: Type.Array<Schema<MetricConfig>>(oneOf('metric', stages, { splits, as }), {
      default: [],
      description:
        'What is measured besides the loss, recorded as SPLIT/KIND. A value of train is a running mean over the epoch while the weights change, unless training.measure_train is end; the others are measured at its end.',
    }),
    training: { ...training, description: 'How training goes through the data.' },
    engine: { ...engine, description: 'What computes, and where.' },
    tracking: Type.Optional({ ...tracking, description: 'Where records are sent besides the folder of runs.' }),
    on_finish: Type.Optional(onFinish),
    accept,
  });
}

/** The schema of an `experiment:` document, for editors. */
export const emitSchema = (stages: readonly Kind[]): JsonSchema => emitDocument('experiment', experimentSchema(stages));

/** The value of an `experiment:` document after `resolve`: every default filled in. */
export type ExperimentConfig = Static<ReturnType<typeof experimentSchema>>;

export type TrackingConfig = Static<typeof tracking>;

export interface MetricConfig extends StageConfig {
  readonly splits?: readonly string[];
  readonly as?: string;
}

/** What stands behind `SPLIT/` where a metric's values are recorded, and wherever a document names it. */
export const metricName = ({ kind, as }: MetricConfig): string => as ?? kind;

const dataSeed = Type.Either([Type.Enum(['inherit']), Type.Integer({ minimum: 0 })], {
  default: 'inherit',
  description:
    'Where the random numbers of the data come from: inherit takes the seed of the experiment; a number gives the same data whatever that is.',
});

const splits = Type.Optional(
  Type.Array(Type.String({ minLength: 1 }), {
    minItems: 1,
    uniqueItems: true,
    otherwise: 'all',
    description: 'Measured on these splits only.',
  }),
);

const as = Type.Optional(
  Type.String({
    pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$',
    otherwise: 'the kind',
    description: 'The name in the record, after SPLIT/: letters, digits, "_", "-" and ".". With two names one kind can be listed twice.',
  }),
);

const columns = Type.Optional(
  Type.Array(Type.String({ minLength: 1 }), {
    minItems: 1,
    uniqueItems: true,
    otherwise: 'all',
    description: 'The columns that it changes.',
  }),
);

/** Options that list stages of a slot take every kind of it, a person's own too. */
const withLists = (stages: readonly Kind[]): readonly Kind[] =>
  stages.map((stage) => ({
    ...stage,
    options: {
      ...stage.options,
      properties: Object.fromEntries(
        Object.entries(stage.options.properties).map(([name, option]) => {
          const slot = slotListed(option);
          return [name, slot === undefined ? option : { ...option, items: oneOf(slot as Slot, stages, { columns }) }];
        }),
      ),
    },
  }));

const oneOf = (slot: Slot, stages: readonly Kind[], shared: Readonly<Record<string, JsonSchema>> = {}): Schema<StageConfig> =>
  Type.Tagged(
    Object.fromEntries(
      stages
        .filter((stage) => stage.slot === slot)
        .map(({ kind, summary, options }) => [kind, { ...withKeys(options, shared), description: summary }]),
    ),
  );

/** Shared keys stand behind a stage's own; a stage that has a key of that name keeps its own. */
const withKeys = (options: ObjectSchema, shared: Readonly<Record<string, JsonSchema>>): ObjectSchema => ({
  ...options,
  properties: { ...options.properties, ...shared, ...options.properties },
});

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
