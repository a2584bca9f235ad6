import { createHash } from 'node:crypto';
import { defineStage, type DataSpec, type Report, type SplitSpec, type TensorSpec } from '../stage.js';
import { chanceOf, describe } from './binary-addition/facts.js';
import { options, type Options, splitSizes, testsOf } from './binary-addition/options.js';
import { drawPairs, encode, heldOutCount, MOST_BITS_HELD_OUT, pairCount } from './binary-addition/pairs.js';

const VERSION = 1;

/**
 * Sums of two random numbers `a, b` of `bits - 1` bits, so that the sum `s = a + b` has at most `bits` bits; all of them are 0 or 1 in float32.
 *
 *     layout numbers    input [time 2, bits]: the bits of a, then those of b; target [bits]; most significant bit first
 *     layout bits       input [time bits, 2]: the same bit of a and of b; target [time bits, 1]: that bit of s; least significant bit first
 *
 * With `numbers` the carry is a job for the readout. With `bits` it is one for the memory, which hands it from a position to the next.
 *
 * Only 4^(bits - 1) pairs exist: 16,384 of 8 bits, nearly all of which occur among 80,000 training examples. The test curve then measures
 * memory. `held_out` is the share of all pairs that are kept from training; the test split is then drawn from them alone.
 *
 * A net that has learnt to carry a bit can add longer numbers than it was trained on: `test_bits` gives further splits to see it, which have
 * more steps, or fewer, and as many examples as the test.
 */
export const binaryAddition = defineStage({
  slot: 'dataset',
  kind: 'binary_addition',
  version: VERSION,
  summary: 'Two random binary numbers and their sum.',
  options,

  inspect(options, { streams }) {
    return { digest: digest(options, streams.seed), facts: describe(options, drawPairs(options, streams)), content: {} };
  },

  plan(options, { facts, request }, report): DataSpec {
    const { train, test } = splitSizes(options);
    reportMisfits(options, train, test, report);
    const split = (examples: number, batchSize: number, bits: number): SplitSpec => ({
      examples,
      batches: Math.ceil(examples / batchSize),
      batchSize,
      ...tensorSpecs({ ...options, bits }),
    });
    const testBatch = Math.max(request.batchSize, Math.min(test, TEST_BATCH));
    return {
      splits: {
        train: split(train, request.batchSize, options.bits),
        ...Object.fromEntries(testsOf(options).map((of) => [of.split, split(test, testBatch, of.bits)])),
      },
      independent: true,
      chance: Object.assign({}, ...testsOf(options).map((of) => chanceOf(of.split, of.bits))) as DataSpec['chance'],
      digest: facts.digest,
      facts: facts.facts,
    };
  },

  create({ streams, request }, options, spec) {
    const pairs = drawPairs(options, streams);
    return {
      *batches(name, epoch) {
        const split = spec.splits[name];
        const drawn = pairs[name];
        if (!split || !drawn) throw new Error(`binary_addition has no split ${name}`);
        const bits = testsOf(options).find((of) => of.split === name)?.bits ?? options.bits;
        const order = Int32Array.from(drawn.a.keys());
        if (name === 'train' && request.shuffle) streams.stream('shuffle', epoch).shuffle(order);
        for (let first = 0; first < order.length; first += split.batchSize) {
          yield encode(drawn, order.subarray(first, first + split.batchSize), split.batchSize, { ...options, bits });
        }
      },
    };
  },
});

/** Test examples a batch: nothing depends on it but speed. */
const TEST_BATCH = 1000;

function tensorSpecs({ bits, layout }: Options): { input: TensorSpec; target: TensorSpec } {
  const float = (shape: readonly number[], ...axes: string[]): TensorSpec => ({ shape, axes, dtype: 'float32' });
  return layout === 'numbers'
    ? { input: float([2, bits], 'time', 'bits'), target: float([bits], 'bits') }
    : { input: float([bits, 2], 'time', 'numbers'), target: float([bits, 1], 'time', 'bits') };
}

function reportMisfits(options: Options, train: number, test: number, report: Report): void {
  const { bits, examples, train_fraction, held_out } = options;
  if (train === 0 || test === 0) {
    report({
      code: 'empty-split',
      path: ['train_fraction'],
      message: `${train_fraction} of ${examples} examples leaves none for ${train === 0 ? 'training' : 'the test'}`,
      help: 'take more examples or another share',
    });
  }
  if (options.test_bits && options.layout === 'numbers') {
    report({
      code: 'layout-mismatch',
      path: ['test_bits'],
      at: 'key',
      message: 'with layout numbers a model reads numbers of one length only',
      help: 'write layout: bits, or leave test_bits out',
    });
  }
  if (held_out === 0) return;
  if (bits > MOST_BITS_HELD_OUT) {
    report({
      code: 'too-many-pairs',
      path: ['held_out'],
      message: `pairs can be held out for up to ${MOST_BITS_HELD_OUT} bits`,
      help: 'with more bits a test pair hardly ever occurs in training anyway: leave held_out out',
    });
  } else if (heldOutCount(options) === 0 || heldOutCount(options) === pairCount(bits)) {
    report({
      code: 'empty-split',
      path: ['held_out'],
      message: `${held_out} of ${pairCount(bits)} pairs leaves none for ${heldOutCount(options) === 0 ? 'the test' : 'training'}`,
      help: 'take more bits or another share',
    });
  }
}

function digest({ bits, examples, train_fraction, layout, held_out, test_bits }: Options, seed: number): string {
  const identity = ['binary_addition', VERSION, { bits, examples, train_fraction, layout, held_out, test_bits }, seed];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex');
}
