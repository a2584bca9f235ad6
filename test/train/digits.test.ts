import { describe, expect, it } from 'vitest';
import { deterministic, planned, trained, type Trained } from '../support/experiment.js';

// 10 batches of 16 and a partial one of 5.
const SMALL = ['dataset.examples=206', 'training.batch_size=16', 'training.epochs=4', 'model.hidden_size=8'];
const experiment = (...set: readonly string[]) => planned('experiments/lstm_addition.yaml', { set: [...SMALL, ...set] });

const digits = ({ epochs, snapshots }: Trained) => ({
  epochs: epochs.map(([epoch, metrics]) => [epoch, deterministic(metrics)]),
  state: snapshots.at(-1)?.state,
});

describe('the digits of training', () => {
  it('are equal whatever the number of steps a call and of threads', async () => {
    const one = digits(await trained(experiment(), { stepsPerCall: 1 }));
    for (const stepsPerCall of [2, 3, 10]) expect(digits(await trained(experiment(), { stepsPerCall }))).toEqual(one);
    expect(digits(await trained(experiment(), { threads: 2 }))).toEqual(one);
  });

  it('are equal when training is stopped after any epoch and goes on from the checkpoint', async () => {
    const whole = await trained(experiment());
    for (const epoch of [1, 2, 3]) {
      const first = await trained(experiment(), { until: epoch });
      const start = first.snapshots.at(-1);
      const rest = await trained(experiment(), start ? { start } : {});
      expect(digits(rest).state).toEqual(digits(whole).state);
      expect([...first.epochs, ...rest.epochs].map(([, metrics]) => deterministic(metrics))).toEqual(
        whole.epochs.map(([, metrics]) => deterministic(metrics)),
      );
    }
  });

  it('differ for another seed', async () => {
    const [one, two] = [await trained(experiment(), { until: 1 }), await trained(experiment('seed=2'), { until: 1 })];
    expect(digits(two).epochs).not.toEqual(digits(one).epochs);
  });

  it('do not depend on shuffling another split or on the metrics that are measured', async () => {
    const bare = await trained(experiment('metrics=[{kind: exact_match}]', 'training.shuffle=true'), { until: 1 });
    const full = await trained(experiment('training.shuffle=true'), { until: 1 });
    expect(bare.snapshots.at(-1)?.state).toEqual(full.snapshots.at(-1)?.state);
  });
});

describe('an end before the last epoch', () => {
  it('is answered between two calls', async () => {
    const { outcome, epochs } = await trained(experiment(), { stopAfter: 30, stepsPerCall: 1 });
    expect(outcome.kind).toBe('stopped');
    expect(epochs.length).toBe(2); // 11 training and 3 test calls an epoch: the 31st question falls into the third
  });

  it('says at which step the loss stopped being a number, and the gradient norm before it', async () => {
    const wild = experiment('optimizer={kind: sgd, learning_rate: 1e30}');
    const reports = [];
    for (const stepsPerCall of [1, 2, 10]) {
      const { outcome, epochs } = await trained(wild, { stepsPerCall });
      expect(epochs).toEqual([]);
      expect(outcome.kind).toBe('diverged');
      if (outcome.kind === 'diverged') reports.push(outcome.divergence);
    }
    expect(reports[0]?.epoch).toBe(1);
    expect(reports[0]?.step).toBeGreaterThan(1);
    expect(Number.isFinite(reports[0]?.loss)).toBe(false);
    expect(reports[0]?.gradientNorm).toBeGreaterThan(0);
    expect(reports[1]).toEqual(reports[0]);
    expect(reports[2]).toEqual(reports[0]);
  });
});
