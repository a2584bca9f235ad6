import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createStreams } from '../../../src/random/streams.js';
import { readCorpus } from '../../../src/stages/dataset/corpus.js';
import { text } from '../../../src/stages/dataset/text.js';
import { timeMachine } from '../../../src/stages/dataset/time-machine.js';
import type { Batch, DataFacts, Data, Dataset, Files, Stage } from '../../../src/stages/stage.js';
import { dataBy, problemsOf } from '../support.js';

const book = { tokens: 'characters', minimum_count: 1, max_tokens: 10_000, time_steps: 35, validation: 0 } as const;
const disk: Files = { read: (path) => readFileSync(path) };

interface Built {
  readonly facts: DataFacts;
  readonly spec: Data;
  readonly dataset: Dataset;
}

function build(stage: Stage<'dataset'>, options: object, { batchSize = 32, shuffle = false, seed = 1, files = disk } = {}): Built {
  const { facts, data, dataset } = dataBy(stage, options, { files, seed, batchSize, shuffle });
  return { facts, spec: data, dataset: dataset() };
}

const factOf = ({ facts }: Built, name: string) => facts.facts.find((fact) => fact.name === name)?.value;
const rows = (values: Batch['target'], steps: number): number[][] =>
  Array.from({ length: values.length / steps }, (_, row) => [...values.subarray(row * steps, (row + 1) * steps)]);

describe('the book as the book reads it', () => {
  const built = build(timeMachine, book);
  const whole = build(timeMachine, { ...book, max_tokens: 1_000_000 });

  test('170,580 characters, of which 10,000 are used; 28 symbols, by frequency', () => {
    expect([factOf(built, 'tokens in the text'), factOf(built, 'tokens used')]).toEqual([170_580, 10_000]);
    expect(built.spec.fitted.vocabulary?.join('')).toBe('<unk> etainoshrdlmucfwgypbvkxzjq');
    expect(built.spec.classes).toBe(28);
  });

  test('a changed copy is refused', () => {
    const changed: Files = { read: (path) => new TextEncoder().encode(readFileSync(path, 'utf8').replace('Time', 'time')) };
    expect(() => timeMachine.look?.(book, { files: changed, streams: createStreams(1) })).toThrow(/is not the book that it was/);
  });

  test('lines are glued together', () => {
    const { indices, vocabulary } = readCorpus('The Time Machine, by H. G. Wells [1898]\n\n\nI\n\n\n  The Time  Traveller (for so', {
      ...book,
      normalize: 'letters',
    });
    expect([...indices].map((index) => vocabulary[index]).join('')).toBe('the time machine by h g wellsithe time traveller for so');
  });

  test.each([
    ['perplexity of uniform guesses', 28, 28],
    ['perplexity of the unigram', 17.4148, 17.213],
    // Of tokens left out of the count; 9.865 and 5.176 where they are counted too.
    ['perplexity of the bigram', 10.376, 10.146],
    ['perplexity of the trigram', 7.269, 6.756],
  ])('%s: %d on the first 10,000 characters, %d on all', (name, first, all) => {
    expect(Number(factOf(built, name))).toBeCloseTo(first, 3);
    expect(Number(factOf(whole, name))).toBeCloseTo(all, 2);
  });

  test('chance is to ignore the input', () => {
    expect(built.spec.chance['train/perplexity']).toBeCloseTo(17.4148, 4);
    expect(built.spec.chance['train/accuracy']).toBeGreaterThan(1 / 6);
  });

  test.each([false, true])('8 batches, 8,960 tokens an epoch, whatever the offset (shuffle: %s)', (shuffle) => {
    const { spec, dataset } = build(timeMachine, book, { shuffle });
    expect(spec.splits['train']).toMatchObject({
      batches: 8,
      examples: 256,
      tokens: 8960,
      inputs: { input: { shape: [35], axes: ['time'], dtype: 'int32', tokens: 28 } },
    });
    for (let epoch = 1; epoch <= 40; epoch++) expect([...dataset.batches('train', epoch)]).toHaveLength(8);
  });
});

