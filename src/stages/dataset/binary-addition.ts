import { createHash } from 'node:crypto';
import { percent, plural } from '../../diagnostics/numbers.js';
import { type Static, Type } from '../../language/type.js';
import type { Stream, Streams } from '../../random/streams.js';
import { type Batch, type DataSpec, defineStage, type Fact, type Report, type SplitSpec, type TensorSpec } from '../stage.js';

const options = Type.Object({
  bits: Type.Integer({ minimum: 2, maximum: 31, default: 8, description: 'Bits of the sum; the two numbers have one bit less.' }),
  examples: Type.Integer({
    minimum: 2,
    maximum: 10_000_000,
    default: 100_000,
    description: 'How many pairs are drawn, for training and test together.',
  }),
  train_fraction: Type.Number({
    exclusiveMinimum: 0,
    exclusiveMaximum: 1,
    default: 0.8,
    description: 'Share of the examples, the first ones, that is used for training.',
  }),
  validation_fraction: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      examples: [0.1],
      description:
        'Share of the examples that is used for validation: those after the training ones. No held-out pair is used for both validation and test.',
    }),
  ),
  layout: Type.Enum(['numbers', 'bits'], {
    default: 'numbers',
    description: 'A number a step, most significant bit first, or a bit position of both a step, least significant first.',
  }),
  held_out: Type.Number({
    minimum: 0,
    exclusiveMaximum: 1,
    default: 0,
    description: 'Share of all pairs that is never used for training; if it is not 0, only those pairs are tested.',
  }),
  test_bits: Type.Optional(
    Type.Array(Type.Integer({ minimum: 2, maximum: 31, examples: [16] }), {
      minItems: 1,
      uniqueItems: true,
      description: 'Further tests on sums of so many bits, each a split of its own (16: test_16_bits); layout bits only.',
    }),
  ),
});
type Options = Static<typeof options>;

function splitSizes({ examples, train_fraction, validation_fraction = 0 }: Options): { train: number; validation: number; test: number } {
  const train = Math.round(examples * train_fraction);
  const validation = Math.round(examples * validation_fraction);
  return { train, validation, test: Math.max(0, examples - train - validation) };
}

/** What is measured: sums as long as those that train, then longer or shorter ones. */
const measuredOf = ({
  bits,
  validation_fraction,
  test_bits = [],
}: Options): readonly { readonly split: string; readonly bits: number }[] => [
  ...(validation_fraction === undefined ? [] : [{ split: 'validation', bits }]),
  { split: 'test', bits },
  ...test_bits.map((others) => ({ split: `test_${others}_bits`, bits: others })),
];

interface Pairs {
  readonly a: Int32Array;
  readonly b: Int32Array;
}

/** All pairs are listed to hold some out: 2^22 of them at most. */
const MOST_BITS_HELD_OUT = 12;

const pairCount = (bits: number): number => 4 ** (bits - 1);
const heldOutCount = ({ bits, held_out }: Options): number => Math.round(held_out * pairCount(bits));
/** Of the pairs that are held out, those that validate. */
function validatingCount(options: Options): number {
  const { validation, test } = splitSizes(options);
  return validation === 0 ? 0 : Math.round((heldOutCount(options) * validation) / (validation + test));
}

/** By split. Numbers of other lengths come from streams of their own, so that asking for them changes no other split. */
function drawPairs(options: Options, streams: Streams): DrawnPairs {
  const { test } = splitSizes(options);
  const others = measuredOf(options)
    .filter(({ split }) => split !== 'validation' && split !== 'test')
    .map(({ split, bits }) => [split, drawUniformly(test, bits, streams.stream(`dataset/${split}`))] as const);
  return { ...drawSplits(options, streams), ...Object.fromEntries(others) };
}

type DrawnPairs = { readonly train: Pairs; readonly validation: Pairs; readonly test: Pairs } & Readonly<Record<string, Pairs>>;

