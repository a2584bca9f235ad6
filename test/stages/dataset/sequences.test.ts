import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createStreams } from '../../../src/random/streams.js';
import type { Batch } from '../../../src/stages/stage.js';
import { planned, trained } from '../../support/experiment.js';
import { lines, npy, prepare, SMALL, told, type Options } from './own-sequences.js';

test('scales are fitted to training data alone: other numbers in the test change none of them', () => {
  const fittedTo = (tested: string) => prepare(lines(...SMALL.slice(0, 4), tested, ...SMALL.slice(5)), { standardize: true }).fitted;
  expect(fittedTo('c,7,8,up,test')).toEqual(fittedTo('c,-7e9,8e9,up,test'));
  expect(fittedTo('c,7,8,up,test').means).toEqual([3, 4]);
});

describe('batches', () => {
  test('of one shape per split, filled up at the end, with a mask where lengths vary', () => {
    const { plan, batches } = prepare(lines(...SMALL));
    const { train, test: measured } = plan().splits;
    expect(train).toMatchObject({
      examples: 2,
      batches: 1,
      masked: true,
      inputs: { input: { shape: [2, 2] } },
      target: { shape: [], dtype: 'int32' },
    });
    expect(measured).toMatchObject({ examples: 2, batches: 1, inputs: { input: { shape: [1, 2] } } });
    expect(measured?.masked).toBeUndefined();
    expect(plan().classes).toBe(2);
    expect(batches('train')).toEqual([
      {
        inputs: { input: Float32Array.of(1, 2, 3, 4, 5, 6, 0, 0) },
        target: Int32Array.of(1, 0),
        weight: Float32Array.of(1, 1),
        mask: Float32Array.of(1, 1, 1, 0),
      },
    ]);
    expect(batches('test')[0]?.mask).toBeUndefined();
    expect(prepare(lines(...SMALL), {}, { batchSize: 3 }).batches('train')).toMatchObject([
      { weight: Float32Array.of(1, 1, 0), mask: Float32Array.of(1, 1, 1, 0, 0, 0) },
    ]);
  });

  test('steps come in the order of a column: of numbers, of dates', () => {
    const rows = ['id,when,x,label', 'a,10,1,up', 'b,1,9,down', 'a,9,2,up', 'a,-1,3,up', 'b,2,8,down'];
    const first = (order: string | undefined, text: string) =>
      prepare(text, {
        features: ['x'],
        order,
        split: { validation: 0, test: 0 },
        split_column: undefined,
      } as unknown as Partial<Options>).batches('train')[0]?.inputs.input;
    expect(first('when', lines(...rows))).toEqual(Float32Array.of(3, 2, 1, 9, 8, 0));
    expect(first(undefined, lines(...rows))).toEqual(Float32Array.of(1, 2, 3, 9, 8, 0));
    const dates = lines(...rows)
      .replaceAll(',10,', ',2024-03-01,')
      .replaceAll(',9,2', ',2024-02-29,2')
      .replaceAll(',-1,', ',2023-12-31,');
    expect(first('when', dates)).toEqual(Float32Array.of(3, 2, 1, 9, 8, 0));
  });

  test('a target a step, of classes and of numbers', () => {
    const text = lines('id,x,y,label,part', 'a,1,1,10,train', 'a,2,2,9,train', 'b,3,3,10,train', 'c,1,1,9,test', 'd,1,1,10,test');
    const classes = prepare(text, { target_per: 'step' });
    expect(classes.plan().splits['train']).toMatchObject({ target: { shape: [2], axes: ['time'], dtype: 'int32' } });
    // Classes that are numbers are in the order of numbers: 9 before 10.
    expect(classes.batches('train')[0]?.target).toEqual(Int32Array.of(1, 0, 1, 0));
    const values = prepare(text, { target_per: 'step', task: 'regression' });
    expect(values.plan()).not.toHaveProperty('classes');
    expect(values.plan().splits['train']).toMatchObject({ target: { shape: [2, 1], axes: ['time', 'outputs'], dtype: 'float32' } });
    expect(values.batches('train')[0]?.target).toEqual(Float32Array.of(10, 9, 10, 0));
  });

  test('features are standardised by what trains, whatever is tested; padding stays 0', () => {
    const { batches } = prepare(lines(...SMALL), { standardize: true });
    const [mean, sd] = [3, Math.sqrt(8 / 3)];
    const scaled = [1, 2, 3, 4, 5, 6].map((value, i) => (value - (mean + (i % 2))) / sd);
    expect([...(batches('train')[0]?.inputs.input ?? [])]).toEqual([...scaled, 0, 0].map((value) => expect.closeTo(value, 6)));
    const shouted = lines(...SMALL.slice(0, 4), 'c,700,8000,up,test', 'd,9,10,down,test');
    expect(prepare(shouted, { standardize: true }).batches('train')).toEqual(batches('train'));
  });

  test('a feature that never changes becomes 0', () => {
    const still = lines(
      'id,x,y,label,part',
      'a,0.1,2,up,train',
      'a,0.1,4,up,train',
      'b,0.1,6,down,train',
      'c,0.1,8,up,test',
      'd,9,1,down,test',
    );
    const input = prepare(still, { standardize: true, features: ['x'] }).batches('train')[0]?.inputs.input ?? [];
    for (const value of input) expect(Math.abs(value)).toBeLessThan(1e-12);
  });
});

