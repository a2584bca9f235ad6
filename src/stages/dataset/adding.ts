import { type Static, Type } from '../../language/type.js';
import { type DataSpec, defineStage } from '../stage.js';
import { bytesOfDrawn, digestOfDrawn, drawnBatches, drawnSplits, sizeOptions, splitNames } from './drawn.js';

const options = Type.Object({
  steps: Type.Integer({ minimum: 2, maximum: 100_000, default: 100, description: 'Steps of a sequence.' }),
  ...sizeOptions('sequences', { train: 10_000, test: 1000 }),
});
type Options = Static<typeof options>;

const VERSION = 1;

/**
 * The adding problem (Hochreiter and Schmidhuber 1997, as Bai, Kolter and Koltun 2018 draw it): a number between 0 and 1 at every step, two marked
 * steps, anywhere, and the sum of the numbers there.
 *
 *     input [time, 2]: the number, and 1 where it is marked, else 0        target [1]: the sum of the two
 *
 * Who ignores the input answers 1 at best, and is off by 1/√6 = 0.408 (root mean square; a mean squared error of 1/6 = 0.167) and by 1/3 in the
 * mean.
 */
export const adding = defineStage({
  slot: 'dataset',
  kind: 'adding',
  version: VERSION,
  summary: 'The sum of the two marked numbers of a long sequence.',
  options,
  draws: () => ['the examples'],

  look: ({ steps, train, validation, test }: Options, { streams }) => ({
    digest: digestOfDrawn('adding', VERSION, { steps, train, validation, test }, streams.seed),
    facts: [],
    content: {},
  }),

  fit: () => ({ features: ['number', 'mark'] }),

  plan: (options, { request }): DataSpec => ({
    splits: drawnSplits(options, request.batchSize, {
      inputs: { input: { shape: [options.steps, 2], axes: ['time', 'features'], dtype: 'float32' } },
      target: { shape: [1], axes: ['sum'], dtype: 'float32' },
    }),
    independent: true,
    bytes: bytesOfDrawn(options),
    chance: Object.fromEntries(
      splitNames(options).flatMap((split) => [
        [`${split}/mean_absolute_error`, 1 / 3],
        [`${split}/root_mean_squared_error`, 1 / Math.sqrt(6)],
      ]),
    ),
  }),

  create: ({ streams, request }, { steps }, spec) => ({
    batches: drawnBatches(
      streams,
      request.shuffle,
      spec,
      (rows) => ({ inputs: { input: new Float32Array(rows * steps * 2) }, target: new Float32Array(rows) }),
      (stream, { inputs: { input }, target }, row) => {
        const first = stream.integer(steps);
        const other = stream.integer(steps - 1);
        const marked = [first, other < first ? other : other + 1];
        for (let step = 0; step < steps; step++) input[2 * (row * steps + step)] = stream.uniform();
        for (const step of marked) {
          const at = 2 * (row * steps + step);
          input[at + 1] = 1;
          target[row] = (target[row] ?? 0) + (input[at] ?? 0);
        }
      },
    ),
  }),
});
