import { type Static, Type } from '../../language/type.js';
import { type DataSpec, defineStage } from '../stage.js';
import { bytesOfDrawn, digestOfDrawn, drawnBatches, drawnSplits, sizeOptions, splitNames } from './drawn.js';

const options = Type.Object({
  delay: Type.Integer({
    minimum: 1,
    maximum: 100_000,
    default: 100,
    description: 'Steps from the last symbol that is to be kept to the mark behind which it is asked for.',
  }),
  ...sizeOptions('sequences', { train: 10_000, test: 1000 }),
});
type Options = Static<typeof options>;

/** How many symbols are kept, and of how many kinds. */
const KEPT = 10;
const KINDS = 8;
/** The symbols, in the order of the axis `symbols`, which is that of the classes: a blank, those that are kept, and the mark. */
const SYMBOLS = ['blank', ...Array.from({ length: KINDS }, (_, kind) => String(kind + 1)), 'mark'];
const MARK = SYMBOLS.length - 1;

/** The symbols, the delay, whose last step is the mark, and as many steps as there are symbols, in which they are asked for. */
const stepsOf = ({ delay }: Options): number => delay + 2 * KEPT;

const VERSION = 1;

/**
 * Copying over a delay T (Hochreiter and Schmidhuber 1997; Arjovsky, Shah and Bengio 2016): ten symbols of eight kinds, T - 1 blanks, a mark, and ten
 * more blanks, during which the symbols are to be said in their order. Before that, blanks are right.
 *
 *     input [time T + 20, symbols 10], one 1 a step        target [time T + 20]: index of a symbol
 *
 * Who remembers nothing knows all blanks and guesses ten times one of eight:
 *
 *     cross entropy 10 ln 8 / (T + 20)        accuracy (T + 10 + 10 / 8) / (T + 20)
 */
export const copy = defineStage({
  slot: 'dataset',
  kind: 'copy',
  version: VERSION,
  summary: 'Ten symbols, to be said again after a long delay.',
  options,
  draws: () => ['the examples'],

  look: ({ delay, train, validation, test }: Options, { streams }) => ({
    digest: digestOfDrawn('copy', VERSION, { delay, train, validation, test }, streams.seed),
    facts: [],
    content: {},
  }),

  fit: () => ({ features: SYMBOLS, classes: SYMBOLS }),

  plan(options, { request }): DataSpec {
    const steps = stepsOf(options);
    return {
      splits: drawnSplits(options, request.batchSize, {
        inputs: { input: { shape: [steps, SYMBOLS.length], axes: ['time', 'symbols'], dtype: 'float32' } },
        target: { shape: [steps], axes: ['time'], dtype: 'int32' },
      }),
      classes: SYMBOLS.length,
      independent: true,
      bytes: bytesOfDrawn(options),
      chance: Object.fromEntries(
        splitNames(options).flatMap((split) => [
          [`${split}/perplexity`, Math.exp((KEPT * Math.log(KINDS)) / steps)],
          [`${split}/accuracy`, (steps - KEPT + KEPT / KINDS) / steps],
        ]),
      ),
    };
  },

  create({ streams, request }, options, spec) {
    const steps = stepsOf(options);
    const width = SYMBOLS.length;
    return {
      batches: drawnBatches(
        streams,
        request.shuffle,
        spec,
        (rows) => ({ inputs: { input: new Float32Array(rows * steps * width) }, target: new Int32Array(rows * steps) }),
        (stream, { inputs: { input }, target }, row) => {
          for (let step = 0; step < steps; step++) {
            const symbol = step < KEPT ? 1 + stream.integer(KINDS) : step === steps - KEPT - 1 ? MARK : 0;
            input[(row * steps + step) * width + symbol] = 1;
            if (step < KEPT) target[row * steps + steps - KEPT + step] = symbol;
          }
        },
      ),
    };
  },
});