describe('splits', () => {
  const many = lines(
    'id,x,y,label',
    ...Array.from({ length: 60 }, (_, i) => [0, 1, 2].map((t) => `s${i},${i},${t},${i % 2 ? 'odd' : 'even'}`)).flat(),
  );
  const shares = { split: { validation: 0.1, test: 0.25 }, split_column: undefined } as unknown as Partial<Options>;
  const members = (batches: readonly Batch[]): number[] =>
    batches.flatMap(({ inputs: { input }, weight }) => [...weight].flatMap((w, row) => (w ? [input[row * 6] ?? -1] : [])));

  test('are drawn whole, every sequence in one, by the seed', () => {
    const { plan, batches } = prepare(many, shares);
    expect(Object.entries(plan().splits).map(([name, { examples }]) => [name, examples])).toEqual([
      ['train', 39],
      ['validation', 6],
      ['test', 15],
    ]);
    const all = ['train', 'validation', 'test'].flatMap((split) => members(batches(split)));
    expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i));
    expect(members(prepare(many, shares).batches('test'))).toEqual(members(batches('test')));
    expect(members(prepare(many, shares, { seed: 2 }).batches('test'))).not.toEqual(members(batches('test')));
  });

  test('a fifth tests when nothing is written', () => {
    const { plan } = prepare(many, { split_column: undefined } as unknown as Partial<Options>);
    expect(plan().splits['test']?.examples).toBe(12);
    expect(plan().splits).not.toHaveProperty('validation');
  });

  const OWNED = ['id,who,x,y,label', ...Array.from({ length: 12 }, (_, i) => `s${i},p${i % 4},${i},0,${i % 3 ? 'odd' : 'even'}`)];
  const byWho = (split: Readonly<Record<string, unknown>> = {}, more: Partial<Options> = {}) =>
    ({ split: { test: 0.25, group: 'who', ...split }, split_column: undefined, ...more }) as unknown as Partial<Options>;

  test('of groups: all sequences of a person stand in one, which the plan counts', () => {
    const { plan, facts } = prepare(lines(...OWNED), byWho());
    expect(plan().splits).toMatchObject({ train: { examples: 9 }, test: { examples: 3 } });
    expect(facts.facts).toContainEqual(expect.objectContaining({ name: 'values of "who"', value: '3 train, 1 test' }));
  });

  test('of groups need one of them for each sequence', () => {
    const at = (row: string): readonly string[] => told(lines(...OWNED, row), byWho());
    expect(at('s0,p9,1,1,even')).toEqual([
      'file: line 14: sequence "s0" has the groups "p0" and "p9" (a sequence stays whole: all its steps are of one group)',
    ]);
    expect(at('s20,,1,1,even')).toEqual(['file: line 14: "who" is empty (write missing: drop to leave such sequences out)']);
    expect(told(lines(...OWNED), byWho({ group: 'whom' }))).toEqual(['split.group: no column is called "whom" (did you mean "who"?)']);
  });

  test('can be stratified by one class a sequence alone', () => {
    const { plan } = prepare(lines(...OWNED), byWho({ group: undefined, stratify: true, test: 1 / 4 }));
    expect(plan().splits).toMatchObject({ train: { examples: 9 }, test: { examples: 3 } });
    for (const more of [{ task: 'regression' as const, target: 'x' }, { target_per: 'step' as const }])
      expect(told(lines(...OWNED), byWho({ stratify: true }, more)).filter((each) => each.startsWith('split'))).toEqual([
        expect.stringMatching(/^split.stratify: stratify keeps the shares of classes, and .* \(leave it out\)$/),
      ]);
  });

  test('of a column may have other names, which come last', () => {
    const text = lines(...SMALL, 'e,1,1,up,winter', 'f,1,1,up,validation');
    expect(Object.keys(prepare(text).plan().splits)).toEqual(['train', 'validation', 'test', 'winter']);
  });

  test('training is shuffled anew in every epoch, what is measured never', () => {
    const { batches } = prepare(many, shares, { shuffle: true });
    expect(members(batches('train', 1))).not.toEqual(members(batches('train', 2)));
    expect(members(batches('train', 1)).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
      members(batches('train', 2)).toSorted((a, b) => (a < b ? -1 : 1)),
    );
    expect(members(batches('test', 1))).toEqual(members(batches('test', 2)));
  });
});

