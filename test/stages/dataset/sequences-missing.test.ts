import { describe, expect, test } from 'vitest';
import { lines, npy, prepare, SMALL, told, type Options } from './own-sequences.js';

const own = (options: object): Partial<Options> => options;
const WORDS = [
  '',
  'NaN',
  'nan',
  'NA',
  'n/a',
  'N/A',
  '#N/A',
  '#DIV/0!',
  '<NA>',
  'NaT',
  'null',
  'NULL',
  'None',
  'none',
  '?',
  '-',
  '--',
  String.raw`\N`,
];
const DROP = 'write missing: drop to leave such sequences out';
const FILL = 'write missing: forward to take the last value of the sequence, or missing: drop to leave the sequence out';

describe('what stands for nothing is a mistake with its place', () => {
  const cell = (column: number, word: string): string => lines(...SMALL.with(3, SMALL[3]?.split(',').with(column, word).join(',') ?? ''));
  const missing = (column: string, word: string): string => `file: line 4: "${column}" ${word === '' ? 'is empty' : `is missing: ${word}`}`;

  test.each(WORDS)('%j, in every column', (word) => {
    const first = (column: number, options: object = {}): string => told(cell(column, word), own(options))[0] ?? '';
    // At the beginning of a line the sign of an error may be that of a comment.
    if (!word.startsWith('#')) expect(first(0)).toContain(`${missing('id', word)}, and it says to which sequence the step belongs`);
    expect(first(1)).toBe(`${missing('x', word)} (${FILL})`);
    expect(first(3)).toContain(`${missing('label', word)} (${DROP}; an answer is never made up`);
    expect(first(4)).toContain(`${missing('part', word)} (${DROP}`);
    expect(first(2, { features: ['x'], order: 'y' })).toContain(`${missing('y', word)} (${DROP}`);
    expect(first(2, { features: ['x'], target: 'y', task: 'regression', target_per: 'step' })).toContain(`${missing('y', word)} (${DROP}`);
  });

  test('from JSON Lines, also as Python writes it', () => {
    const whole = own({
      format: 'jsonl',
      sequence: undefined,
      features: ['x'],
      target: 'y',
      split_column: undefined,
      split: { validation: 0, test: 0 },
    });
    const row = (x: string, y: string): string => `{"x": [1, ${x}], "y": ${y}}`;
    for (const word of ['null', 'NaN', '"NaN"', '"?"', '""', '"none"']) {
      expect(told(lines(row('1', '"a"'), row('1', word), row('1', '"b"')), whole)[0]).toMatch(/^file: line 2: "y" is (empty|missing)/);
      expect(told(lines(row('1', '"a"'), row(word, '"b"')), whole)[0]).toMatch(/^file: line 2: "x" is (empty|missing)/);
    }
    expect(told(lines('{"x": [1], "y": "a"}', '{"x": [1]}'), whole)[0]).toContain('file: line 2: "y" is empty');
    expect(told(lines('{"x": [1], "y": "a NaN"}', '{"x": [-Infinity], "y": "Infinity"}'), whole)).toEqual([
      'file: line 2: "x" is infinite',
    ]);
  });

  test('from NumPy', () => {
    const { NaN: nan } = Number;
    const array = own({ format: 'npy', features: [0], target: 1, split_column: undefined, split: { validation: 0, test: 0 } });
    expect(told(npy('<f8', [3, 1, 2], [1, 0, 2, nan, 3, 1]), array)).toEqual([
      `file: sequence 1, step 0: "1" is missing: NaN (${DROP}; an answer is never made up)`,
    ]);
    expect(told(npy('<f8', [2, 1, 2], [1, 0, nan, 1]), array)).toEqual([`file: sequence 1, step 0: "0" is missing: NaN (${FILL})`]);
    expect(told(npy('<f4', [2, 1, 2], [1, 0, Infinity, 1]), array)).toEqual(['file: sequence 1, step 0: "0" is infinite']);
    expect(told(npy('<f4', [3, 1, 2], [1, 0, nan, nan, 2, 1]), array)).toEqual([
      expect.stringContaining('sequence 1 is a sequence without a step'),
    ]);
  });

  test('a document says which words are values, and which values are missing', () => {
    expect(told(cell(3, 'none'), own({ target: 'label' }))[0]).toContain('if "none" is a name here, write missing_values: []');
    const labels = (word: string): string =>
      lines('id,x,y,label,part', 'a,1,2,up,train', `b,1,2,${word},train`, 'c,1,2,up,test', `d,1,2,${word},test`);
    expect(told(labels('none'), own({ missing_values: [] }))).toEqual([]);
    expect(told(labels('-'), own({ missing_values: ['?'] }))).toEqual([]);
    expect(told(labels('NaN'), own({ missing_values: [] }))[0]).toContain('is missing: NaN');
    expect(told(cell(1, '-999.0'), own({ missing_values: [-999] }))[0]).toContain('"x" is missing: -999.0');
    expect(told(cell(1, '9x'), own({ missing_values: ['9X'] }))[0]).toContain('"x" is missing: 9x');
  });
});

