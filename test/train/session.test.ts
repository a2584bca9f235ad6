import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/create.js';
import { Type } from '../../src/language/type.js';
import { stages as ourStages } from '../../src/stages/registry.js';
import { type AccumulatingMetric, type Collected, defineStage, type Stage, type Tools } from '../../src/stages/stage.js';
import { createDataset, createFinishers, pipelineFor } from '../../src/train/pipeline.js';
import { openSession, type Session } from '../../src/train/session.js';
import { freshStart } from '../../src/train/start.js';
import type { RecordedView } from '../../src/views/view.js';
import { planned, trained } from '../support/experiment.js';

/* A training session, and metrics in their three forms: what one adds up over batches, another reads off the whole split. */

const FILE = 'experiments/lstm_time_machine.yaml';
const SMALL = [
  'training={epochs: 3, batch_size: 4, recurrent_state: reset}',
  'dataset.max_tokens=203',
  'dataset.time_steps=6',
  'dataset.validation=0.25',
  'model.hidden_size=5',
];

const none = Type.Object({});
const plan = () => ({ better: 'higher', deterministic: true, unit: 'share' }) as const;

/** Right answers by place in the sequence, and all weights, as one tensor each. */
const byStep = defineStage({
  slot: 'metric',
  kind: 'by_step',
  version: 1,
  summary: 'Right answers by place.',
  options: none,
  plan: (_, { model }) => ({ ...plan(), accumulates: { right: [model.output.shape[0] ?? 1], all: [] } }),
  create: ({ tf }): AccumulatingMetric => ({
    accumulate(output, target, weight) {
      const right = tf.cast(tf.equal(tf.argMax(output, -1), target), 'float32');
      const steps = target.shape[1] ?? 1;
      return { right: tf.sum(tf.mul(right, tf.reshape(weight, [-1, 1])), 0), all: tf.mul(tf.sum(weight), steps) };
    },
    finish({ right = new Float64Array(), all = new Float64Array() }) {
      const bars = Array.from(right, (value, step) => ({ name: String(step), value }));
      return { value: right.reduce((a, b) => a + b, 0) / (all[0] ?? 0), view: { kind: 'bars', x: 'step', y: 'right', bars } };
    },
  }),
});

/** The accuracy, read off all outputs of a split. */
const collected = defineStage({
  slot: 'metric',
  kind: 'collected',
  version: 1,
  summary: 'Share of right answers.',
  options: none,
  plan: () => ({ ...plan(), collects: true }),
  create: () => ({ evaluate: (split) => accuracyOf(split) }),
});

function accuracyOf({ output, target }: Collected): number {
  const classes = output.shape.at(-1) ?? 1;
  const right = Array.from(target.values, (answer, at) => {
    const scores = output.values.subarray(at * classes, (at + 1) * classes);
    return scores.indexOf(scores.reduce((a, b) => Math.max(a, b))) === answer;
  });
  return right.filter(Boolean).length / right.length;
}

const own: readonly Stage[] = [...ourStages, byStep, collected];
const METRICS = '[{kind: accuracy}, {kind: by_step}, {kind: collected}, {kind: confusion_matrix}, {kind: accuracy, as: twice}]';
const prepared = (...set: readonly string[]) => planned(FILE, { set: [...SMALL, `metrics=${METRICS}`, ...set], stages: own });

describe.each(['compiled', 'eager-js'] as const)('metrics on %s', (kind) => {
  it('come to the same value in each of their forms, under each of their names, while training and after it', async () => {
    const { epochs } = await trained(prepared(), { kind, stages: own });
    expect(epochs).toHaveLength(3);
    for (const [, metrics] of epochs) {
      for (const split of ['train', 'validation']) {
        const value = metrics.get(`${split}/accuracy`) ?? Number.NaN;
        for (const name of ['by_step', 'collected', 'confusion_matrix', 'twice'])
          expect(metrics.get(`${split}/${name}`), `${split}/${name}`).toBeCloseTo(value, 12);
      }
    }
  });
});

it('several steps a call give the same sums as one', async () => {
  const [one, many] = [
    await trained(prepared(), { stages: own, stepsPerCall: 1 }),
    await trained(prepared(), { stages: own, stepsPerCall: 3 }),
  ];
  const without = ([, metrics]: (typeof one.epochs)[number]) => [...metrics].filter(([key]) => !key.includes('per_second'));
  expect(one.epochs.map(without)).toEqual(many.epochs.map(without));
});

