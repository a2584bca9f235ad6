import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { createStreams } from '../../../src/random/streams.js';
import { tagged } from '../../../src/stages/dataset/tagged.js';
import { texts } from '../../../src/stages/dataset/texts.js';
import type { Batch, Files, Stage } from '../../../src/stages/stage.js';
import { problemsOf } from '../support.js';

/* Texts with a class each, and sentences with a tag for each word: what is read, what is known of it, what is said of bad files. */

const KINDS = { texts, tagged } as unknown as Readonly<Record<string, Stage<'dataset'>>>;

/** A document's dataset over files that are given as text. */
function prepare(
  document: Readonly<Record<string, unknown>>,
  contents: Readonly<Record<string, string>>,
  { seed = 1, shuffle = false } = {},
) {
  const { kind, ...options } = structuredClone(document) as { kind: string };
  const stage = KINDS[kind];
  if (!stage) throw new Error(`no dataset ${kind}`);
  const ajv = new Ajv({ strict: false, useDefaults: true });
  if (!ajv.validate(stage.options, options)) throw new Error(ajv.errorsText());
  const files: Files = { read: (path) => new TextEncoder().encode(contents[path] ?? missing(path)) };
  const request = { batchSize: 2, shuffle };
  const streams = createStreams(seed);
  const facts = stage.look?.(options, { files, streams });
  if (!facts) throw new Error('nothing was looked at');
  const fitted = stage.fit?.(options, { facts, transforms: [], request }) ?? {};
  const upstream = { facts, fitted, transforms: [], request };
  const plan = () =>
    stage.plan(options, upstream, ({ severity, message }) => {
      if (severity !== 'warning') throw new Error(message);
    });
  const create = () => stage.create({ ...upstream, files, streams }, options, plan(), upstream);
  return {
    facts,
    fitted,
    plan,
    create,
    problems: problemsOf((report) => stage.plan(options, upstream, report)),
    fact: (key: string) => facts.facts.find((each) => each.key === key)?.value,
    batches: (split: string): readonly Batch[] => [...create().batches(split, 1)],
    ask: (text: string, answered = false) => {
      const problems: string[] = [];
      const given = {
        name: 'file',
        answered,
        files: { ...files, read: () => new TextEncoder().encode(text) },
        fitted,
        transforms: [],
        request,
      };
      const encoded = stage.encode?.({ ...options, file: 'new' }, given, ({ message }) => problems.push(message));
      return { encoded, problems };
    },
  };
}

function missing(path: string): never {
  throw new Error(`no file ${path}`);
}

const told = (document: Readonly<Record<string, unknown>>, text: string): readonly string[] =>
  prepare(document, { file: text }).problems.map(
    ({ path, message, help }) => `${path.join('.')}: ${message}${help === undefined ? '' : ` (${help})`}`,
  );

const REVIEWS = {
  kind: 'texts',
  file: 'file',
  text: 'text',
  target: 'label',
  split_column: 'part',
  minimum_count: 1,
};
const SMALL = `text,label,part
a good film,up,train
"a bad, bad film",down,train
good,up,train
a bad book,down,test
`;

