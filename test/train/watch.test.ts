import { describe, expect, it } from 'vitest';
import { isBetter, isOver, type Watch, watchOf } from '../../src/train/watch.js';
import { deterministic, planned, trained, type Trained } from '../support/experiment.js';

// A rate this large makes the loss go up and down.
const SMALL = [
  ...['dataset.max_tokens=600', 'dataset.time_steps=7', 'dataset.validation=0.3', 'training.batch_size=4', 'model.hidden_size=6'],
  ...['optimizer.learning_rate=8', 'optimizer.clip_norm=20', 'training.epochs=12'],
];
const experiment = (...set: readonly string[]) => planned('experiments/rnn_time_machine.yaml', { set: [...SMALL, ...set] });
const STOPPING = 'training.early_stopping={metric: validation/perplexity, patience: 2}';
const values = ({ epochs }: Trained, key = 'validation/perplexity') => epochs.map(([, metrics]) => metrics.get(key) ?? Number.NaN);

describe('the best epoch', () => {
  const watch: Watch = { key: 'test/x', better: 'lower', minimumDelta: 0.1, patience: 2, keepsWeights: false };

  it.each([
    [1, undefined, true],
    [Number.NaN, undefined, false],
    [Infinity, undefined, false],
    [0.85, 1, true],
    [0.95, 1, false],
    [1.5, 1, false],
  ])('with %f after %f is new: %s', (value, best, isNew) => {
    const before = best === undefined ? undefined : { epoch: 1, value: best };
    expect(isBetter(watch, value, before)).toBe(isNew);
    expect(isBetter({ ...watch, better: 'higher' }, -value, before && { epoch: 1, value: -before.value })).toBe(isNew);
  });

  it('is waited for as long as patience lasts', () => {
    expect([3, 4, 5, 6].map((epoch) => isOver(watch, { epoch: 3, value: 1 }, epoch))).toEqual([false, false, true, true]);
    expect([1, 2].map((epoch) => isOver(watch, undefined, epoch))).toEqual([false, true]);
    expect(isOver(undefined, undefined, 100)).toBe(false);
  });

  it('is that of the metric that stops, else of the first metric on validation, else of training', () => {
    expect(watchOf(experiment().plan)).toBeUndefined();
    expect(watchOf(experiment(STOPPING).plan)).toMatchObject({ key: 'validation/perplexity', better: 'lower', patience: 2 });
    expect(watchOf(experiment('training.keep=best').plan)).toMatchObject({ key: 'validation/perplexity', patience: Infinity });
    expect(watchOf(experiment('training.keep=best', 'dataset.validation=0').plan)?.key).toBe('train/perplexity');
    expect(watchOf(experiment('training.keep=best', 'metrics=[]').plan)).toMatchObject({ key: 'validation/loss', better: 'lower' });
    const addition = planned('experiments/lstm_addition.yaml', { set: ['training.keep=best'] });
    expect(watchOf(addition.plan)).toMatchObject({ key: 'train/exact_match', better: 'higher' });
  });
});

describe('early stopping', () => {
  it('ends training where patience ends, and says which weights are the best', async () => {
    const whole = values(await trained(experiment()));
    const stopped = await trained(experiment(STOPPING, 'training.keep=best'));
    const seen = values(stopped);
    const best = seen.indexOf(Math.min(...seen)) + 1;
    expect(seen.length).toBeLessThan(whole.length);
    expect(seen).toEqual(whole.slice(0, seen.length));
    expect(seen.length - best).toBe(2);
    expect(stopped.outcome).toMatchObject({ kind: 'finished', kept: { epoch: best } });
    const { snapshots, outcome } = stopped;
    if (outcome.kind !== 'finished') throw new Error(outcome.kind);
    for (const [name, numbers] of Object.entries(outcome.kept.state)) expect(numbers).toEqual(snapshots[best - 1]?.state[name]);
  });

  it('remembers across an interruption at any epoch, the last one too', async () => {
    const prepared = experiment(STOPPING, 'training.keep=best');
    const whole = await trained(prepared);
    for (const start of whole.snapshots) {
      const rest = await trained(prepared, { start });
      expect(values(rest)).toEqual(values(whole).slice(start.epoch));
      expect(rest.outcome).toEqual(whole.outcome);
    }
  });
});

describe('without early stopping', () => {
  it('the last weights are kept, or the best', async () => {
    const last = await trained(experiment());
    expect(last.outcome).toMatchObject({ kind: 'finished', kept: { epoch: 12 } });
    const best = await trained(experiment('training.keep=best'));
    expect(values(best)).toEqual(values(last));
    expect(best.outcome).toMatchObject({ kept: { epoch: values(best).indexOf(Math.min(...values(best))) + 1 } });
  });
});

const from = ({ snapshots }: Trained) => snapshots.slice(-1).map((start) => ({ start }))[0] ?? {};

describe('until an epoch before the end', () => {
  it.each([[[]], [[STOPPING, 'training.keep=best']]])('training pauses, and going on gives what was never paused (%s)', async (set) => {
    const prepared = experiment('training.checkpoint_every=5', 'training.samples={every: 4, prefixes: [a], length: 3}', ...set);
    const whole = await trained(prepared);
    const first = await trained(prepared, { until: 1 });
    const second = await trained(prepared, { until: 2, ...from(first) });
    const rest = await trained(prepared, from(second));
    expect([first.outcome, second.outcome]).toEqual([{ kind: 'paused' }, { kind: 'paused' }]);
    expect([first, second, rest].flatMap(({ epochs }) => epochs.map(([, metrics]) => deterministic(metrics)))).toEqual(
      whole.epochs.map(([, metrics]) => deterministic(metrics)),
    );
    expect([first, second, rest].flatMap(({ samples }) => samples)).toEqual(whole.samples);
    expect(rest.outcome).toEqual(whole.outcome);
  });

  it('which comes after the end that patience sets is the end', async () => {
    const stopping = experiment(STOPPING);
    const whole = await trained(stopping);
    expect((await trained(stopping, { until: 11 })).outcome).toEqual(whole.outcome);
  });
});