describe('facts', () => {
  test('sequences, lengths, classes, chance', () => {
    const { facts, plan } = prepare(lines(...SMALL));
    expect(facts.facts.map(({ name, value }) => [name, value])).toEqual([
      ['sequences', '2 train, 2 test'],
      ['steps', 5],
      ['steps of a sequence', '1 to 2, 1.3 on average'],
      ['classes', '2: up 2, down 2'],
    ]);
    expect(plan().chance).toEqual({ 'train/accuracy': 0.5, 'test/accuracy': 0.5 });
  });

  test('of numbers: their range, and the error of the median of what trains', () => {
    const { facts, plan } = prepare(lines('id,x,y,label,part', 'a,1,1,1,train', 'b,1,1,2,train', 'c,1,1,6,train', 'd,1,1,4,test'), {
      task: 'regression',
    });
    expect(facts.facts.at(-1)).toMatchObject({ name: 'targets', value: '1 to 6' });
    expect(plan().chance).toEqual({ 'train/mean_absolute_error': 5 / 3, 'test/mean_absolute_error': 2 });
  });

  test('chance is what training knows: a test of another majority is no better known', () => {
    const { plan } = prepare(
      lines(
        'id,x,y,label,part',
        'a,1,1,up,train',
        'b,1,1,up,train',
        'c,1,1,down,train',
        'd,1,1,down,test',
        'e,1,2,down,test',
        'f,1,3,up,test',
      ),
    );
    expect(plan().chance).toEqual({ 'train/accuracy': 2 / 3, 'test/accuracy': 1 / 3 });
  });

  test('the digest is of content, options and the seed that draws; not of the name', () => {
    const digest = (content: string, options: Partial<Options> = {}, seed = 1) => prepare(content, options, { seed }).facts.digest;
    const base = digest(lines(...SMALL));
    expect(digest(lines(...SMALL), { file: 'other.csv' })).toBe(base);
    expect(digest(lines(...SMALL), {}, 2)).toBe(base);
    expect(digest(lines(...SMALL), { standardize: true })).not.toBe(base);
    expect(digest(`${lines(...SMALL)}\n`)).not.toBe(base);
    const drawn = { split_column: undefined, split: { validation: 0, test: 0.5 } } as unknown as Partial<Options>;
    expect(digest(lines(...SMALL), drawn)).not.toBe(digest(lines(...SMALL), drawn, 2));
  });
});