function drawUniformly(count: number, bits: number, stream: Stream): Pairs {
  const pairs = emptyPairs(count);
  for (let i = 0; i < count; i++) {
    pairs.a[i] = stream.integer(2 ** (bits - 1));
    pairs.b[i] = stream.integer(2 ** (bits - 1));
  }
  return pairs;
}

/** One stream draws them one behind the other, so that whether some validate changes no pair that trains. */
function drawSplits(options: Options, streams: Streams): { train: Pairs; validation: Pairs; test: Pairs } {
  const { train, validation, test } = splitSizes(options);
  const numbers = 2 ** (options.bits - 1);
  const stream = streams.stream('dataset/pairs');
  if (options.held_out === 0 || options.bits > MOST_BITS_HELD_OUT) {
    const draw = (count: number): Pairs => drawUniformly(count, options.bits, stream);
    return { train: draw(train), validation: draw(validation), test: draw(test) };
  }
  const all = Int32Array.from({ length: pairCount(options.bits) }, (_, pair) => pair);
  streams.stream('dataset/held_out').shuffle(all);
  const held = heldOutCount(options);
  const drawFrom = (pool: Int32Array, wanted: number): Pairs => {
    const pairs = emptyPairs(pool.length === 0 ? 0 : wanted);
    for (let i = 0; i < pairs.a.length; i++) {
      const pair = pool[stream.integer(pool.length)] ?? 0;
      pairs.a[i] = Math.floor(pair / numbers);
      pairs.b[i] = pair % numbers;
    }
    return pairs;
  };
  const validating = validatingCount(options);
  return {
    train: drawFrom(all.subarray(held), train),
    validation: drawFrom(all.subarray(0, validating), validation),
    test: drawFrom(all.subarray(validating, held), test),
  };
}

const emptyPairs = (count: number): Pairs => ({ a: new Int32Array(count), b: new Int32Array(count) });

function encode(pairs: Pairs, chosen: Int32Array, batchSize: number, { bits, layout }: Options): Batch {
  const input = new Float32Array(batchSize * 2 * bits);
  const target = new Float32Array(batchSize * bits);
  const weight = new Float32Array(batchSize).fill(1, 0, chosen.length);
  for (const [row, example] of chosen.entries()) {
    const a = pairs.a[example] ?? 0;
    const b = pairs.b[example] ?? 0;
    for (let i = 0; i < bits; i++) {
      const position = layout === 'numbers' ? bits - 1 - i : i;
      input[row * 2 * bits + (layout === 'numbers' ? i : 2 * i)] = bit(a, position);
      input[row * 2 * bits + (layout === 'numbers' ? bits + i : 2 * i + 1)] = bit(b, position);
      target[row * bits + i] = bit(a + b, position);
    }
  }
  return { inputs: { input }, target, weight };
}

const bit = (number: number, position: number): number => (number >>> position) & 1;

function describe(options: Options, { train, test }: { train: Pairs; test: Pairs }): readonly Fact[] {
  const { bits, held_out } = options;
  const name = (pairs: Pairs, i: number): number => (pairs.a[i] ?? 0) * 2 ** (bits - 1) + (pairs.b[i] ?? 0);
  const trained = new Set<number>();
  for (let i = 0; i < train.a.length; i++) trained.add(name(train, i));
  let repeated = 0;
  for (let i = 0; i < test.a.length; i++) if (trained.has(name(test, i))) repeated++;
  const overlap = test.a.length === 0 ? 0 : repeated / test.a.length;
  return [
    { key: 'possible-pairs', name: 'distinct possible pairs', value: pairCount(bits) },
    { key: 'train-pairs', name: 'distinct training pairs', value: trained.size },
    ...(held_out > 0 ? [{ key: 'held-out-pairs', name: 'pairs held out for the test', value: heldOutCount(options) }] : []),
    {
      key: 'test-pairs-in-train',
      name: 'share of test pairs that occur in training',
      value: overlap,
      ...(overlap > 0.5
        ? { note: `${percent(overlap)} of the test pairs were trained on: they test memory. For new pairs set dataset.held_out.` }
        : {}),
    },
  ];
}

