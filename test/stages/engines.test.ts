import { describe, expect, test } from 'vitest';
import { deterministic, planned, trained } from '../support/experiment.js';

/* What the stages here are made of must be known to the tape, and compute the same compiled as operation by operation. */

const small = ['training.epochs=2', 'training.batch_size=4', 'dataset.time_steps=6', 'dataset.max_tokens=200', 'model.hidden_size=5'];
const stacks: readonly (readonly [string, readonly string[]])[] = [
  ['lstm_time_machine', ['model.num_layers=2', 'model.dropout=0.3']],
  ['lstm_time_machine_builtin', ['model.num_layers=2', 'model.bidirectional=true']],
  ['gru_time_machine', ['model.bidirectional=true']],
  ['rnn_time_machine_builtin', ['model.num_layers=2', 'model.bidirectional=true', 'model.dropout=0.5']],
];

describe.each(stacks)('%s with %j', (document, changes) => {
  test('compiled and eager train alike', async () => {
    const experiment = planned(`experiments/${document}.yaml`, { set: [...small, ...changes] });
    const [compiled, eager] = [await trained(experiment), await trained(experiment, { kind: 'eager-js' })];
    expect(compiled.epochs).toHaveLength(2);
    for (const [index, [, metrics]] of compiled.epochs.entries()) {
      const expected = deterministic(eager.epochs[index]?.[1] ?? new Map());
      for (const [key, value] of Object.entries(deterministic(metrics))) {
        expect(Math.abs(value / (expected[key] ?? Number.NaN) - 1), key).toBeLessThan(1e-5);
      }
    }
  });
});