describe('texts', () => {
  test('become indices into the vocabulary of what trains, filled up under a mask', () => {
    const { fitted, batches, plan, fact } = prepare(REVIEWS, { file: SMALL });
    expect(fitted).toMatchObject({ vocabulary: ['<unk>', 'a', 'good', 'film', 'bad', ','], separator: ' ', classes: ['down', 'up'] });
    expect(plan().splits).toMatchObject({
      train: { examples: 3, batches: 2, inputs: { input: { shape: [5], dtype: 'int32', tokens: 6 } }, target: { shape: [] }, masked: true },
      test: { examples: 1, inputs: { input: { shape: [3] } } },
    });
    const [first, second] = batches('train');
    expect([...(first?.inputs.input ?? [])]).toEqual([1, 2, 3, 0, 0, 1, 4, 5, 4, 3]);
    expect([...(first?.mask ?? [])]).toEqual([1, 1, 1, 0, 0, 1, 1, 1, 1, 1]);
    expect([...(first?.target ?? [])]).toEqual([1, 0]);
    expect([...(second?.weight ?? [])]).toEqual([1, 0]);
    // "book" does not train.
    expect([...(batches('test')[0]?.inputs.input ?? [])]).toEqual([1, 4, 0, 0, 0, 0]);
    expect([fact('unknown-tokens-train'), fact('unknown-tokens-test')]).toEqual([0, 1 / 3]);
    expect(fact('texts')).toBe('3 train, 1 test');
  });

  test('rare tokens are unknown, and the most frequent ones are kept', () => {
    expect(prepare({ ...REVIEWS, minimum_count: 2 }, { file: SMALL }).fitted.vocabulary).toEqual(['<unk>', 'a', 'good', 'film', 'bad']);
    expect(prepare({ ...REVIEWS, vocabulary_size: 1 }, { file: SMALL }).fitted.vocabulary).toEqual(['<unk>', 'a']);
  });

  test.each([
    ['end', ['a', 'b', 'c']],
    ['beginning', ['b', 'c', 'd']],
  ])('of a long text the %s is left out, and that is told', (cut, read) => {
    const document = { ...REVIEWS, cut, maximum_length: 3 };
    const text = 'text,label,part\na b c d,up,train\na,down,train\nb a,up,test\n';
    const { batches, fact, fitted } = prepare(document, { file: text });
    const words = [...(batches('train')[0]?.inputs.input ?? [])].slice(0, 3).map((at) => fitted.vocabulary?.[at]);
    expect(words).toEqual(read);
    expect(fact('texts-cut')).toBe(1 / 3);
  });

  test('JSON Lines hold texts, or tokens that somebody has cut', () => {
    const text = [
      '{"text": "a good film", "label": "up", "part": "train"}',
      '{"text": ["New York", "is", "bad"], "label": "down", "part": "train"}',
    ].join('\n');
    const { fitted, batches } = prepare(REVIEWS, { file: text });
    expect(fitted.vocabulary).toEqual(['<unk>', 'a', 'good', 'film', 'new york', 'is', 'bad']);
    expect(batches('train')[0]?.mask).toBeUndefined();
  });

  test('files of their own validate and test', () => {
    const { split_column: _, ...document } = REVIEWS;
    const rows = (...lines: readonly string[]): string => ['text,label', ...lines, ''].join('\n');
    const contents = {
      file: rows('a good one,up', 'a bad one,down', 'so good,up'),
      other: rows('a good bad one,up'),
      last: rows('bad bad bad,down'),
    };
    const { plan, fitted } = prepare({ ...document, validation_file: 'other', test_file: 'last' }, contents);
    expect(Object.entries(plan().splits).map(([name, { examples }]) => [name, examples])).toEqual([
      ['train', 3],
      ['validation', 1],
      ['test', 1],
    ]);
    expect(fitted.vocabulary).toEqual(['<unk>', 'a', 'good', 'one', 'bad', 'so']);
    expect(prepare({ ...document, test_file: 'last', split: { test: 0.5 } }, contents).problems[0]?.message).toBe(
      'split.test and test_file both say who tests',
    );
    const digests = (more: object) => [1, 2].map((seed) => prepare({ ...document, ...more }, contents, { seed }).facts.digest);
    expect(new Set(digests({ test_file: 'last' })).size).toBe(1);
    expect(new Set(digests({ split: { test: 0.34 } })).size).toBe(2);
    expect(prepare({ ...document, test_file: 'last', split: { validation: 0.34 } }, contents).fact('texts')).toBe(
      '2 train, 1 validation, 1 test',
    );
  });

  test('all texts of a group stand in one split, and each split has each class', () => {
    const { split_column: _, ...document } = REVIEWS;
    const rows = Array.from({ length: 60 }, (_each, i) => `text ${i} is so,${i % 3 === 0 ? 'up' : 'down'},p${i % 10}`);
    const { create } = prepare(
      { ...document, id: 'who', split: { test: 0.3, group: 'who' } },
      { file: ['text,label,who', ...rows].join('\n') },
    );
    const who = (split: string): ReadonlySet<string> => new Set((create().rows?.(split) ?? []).map(({ series = '' }) => series));
    expect([...who('test')].filter((each) => who('train').has(each))).toEqual([]);
    const { batches } = prepare({ ...document, split: { test: 0.3, stratify: true } }, { file: ['text,label,who', ...rows].join('\n') });
    const ups = batches('test').reduce(
      (sum, { target, weight }) => sum + Array.from(target, (b, at) => b * (weight[at] ?? 0)).reduce((a, b) => a + b),
      0,
    );
    expect(ups).toBe(6);
  });

  test('naive Bayes is what scikit-learn makes of the same counts', () => {
    const { create, plan } = prepare(REVIEWS, { file: SMALL });
    const dataset = create();
    const [batch] = dataset.batches('test', 1);
    if (!batch) throw new Error('no batch');
    // MultinomialNB on train: p(up) = 2/3, p(down) = 1/3; of up there are 4 tokens, of down 5, and 6 are known.
    const up = (2 / 3) * (2 / 10) * (1 / 10) * (1 / 10);
    const down = (1 / 3) * (2 / 11) * (3 / 11) * (1 / 11);
    const answer = dataset.baselines?.('test')['naive_bayes']?.(batch) ?? [];
    expect(answer[0]).toBeCloseTo(down / (up + down), 6);
    expect(answer[1]).toBeCloseTo(up / (up + down), 6);
    expect(Object.keys(dataset.baselines?.('train') ?? {})).toEqual(['majority', 'naive_bayes']);
    expect(plan().chance).toEqual({ 'train/accuracy': 2 / 3, 'test/accuracy': 0 });
  });

  test('other texts are read by the vocabulary that trained, and unknown words and classes are told', () => {
    const { ask } = prepare(REVIEWS, { file: SMALL });
    const asked = ask('text\na good novel\n');
    expect([...(asked.encoded?.dataset.batches('file', 1) ?? [])][0]?.inputs.input).toEqual(Int32Array.of(1, 2, 0, 0, 0, 0));
    expect(asked.encoded?.dataset.rows?.('file')).toEqual([{ series: 'line 2', times: [], text: 'a good novel' }]);
    expect(asked.problems).toEqual(['33 % of the tokens are unknown to the model, against 0 % of what it was trained on: "novel", …']);
    expect(ask('text,label\na good film,sideways\n', true).problems[0]).toContain('"sideways"');
    expect(ask('words\na good film\n').problems).toEqual(['no column is called "text"']);
    expect(ask('text,label\na good film,\n', true).problems[0]).toBe('line 2: "label" is empty');
  });

  test.each<readonly [what: string, document: object, text: string, said: RegExp]>([
    ['a column that is not there', { text: 'txt' }, SMALL, /^text: no column is called "txt" \(did you mean "text"\?\)$/],
    [
      'a text without a token',
      {},
      'text,label,part\n,up,train\na,down,train\n',
      /^file: line 2: "text" holds no token \(write missing: drop/,
    ],
    [
      'a label that is missing',
      {},
      'text,label,part\na,n.a.,train\nb,down,train\n',
      /^file: line 2: "label" is missing: n\.a\. .*missing_values: \[\]/,
    ],
    ['no text at all', {}, 'text,label,part\n', /^file: the file holds no text$/],
    ['one class', {}, 'text,label,part\na b c,up,train\nd e f,up,train\n', /^target: every answer is the class "up"/],
    ['two ways to split', { split: { test: 0.5 } }, SMALL, /^split_column: split and split_column both say who trains/],
    [
      'no token that is frequent enough',
      { minimum_count: 9 },
      SMALL,
      /minimum_count: no token occurs 9 times in training.*minimum_count: 1/,
    ],
    [
      'a list of lists',
      {},
      '{"text": [["a"]], "label": "up", "part": "train"}\n',
      /^file: line 1: "text" holds a list or a mapping where a word stands/,
    ],
    [
      'a language without blanks',
      {},
      'text,label,part\nกขค,up,train\nฮยก,down,train\nกกก,up,train\n',
      /^tokens: 100 % of the texts are one token.*tokens: characters/,
    ],
  ])('%s is told with its place', (_, change, text, said) => {
    expect(told({ ...REVIEWS, ...change }, text).join('\n')).toMatch(said);
  });

  test('a text of test that also trains is told, with both places', () => {
    const text = 'text,label,part\na good film,up,train\na bad film,down,train\na good film,up,test\nno bad film,down,test\n';
    expect(told(REVIEWS, text)).toEqual([
      'file: 1 of 2 texts of test stand in train too, word for word: "line 4" is "line 2" (what trained may be known by heart: keep one of each)',
    ]);
  });

  test('texts that are asked about may be lines below a name, with commas in them', () => {
    const { ask } = prepare(REVIEWS, { file: SMALL });
    const { encoded, problems } = ask('text\na good, bad film\n\ngood\n');
    expect(problems).toEqual([]);
    expect(encoded?.dataset.rows?.('file')).toEqual([
      { series: 'line 2', times: [], text: 'a good, bad film' },
      { series: 'line 4', times: [], text: 'good' },
    ]);
    expect(ask('text\n"a good, bad\nfilm"\n').encoded?.split.examples).toBe(1);
  });

  test('writers on both sides of a split are told, and kept together where the document says so', () => {
    const rows = Array.from({ length: 60 }, (_each, i) => `text ${i} of ${i * 7},${i % 3 === 0 ? 'up' : 'down'},w${i % 10}`);
    const { split_column: _, ...document } = REVIEWS;
    const text = ['text,label,writer', ...rows].join('\n');
    expect(told(document, text)).toEqual([
      expect.stringMatching(
        /^file: 12 of 12 texts of test are of a "writer" that trains too: .*group: writer\} keeps each of them in one split/,
      ),
    ]);
    expect(told({ ...document, split: { test: 0.2, group: 'writer' } }, text)).toEqual([]);
    expect(
      told(
        document,
        text.replaceAll(/,w\d$/gm, (mark, at: number) => `${mark}${at}`),
      ),
    ).toEqual([]);
  });

  test('texts that hold the names of their classes are told, and texts that do not are not', () => {
    const rows = (label: (name: string) => string) =>
      [
        'text,label,part',
        ...Array.from({ length: 40 }, (_, i) => `${label(i % 2 ? 'spam' : 'ham')} ${i} ${i * i} x,${i % 2 ? 'spam' : 'ham'},train`),
      ].join('\n');
    expect(
      told(
        REVIEWS,
        rows((name) => name),
      )[0],
    ).toMatch(/^text: the texts hold the names of their own classes, and of no other: "ham", "spam"/);
    expect(
      told(
        REVIEWS,
        rows(() => 'spam ham'),
      ),
    ).toEqual([]);
  });
});

