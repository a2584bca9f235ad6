import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examine, steady } from '../../../src/run/prepare.js';
import { listFiles } from '../../../src/language/list-files.js';

/* Sequences that stand in several files. */

const folder = mkdtempSync(join(tmpdir(), 'retable-sources-'));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, ...rows: readonly string[]): void => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), `${rows.join('\n')}\n`);
};

let count = 0;
function examined(dataset: string) {
  const file = join(folder, `d${++count}.yaml`);
  writeFileSync(
    file,
    [
      'experiment: several',
      `dataset: {kind: sequences, format: csv, features: [x], ${dataset}}`,
      'model: {kind: rnn, hidden_size: 2}',
      'loss: {kind: cross_entropy}',
      'optimizer: {kind: sgd, learning_rate: 0.1}',
      'training: {epochs: 1, batch_size: 2}',
    ].join('\n'),
  );
  return examine(file, {});
}
function planOf(dataset: string) {
  const found = examined(dataset);
  if ('diagnostics' in found) throw new Error(found.diagnostics.map(({ message }) => message).join('\n'));
  return { ...found.plan, warnings: found.warnings.map(({ code }) => code) };
}
const mistakes = (dataset: string): readonly string[] => {
  const found = examined(dataset);
  return 'diagnostics' in found
    ? found.diagnostics.map(({ message, place }) => `${place?.text.slice(place.column - 1, place.column - 1 + place.length)}: ${message}`)
    : [];
};
const factsOf = (dataset: string) => Object.fromEntries(planOf(dataset).data.facts.map(({ key, value }) => [key, value]));

beforeAll(() => {
  for (let walk = 1; walk <= 12; walk++) {
    const label = walk % 2 ? 'up' : 'down';
    const rows = [0, 1, 2].map((t) => `${walk + t},${label},${t}`);
    write(`walks/walk${walk}.csv`, 'x,label,t', ...rows);
    write(`classes/${label}/walk${walk}.csv`, 'x', ...rows.map((row) => row.split(',')[0] ?? ''));
    write(`people/p${walk % 3}/walk${walk}.csv`, 'x,label,t', ...rows);
  }
  write('walks/README.md', 'what these walks are');
  write('walks/.hidden.csv', 'nothing');
  write('a.csv', 'id,t,x,label', 'one,0,1,up', 'one,1,2,up', 'two,0,3,down');
  write('b.csv', 'label,id,x,t', 'down,three,4,0', 'up,four,5,0', 'down,five,6,0');
  write('goes_on.csv', 'id,t,x,label', 'two,1,9,down', 'six,0,3,up');
  write('lacks.csv', 'id,t,z,label', 'six,0,1,up');
});

describe('the files that a path names', () => {
  const list = (path: string): readonly string[] => listFiles(path, (each) => join(folder, each)).toSorted();

  test('a file, a folder at any depth, a pattern', () => {
    expect(list('a.csv')).toEqual(['a.csv']);
    expect(list('none.csv')).toEqual(['none.csv']);
    expect(list('walks').length).toBe(13);
    expect(list('walks/walk1?.csv')).toEqual(['walks/walk10.csv', 'walks/walk11.csv', 'walks/walk12.csv']);
    expect(list('classes/*/walk1.csv')).toEqual(['classes/up/walk1.csv']);
    expect(list('**/walk1.csv')).toEqual(['classes/up/walk1.csv', 'people/p1/walk1.csv', 'walks/walk1.csv']);
    expect(list('?.csv')).toEqual(['a.csv', 'b.csv']);
    expect(list('nowhere/*.csv')).toEqual([]);
  });

  test('that come or go between a plan and its run are refused', () => {
    let listed: readonly string[] = ['d/1.csv', 'd/2.csv'];
    const files = steady({ read: () => new Uint8Array(), list: () => listed });
    expect(files.list?.('d')).toEqual(listed);
    listed = [...listed].toReversed();
    expect(files.list?.('d')).toEqual(listed);
    listed = ['d/1.csv'];
    expect(() => files.list?.('d')).toThrow('d was changed after the plan was made from it');
  });
});