describe('the same sequences', () => {
  const expected = prepare(lines(...SMALL)).batches('train');

  test.each([
    ['CRLF', SMALL.join('\r\n') + '\r\n'],
    ['a byte order mark', '\uFEFF' + lines(...SMALL)],
    [
      'quotes',
      lines(
        '"id","x","y","label","part"',
        ...SMALL.slice(1).map((row) =>
          row
            .split(',')
            .map((cell) => `"${cell}"`)
            .join(','),
        ),
      ),
    ],
    [
      'a column with commas, quotes and line breaks',
      lines('note,' + SMALL[0], ...SMALL.slice(1).map((row) => `"one, ""two""\n three",${row}`)),
    ],
    ['empty lines', lines('', ...SMALL.flatMap((row) => [row, '']))],
    ['blanks around numbers', lines(...SMALL).replaceAll(',1,', ', 1 ,')],
  ])('CSV with %s', (_, text) => expect(prepare(text).batches('train')).toEqual(expected));

  test('JSON Lines, a step a line', () => {
    const rows = SMALL.slice(1).map((row) => {
      const [id, x, y, label, part] = row.split(',');
      return JSON.stringify({ id, x: Number(x), y: Number(y), label, part });
    });
    expect(prepare(lines(...rows), { format: 'jsonl' }).batches('train')).toEqual(expected);
  });

  test('JSON Lines, a sequence a line', () => {
    const rows = [
      { x: [1, 3], y: [2, 4], label: 'up', part: 'train' },
      { x: [5], y: [6], label: 'down', part: 'train' },
      { x: [7], y: [8], label: 'up', part: 'test' },
      { x: [9], y: [10], label: 'down', part: 'test' },
    ].map((row) => JSON.stringify(row));
    const options = { format: 'jsonl', sequence: undefined } as unknown as Partial<Options>;
    expect(prepare(lines(...rows), options).batches('train')).toEqual(expected);
  });

  test.each(['<f4', '<f8', '<i2', '<i4', '<i8', '<u2', '<u4', '<u8', '>f4', '>f8', '>i2', '>i8', '|i1', '|u1', '|b1'])(
    'NumPy of %s',
    (dtype) => {
      const options = {
        format: 'npy',
        sequence: undefined,
        features: [0, 1],
        target: 2,
        split_column: undefined,
      } as unknown as Partial<Options>;
      const array = npy(dtype, [2, 2, 3], [1, 2, 7, 3, 4, 7, 5, 6, 8, 7, 8, 8]);
      const { batches, plan } = prepare(array, { ...options, split: { validation: 0, test: 0 } });
      expect(plan().splits['train']?.masked).toBeUndefined();
      expect(batches('train')).toEqual([
        { inputs: { input: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) }, target: Int32Array.of(0, 1), weight: Float32Array.of(1, 1) },
      ]);
    },
  );

  test('NumPy: steps of NaN at the end are padding', () => {
    const nan = Number.NaN;
    const options = {
      format: 'npy',
      features: ['0', '1'],
      target: '2',
      split_column: undefined,
      split: { validation: 0, test: 0 },
    } as unknown as Partial<Options>;
    const { batches } = prepare(npy('<f4', [2, 2, 3], [1, 2, 1, 3, 4, 1, 5, 6, 0, nan, nan, nan]), options);
    expect(batches('train')).toEqual(expected);
  });
});

