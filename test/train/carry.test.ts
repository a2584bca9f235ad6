import { describe, expect, it } from 'vitest';
import { createDataset } from '../../src/train/pipeline.js';
import { freshStart } from '../../src/train/start.js';
import { stages } from '../../src/stages/registry.js';
import { planned, trained } from '../support/experiment.js';
import { ElmanNetwork } from '../support/elman.js';

// 3 batches of 4 sequences of 7 characters.
const SMALL = ['dataset.max_tokens=100', 'dataset.time_steps=7', 'training.batch_size=4', 'model.hidden_size=6', 'training.epochs=3'];
const LOUD = 'model.initializer={kind: normal, stddev: 0.7}';
const experiment = (...set: readonly string[]) => planned('experiments/rnn_time_machine.yaml', { set: [...SMALL, LOUD, ...set] });

/** Training as the book does it, in double, with gradients worked out by hand. */
function byHand({ plan, files }: ReturnType<typeof experiment>, carried: boolean): readonly number[] {
  const network = new ElmanNetwork(freshStart(plan).state, plan.data.classes ?? 0);
  const dataset = createDataset(plan, stages, files);
  return Array.from({ length: plan.training.epochs }, (_, index) => {
    let h = network.zeros(plan.training.batchSize);
    let sum = 0;
    let tokens = 0;
    for (const {
      inputs: { input },
      target,
    } of dataset.batches('train', index + 1)) {
      const made = network.train({ input, target, h, steps: 7 }, { rate: 1, clip: 1 });
      h = carried ? made.h : network.zeros(plan.training.batchSize);
      sum += made.loss * input.length;
      tokens += input.length;
    }
    return Math.exp(sum / tokens);
  });
}

const perplexities = async (prepared: ReturnType<typeof experiment>, stepsPerCall: number) =>
  (await trained(prepared, { stepsPerCall })).epochs.map(([, metrics]) => metrics.get('train/perplexity') ?? Number.NaN);

describe('perplexity of an epoch, state carried through its minibatches and detached between them', () => {
  it.each([1, 2, 3])('is what the book computes, %i steps a call', async (stepsPerCall) => {
    const expected = byHand(experiment(), true);
    const measured = await perplexities(experiment(), stepsPerCall);
    measured.forEach((value, epoch) => expect(value / (expected[epoch] ?? Number.NaN)).toBeCloseTo(1, 4));
  });

  it('is another where every minibatch starts from zero', async () => {
    const reset = experiment('training.recurrent_state=reset');
    const expected = byHand(reset, false);
    const measured = await perplexities(reset, 2);
    measured.forEach((value, epoch) => expect(value / (expected[epoch] ?? Number.NaN)).toBeCloseTo(1, 4));
    expect(Math.abs((measured[2] ?? 0) - (byHand(experiment(), true)[2] ?? 0))).toBeGreaterThan(1e-3);
  });
});

describe('a measured split', () => {
  it('carries its own state, and leaves that of training alone', async () => {
    const whole = ['dataset.max_tokens=400', 'dataset.validation=0.5', 'optimizer.learning_rate=1e-30', 'training.epochs=2'];
    const carried = experiment(...whole);
    const network = new ElmanNetwork(freshStart(carried.plan).state, 28);
    let h = network.zeros(4);
    let sum = 0;
    let tokens = 0;
    for (const {
      inputs: { input },
      target,
    } of createDataset(carried.plan, stages, carried.files).batches('validation', 1)) {
      const made = network.train({ input, target, h, steps: 7 }, { rate: 0, clip: 1 });
      h = made.h;
      sum += made.loss * input.length;
      tokens += input.length;
    }
    const { epochs } = await trained(carried);
    for (const [, metrics] of epochs) expect(metrics.get('validation/perplexity')).toBeCloseTo(Math.exp(sum / tokens), 4);
    const { epochs: alone } = await trained(experiment('dataset.max_tokens=200', ...whole.slice(2)));
    expect(epochs.map(([, metrics]) => metrics.get('train/loss'))).toEqual(alone.map(([, metrics]) => metrics.get('train/loss')));
  });
});
