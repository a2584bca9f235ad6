import type { ExperimentConfig, Origin, ResolvedConfig } from '../../src/language/experiment.js';
import { Type } from '../../src/language/type.js';
import type { PlanningTools } from '../../src/planning/plan-experiment.js';
import { defineStage, type Stage } from '../../src/stages/stage.js';
import { leaves } from '../../src/planning/leaves.js';

/** Stages that think like real ones and create nothing. */

const untouched = (): never => {
  throw new Error('planning must create nothing');
};

const dataset = defineStage({
  slot: 'dataset',
  kind: 'pairs',
  version: 1,
  summary: 'Sums of pairs.',
  options: Type.Object({
    examples: Type.Integer({ minimum: 1 }),
    train_fraction: Type.Number(),
    bits: Type.Integer(),
    file: Type.Optional(Type.String({ path: true })),
  }),
  look(options, { files, streams }) {
    const content =
      options.file === undefined ? `${JSON.stringify(options)} ${streams.seed}` : new TextDecoder().decode(files.read(options.file));
    return {
      digest: `digest of ${content}`,
      facts: [
        {
          key: 'test-pairs-in-train',
          name: 'share of test pairs that occur in training',
          value: 0.992,
          note: 'the test measures memory more than generalisation',
        },
      ],
      content: {},
    };
  },
  plan({ examples, train_fraction, bits }, { request }) {
    const split = (count: number) => ({
      examples: count,
      batches: Math.ceil(count / request.batchSize),
      batchSize: request.batchSize,
      inputs: { input: { shape: [2, bits], axes: ['time', 'bits'], dtype: 'float32' as const } },
      target: { shape: [bits], axes: ['bits'], dtype: 'float32' as const },
    });
    const train = Math.round(examples * train_fraction);
    return {
      splits: { train: split(train), test: split(examples - train) },
      chance: { 'test/exact_match': 0.0041 },
    };
  },
  create: untouched,
});

const model = defineStage({
  slot: 'model',
  kind: 'cell',
  version: 1,
  summary: 'A cell.',
  options: Type.Object({ hidden_size: Type.Integer({ minimum: 1 }), readout: Type.Enum(['last', 'every']) }),
  plan({ hidden_size: hidden, readout }, { data }, report) {
    const target = data.splits['train']?.target ?? { shape: [1], axes: ['bits'], dtype: 'float32' };
    const features = data.splits['train']?.inputs.input.shape.at(-1) ?? 1;
    if (readout === 'every')
      report({ code: 'shape-mismatch', path: ['readout'], message: 'an output of every step meets a target of one' });
    const initializer = { kind: 'uniform', limit: 1 / Math.sqrt(hidden) } as const;
    return {
      parameters: [
        { name: 'Wx', shape: [features, hidden], initializer },
        { name: 'b', shape: [hidden], initializer: { kind: 'zeros' } },
        { name: 'Wy', shape: [hidden, ...target.shape], initializer },
      ],
      buffers: [],
      state: { h: [hidden] },
      masks: [],
      output: target,
    };
  },
  create: untouched,
});

const loss = defineStage({
  slot: 'loss',
  kind: 'squares',
  version: 1,
  summary: 'Squares.',
  options: Type.Object({}),
  plan: () => ({ reading: 'values' }),
  create: untouched,
});

const metric = (kind: string, expects: 'values' | 'logits') =>
  defineStage({
    slot: 'metric',
    kind,
    version: 1,
    summary: 'A share.',
    options: Type.Object({ tolerance: Type.Optional(Type.Number()) }),
    plan(_options, upstream, report) {
      if (upstream.loss.reading !== expects) report({ code: 'reading', path: ['kind'], message: `${kind} needs ${expects}` });
      return { better: 'higher', deterministic: true, unit: 'share' };
    },
    create: untouched,
  });

const optimizer = defineStage({
  slot: 'optimizer',
  kind: 'descent',
  version: 3,
  summary: 'Descent.',
  options: Type.Object({ learning_rate: Type.Number(), momentum: Type.Number({ default: 0 }) }),
  plan: ({ learning_rate }) => ({ slots: ['v'], scalars: { learning_rate } }),
  create: untouched,
});

export const STAGES: readonly Stage[] = [
  dataset,
  model,
  loss,
  metric('exact_match', 'values'),
  metric('bit_accuracy', 'values'),
  metric('log_score', 'logits'),
  optimizer,
];

export const VALUES: ExperimentConfig = {
  experiment: 'pairs',
  description: 'Adding pairs.',
  use: [],
  seed: 1,
  dataset: { kind: 'pairs', seed: 'inherit', examples: 1000, train_fraction: 0.8, bits: 8 },
  model: { kind: 'cell', hidden_size: 32, readout: 'last' },
  loss: { kind: 'squares' },
  optimizer: { kind: 'descent', learning_rate: 0.001, momentum: 0 },
  metrics: [{ kind: 'exact_match' }, { kind: 'bit_accuracy', splits: ['test'] }],
  training: { epochs: 50, batch_size: 64, shuffle: false, recurrent_state: 'reset', checkpoint_every: 1, keep: 'last' },
  engine: { kind: 'compiled', device: 'cpu', threads: 1 },
};

export const EXECUTION: ReadonlySet<string> = new Set([
  'training.checkpoint_every',
  'engine.threads',
  'tracking.uri',
  'on_finish',
  'accept.0.threat',
  'accept.0.because',
]);

export const TOOLS: PlanningTools = {
  files: { read: (path) => new TextEncoder().encode(`content of ${path}`) },
  numerics: { compiled: 1, tensorflow: 1, 'eager-wasm': 1, 'eager-js': 1 },
};

/** A resolved config of these values, every one a default. */
export function resolved(values: ExperimentConfig = VALUES, origins: ReadonlyMap<string, Origin> = new Map()): ResolvedConfig {
  const defaults = [...leaves(values).keys()].map((path): [string, Origin] => [path, { from: 'default' }]);
  return { kind: 'experiment', file: 'pairs.yaml', source: '', values, origins: new Map([...defaults, ...origins]), execution: EXECUTION };
}