describe('one file a sequence', () => {
  test('in a folder or by a pattern, 2 before 10, is called by its file', () => {
    for (const file of ['walks', 'walks/', 'walks/*.csv']) {
      expect(factsOf(`file: ${file}, target: label, task: classification`)).toMatchObject({
        files: '12, from walk1.csv to walk12.csv',
        sequences: '10 train, 2 test',
        steps: 36,
      });
    }
  });

  test('is of the class that its folder is called', () => {
    const { data } = planOf('file: classes/**/*.csv, target: folder, task: classification, split: {test: 0.25, stratify: true}');
    expect(data.fitted.classes).toEqual(['down', 'up']);
    expect(data.splits['test']?.examples).toBe(3);
  });

  test('in a folder a person is told of where a person is in two splits, and kept whole by group: folder', () => {
    const dataset = 'file: people, target: label, task: classification';
    expect(planOf(dataset).warnings).toEqual(['same-subject-twice']);
    expect(planOf(`${dataset}, split: {test: 0.3, group: folder}`).warnings).toEqual([]);
  });

  test('is one work, however it is named and wherever it lies', () => {
    const key = (file: string, target = 'label') => planOf(`file: ${file}, target: ${target}, task: classification`).work.key;
    expect(key('[walks]')).toBe(key('walks/*.csv'));
    expect(key('classes', 'folder')).not.toBe(key('people', 'folder'));
  });
});

describe('rows of several files', () => {
  const dataset = (...files: readonly string[]) =>
    `file: [${files.join(', ')}], sequence: id, target: label, task: classification, split: {test: 0}`;

  test('are those of one, with their columns by name', () => {
    write('both.csv', 'id,t,x,label', 'one,0,1,up', 'one,1,2,up', 'two,0,3,down', 'three,0,4,down', 'four,0,5,up', 'five,0,6,down');
    const [two, one] = [planOf(dataset('a.csv', 'b.csv')), planOf(dataset('both.csv'))];
    expect(two.data.splits).toEqual(one.data.splits);
    expect(two.data.fitted).toEqual(one.data.fitted);
    expect(factsOf(dataset('a.csv', 'b.csv'))['files']).toBe('a.csv, b.csv');
    expect(two.work.key).not.toBe(planOf(dataset('b.csv', 'a.csv')).work.key);
  });

  test('go on with a sequence where a column orders its steps, and only there', () => {
    expect(factsOf(`${dataset('a.csv', 'goes_on.csv')}, order: t`)).toMatchObject({ sequences: '3 train', steps: 5 });
    expect(mistakes(dataset('a.csv', 'goes_on.csv'))).toEqual([
      expect.stringContaining('steps of the sequence "two" stand in a.csv and in goes_on.csv, and nothing says which come first'),
    ]);
  });

  test('must all have the columns, and say in which file something is wrong', () => {
    expect(mistakes(dataset('a.csv', 'lacks.csv'))).toEqual([
      expect.stringMatching(/lacks\.csv has no column "x", and other files have it$/),
    ]);
    write('wrong.csv', 'id,t,x,label', 'six,0,1,up', 'six,1,much,up');
    expect(mistakes(dataset('a.csv', 'wrong.csv'))).toEqual([expect.stringMatching(/wrong\.csv, line 3: "x" "much" is not a number$/)]);
  });

  test('that are not there are told at their place', () => {
    expect(mistakes(dataset('a.csv', 'none.csv'))).toEqual(['none.csv: "none.csv" cannot be read: there is no such file']);
    expect(mistakes('file: walks/*.tsv, target: label, task: classification')).toEqual([
      'walks/*.tsv: there is no csv file in "walks/*.tsv"',
    ]);
    expect(mistakes('file: a.csv, target: label, task: classification')[0]).toMatch(
      /a row of CSV is a step, and nothing says of which sequence$/,
    );
  });
});