const NAMES = { kind: 'tagged', file: 'file', minimum_count: 1, split: {} };
const CONLL = `-DOCSTART- -X- O

Anna NNP B-PER
saw VBD O
Paris NNP B-LOC

the DT O
end NN O
`;

describe('tagged sentences', () => {
  test('have a tag for each word', () => {
    const { fitted, batches, plan, fact } = prepare(NAMES, { file: CONLL });
    expect(fitted).toMatchObject({ vocabulary: ['<unk>', 'Anna', 'saw', 'Paris', 'the', 'end'], classes: ['B-LOC', 'B-PER', 'O'] });
    expect(plan().splits['train']).toMatchObject({
      inputs: { input: { shape: [3] } },
      target: { shape: [3], axes: ['time'] },
      masked: true,
    });
    expect([...(batches('train')[0]?.target ?? [])]).toEqual([1, 2, 0, 2, 2, 0]);
    expect([...(batches('train')[0]?.mask ?? [])]).toEqual([1, 1, 1, 1, 1, 0]);
    expect(fact('sentences')).toBe('2 train');
  });

  test.each<readonly [form: string, document: object, text: string]>([
    ['columns by number', { words: 0, target: 2 }, CONLL],
    ['tabs and Windows lines', {}, 'Anna\tB-PER\r\nsaw\tO\r\nParis\tB-LOC\r\n\r\nthe\tO\r\nend\tO\r\n'],
    ['CSV', { sentence: 's', words: 'w', target: 't' }, 's,w,t\n1,Anna,B-PER\n1,saw,O\n1,Paris,B-LOC\n2,the,O\n2,end,O\n'],
    [
      'CSV that names a sentence once',
      { sentence: 's', words: 'w', target: 't' },
      's,w,t\n1,Anna,B-PER\n,saw,O\n,Paris,B-LOC\n2,the,O\n,end,O\n',
    ],
    [
      'JSON Lines',
      {},
      '{"tokens": ["Anna", "saw", "Paris"], "tags": ["B-PER", "O", "B-LOC"]}\n{"tokens": ["the", "end"], "tags": ["O", "O"]}\n',
    ],
    ['JSON Lines with texts', { words: 'x', target: 'y' }, '{"x": "Anna saw Paris", "y": "B-PER O B-LOC"}\n{"x": "the end", "y": "O O"}\n'],
  ])('are the same in the form of %s', (_, change, text) => {
    const [usual, other] = [prepare(NAMES, { file: CONLL }), prepare({ ...NAMES, ...change }, { file: text })];
    expect(other.batches('train')).toEqual(usual.batches('train'));
    expect(other.fitted.vocabulary).toEqual(usual.fitted.vocabulary);
  });

  test('CoNLL-U is read for its forms and parts of speech, without comments and words that have no own number', () => {
    const row = (...cells: readonly string[]): string => [...cells, '_', '_', '_', '_', '_', '_'].join('\t');
    const text = [
      '# text = du pain',
      row('1-2', 'du', '_', '_'),
      row('1', 'de', 'de', 'ADP'),
      row('2', 'le', 'le', 'DET'),
      row('3', 'pain', 'pain', 'NOUN'),
      '',
    ].join('\n');
    const { fitted, fact } = prepare(NAMES, { file: text });
    expect([fitted.vocabulary, fitted.classes]).toEqual([
      ['<unk>', 'de', 'le', 'pain'],
      ['ADP', 'DET', 'NOUN'],
    ]);
    expect(fact('conll-u')).toBe('CoNLL-U: words of column 1, tags of column 3');
  });

  test('a sign that begins comments elsewhere is a word where its line has all columns', () => {
    expect(prepare(NAMES, { file: 'No O\n# O\n1 B-X\n' }).fitted.vocabulary).toEqual(['<unk>', 'No', '#', '1']);
  });

  test('long sentences are read in pieces, and no word is left out', () => {
    const { batches, create, fact } = prepare({ ...NAMES, maximum_length: 2 }, { file: CONLL });
    const counted = batches('train').reduce((sum, { mask = [] }) => sum + Array.from(mask).reduce((a, b) => a + b, 0), 0);
    expect([counted, fact('texts-cut')]).toEqual([5, 0.5]);
    expect(create().rows?.('train')).toEqual([
      { series: 'sentence 1, part 1', times: ['1', '2'], words: ['Anna', 'saw'] },
      { series: 'sentence 1, part 2', times: ['1'], words: ['Paris'] },
      { series: 'sentence 2', times: ['1', '2'], words: ['the', 'end'] },
    ]);
  });

  test('the tags that words have in training are a baseline', () => {
    const { create, fitted } = prepare({ ...NAMES, minimum_count: 2 }, { file: 'a X\na Y\na X\n\nb Y\na X\n' });
    const dataset = create();
    const [batch] = dataset.batches('train', 1);
    const answer = [...(batch ? (dataset.baselines?.('train')['tag_of_token']?.(batch) ?? []) : [])];
    expect(fitted.vocabulary).toEqual(['<unk>', 'a']);
    expect(answer.slice(0, 2)).toEqual([0.75, 0.25]);
    expect(answer.slice(6, 8)).toEqual([0, 1]);
  });

  test('words alone can be asked about', () => {
    const { encoded, problems } = prepare(NAMES, { file: CONLL }).ask('Anna\nsaw\n\nParis\n');
    expect(problems).toEqual([]);
    expect(encoded?.split.examples).toBe(2);
    expect([...(encoded?.dataset.batches('file', 1) ?? [])][0]?.target).toEqual(Int32Array.of(-1, -1, -1, 0));
  });

  test.each<readonly [what: string, document: object, text: string, said: RegExp]>([
    ['a line with too many columns', {}, 'a X\nb Y Z\n', /^file: line 2 has 3 columns, and the first word has 2/],
    ['one column', {}, 'a\nb\n', /^target: the file has 1 column, counted from 0, and none with the number 1/],
    [
      'a column by a name',
      { words: 'form' },
      CONLL,
      /^words: columns of a CoNLL file have no names, and "form" is one \(write its number, counted from 0: words: 0\)/,
    ],
    ['a column that is not there', { target: 7 }, CONLL, /^target: the file has 3 columns, counted from 0, and none with the number 7/],
    ['CSV without its sentences', { format: 'csv' }, 'w,t\na,X\n', /^: a row of CSV is a word, and nothing says of which sentence/],
    ['unequal lists', {}, '{"tokens": ["a", "b"], "tags": ["X"]}\n', /^file: line 1 has 2 words and 1 tag/],
    [
      'an empty tag',
      { sentence: 's', words: 'w', target: 't' },
      's,w,t\n1,a,X\n1,b,\n1,c,Y\n',
      /^file: line 2: word 2 of the sentence has no tag in "t"/,
    ],
    ['an empty file', {}, '\n\n', /^file: the file holds no text/],
  ])('%s is told with its place', (_, change, text, said) => {
    expect(told({ ...NAMES, ...change }, text)[0]).toMatch(said);
  });
});
