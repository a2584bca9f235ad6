import { describe, expect, test } from 'vitest';
import { compilePattern, guessPatterns, readIso8601 } from '../../../src/stages/dataset/sequences/dates.js';
import { prepare, told, type Options } from './own-sequences.js';

/** Steps of one sequence, and of a second one with the first two values; `x` counts the steps as they are written. */
const table = (values: readonly string[]): string =>
  [
    'id,t,x,label',
    ...values.map((value, i) => `a,"${value}",${i},up`),
    ...values.slice(0, 2).map((value, i) => `b,"${value}",${i},down`),
  ].join('\n');
const options = (order: unknown): Partial<Options> =>
  ({ order, features: ['x'], split_column: undefined, split: { validation: 0, test: 0 } }) as unknown as Partial<Options>;
/** In which order the steps of the first sequence come. */
const order = (values: readonly string[], setting: unknown = 't'): readonly number[] => [
  ...(prepare(table(values), options(setting)).batches('train')[0]?.inputs.input.slice(0, values.length) ?? []),
];
const said = (values: readonly string[], setting: unknown = 't'): readonly string[] => told(table(values), options(setting));

describe('numbers and ISO 8601 need no word', () => {
  test.each<readonly [what: string, sorted: readonly string[]]>([
    ['numbers', ['-2.5', '-1', '0', '9', '10', '1e3']],
    ['numbers with U+2212 and decimal commas', ['\u221210', '\u22122,5', '0', '9,5', '10']],
    ['seconds since 1970, of 9 and 10 digits', ['999999999', '1000000000', '1580000000']],
    ['nanoseconds since 1970', ['1579910400000000001', '1579910400000000002', '1579910400000000003']],
    ['years', ['1999', '2000', '2001']],
    ['dates', ['1999-12-31', '2020-01-25', '2020-02-01']],
    ['dates of other precision', ['2019', '2020-01', '2020-01-02', '2020-01-02T01', '2020-01-02T01:30', '2020-01-02 02:00:00.5']],
    [
      'other times zones',
      ['2020-01-01T00:30+01:00', '2020-01-01T00:00Z', '2020-01-01T00:15:00+00:00', '2019-12-31T23:30-01:00', '2020-01-01 02:00 +0100'],
    ],
    ['fractions of a second', ['2020-01-01T00:00:00.123456788Z', '2020-01-01T00:00:00.123456789Z', '2020-01-01T00:00:00.2Z']],
    ['week dates', ['2019-W52', '2020-W01-2', '2020-W01-7', '2020W02', '2020-W53-7', '2021-W01']],
    ['ordinal dates', ['2019-365', '2020-001', '2020-060', '2020-366']],
    ['the basic form', ['20200125T0700', '20200125T070001', '20200201T0000']],
    ['times of day', ['00:00', '07:00', '07:00:30', '18:00', '24:00']],
    ['the year in front, with other marks', ['2019/12/31', '2020/01/25', '2020/02/01 07:00']],
    ['years before 1000 and beyond 9999', ['-000400-01-01', '0999-01-01', '2020-01-01', '+010000-01-01']],
  ])('%s', (_, sorted) => {
    const values = sorted.toReversed();
    expect(said(values)).toEqual([]);
    expect(order(values)).toEqual(sorted.map((__, i) => sorted.length - 1 - i));
  });

  test('a plan says that it read dates', () =>
    expect(prepare(table(['2020-01-02', '2020-01-01']), options('t')).facts.facts.find(({ key }) => key === 'order')).toMatchObject({
      value: 'dates and times of ISO 8601',
    }));

  test('each sequence may be ordered in its own way: only its own steps are compared', () => {
    const rows = ['id,t,x,label', 'a,10,1,up', 'a,9,2,up', 'b,2020-02-01,1,down', 'b,2020-01-01,2,down'].join('\n');
    expect(prepare(rows, options('t')).batches('train')[0]?.inputs.input).toEqual(Float32Array.of(2, 1, 2, 1));
  });

  test('what stood in the order of text before is the same work, and what did not is another', () => {
    const digest = (values: readonly string[]) => prepare(table(values), options('t')).facts.digest;
    const [text, zones] = [
      ['2020-01-02', '2020-01-01'],
      ['2020-01-01T00:15Z', '2020-01-01T00:30+01:00'],
    ];
    expect(digest(text)).toBe('588f36e31a146c45d1bc6d462ddd2405383de8de2e6dfaf201014d8e25d161cc');
    expect(digest(zones)).not.toBe('ac40aa23a32d8779d5e2c9607747e5994a8191c86f9558cc756098aa8fa0c94a');
  });
});