describe('mistakes', () => {
  const FILL = 'write missing: forward to take the last value of the sequence, or missing: drop to leave the sequence out';
  const numpy = { format: 'npy', features: [0], target: 1, split_column: undefined } as unknown as Partial<Options>;
  const wholeLines = {
    format: 'jsonl',
    sequence: undefined,
    features: ['x'],
    target: 'y',
    split_column: undefined,
  } as unknown as Partial<Options>;
  const swap = (line: number, row: string): string => lines(...SMALL.with(line - 1, row));

  test.each<readonly [string, string | Uint8Array, Partial<Options>, readonly string[]]>([
    [
      'a column that is not there',
      lines(...SMALL),
      { features: ['x', 'yy'] },
      ['features.1: no column is called "yy" (did you mean "y"?)'],
    ],
    [
      'several of them',
      lines(...SMALL),
      { target: 'lable', sequence: 'name' },
      [
        'sequence: no column is called "name" (there is "id", "x", "y", "label", "part")',
        'target: no column is called "lable" (did you mean "label"?)',
      ],
    ],
    ['an empty file', '', {}, ['file: the file holds no step of a sequence']],
    ['a header and nothing else', SMALL[0] ?? '', {}, ['file: the file holds no step of a sequence']],
    [
      'rows of another length',
      swap(3, 'a,3,4,up'),
      {},
      ['file: line 3 has 4 values, and the first line names 5 columns (a value that holds a comma stands in quotes: "1,5")'],
    ],
    ['a word in place of a number', swap(4, 'b,five,6,down,train'), {}, ['file: line 4: "x" "five" is not a number']],
    ['NaN', swap(4, 'b,5,NaN,down,train'), {}, [`file: line 4: "y" is missing: NaN (${FILL})`]],
    ['infinity', swap(4, 'b,5,1e999,down,train'), {}, ['file: line 4: "y" "1e999" is not a number']],
    ['nothing', swap(4, 'b,5,,down,train'), {}, [`file: line 4: "y" is empty (${FILL})`]],
    [
      'no class',
      swap(4, 'b,5,6,,train'),
      {},
      ['file: line 4: "label" is empty (write missing: drop to leave such sequences out; an answer is never made up)'],
    ],
    [
      'lines are counted through quotes',
      lines('"id\n",x,y,label,part', ...SMALL.slice(1, 3), 'b,five,6,down,train', ...SMALL.slice(4)),
      { sequence: 'id' },
      ['file: line 5: "x" "five" is not a number'],
    ],
    [
      'a quote left open',
      lines(...SMALL, 'e,"7,8,up,test'),
      {},
      ['file: a quote that opens in line 7 is never closed (double a quote inside a value: "")'],
    ],
    ['two columns of one name', swap(1, 'id,x,x,label,part'), {}, ['file: two columns are called "x" (rename one of them)']],
    [
      'no column of sequences',
      lines(...SMALL),
      { sequence: undefined } as unknown as Partial<Options>,
      [': a row of CSV is a step, and nothing says of which sequence (name the column: sequence: COLUMN)'],
    ],
    [
      'two classes of one sequence',
      swap(3, 'a,3,4,down,train'),
      {},
      ['file: line 3: sequence "a" has the targets "up" and "down" (write target_per: step, if every step has a target of its own)'],
    ],
    [
      'a sequence in two splits',
      swap(3, 'a,3,4,up,test'),
      {},
      ['file: line 3: sequence "a" has the splits "train" and "test" (a sequence stays whole: all its steps are in one split)'],
    ],
    [
      'two steps in one place',
      lines('id,t,x,y,label,part', 'a,1,1,1,up,train', 'a,1.0,1,1,up,train'),
      { order: 't' },
      ['file: line 3: sequence "a" has two steps at "t" 1.0 (the other is line 2; which of them comes first?)'],
    ],
    [
      'a split column that says nothing of training',
      lines(...SMALL).replaceAll('train', 'Training'),
      {},
      [
        'split_column: no sequence is marked "train" in the column "part" (splits are called train, validation and test; is "Training" meant?)',
      ],
    ],
    [
      'a class that is tested only',
      lines(...SMALL, 'e,1,2,left,test'),
      {},
      [
        'target: the class "left" occurs in test and not in training (take another seed or more sequences, or say with split_column which sequences train)',
      ],
    ],
    [
      'classes that are trained only',
      lines(...SMALL, 'e,1,2,left,train', 'f,1,2,right,train'),
      {},
      ['target: the classes "left", "right" occur in training only (how well they are told from others is not measured)'],
    ],
    [
      'shares that leave nothing',
      lines(...SMALL),
      { split_column: undefined, split: { validation: 0.6, test: 0.5 } } as unknown as Partial<Options>,
      ['split: 4 sequences leave none for training (take other shares, or more sequences)'],
    ],
    [
      'two ways to split',
      lines(...SMALL),
      { split: { validation: 0, test: 0.5 } },
      ['split_column: split and split_column both say who trains (leave one of them out)'],
    ],
    [
      'lists of two lengths',
      lines('{"x": [1, 2], "y": "a"}', '{"x": [1, 2], "y": ["a", "b", "c"]}'),
      wholeLines,
      ['file: line 2 has 2 steps of "x" and 3 of "y" (all lists of a sequence have a value for each of its steps)'],
    ],
    [
      'a line that is not JSON',
      lines('{"x": [1, 2], "y": "a"}', "{'x': [1]}"),
      wholeLines,
      ['file: line 2 is not a JSON object (JSON Lines: one {"name": value, …} a line)'],
    ],
    [
      'a line without a value',
      lines('{"x": [1, 2], "y": "a"}', '{"x": [1]}'),
      wholeLines,
      ['file: line 2: "y" is empty (write missing: drop to leave such sequences out; an answer is never made up)'],
    ],
    ['null', lines('{"x": [1, null], "y": "a"}', '{"x": [1], "y": "b"}'), wholeLines, [`file: line 1: "x" is empty (${FILL})`]],
    ['no NumPy file', 'id,x', numpy, ['file: this is not a NumPy file (save the array with numpy.save)']],
    [
      'an array of complex numbers',
      npy('<c8', [1, 1, 2], []),
      numpy,
      [
        'file: the array is of dtype <c8, and booleans, whole numbers and floats of 4 or 8 bytes are read (numpy.save(file, array.astype("<f4")))',
      ],
    ],
    [
      'an array of two axes',
      npy('<f4', [2, 2], [1, 2, 3, 4]),
      numpy,
      ['file: the array is [2, 2], and [sequences, time, columns] is read (numpy.reshape it)'],
    ],
    [
      'Fortran order',
      npy('<f4', [1, 1, 2], [1, 2], 'True'),
      numpy,
      ['file: the array is in Fortran order (numpy.save(file, numpy.ascontiguousarray(array)))'],
    ],
    [
      'a file that was cut off',
      npy('<f4', [1, 2, 2], [1, 2]),
      numpy,
      ['file: the file holds 8 bytes of numbers, and [1, 2, 2] of <f4 takes 16 (it was cut off: copy it again)'],
    ],
    ['NaN in an array', npy('<f4', [1, 2, 2], [Number.NaN, 1, 2, 1]), numpy, [`file: sequence 0, step 0: "0" is missing: NaN (${FILL})`]],
    [
      'a column beyond the array',
      npy('<f4', [2, 1, 2], [1, 2, 3, 4]),
      { ...numpy, target: 7 },
      ['target: no column is called "7" (there is "index of the sequence", "0", "1")'],
    ],
  ])('%s', (_, text, options, messages) => expect(told(text, options)).toEqual(messages));

  test('a thousand wrong cells are told a few times', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => `s${i},?,1,up,train`);
    const problems = told(lines('id,x,y,label,part', ...rows));
    expect(problems).toHaveLength(5);
    expect(problems.at(-1)).toContain('line 6: "x" is missing: ?; and 995 more such mistakes');
  });
});

