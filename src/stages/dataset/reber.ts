import { createHash } from 'node:crypto';
import { type Static, Type } from '../../language/type.js';
import type { Stream, Streams } from '../../random/streams.js';
import { type Batch, type DataSpec, defineStage, type Fact, type SplitSpec } from '../stage.js';

const strings = { minimum: 1, maximum: 10_000 };
const options = Type.Object({
  train: Type.Integer({ ...strings, default: 256, description: 'How many strings are drawn for training.' }),
  test: Type.Integer({
    ...strings,
    default: 256,
    description: 'How many strings are drawn for the test, none of which trains or validates.',
  }),
  validation: Type.Optional(
    Type.Integer({ ...strings, examples: [256], description: 'How many strings are drawn for validation, none of which trains.' }),
  ),
  embedded: Type.Boolean({
    default: true,
    description: 'Each string stands between two equal symbols, T or P: the second symbol of all decides the last but one.',
  }),
  train_and_test: Type.Optional(
    Type.Boolean({
      otherwise: false,
      description:
        'One more split, train_and_test, of all these strings together: success is often that no prediction in any of them is wrong.',
    }),
  ),
});
type Options = Static<typeof options>;

/** The symbols, in the order of the axis `symbols`. */
const SYMBOLS = ['B', 'T', 'P', 'S', 'X', 'V', 'E'] as const;
type Letter = (typeof SYMBOLS)[number];

/** By state, the symbols that may follow and the state that each leads to. A string ends where nothing follows. */
type Grammar = readonly (readonly (readonly [symbol: Letter, to: number])[])[];

/** The grammar of Reber (1967). */
const REBER: Grammar = [
  [['B', 1]],
  [
    ['T', 2],
    ['P', 3],
  ],
  [
    ['S', 2],
    ['X', 4],
  ],
  [
    ['T', 3],
    ['V', 5],
  ],
  [
    ['X', 3],
    ['S', 6],
  ],
  [
    ['P', 4],
    ['V', 6],
  ],
  [['E', 7]],
  [],
];

/** Two copies of a grammar side by side: `B`, then `T` or `P`, which leads into a copy of its own, the same symbol again, and `E`. */
function embed(inner: Grammar): Grammar {
  const [first, second, end] = [2, 2 + inner.length, 2 + 2 * inner.length];
  const copy = (from: number, around: Letter): Grammar =>
    inner.map((next) => (next.length === 0 ? [[around, end]] : next.map(([symbol, to]) => [symbol, from + to])));
  return [
    [['B', 1]],
    [
      ['T', first],
      ['P', second],
    ],
    ...copy(first, 'T'),
    ...copy(second, 'P'),
    [['E', end + 1]],
    [],
  ];
}

const EMBEDDED = embed(REBER);

/** A string, and by symbol what might have stood in its place. */
interface Drawn {
  readonly symbols: readonly Letter[];
  readonly legal: readonly (readonly Letter[])[];
}

/** Where two symbols may follow, each does with probability 1/2. */
function draw(grammar: Grammar, stream: Stream): Drawn {
  const symbols: Letter[] = [];
  const legal: Letter[][] = [];
  for (let next = grammar[0] ?? []; next.length > 0;) {
    const [symbol, to] = next[next.length === 1 ? 0 : stream.integer(next.length)] ?? ['E', 0];
    symbols.push(symbol);
    legal.push(next.map(([possible]) => possible));
    next = grammar[to] ?? [];
  }
  return { symbols, legal };
}

/** By split. A string of one may occur in it again, and in no split behind it: whoever knows the training strings by heart fails in the others. */
function drawSplits(options: Options, streams: Streams): Readonly<Record<string, readonly Drawn[]>> {
  const { train, validation = 0, test, embedded, train_and_test } = options;
  const grammar = embedded ? EMBEDDED : REBER;
  const drawn: Record<string, readonly Drawn[]> = {};
  const taken = new Set<string>();
  for (const [split, count] of Object.entries({ train, ...(validation > 0 && { validation }), test })) {
    const stream = streams.stream(`dataset/${split}`);
    const all: Drawn[] = [];
    while (all.length < count) {
      const one = draw(grammar, stream);
      if (!taken.has(textOf(one))) all.push(one);
    }
    for (const one of all) taken.add(textOf(one));
    drawn[split] = all;
  }
  return { ...drawn, ...(train_and_test && { train_and_test: ['train', 'test'].flatMap((split) => drawn[split] ?? []) }) };
}

const textOf = ({ symbols }: Drawn): string => symbols.join('');

/** A symbol is predicted from those before it, so there is one step fewer than there are symbols. */
const stepsOf = ({ symbols }: Drawn): number => symbols.length - 1;

const longestOf = (all: readonly Drawn[]): number => all.reduce((most, one) => Math.max(most, stepsOf(one)), 1);

