import { describe, expect, test } from 'vitest';
import { createStreams } from '../../../src/random/streams.js';
import { reber } from '../../../src/stages/dataset/reber.js';
import { planned, trained } from '../../support/experiment.js';
import { dataBy } from '../support.js';

type Options = Parameters<typeof reber.plan>[0];
const embedded: Options = { train: 256, test: 256, embedded: true };
const plain: Options = { ...embedded, embedded: false };
const files = { read: () => new Uint8Array() };

/* The languages once more, as regular expressions: a string belongs to one or not, and what may come next is what some ending makes a string of. */

const SYMBOLS = [...'BTPSXVE'];
const FROM_X = '(XT*VP)*(SE|XT*VVE)';
const PLAIN = `B(TS*X${FROM_X}|PT*V(VE|P${FROM_X}))`;
const LANGUAGES = { plain: new RegExp(`^${PLAIN}$`), embedded: new RegExp(`^B([TP])${PLAIN}\\1E$`) };
const PLAIN_ENDINGS = ['', 'E', 'SE', 'VE', 'VVE', 'XSE', 'TXSE', 'BTXSE'];
const ENDINGS = {
  plain: PLAIN_ENDINGS,
  embedded: ['', ...PLAIN_ENDINGS.flatMap((ending) => [`${ending}TE`, `${ending}PE`]), 'E', 'TBTXSETE'],
};
type Language = keyof typeof LANGUAGES;

const nextOf = (read: string, language: Language): readonly string[] =>
  SYMBOLS.filter((symbol) => ENDINGS[language].some((ending) => LANGUAGES[language].test(`${read}${symbol}${ending}`)));

/** Every string up to a length, with its probability: where two symbols may follow, each does half of the time. */
function* stringsOf(
  language: Language,
  longest: number,
  read = 'B',
  probability = 1,
): Iterable<readonly [text: string, probability: number]> {
  const next = nextOf(read, language);
  if (next.length === 0) yield [read, probability];
  else if (read.length < longest) for (const symbol of next) yield* stringsOf(language, longest, read + symbol, probability / next.length);
}

function build(options: Options, { seed = 1, batchSize = 16, shuffle = false } = {}) {
  const { facts, data, dataset } = dataBy(reber, options, { files, seed, batchSize, shuffle });
  const made = dataset();
  /** Each string of a split as its batches tell it: the symbols that are read, then the last one, which is only predicted; and the sets of the targets. */
  const read = (split: string, epoch = 1) =>
    [...made.batches(split, epoch)].flatMap(({ inputs: { input }, target, weight, mask = new Float32Array() }) => {
      const time = mask.length / weight.length;
      const symbolsAt = (numbers: ArrayLike<number>, step: number): readonly string[] =>
        SYMBOLS.filter((_, symbol) => numbers[step * SYMBOLS.length + symbol] === 1);
      return [...weight.keys()]
        .filter((row) => weight[row] === 1)
        .map((row) => {
          const steps = Array.from({ length: time }, (_, step) => row * time + step).filter((step) => mask[step] === 1);
          expect(steps).toEqual(Array.from(steps, (_, step) => row * time + step));
          const sets = steps.map((step) => symbolsAt(target, step));
          return { text: [...steps.flatMap((step) => symbolsAt(input, step)), ...(sets.at(-1) ?? [])].join(''), sets };
        });
    });
  return { facts, data, read, texts: (split: string, epoch = 1) => read(split, epoch).map(({ text }) => text) };
}

describe.each(['plain', 'embedded'] as const)('%s', (language) => {
  const options = { ...(language === 'plain' ? plain : embedded), train: 2000, validation: 30, train_and_test: true };
  const built = build(options);

  test.each(['train', 'validation', 'test'])('%s: every string is one of the grammar, and the sets are what may come next', (split) => {
    for (const { text, sets } of built.read(split)) {
      expect(text).toMatch(LANGUAGES[language]);
      expect(sets).toEqual(Array.from({ length: text.length - 1 }, (_, step) => nextOf(text.slice(0, step + 1), language)));
    }
  });

  test('strings come as often as the grammar says, by five standard deviations', () => {
    const texts = built.texts('train');
    for (const [text, p] of stringsOf(language, 11)) {
      const count = texts.filter((each) => each === text).length;
      expect(Math.abs(count - p * texts.length), text).toBeLessThan(5 * Math.sqrt(p * (1 - p) * texts.length));
    }
  });

  test('train_and_test is all strings of both', () => {
    expect(built.texts('train_and_test')).toEqual([...built.texts('train'), ...built.texts('test')]);
    expect(Object.keys(built.data.splits)).toEqual(['train', 'validation', 'test', 'train_and_test']);
  });
});