describe('trained for real', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sequences-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('a document may name a split column, or shares, or neither', () => {
    const document = writeExperiment('lstm', 'last');
    const splits = (...set: string[]) => Object.keys(planned(document, { set }).plan.data.splits);
    expect(splits()).toEqual(['train', 'test']);
    expect(splits('dataset.split={validation: 0.5}')).toEqual(['train', 'validation']);
    expect(() => splits('dataset.split_column=id')).toThrow('no sequence is marked "train"');
  });

  /** Does a sequence end higher than it began? Only its first and last step tell, and it may have 2 to 9 of them. */
  function writeExperiment(model: string, readout: string): string {
    const { uniform, integer } = createStreams(7).stream('data');
    const rows = Array.from({ length: 240 }, (_, id) => {
      const values = Array.from({ length: 2 + integer(8) }, () => 40 + 10 * uniform());
      const [first = 0, last = 0] = [values[0], values.at(-1)];
      return values.map(
        (value) => `s${id},${value},${readout === 'every' ? (value > first ? 'up' : 'down') : last > first ? 'up' : 'down'}`,
      );
    });
    writeFileSync(join(folder, 'own.csv'), lines('id,x,way', ...rows.flat()));
    const document = join(folder, `${model}_${readout}.yaml`);
    writeFileSync(
      document,
      lines(
        'experiment: own',
        `dataset: {kind: sequences, file: own.csv, format: csv, sequence: id, features: [x], target: way, task: classification, target_per: ${readout === 'every' ? 'step' : 'sequence'}}`,
        `model: {kind: ${model}, hidden_size: 16, readout: ${readout}, initializer: {kind: keras}}`,
        'loss: {kind: cross_entropy}',
        'optimizer: {kind: adam, learning_rate: 0.02}',
        'metrics: [{kind: accuracy}]',
        'training: {epochs: 30, batch_size: 16}',
      ),
    );
    return document;
  }

  test.each([
    ['lstm', 'last'],
    ['gru', 'every'],
  ])('%s, readout %s: learns what no constant answer knows, and compiled as eager', async (model, readout) => {
    const experiment = planned(writeExperiment(model, readout));
    const { epochs } = await trained(experiment);
    expect(epochs.at(-1)?.[1].get('test/accuracy')).toBeGreaterThan(0.85);
    expect(experiment.plan.data.chance['test/accuracy']).toBeLessThan(0.7);
    const eager = await trained(experiment, { kind: 'eager-js', until: 1 });
    for (const key of ['train/loss', 'test/loss', 'test/accuracy']) {
      expect(Math.abs((epochs[0]?.[1].get(key) ?? Number.NaN) - (eager.epochs[0]?.[1].get(key) ?? 0)), key).toBeLessThan(1e-5);
    }
  });
});