describe('what is done about it', () => {
  const rows = [
    'id,x,y,label,part',
    'a,1,2,up,train',
    'a,,4,up,train',
    'a,NA,6,up,train',
    'b,5,6,down,train',
    'b,6,?,down,train',
    'c,7,8,up,test',
    'd,9,10,down,test',
  ];
  const fact = (text: string, options: Partial<Options>, key: string): unknown =>
    prepare(text, options).facts.facts.find((one) => one.key === key);

  test('forward: a feature takes the last value of its sequence, in the order of its steps', () => {
    const { problems, batches } = prepare(lines(...rows), own({ missing: 'forward' }));
    expect(problems).toEqual([]);
    expect([...(batches('train')[0]?.inputs.input ?? [])]).toEqual([1, 2, 1, 4, 1, 6, 5, 6, 6, 6, 0, 0]);
    expect(fact(lines(...rows), own({ missing: 'forward' }), 'missing-forward')).toMatchObject({ value: '3 filled in' });
    const turned = lines(...rows.slice(0, 1), ...rows.slice(1).toReversed()).replaceAll(',y,', ',t,');
    expect(told(turned, own({ missing: 'forward', features: ['x'], order: 't' }))[0]).toContain('line 4: "t" is missing: ?');
    const ordered = lines('id,t,x,label', 'a,3,,up', 'a,2,,up', 'a,1,7,up', 'b,1,1,down');
    const options = own({ missing: 'forward', features: ['x'], order: 't', split_column: undefined, split: { validation: 0, test: 0 } });
    expect([...(prepare(ordered, options).batches('train')[0]?.inputs.input ?? [])]).toEqual([7, 7, 7, 1, 0, 0]);
  });

  test('forward: nothing stands before the first step, and no answer is made up', () => {
    expect(told(lines(...rows.with(1, 'a,,2,up,train')), own({ missing: 'forward' }))).toEqual([
      `file: line 2: "x" is empty, and its sequence has no earlier value to take (${DROP})`,
      `file: line 3: "x" is empty, and its sequence has no earlier value to take (${DROP})`,
      `file: line 4: "x" is missing: NA, and its sequence has no earlier value to take (${DROP})`,
    ]);
    const steps = own({ missing: 'forward', features: ['y'], target: 'x', task: 'regression', target_per: 'step' });
    expect(told(lines(...rows), steps)[0]).toContain('line 3: "x" is empty');
  });

  test('forward: one answer of a sequence may stand in one of its rows', () => {
    const once = lines('id,x,y,label,part', 'a,1,2,,train', 'a,3,4,up,train', 'b,5,6,down,train', 'c,7,8,up,test', 'd,9,10,down,test');
    expect(prepare(once, own({ missing: 'forward' })).batches('train')).toEqual(prepare(lines(...SMALL)).batches('train'));
    expect(told(once)[0]).toContain('line 2: "label" is empty');
    expect(told(once.replace(',up,train', ',,train'), own({ missing: 'forward' }))[0]).toContain('line 2: "label" is empty');
  });

  test('drop: the sequence is left out, and counted', () => {
    const some = lines(...rows, 'e,1,1,down,train', 'f,1,1,,test', 'g,1,1,up,train');
    expect(told(some, own({ missing: 'drop' }))).toEqual([]);
    expect(prepare(some, own({ missing: 'drop' })).plan().splits['train']?.examples).toBe(2);
    expect(fact(some, own({ missing: 'drop' }), 'missing-dropped')).toMatchObject({
      value: '3 of 7',
      note: expect.stringContaining('a, b, f'),
    });
    expect(told(lines('id,x,y,label,part', 'a,,1,up,train', 'b,,1,down,test'), own({ missing: 'drop' }))).toEqual([
      'missing: a value is missing in each of the 2 sequences, and none is left (leave out the column that is empty, or write missing: forward)',
    ]);
  });

  test('error is what is done when nothing is written', () =>
    expect(told(lines(...rows), own({ missing: 'error' }))).toEqual(told(lines(...rows))));
});