test('the second symbol of an embedded string is its last but one, T and P half of the time each', () => {
  const texts = build({ ...embedded, train: 2000 }).texts('train');
  for (const text of texts) expect(text.at(1)).toBe(text.at(-2));
  expect(Math.abs(texts.filter((text) => text.at(1) === 'T').length - 1000)).toBeLessThan(5 * Math.sqrt(500));
});

describe('what is drawn', () => {
  test('is the same for the same seed, and other for another', () => {
    expect(build(embedded).texts('train')).toEqual(build(embedded).texts('train'));
    expect(build(embedded).texts('train')).not.toEqual(build(embedded, { seed: 2 }).texts('train'));
  });

  test('for training changes with the size of no other split, and each split has its own', () => {
    const [few, many] = [build({ ...embedded, train: 10 }), build({ ...embedded, train: 300, validation: 40, train_and_test: true })];
    expect(few.texts('train')).toEqual(many.texts('train').slice(0, 10));
    const all = ['train', 'validation', 'test'].map((split) => many.texts(split));
    expect(all.map(({ length }) => length)).toEqual([300, 40, 256]);
    const [train = [], validation = [], tested = []] = all;
    expect(validation.filter((text) => train.includes(text))).toEqual([]);
    expect(tested.filter((text) => train.includes(text) || validation.includes(text))).toEqual([]);
  });

  test('for the test is what the grammar gives without the strings that train', () => {
    const { texts } = build({ ...plain, train: 40, test: 4000 });
    const [train, tested] = [texts('train'), texts('test')];
    const trained = new Set(train);
    const taken = [...stringsOf('plain', 14)].reduce((total, [text, p]) => total + (trained.has(text) ? p : 0), 0);
    for (const [text, p] of stringsOf('plain', 10)) {
      const expected = trained.has(text) ? 0 : p / (1 - taken);
      const count = tested.filter((each) => each === text).length;
      expect(Math.abs(count / tested.length - expected), text).toBeLessThanOrEqual(
        5 * Math.sqrt((expected * (1 - expected)) / tested.length),
      );
    }
  });

  test('is shuffled anew for every epoch of training, the test never', () => {
    const shuffled = build(embedded, { shuffle: true });
    expect(shuffled.texts('train', 2)).not.toEqual(shuffled.texts('train', 1));
    expect(shuffled.texts('train', 2).toSorted()).toEqual(build(embedded).texts('train').toSorted());
    expect(shuffled.texts('test', 2)).toEqual(build(embedded).texts('test'));
  });

  test('has a digest that knows every option and the seed', () => {
    const changes: readonly Partial<Options>[] = [
      {},
      { train: 10 },
      { test: 10 },
      { validation: 5 },
      { embedded: false },
      { train_and_test: true },
    ];
    const look = (options: Options, seed = 1) => reber.look?.(options, { files, streams: createStreams(seed) }).digest;
    const digests = [...changes.map((change) => look({ ...embedded, ...change })), look(embedded, 2)];
    expect(new Set(digests).size).toBe(digests.length);
    expect(look(embedded)).toBe(digests[0]);
  });
});

test('facts count the strings that are drawn', () => {
  const { facts, texts } = build(embedded);
  expect(facts.facts.map(({ key, value }) => [key, value])).toEqual(
    ['train', 'test'].flatMap((split) => {
      const [all, lengths] = [texts(split), texts(split).map((text) => text.length)];
      return [
        [`${split}-strings`, new Set(all).size],
        [`${split}-lengths`, `${Math.min(...lengths)} to ${Math.max(...lengths)}`],
      ];
    }),
  );
});

test('a model that reads from the end is told that it sees what comes next', () => {
  const { warnings } = planned('experiments/reber.yaml', { set: ['model.bidirectional=true'] });
  expect(warnings.map(({ code }) => code)).toContain('sees-the-answer');
});

test('an LSTM learns the plain grammar in a few epochs', async () => {
  const set = ['dataset.embedded=false', 'training.epochs=30', 'model.hidden_size=10'];
  const { epochs } = await trained(planned('experiments/reber.yaml', { set }));
  expect(epochs.at(-1)?.[1].get('train_and_test/exact_match')).toBe(1);
});
