import { describe, expect, test } from 'vitest';
import { deterministic, planned, trained } from '../support/experiment.js';

/* What the stages here are made of must be known to the tape, and compute the same compiled as operation by operation. */

const text = ['training.epochs=2', 'training.batch_size=4', 'dataset.time_steps=6', 'dataset.max_tokens=200'];
const small = [...text, 'model.hidden_size=5'];
const rows: readonly (readonly [string, readonly string[]])[] = [
  ['lstm_time_machine', [...small, 'model.num_layers=2', 'model.dropout=0.3']],
  ['lstm_time_machine_builtin', [...small, 'model.num_layers=2', 'model.bidirectional=true']],
  ['gru_time_machine', [...small, 'model.bidirectional=true']],
  ['rnn_time_machine_builtin', [...small, 'model.num_layers=2', 'model.bidirectional=true', 'model.dropout=0.5']],
  [
    'lstm_time_machine',
    [...text, sequential('{kind: embedding, output_dim: 4}, {kind: layer_normalization}, {kind: lstm, units: 5, return_sequences: true}')],
  ],
  [
    'rnn_time_machine',
    [
      ...text,
      sequential('{kind: one_hot}, {kind: dense, units: 6, activation: tanh}, {kind: dropout, rate: 0.2}, {kind: batch_normalization}'),
    ],
  ],
  [
    'rnn_time_machine',
    [
      ...text,
      sequential(
        '{kind: one_hot}, {kind: bidirectional, layer: {kind: gru, units: 4, return_sequences: true}}, {kind: activation, activation: elu}',
      ),
    ],
  ],
];

describe.each(rows)('%s with %j', (document, changes) => {
  test('compiled and eager train alike', async () => {
    const experiment = planned(`experiments/${document}.yaml`, { set: changes });
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

/** A list of layers for the text, which ends in its 28 symbols. */
function sequential(layers: string): string {
  return `model={kind: sequential, layers: [${layers}, {kind: dense, units: 28}]}`;
}