describe('what is neither is refused, with what to write', () => {
  const wrong = (values: readonly string[]): string => {
    const messages = said(values);
    expect(messages).toHaveLength(1);
    return messages[0] ?? '';
  };

  test.each<readonly [values: readonly string[], pattern: string]>([
    [['25/01/2020', '01/02/2020'], 'dd/MM/yyyy'],
    [['01/25/2020', '02/01/2020'], 'MM/dd/yyyy'],
    [['25.01.2020', '01.02.2020'], 'dd.MM.yyyy'],
    [['25.1.2020', '1.2.2020'], 'd.M.yyyy'],
    [['25-01-2020 18:00', '01-02-2020 07:30'], 'dd-MM-yyyy HH:mm'],
    [['1/25/20 6:00 PM', '2/1/20 7:00 AM'], 'M/d/yy h:mm a'],
    [['2020-1-25', '2020-12-5'], 'yyyy-M-d'],
    [['7:00', '18:00'], 'H:mm'],
    [['7:00:30', '18:00:00'], 'H:mm:ss'],
    [['7:00 AM', '12:30 PM'], 'h:mm a'],
    [['25 Jan 2020', '01 Feb 2020'], 'dd MMM yyyy'],
    [['5 January 2020', '25 May 2020'], 'd MMMM yyyy'],
    [['Jan 25, 2020', 'Feb 1, 2020'], 'MMM d, yyyy'],
    [['Jan', 'Dec'], 'MMM'],
    [['25.01', '01.02'], 'dd.MM'],
    [['25012020', '01022020'], 'ddMMyyyy'],
  ])('%j is written %s, and then sorts', (values, pattern) => {
    const message = wrong(values);
    const [, column, written] = /order: \{column: (\w+), written: ("[^"]*"|[^}]*)\}/.exec(message) ?? [];
    expect([column, written?.replaceAll('"', '')]).toEqual(['t', pattern]);
    expect(order(values, { column, written: pattern })).toHaveLength(values.length);
  });

  test('dates that may be read in two ways', () => {
    const message = wrong(['05/01/2020', '02/03/2020']);
    expect(message).toContain('it may be written dd/MM/yyyy or MM/dd/yyyy');
    expect(message).toContain('order: {column: t, written: dd/MM/yyyy} or order: {column: t, written: MM/dd/yyyy}');
    expect(wrong(['20-01-05', '19-02-03'])).toMatch(/dd-MM-yy.*yy-MM-dd/);
  });

  test('numbers behind words', () => {
    expect(wrong(['t12', 't2', 't1'])).toContain('order: {column: t, as: natural} for 2 before 10, or order: {column: t, as: text}');
    expect(order(['t12', 't2', 't1'], { column: 't', as: 'natural' })).toEqual([2, 1, 0]);
    expect(order(['t12', 't2', 't1'], { column: 't', as: 'text' })).toEqual([2, 0, 1]);
  });

  test('words', () => {
    expect(wrong(['first', 'second'])).toContain('order: {column: t, as: text}');
    expect(order(['b', 'c', 'a'], { column: 't', as: 'text' })).toEqual([2, 0, 1]);
    expect(order(['01.02', '25.01'], { column: 't', as: 'number' })).toEqual([0, 1]);
  });

  test.each<readonly [values: readonly string[], message: string]>([
    [['1', 'five', '3', '4'], 'file: line 3: "t" "five" is not a number, as what orders the other steps is'],
    [['2020-01-01', '2020-02-30', '2020-01-03'], 'file: line 3: "t" "2020-02-30" is not a date, as'],
    [['2020-01-01', '2020-01-02', '25/01/2020'], 'file: line 4: "t" "25/01/2020" is not a date, as'],
    [['2020-01-01', '2020-01-02', '5'], 'file: line 4: "t" "5" is not a date, as'],
    [['1', '', '3'], 'file: line 3: "t" is empty (write missing: drop'],
    [['1', 'NaN', '3'], 'file: line 3: "t" is missing: NaN (write missing: drop'],
    [['1', '0x10', '3'], 'file: line 3: "t" "0x10" is not a number, as'],
    [
      ['2020-01-01T00:00Z', '2020-01-01T00:30'],
      'file: line 2: "t" "2020-01-01T00:00Z" and line 3: "t" "2020-01-01T00:30" can\'t be compared: one of them has no time zone',
    ],
    [['2020-01-01', '07:00'], "can't be compared: one of them has no date"],
    [['1', '2', '1.0'], 'file: line 4: sequence "a" has two steps at "t" 1.0 (the other is line 2; which of them comes first?)'],
    [
      ['2020-01-01T00:00Z', '2020-01-01T02:00Z', '2020-01-01T01:00+01:00'],
      'file: line 4: sequence "a" has two steps at "t" 2020-01-01T01:00+01:00 (the other is line 2',
    ],
  ])('%j', (values, message) => expect(said(values)[0]).toContain(message));
});

describe('dates as the document says that they are written', () => {
  const so = (written: string) => ({ column: 't', written });

  test.each<readonly [pattern: string, sorted: readonly string[]]>([
    ['dd/MM/yyyy', ['25/01/2020', '01/02/2020']],
    ['d/M/yy', ['31/12/69', '1/1/00', '25/01/20', '1/2/68']],
    [
      'MMMM d, yyyy h:mm a',
      ['January 5, 2020 12:30 AM', 'january 5, 2020 1:00 am', 'January 5, 2020 12:00 PM', 'January 5, 2020 1:00 p.m.'],
    ],
    ['EEE d MMM yyyy', ['Sun 26 Jan 2020', 'Mon 27 Jan 2020', 'Sat 1 Feb 2020', 'Tue 1 Sept 2020']],
    ['dd.MM.yyyy HH:mm:ss.SSS', ['25.01.2020 07:00:00.099', '25.01.2020 07:00:00.100', '01.02.2020 00:00:00.000']],
    ["yyyy-MM-dd'T'HH 'Uhr'", ['2020-01-05T07 Uhr', '2020-01-05T18 Uhr']],
    ['dd.MM.yyyy HH:mm XXX', ['25.01.2020 01:30 +01:00', '25.01.2020 00:45 Z', '25.01.2020 00:00 -01:00']],
    ['dd/MM', ['25/01', '29/02', '01/03']],
    ['H.mm', ['7.30', '18.00']],
    ['h a', ['12 AM', '1 AM', '12 PM', '11 PM']],
  ])('%s', (pattern, sorted) => {
    const values = sorted.toReversed();
    expect(said(values, so(pattern))).toEqual([]);
    expect(order(values, so(pattern))).toEqual(sorted.map((_, i) => sorted.length - 1 - i));
  });

  test.each<readonly [pattern: string, help: string]>([
    ['DD/MM/YYYY', 'did you mean dd/MM/yyyy?'],
    ['dd/mm/yyyy', 'did you mean dd/MM/yyyy?'],
    ['dd/mm/yyyy hh:mm', 'did you mean dd/MM/yyyy HH:mm?'],
    ['%d.%m.%Y %H:%M:%S', 'did you mean dd.MM.yyyy HH:mm:ss?'],
    ['HH:MM', 'did you mean HH:mm?'],
    ['h:mm', 'h is an hour from 1 to 12, which needs a'],
    ['yyyy dd', 'it has no month'],
    ['dd.MM.yyyy MM', 'it holds the month twice'],
    ['Q yyyy', '"Q" is no part of a date'],
    ["'day'", 'it holds no part of a date'],
  ])('%s is told what it lacks', (pattern, help) => {
    const messages = said(['1', '2'], so(pattern));
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatch(/^order\.written: /);
    expect(messages[0]).toContain(help);
  });

  test('a cell that is written otherwise, or no day, has its line', () => {
    expect(said(['25/01/2020', '2020-01-26', '31/02/2020'], so('dd/MM/yyyy'))).toEqual([
      'file: line 3: "t" "2020-01-26" is no date written dd/MM/yyyy',
      'file: line 4: "t" "31/02/2020" is no date written dd/MM/yyyy',
      'file: line 6: "t" "2020-01-26" is no date written dd/MM/yyyy',
    ]);
  });

  test('one way to order is enough', () =>
    expect(said(['1', '2'], { column: 't', written: 'dd', as: 'text' })[0]).toContain('order.as: written and as both say'));

  test('a column that is not there', () =>
    expect(said(['1', '2'], { column: 'tt', as: 'text' })).toEqual(['order: no column is called "tt" (did you mean "t"?)']));
});

test('days are counted as Date counts them', () => {
  for (let day = -800_000; day < 800_000; day += 1499) {
    const date = new Date(day * 86_400_000);
    const year = date.getUTCFullYear();
    if (year < 0 || year > 9999) continue;
    expect(readIso8601(date.toISOString())).toEqual({ seconds: day * 86_400, fraction: 0, zoned: true, dated: true });
    const text = `${date.getUTCDate()}/${date.getUTCMonth() + 1}/${String(year).padStart(4, '0')}`;
    const read = compilePattern('d/M/yyyy');
    expect(typeof read === 'function' && read(text)?.seconds).toBe(day * 86_400);
  }
});

test('texts that are no dates suggest no pattern', () => {
  for (const texts of [['a', 'b'], ['t1', 't2'], ['25/01/2020', 'x'], ['Mon', 'Tue'], ['31/31/2020']])
    expect(guessPatterns(texts)).toEqual([]);
});