function encode(chosen: readonly Drawn[], { batchSize, inputs }: SplitSpec): Batch {
  const [time = 1, width = 1] = inputs.input.shape;
  const input = new Float32Array(batchSize * time * width);
  const target = new Float32Array(batchSize * time * width);
  const mask = new Float32Array(batchSize * time);
  for (const [row, one] of chosen.entries()) {
    const { symbols, legal } = one;
    for (let step = 0; step < stepsOf(one); step++) {
      const at = row * time + step;
      mask[at] = 1;
      input[at * width + SYMBOLS.indexOf(symbols[step] ?? 'B')] = 1;
      for (const possible of legal[step + 1] ?? []) target[at * width + SYMBOLS.indexOf(possible)] = 1;
    }
  }
  return { inputs: { input }, target, weight: new Float32Array(batchSize).fill(1, 0, chosen.length), mask };
}

/** How many strings differ, and how long they are: those of other splits are longer, since most of the short ones train. */
function describe(drawn: Readonly<Record<string, readonly Drawn[]>>): readonly Fact[] {
  return ['train', 'test'].flatMap((split) => {
    const all = drawn[split] ?? [];
    const lengths = all.map(({ symbols }) => symbols.length).toSorted((a, b) => a - b);
    return [
      { key: `${split}-strings`, name: `distinct ${split} strings`, value: new Set(all.map(textOf)).size },
      { key: `${split}-lengths`, name: `symbols of a ${split} string`, value: `${lengths[0]} to ${lengths.at(-1)}` },
    ];
  });
}

/** Since 2, no string that trained is tested. */
const VERSION = 2;

/**
 * Strings of the Reber grammar, plain or embedded, to be read symbol by symbol. Input `[time, symbols]`, the symbol that is read, one-hot; target
 * `[time, symbols]`, 1 for each symbol that may come next and 0 for the others; both in float32, the symbols in the order B T P S X V E. Strings are
 * of different lengths, so batches carry a mask.
 *
 * A plain string (Reber 1967) begins with B and ends with E, and what may come next follows from the last two symbols. An embedded one is B, then T
 * or P, then a plain string, then the same T or P, then E: the last but one symbol can only be told by who remembers the second one over a plain
 * string, which has 5 symbols or more. Half of the strings have T there, half P.
 *
 * It is the first experiment of Hochreiter and Schmidhuber 1997 ("Long Short-Term Memory", Neural Computation 9(8)), after Cleeremans et al. 1989,
 * Smith and Zipser 1989 and Fahlman 1991: 256 training strings, and 256 for the test that are none of them. A trial succeeds where at every step of
 * all strings the symbols that may come next have the highest outputs: `exact_match` with `by: rank` is 1 on `train_and_test`.
 */
export const reber = defineStage({
  slot: 'dataset',
  kind: 'reber',
  version: VERSION,
  summary: 'Strings of the Reber grammar, plain or embedded, and what may come next in them.',
  options,
  draws: () => ['the examples'],

  look(options, { streams }) {
    const drawn = drawSplits(options, streams);
    const sizes: Content = Object.fromEntries(
      Object.entries(drawn).map(([split, all]) => [split, { count: all.length, longest: longestOf(all) }]),
    );
    return { digest: digest(options, streams.seed), facts: describe(drawn), content: sizes };
  },

  fit: () => ({ features: [...SYMBOLS] }),

  plan(_, { facts: { content }, request }): DataSpec {
    return {
      splits: Object.fromEntries(
        Object.entries(content).map(([split, { count, longest }]) => [
          split,
          splitOf(count, longest, split === 'train' ? request.batchSize : Math.max(request.batchSize, Math.min(count, TEST_BATCH))),
        ]),
      ),
      shifted: true,
      independent: true,
      chance: {},
    };
  },

  create({ streams, request }, options, spec) {
    const drawn = drawSplits(options, streams);
    return {
      *batches(name, epoch) {
        const [split, all] = [spec.splits[name], drawn[name]];
        if (!split || !all) throw new Error(`reber has no split ${name}`);
        const order = Int32Array.from(all.keys());
        if (name === 'train' && request.shuffle) streams.stream('shuffle', epoch).shuffle(order);
        for (let first = 0; first < order.length; first += split.batchSize) {
          yield encode(
            [...order.subarray(first, first + split.batchSize)].flatMap((index) => all[index] ?? []),
            split,
          );
        }
      },
    };
  },
});

/** By split, how many strings there are, and the steps of the longest. */
type Content = Readonly<Record<string, { readonly count: number; readonly longest: number }>>;

/** Strings a batch where nothing is trained: nothing depends on it but speed. */
const TEST_BATCH = 256;

function splitOf(examples: number, time: number, batchSize: number): SplitSpec {
  const of = { shape: [time, SYMBOLS.length], axes: ['time', 'symbols'], dtype: 'float32' } as const;
  return {
    examples,
    batches: Math.ceil(examples / batchSize),
    batchSize,
    inputs: { input: of },
    target: of,
    masked: true,
    filledAtEnd: true,
  };
}

function digest({ train, validation, test, embedded, train_and_test }: Options, seed: number): string {
  const identity = ['reber', VERSION, { train, validation, test, embedded, train_and_test }, seed];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex');
}
