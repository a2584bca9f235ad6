import { createHash } from 'node:crypto';
import { Type } from '../../language/type.js';
import type { Stream, Streams } from '../../random/streams.js';
import type { Batch, Dataset, DataSpec, SplitSpec } from '../stage.js';

/** How many examples of each split are drawn. */
interface Sizes {
  readonly train: number;
  readonly validation?: number | undefined;
  readonly test: number;
}

/** The options that say it; `noun`: what an example is, `sequences`. */
export const sizeOptions = (noun: string, usual: Sizes) => ({
  train: Type.Integer({ ...COUNT, default: usual.train, description: `How many ${noun} are drawn for training.` }),
  test: Type.Integer({ ...COUNT, default: usual.test, description: `How many ${noun} are drawn for the test.` }),
  validation: Type.Optional(Type.Integer({ ...COUNT, examples: [usual.test], description: `How many ${noun} are drawn for validation.` })),
});
const COUNT = { minimum: 1, maximum: 10_000_000 };

/** By split, in the order in which they are measured. */
const countsOf = ({ train, validation, test }: Sizes): readonly (readonly [split: string, count: number])[] => [
  ['train', train],
  ...(validation === undefined ? [] : [['validation', validation] as const]),
  ['test', test],
];

export const splitNames = (sizes: Sizes): readonly string[] => countsOf(sizes).map(([split]) => split);

/** The splits of data that are drawn, all of whose examples have one shape. */
export function drawnSplits(sizes: Sizes, batchSize: number, shapes: Pick<SplitSpec, 'inputs' | 'target'>): DataSpec['splits'] {
  return Object.fromEntries(
    countsOf(sizes).map(([split, examples]) => [split, { examples, batches: Math.ceil(examples / batchSize), batchSize, ...shapes }]),
  );
}

/**
 * The batches of data of which an example is a function of its number: `draw` is handed the stream `dataset/SPLIT`, NUMBER, and writes the example
 * into a row. So nothing of them is kept, however many there are.
 */
export function drawnBatches(
  streams: Streams,
  shuffles: boolean,
  { splits }: DataSpec,
  emptyBatch: (rows: number) => Pick<Batch, 'inputs' | 'target'>,
  draw: (stream: Stream, batch: Pick<Batch, 'inputs' | 'target'>, row: number) => void,
): Dataset['batches'] {
  return function* (name, epoch) {
    const split = splits[name];
    if (!split) throw new Error(`no split ${name} is drawn`);
    const order = Int32Array.from({ length: split.examples }, (_, example) => example);
    if (name === 'train' && shuffles) streams.stream('shuffle', epoch).shuffle(order);
    for (let first = 0; first < order.length; first += split.batchSize) {
      const chosen = order.subarray(first, first + split.batchSize);
      const batch = emptyBatch(split.batchSize);
      for (const [row, example] of chosen.entries()) draw(streams.stream(`dataset/${name}`, example), batch, row);
      yield { ...batch, weight: new Float32Array(split.batchSize).fill(1, 0, chosen.length) };
    }
  };
}

/** Examples are drawn when they are asked for: of each split the order alone is kept. */
export const bytesOfDrawn = (sizes: Sizes): number => 4 * Math.max(...countsOf(sizes).map(([, count]) => count));

/** SHA-256 of what decides the examples, hex. */
export const digestOfDrawn = (...identity: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(identity)).digest('hex');
