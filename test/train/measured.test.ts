import { describe, expect, it } from 'vitest';
import { examine } from '../../src/run/prepare.js';
import { stages } from '../../src/stages/registry.js';
import { createDataset } from '../../src/train/pipeline.js';
import { freshStart } from '../../src/train/start.js';
import { deterministic, planned, type Trained, trained } from '../support/experiment.js';

/* How an epoch is measured: with which weights the train split, from which state the others. */

const LOUD = 'model={kind: rnn, hidden_size: 3, initializer: {kind: normal, stddev: 0.9}}';
/** One month after the other: every split goes on where the one before it ended. */
const ONE_BY_ONE = [
  LOUD,
  'dataset.window=1',
  'dataset.transform=[{kind: standardize}]',
  'dataset.split={validation: {from: 1955-01}, test: {from: 1957-01}}',
  'training={epochs: 3, batch_size: 1, shuffle: false, recurrent_state: carry}',
];
const READ = 'training.before_test=read_train';
const airline = (...set: readonly string[]) => planned('experiments/airline.yaml', { set: [...ONE_BY_ONE, ...set] });
type Weights = Readonly<Record<string, ArrayLike<number>>>;

/** Mean squared errors of splits that are read one after the other by the recurrence written out, in double. */
function byHand({ plan, files }: ReturnType<typeof airline>, weights: Weights, carried: boolean): Readonly<Record<string, number>> {
  const at = (name: string, index: number): number => weights[`parameters/${name}`]?.[index] ?? Number.NaN;
  const units = [0, 1, 2];
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  let h = units.map(() => 0);
  const dataset = createDataset(plan, stages, files);
  return Object.fromEntries(
    Object.keys(plan.data.splits).map((split) => {
      if (!carried) h = units.map(() => 0);
      const errors = Array.from(dataset.batches(split, 1), ({ inputs: { input }, target }) => {
        const x = input[0] ?? Number.NaN;
        const before = h;
        h = units.map((to) =>
          Math.tanh(x * at('Wxh', to) + sum(units.map((from) => (before[from] ?? 0) * at('Whh', from * 3 + to))) + at('bh', to)),
        );
        return (sum(units.map((unit) => (h[unit] ?? 0) * at('Wy', unit))) + at('by', 0) - (target[0] ?? Number.NaN)) ** 2;
      });
      return [split, sum(errors) / errors.length];
    }),
  );
}

describe.each(['compiled', 'eager-js'] as const)('a split that is measured on %s', (kind) => {
  it.each([
    ['begins with zero', []],
    ['begins with zero when that is written', ['training.before_test=zero']],
    ['goes on from the splits before it', [READ]],
    ['goes on from a train split that is measured too', [READ, 'training.measure_train=end']],
  ])('%s', async (_, set) => {
    const prepared = airline(...set);
    const { epochs, snapshots } = await trained(prepared, { kind });
    const wrong = byHand(prepared, snapshots[2]?.state as Weights, !set.includes(READ));
    for (const [index, [, metrics]] of epochs.entries()) {
      const expected = byHand(prepared, snapshots[index]?.state as Weights, set.includes(READ));
      for (const split of ['validation', 'test']) expect(metrics.get(`${split}/loss`)).toBeCloseTo(expected[split] ?? Number.NaN, 5);
      if (set.length > 1) expect(metrics.get('train/loss')).toBeCloseTo(expected['train'] ?? Number.NaN, 5);
    }
    expect(Math.abs((epochs[2]?.[1].get('test/loss') ?? 0) - (wrong['test'] ?? 0))).toBeGreaterThan(1e-4);
  });
});

describe('a test that goes on from train', () => {
  it('has the same digits however many steps a call takes, and when a run goes on from a checkpoint', async () => {
    const [one, many] = [await trained(airline(READ), { stepsPerCall: 1 }), await trained(airline(READ), { stepsPerCall: 7 })];
    const values = ({ epochs }: typeof one) => epochs.map(([, metrics]) => deterministic(metrics));
    expect(values(many)).toEqual(values(one));
    const start = many.snapshots[1];
    if (!start) throw new Error('no checkpoint');
    const rest = await trained(airline(READ), { start });
    expect(values(rest)).toEqual(values(many).slice(2));
  });

  it('changes nothing of the training', async () => {
    const [zero, read] = [await trained(airline()), await trained(airline(READ, 'training.measure_train=end'))];
    expect(read.snapshots).toEqual(zero.snapshots);
  });

  it.each([
    ['without a carried state', ['training.recurrent_state=reset'], 'each batch begins with zero'],
    ['of a model without one', ['model={kind: sequential, layers: [{kind: flatten}, {kind: dense, units: 1}]}'], 'sequential has no state'],
    ['of batches of several windows', ['training.batch_size=4'], 'of the 4 examples of a batch of train'],
  ])('is a mistake %s', (_, set, said) => {
    const found = examine('experiments/airline.yaml', { set: [...ONE_BY_ONE, READ, ...set] }, stages);
    const told = 'diagnostics' in found ? found.diagnostics.filter(({ severity }) => severity !== 'warning') : [];
    expect(told.map(({ code, message }) => [code, message])).toEqual([['nothing-carried', expect.stringContaining(said)]]);
  });
});

describe('a train split that is measured at the end', () => {
  const END = 'training.measure_train=end';
  const sums = (...set: readonly string[]) =>
    planned('experiments/lstm_addition.yaml', {
      set: ['dataset.examples=61', 'training={epochs: 2, batch_size: 8}', 'metrics=[{kind: bit_accuracy}]', ...set],
    });
  /** The next epoch with weights that don't move measures what they were. */
  const FROZEN = ['optimizer.learning_rate=1e-30', 'training.epochs=3'];

  const keys = (epochs: Trained['epochs']) => [...(epochs[1]?.[1].keys() ?? [])].toSorted();

  it('is what its weights reach that no longer move', async () => {
    const moving = ['optimizer.learning_rate=0.05'];
    const { epochs, snapshots } = await trained(sums(END, ...moving));
    const running = await trained(sums(...moving));
    expect(snapshots).toEqual(running.snapshots);
    const start = snapshots[1];
    if (!start) throw new Error('no checkpoint');
    const still = await trained(sums(...moving, ...FROZEN), { start });
    for (const key of ['train/loss', 'train/bit_accuracy']) {
      expect(epochs[1]?.[1].get(key)).toBeCloseTo(still.epochs[0]?.[1].get(key) ?? Number.NaN, 6);
      expect(Math.abs((epochs[1]?.[1].get(key) ?? 0) - (running.epochs[1]?.[1].get(key) ?? 0)), key).toBeGreaterThan(1e-3);
    }
    expect(keys(epochs)).toEqual(keys(running.epochs));
  });

  it('has the views of its metrics once', async () => {
    const text = planned('experiments/lstm_time_machine.yaml', {
      set: [
        ...[
          'training={epochs: 1, batch_size: 4, recurrent_state: reset}',
          'dataset.max_tokens=203',
          'dataset.time_steps=6',
          'model.hidden_size=5',
        ],
        ...['metrics=[{kind: confusion_matrix}]', END],
      ],
    });
    expect((await trained(text)).views.map(({ key }) => key)).toEqual(['train/confusion_matrix']);
  });

  it('is another work, and no key of a work without it', () => {
    expect(sums().plan.work.key).not.toBe(sums(END).plan.work.key);
    expect(JSON.stringify(sums().plan.work.ingredients)).not.toContain('measure_train');
    expect(freshStart(sums().plan).state).toEqual(freshStart(sums(END).plan).state);
  });
});