/**
 * What answering every question alike reaches, as the law of the sums has it: the likeliest sum `2^(bits-1) - 1` is that of 1 in `2^(bits-1)` pairs,
 * and each bit is 0 as often as 1, but for the highest: a carry, it is 0 in `1/2 + 2^-bits` of the pairs.
 */
const chanceOf = (split: string, bits: number): DataSpec['chance'] => ({
  [`${split}/exact_match`]: 2 ** (1 - bits),
  [`${split}/bit_accuracy`]: 0.5 + 2 ** -bits / bits,
});

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
  draws: () => ['the examples'],

  look(options, { streams }) {
    return { digest: digest(options, streams.seed), facts: describe(options, drawPairs(options, streams)), content: {} };
  },

  plan(options, { request }, report): DataSpec {
    const { train, validation, test } = splitSizes(options);
    reportMisfits(options, { train, validation, test }, report);
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
        ...Object.fromEntries(
          measuredOf(options).map((of) => [of.split, split(of.split === 'validation' ? validation : test, testBatch, of.bits)]),
        ),
      },
      independent: true,
      chance: Object.assign({}, ...measuredOf(options).map((of) => chanceOf(of.split, of.bits))) as DataSpec['chance'],
    };
  },

  create({ streams, request }, options, spec) {
    const pairs = drawPairs(options, streams);
    return {
      *batches(name, epoch) {
        const split = spec.splits[name];
        const drawn = pairs[name];
        if (!split || !drawn) throw new Error(`binary_addition has no split ${name}`);
        const bits = measuredOf(options).find((of) => of.split === name)?.bits ?? options.bits;
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

function tensorSpecs({ bits, layout }: Options): Pick<SplitSpec, 'inputs' | 'target'> {
  const float = (shape: readonly number[], ...axes: string[]): TensorSpec => ({ shape, axes, dtype: 'float32' });
  return layout === 'numbers'
    ? { inputs: { input: float([2, bits], 'time', 'bits') }, target: float([bits], 'bits') }
    : { inputs: { input: float([bits, 2], 'time', 'numbers') }, target: float([bits, 1], 'time', 'bits') };
}

function reportMisfits(
  options: Options,
  { train, validation, test }: { readonly train: number; readonly validation: number; readonly test: number },
  report: Report,
): void {
  const { bits, examples, train_fraction, validation_fraction, held_out } = options;
  if (train === 0 || (validation_fraction === undefined && test === 0)) {
    report({
      code: 'empty-split',
      path: ['train_fraction'],
      message: `${train_fraction} of ${examples} examples leaves none for ${train === 0 ? 'training' : 'the test'}`,
      help: 'take more examples or another share',
    });
  } else if (validation_fraction !== undefined && (validation === 0 || test === 0)) {
    report({
      code: 'empty-split',
      path: ['validation_fraction'],
      message: `${validation_fraction} of ${examples} examples beside ${train_fraction} that train leaves none for ${validation === 0 ? 'validation' : 'the test'}`,
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
  } else if (validation_fraction !== undefined && [0, heldOutCount(options)].includes(validatingCount(options))) {
    report({
      code: 'empty-split',
      path: ['validation_fraction'],
      message: `of ${plural(heldOutCount(options), 'held-out pair')} none is left for ${validatingCount(options) === 0 ? 'validation' : 'the test'}`,
      help: 'hold out more',
    });
  }
}

function digest({ bits, examples, train_fraction, validation_fraction, layout, held_out, test_bits }: Options, seed: number): string {
  const identity = ['binary_addition', VERSION, { bits, examples, train_fraction, validation_fraction, layout, held_out, test_bits }, seed];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex');
}
