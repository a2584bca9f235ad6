import { describe, expect, test } from 'vitest';
import { lines, type Options, prepare, told } from './own-sequences.js';

/* A row for each sequence, whose steps stand side by side. */

const wide = { rows: 'sequences', features: ['x_*', 'y_*'], target: 'label', split_column: 'part' } as const;
const WIDE = lines(
  'label,part,x_1,x_2,x_10,y_1,y_2,y_10',
  'up,train,1,2,3,10,20,30',
  'down,train,4,5,,40,50,',
  'down,test,7,,9,70,80,90',
  'up,train,1,1,1,2,2,2',
);
/** Without the name that other documents give a sequence. */
const asked = (more: Partial<Options> = {}): Partial<Options> => ({ ...wide, sequence: undefined, ...more }) as Partial<Options>;
const LONG = lines(
  'id,x,y,label,part',
  'a,1,10,up,train',
  'a,2,20,up,train',
  'a,3,30,up,train',
  'b,4,40,down,train',
  'b,5,50,down,train',
  'c,1,2,up,train',
  'c,1,2,up,train',
  'c,1,2,up,train',
);

test('a row is read as its steps are on rows of their own', () => {
  const row = prepare(WIDE.replace('down,test,7,,9,70,80,90\n', ''), asked());
  const step = prepare(LONG);
  expect(row.problems).toEqual([]);
  expect(row.batches('train')).toEqual(step.batches('train'));
  expect(row.plan().splits['train']).toMatchObject({ masked: true, filledAtEnd: true });
});

test('steps stand in the order of their numbers, whatever the order of the columns', () => {
  const turned = lines('x_10,x_2,label,part,x_1', '3,2,up,train,1', '6,5,down,train,4');
  const batch = prepare(turned, asked({ features: ['x_*'] })).batches('train')[0];
  expect([...(batch?.inputs.input ?? [])]).toEqual([1, 2, 3, 4, 5, 6]);
});

test('columns that are numbers alone are a feature too, and rows may have names', () => {
  const text = lines('name,0,1,2,label,part', 'n1,1,2,3,up,train', 'n2,4,5,6,down,train');
  const made = prepare(text, asked({ features: ['*'], sequence: 'name' }));
  expect(made.problems).toEqual([]);
  expect([...(made.batches('train')[0]?.inputs.input ?? [])]).toEqual([1, 2, 3, 4, 5, 6]);
});

describe('what is told', () => {
  test.each<readonly [what: string, options: Partial<Options>, text: string, said: string]>([
    ['a value that is missing between others', {}, WIDE, 'file: line 4, step 2: "x_*" is empty (write missing: forward'],
    [
      'a row without a value',
      {},
      lines('label,part,x_1,y_1', 'up,train,1,2', 'down,train,,', 'down,train,3,4'),
      'file: line 3 is a sequence without a step',
    ],
    [
      'a word among the numbers',
      { features: ['x_*'] },
      lines('label,part,x_1', 'up,train,a', 'down,train,2'),
      'file: line 2, step 1: "x_*"',
    ],
    ['columns that are not there', { features: ['z_*'] }, WIDE, 'features: no column is called "z_*" with a number in the place of *'],
    ['features of unequal length', { features: ['x_*', 'x_1*'] }, WIDE, 'features: "x_*" has 3 columns and "x_1*" has 1'],
    ['one column for a feature', { features: ['x_1'] }, WIDE, 'features: a row is a sequence, and "x_1" is one column of it (write * in'],
    ['an order', { order: 'label' }, WIDE, 'order: the steps of a row stand in the order of the numbers in their names'],
    ['an answer at every step', { target_per: 'step' }, WIDE, 'target_per: a row is a sequence and has one answer'],
    [
      'a pattern where a row is a step',
      { rows: 'steps', sequence: 'label' },
      WIDE,
      'features: "x_*" names columns side by side, and a row is a step',
    ],
  ])('of %s', (_what, options, text, said) => {
    expect(told(text, asked(options)).join('\n')).toContain(said);
  });
});