/** A text whose token at position i is the character of code i: what a batch holds says where it was cut. */
const ladder = String.fromCodePoint(...Array.from({ length: 200 }, (_, i) => 0x4e00 + i));
const own = (content: string | Uint8Array): Files => ({
  read: () => (typeof content === 'string' ? new TextEncoder().encode(content) : content),
});
const plain = { file: 'own.txt', tokens: 'characters', minimum_count: 1, normalize: 'none', time_steps: 7, validation: 0 } as const;

describe('batches of a text of 200 tokens, 4 sequences of 7', () => {
  const of = (shuffle: boolean, epoch: number, seed = 1): { input: number[][][]; target: number[][][] } => {
    const batches = [...build(text, plain, { batchSize: 4, shuffle, seed, files: own(ladder) }).dataset.batches('train', epoch)];
    // Index 1 is the token at position 0: all counts are equal, so the order is that of the text.
    const positions = (values: Batch['target']) => rows(values, 7).map((row) => row.map((index) => index - 1));
    return { input: batches.map((b) => positions(b.inputs.input)), target: batches.map((b) => positions(b.target)) };
  };
  const epochs = Array.from({ length: 60 }, (_, i) => i + 1);

  test.each([false, true])('the target is the next token (shuffle: %s)', (shuffle) => {
    const { input, target } = of(shuffle, 1);
    expect(target).toEqual(input.map((batch) => batch.map((row) => row.map((position) => position + 1))));
    for (const row of input.flat()) expect(row).toEqual(row.map((_, i) => (row[0] ?? 0) + i));
  });

  test('sequential: a row goes on where it ended, and the offset is one of 0 to 7', () => {
    const offsets = epochs.map((epoch) => {
      const { input } = of(false, epoch);
      for (const [i, batch] of input.slice(1).entries()) {
        expect(batch.map((row) => row[0])).toEqual(input[i]?.map((row) => (row.at(-1) ?? 0) + 1));
      }
      const [first = [], second = []] = input[0] ?? [];
      const [offset = -1, next = -1] = [first[0], second[0]];
      expect(next - offset).toBe(Math.floor((200 - offset - 1) / 4));
      return offset;
    });
    expect([...new Set(offsets)].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('random: every sequence once, in an order of each epoch, and the offset is one of 0 to 6', () => {
    const orders = epochs.map((epoch) =>
      of(true, epoch)
        .input.flat()
        .map((row) => row[0] ?? -1),
    );
    for (const starts of orders) {
      expect(new Set(starts).size).toBe(24);
      expect(new Set(starts.map((start) => start % 7)).size).toBe(1);
      expect(starts).not.toEqual(starts.toSorted((a, b) => a - b));
    }
    expect([...new Set(orders.map(([start = 0]) => start % 7))].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(new Set(orders.map(String)).size).toBe(60);
  });

  test('seed and epoch decide', () => {
    expect(of(true, 3)).toEqual(of(true, 3));
    expect(of(true, 3)).not.toEqual(of(true, 3, 2));
  });
});

describe('a text of your own', () => {
  const of = (content: string | Uint8Array, options: object = {}, batchSize = 1) =>
    build(text, { ...plain, time_steps: 2, ...options }, { batchSize, files: own(content) });

  test('words, rare ones unknown, ties in the order of the text', () => {
    const { spec } = of('b a\nb a  c b', { tokens: 'words', minimum_count: 2 });
    expect(spec.fitted.vocabulary).toEqual(['<unk>', 'b', 'a']);
    expect([...readCorpus('b a\nb a  c b', { tokens: 'words', minimum_count: 2, normalize: 'none' }).indices]).toEqual([1, 2, 1, 2, 0, 1]);
  });

  test('characters are code points, as they are', () => {
    expect(of('né 🙂\n🙂').spec.fitted.vocabulary).toEqual(['<unk>', '🙂', 'n', 'é', ' ', '\n']);
  });

  test('in UTF-16 and Windows-1252 where it is plainly so, which is told; the digest of UTF-8 is what it was', () => {
    const words = 'Die Größe der Öfen in °C: 5½, süß und heiß.';
    const { vocabulary } = of(words).spec.fitted;
    const others = [Buffer.from(`\uFEFF${words}`, 'utf16le'), Buffer.from(words, 'utf16le'), Buffer.from(words, 'latin1')];
    for (const [i, bytes] of others.entries()) {
      const { spec } = of(bytes);
      expect(spec.fitted.vocabulary).toEqual(vocabulary);
      expect(spec.facts.find(({ key }) => key === 'encoding')?.value).toBe(i < 2 ? 'utf-16le' : 'windows-1252');
    }
    expect(of(words).spec.facts.some(({ key }) => key === 'encoding')).toBe(false);
    expect(of(words).spec.digest).toBe('da26aa145f85df1dc380a8b6104d7697bdbacbaef5ac7d85d88fbd868dfcbb03');
  });

  test('another encoding is told, with a command that converts it', () => {
    const files = own(Buffer.of(0xcc, 0xe8, 0xf0, 0x0a));
    const [problem] = problemsOf((report) => dataBy(text, { ...plain, file: 'book.txt' }, { files }, report));
    expect(problem?.help).toContain('line 1 holds the byte 0xCC; convert it: iconv -f WINDOWS-1252 -t UTF-8 book.txt > book-utf8.txt');
  });

  test('the last part validates, and is cut alike in every epoch', () => {
    const { spec, dataset } = of(ladder, { validation: 0.25, time_steps: 5 }, 2);
    expect(Object.keys(spec.splits)).toEqual(['train', 'validation']);
    expect(spec.splits['validation']).toMatchObject({ batches: 4, examples: 8 });
    const [first] = dataset.batches('validation', 1);
    expect(rows(first?.inputs.input ?? new Int32Array(), 5).map((row) => row[0])).toEqual([151, 151 + 24]);
    expect([...dataset.batches('validation', 1)]).toEqual([...dataset.batches('validation', 2)]);
    const trained = [...dataset.batches('train', 1)].flatMap(({ target }) => [...target]);
    expect(Math.max(...trained)).toBeLessThanOrEqual(150);
  });

  test('the digest knows the text and every option, not the path', () => {
    const digest = (content: string, options: object = {}) =>
      text.look?.({ ...plain, ...options }, { files: own(content), streams: createStreams(1) }).digest;
    const digests = [
      digest(ladder),
      digest(`${ladder}!`),
      digest(ladder, { time_steps: 3 }),
      digest(ladder, { max_tokens: 100 }),
      digest(ladder, { validation: 0.5 }),
      digest(ladder, { tokens: 'words' }),
      digest(ladder, { normalize: 'letters' }),
      digest(ladder, { minimum_count: 2 }),
    ];
    expect(new Set(digests).size).toBe(digests.length);
    expect(digest(ladder, { file: 'elsewhere.txt' })).toBe(digests[0]);
  });

  test.each([
    ['hello', {}, 4, 'empty-split', 'time_steps', '5 tokens for training are too few for one batch of 4 sequences of 2 tokens'],
    [
      'hello, hello, hello',
      { validation: 0.1 },
      1,
      'empty-split',
      'validation',
      '2 tokens for validation are too few for one batch of 1 sequences of 2 tokens',
    ],
    [
      'hello hello',
      { minimum_count: 9 },
      1,
      'one-class',
      'minimum_count',
      'no character occurs 9 times, so that all are the unknown token',
    ],
    [Uint8Array.of(0x68, 0xff, 0x68, 0x68, 0x68, 0x68, 0x68, 0x68), {}, 1, 'not-utf8', 'file', 'own.txt is not a text in UTF-8'],
  ] as const)('misfits: %s %j', (content, change, batchSize, code, key, message) => {
    const options = { ...plain, time_steps: 2, ...change };
    const problems = problemsOf((report) => dataBy(text, options, { files: own(content), batchSize }, report));
    expect(problems).toMatchObject([{ code, path: [key], message }]);
  });
});