describe('views', () => {
  it('are of the last epoch', async () => {
    const { views } = await trained(prepared(), { stages: own });
    expect(views.map(({ key, epoch }) => `${key} ${epoch}`)).toEqual(
      [1, 2, 3].flatMap((epoch) =>
        ['train', 'validation'].flatMap((split) => ['by_step', 'confusion_matrix'].map((name) => `${split}/${name} ${epoch}`)),
      ),
    );
  });

  it('are of the epoch whose weights are kept', async () => {
    const keep = [
      'training.keep=best',
      'training.early_stopping={metric: validation/loss, patience: 9}',
      'optimizer.learning_rate=9',
      'training.epochs=6',
    ];
    const { views, outcome, epochs } = await trained(prepared(...keep), { stages: own });
    const kept = outcome.kind === 'finished' ? outcome.kept.epoch : undefined;
    const shown = views.filter(({ key }) => key === 'validation/confusion_matrix').at(-1);
    expect(kept).toBeLessThan(6);
    expect(shown?.epoch).toBe(kept);
    expect(shareOnDiagonal(shown)).toBeCloseTo(epochs.find(([epoch]) => epoch === kept)?.[1].get('validation/accuracy') ?? Number.NaN, 12);
  });
});

function shareOnDiagonal(recorded: RecordedView | undefined): number {
  if (recorded?.view.kind !== 'matrix') throw new Error('no matrix');
  const { values } = recorded.view;
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  return sum(values.map((row, index) => row[index] ?? 0)) / sum(values.flat());
}

async function inSession<T>(use: (session: Session) => Promise<T>, stages: readonly Stage[] = own, found = prepared()): Promise<T> {
  const { plan: planOf, files } = found;
  const engine = await createEngine({ ...planOf.engine, kind: 'eager-js', cache: null });
  const session = await openSession({
    plan: planOf,
    pipeline: pipelineFor(planOf, stages),
    finishers: createFinishers(planOf, stages),
    dataset: createDataset(planOf, stages, files),
    engine,
    start: freshStart(planOf, files),
    stopped: () => false,
  });
  try {
    return await use(session);
  } finally {
    session.dispose();
    await engine.dispose();
  }
}

describe('a session', () => {
  it('measures without an epoch, gives predictions in the order of the split, and counts its epochs', async () => {
    await inSession(async (session) => {
      const before = await session.weights();
      const measured = new Map((await session.measure('validation'))?.metrics);
      const predictions = await session.predictions('validation');
      expect(predictions && accuracyOf(predictions)).toBeCloseTo(measured.get('validation/accuracy') ?? Number.NaN, 12);
      expect(predictions?.target.shape).toEqual([predictions?.output.shape[0], 6]);
      expect(await session.weights()).toEqual(before);
      expect((await session.trainEpoch()).kind).toBe('done');
      expect(session.epoch).toBe(1);
      expect((await session.snapshot()).epoch).toBe(1);
      expect(await session.weights()).not.toEqual(before);
    });
  });
});

describe('a dataset that decodes', () => {
  /** Sums of binary numbers, of which a person reads each bit as ten. */
  const tens = ourStages.map((stage) =>
    stage.slot === 'dataset' && stage.kind === 'binary_addition'
      ? {
          ...stage,
          decode:
            ({ tf }: Tools) =>
            (values: { readonly output: Parameters<typeof tf.mul>[0]; readonly target: Parameters<typeof tf.mul>[0] }) => ({
              output: tf.mul(values.output, 10),
              target: tf.mul(values.target, 10),
            }),
        }
      : stage,
  ) as readonly Stage[];
  const set = ['dataset.examples=60', 'training={epochs: 1, batch_size: 8}', 'metrics=[{kind: mean_absolute_error}]'];

  it('has metrics, and predictions, in its own unit, while the loss is the net’s', async () => {
    const read = (stages: readonly Stage[]) =>
      inSession(
        async (session) => ({ metrics: new Map((await session.measure('test'))?.metrics), predictions: await session.predictions('test') }),
        stages,
        planned('experiments/lstm_addition.yaml', { set, stages }),
      );
    const [plain, decoded] = [await read(ourStages), await read(tens)];
    expect(decoded.metrics.get('test/loss')).toBe(plain.metrics.get('test/loss'));
    expect(decoded.metrics.get('test/mean_absolute_error')).toBeCloseTo(
      10 * (plain.metrics.get('test/mean_absolute_error') ?? Number.NaN),
      4,
    );
    expect(decoded.predictions?.target.values).toEqual(plain.predictions?.target.values.map((value) => value * 10));
  });
});