describe('odd classes', () => {
  const classes = (...names: readonly string[]): string =>
    lines(
      'id,x,y,label,part',
      // No number belongs to one class alone.
      ...names.flatMap((name, i) => ['train', 'test'].map((part, j) => `${part}${i},${(i + j) % names.length},1,"${name}",${part}`)),
    );

  test('one class only', () =>
    expect(told(classes('up', 'up'))).toEqual([
      'target: every answer is the class "up" (4), and there is nothing to tell it from (name another column, or add sequences of another class)',
    ]));

  test.each<readonly [names: readonly string[], told: string]>([
    [['Up', 'up', 'down'], 'the classes "Up" (2) and "up" (2) differ in spelling alone, and are learnt as 2'],
    [['left turn', 'leftturn', 'left\u00a0turn'], 'the classes "left turn" (2), "leftturn" (2) and "left\u00a0turn" (2) differ'],
    [['1', '1.0', '2', '01'], 'the classes "1" (2), "1.0" (2) and "01" (2) differ'],
    [['caf\u00e9', 'cafe\u0301'], 'differ in spelling alone'],
    [['0.37', '0.5', '2'], '0.37 is one of 3 classes that are numbers, not all of them whole: it looks like a measure'],
    [['-1', '0', '1'], '-1 is a class beside others that count from 0 (2 times), and often marks what has no label'],
  ])('%j', (names, message) => {
    const { problems } = prepare(classes(...names));
    expect(problems.map(({ severity }) => severity)).toEqual(['warning']);
    expect(problems[0]?.message).toContain(message);
  });

  test.each([[['-1', '1']], [['0', '1', '2']], [['up', 'down']], [['1', '2', 'x']], [['9007199254740992', '9007199254740993']]])(
    '%j are not odd',
    (names) => expect(told(classes(...names))).toEqual([]),
  );

  test('sequences that are one number in two spellings', () => {
    const named = (a: string, b: string): string =>
      lines('id,x,y,label,part', `${a},1,1,up,train`, `c,1,2,down,train`, `${b},1,3,up,test`, 'd,1,1,down,test');
    expect(told(named('1', '1.0'))).toEqual([
      'sequence: the sequences "1" and "1.0" are one number in 2 spellings, and are 2 sequences (they begin in line 2 and line 4; write them alike, if they are one)',
    ]);
    for (const [a, b] of [
      ['aB3', 'Ab3'],
      ['1', '2'],
      ['9007199254740992', '9007199254740993'],
    ])
      expect(told(named(a ?? '', b ?? ''))).toEqual([]);
  });

  test('a number that never changes', () => {
    const numbers = (...values: readonly string[]): string =>
      lines('id,x,y,label,part', ...values.map((value, i) => `${i},1,1,${value},${i ? 'train' : 'test'}`));
    expect(told(numbers('5', '5.0', '5'), own({ task: 'regression' }))).toEqual([
      'target: every answer is 5: a model can learn nothing else (name another column)',
    ]);
    expect(told(numbers('5', '5.0', '6'), own({ task: 'regression' }))).toEqual([]);
  });

  test('splits that differ in spelling alone', () =>
    expect(told(`${classes('up', 'down')}\ne,1,1,up,Train`)).toEqual([
      'split_column: the splits "train" (2 sequences) and "Train" (1 sequence) differ in spelling alone, and are 2 splits (write them alike in the file, if they are one split)',
    ]));
});
