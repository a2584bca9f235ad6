import { describe, expect, it } from 'vitest';
import { rateAt, type Schedule } from '../../src/stages/optimizer/schedule.js';
import { trainingScalars } from '../../src/train/scalars.js';
import { deterministic, planned, trained } from '../support/experiment.js';

const shared = { from: 1, to: 0.01, over: 4, warmup: 0 } as const;

describe('a schedule', () => {
  it.each<[Schedule['kind'], readonly number[]]>([
    ['step', [1, 1, 1, 1, 0.01, 0.01]],
    ['linear', [1, 0.7525, 0.505, 0.2575, 0.01, 0.01]],
    ['exponential', [1, 10 ** -0.5, 0.1, 10 ** -1.5, 0.01, 0.01]],
    ['cosine', [1, 0.505 + 0.495 * Math.SQRT1_2, 0.505, 0.505 - 0.495 * Math.SQRT1_2, 0.01, 0.01]],
  ])('%s goes from one rate to the other and stays there', (kind, rates) => {
    rates.forEach((rate, epochs) => expect(rateAt({ kind, ...shared }, epochs, 0.1)).toBeCloseTo(rate, 12));
  });

  it('begins after its warm-up, which rises evenly and never takes a step of rate zero', () => {
    const schedule: Schedule = { kind: 'linear', ...shared, warmup: 2 };
    expect([0, 0.5, 1, 1.5].map((epochs) => rateAt(schedule, epochs, 0.5))).toEqual([0.25, 0.5, 0.75, 1]);
    expect(rateAt(schedule, 2, 0.5)).toBe(1);
    expect(rateAt(schedule, 4, 0.5)).toBeCloseTo(0.505, 12);
    expect(rateAt(schedule, 6, 0.5)).toBe(0.01);
  });
});

const SMALL = ['dataset.examples=40', 'training.batch_size=8', 'model.hidden_size=4', 'training.epochs=3'];
const addition = (rate: string) => planned('experiments/lstm_addition.yaml', { set: [...SMALL, `optimizer.learning_rate=${rate}`] });

describe('training with a schedule', () => {
  it('moves the rate at every step, whatever the number of steps a call', () => {
    const { plan } = addition('{kind: linear, from: 0.4, to: 0, over: 2}'); // 4 steps an epoch
    const rates = (epoch: number, done: number, steps: number) => [...(trainingScalars(plan, epoch, done, steps)['learning_rate'] ?? [])];
    const expected = [0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1, 0.05, 0, 0, 0, 0].map(Math.fround);
    expect([1, 2, 3].flatMap((epoch) => rates(epoch, 0, 4))).toEqual(expected);
    expect([1, 2, 3].flatMap((epoch) => [0, 1, 2, 3].flatMap((done) => rates(epoch, done, 1)))).toEqual(expected);
  });

  it('is training with a number where both rates are that number', async () => {
    const metrics = async (rate: string) => (await trained(addition(rate))).epochs.map(([, values]) => deterministic(values));
    expect(await metrics('{kind: cosine, from: 0.01, to: 0.01, over: 3}')).toEqual(await metrics('0.01'));
  });

  it('stands still once the rate is zero', async () => {
    const { snapshots } = await trained(addition('{kind: step, from: 0.1, to: 0, over: 1}'));
    const [first, second, third] = snapshots.map(({ state }) => state['parameters/Wxi']);
    expect(second).toEqual(first);
    expect(third).toEqual(first);
  });
});
