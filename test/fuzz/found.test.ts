import { expect, test } from 'vitest';
import { examine } from '../../src/run/prepare.js';
import { tryCase, writeCase } from './try-case.js';

/* What the fuzz has found, a row of each kind: documents that failed after `check` had said ok. */

const rest = { optimizer: { kind: 'adam', learning_rate: 0.01 }, training: { epochs: 1, batch_size: 2 } };
const addition = {
  experiment: 'found',
  dataset: { kind: 'binary_addition', bits: 3, examples: 10 },
  loss: { kind: 'mean_squared_error' },
  ...rest,
};
const ofText = (dataset: object) => ({
  ...{ experiment: 'found', dataset: { kind: 'text', file: 'data file #1', time_steps: 2, ...dataset }, ...rest },
  ...{ model: { kind: 'rnn', hidden_size: 2, readout: 'every' }, loss: { kind: 'cross_entropy' } },
});

const oneStep = {
  ...addition,
  dataset: { kind: 'sequences', file: 'data file #1', format: 'csv', sequence: 'id', features: ['x'], target: 'y', task: 'regression' },
};
test.each<readonly [string, object, string, readonly string[]]>([
  [
    'a model that has nothing to learn',
    { ...addition, model: { kind: 'sequential', layers: [{ kind: 'global_average_pooling_1d' }] } },
    '',
    ['nothing-to-train model'],
  ],
  ['a model that no memory holds', { ...addition, model: { kind: 'lstm', hidden_size: 1e8 } }, '', ['model-too-large model']],
  [
    'more layers than can be counted',
    { ...addition, model: { kind: 'lstm', hidden_size: 1, num_layers: 1e9 } },
    '',
    ['out-of-range model.num_layers'],
  ],
  [
    'more examples than an array holds',
    { ...addition, dataset: { kind: 'binary_addition', examples: 1e12 }, model: { kind: 'lstm', hidden_size: 1 } },
    '',
    ['out-of-range dataset.examples'],
  ],
  ['a text of unknown tokens', ofText({ minimum_count: 100 }), 'to and fro', ['one-class dataset.minimum_count']],
  ...['a/../b', '..', ' .', 'a\tb', 'x'.repeat(300), 'a:b*?', 'Train', 'train/loss'].map(
    (name) =>
      [
        `a split that no record can hold: ${JSON.stringify(name.slice(0, 12))}`,
        { ...oneStep, dataset: { ...oneStep.dataset, split_column: 'part' }, model: { kind: 'rnn', hidden_size: 1 } },
        `id,x,y,part\n${Array.from({ length: 10 }, (_, i) => `${Math.floor(i / 2)},${Math.sin(i)},${Math.cos(i - (i % 2))},${i < 4 ? 'train' : name}\n`).join('')}`,
        ['unrecorded-split dataset.split_column'],
      ] as const,
  ),
])('told: %s', (_, document, data, expected) => {
  const examined = examine(writeCase(document, data), {});
  const told = 'diagnostics' in examined ? examined.diagnostics.filter(({ severity }) => severity === 'error') : [];
  expect(told.map(({ code }) => code)).toEqual(expected.map((one) => one.split(' ')[0]));
  for (const { place } of told) expect(place).toBeDefined();
});

const rows = ['id,x,y', ...Array.from({ length: 10 }, (_, i) => `${i},${Math.sin(i)},${Math.cos(i)}`)].join('\n');

test.each<readonly [string, object, string]>([
  ...['rnn', 'gru', 'lstm'].flatMap((kind) =>
    ['scratch', 'builtin'].map(
      (implementation) =>
        [
          `two layers over one step: ${kind} ${implementation}`,
          { ...oneStep, model: { kind, implementation, hidden_size: 2, num_layers: 2 } },
          rows,
        ] as const,
    ),
  ),
  [
    'layers that learn below a recurrent one over one step',
    {
      ...oneStep,
      model: {
        kind: 'sequential',
        layers: [
          { kind: 'dense', units: 2 },
          { kind: 'gru', units: 2 },
          { kind: 'dense', units: 1 },
        ],
      },
    },
    rows,
  ],
  [
    'a normalized layer, which becomes model.onnx',
    {
      ...addition,
      model: { kind: 'sequential', layers: [{ kind: 'layer_normalization' }, { kind: 'flatten' }, { kind: 'dense', units: 3 }] },
    },
    '',
  ],
])('trained: %s', async (_, document, data) => {
  expect(await tryCase(document, data, 'eager-js')).toBe('finished');
});
