import { few, type Problem } from '../../../diagnostics/diagnostic.js';
import { formatCount } from '../../../diagnostics/numbers.js';
import { nearest } from '../../../diagnostics/words.js';
import { type CsvTable, readCsv } from '../../../formats/csv.js';
import { indexOfColumn, textOf } from '../../../formats/table.js';
import { decodeData, encodingFact, unreadableText } from '../encoding.js';
import type { Fact, Report } from '../../stage.js';
import { findDecimalMark, missingIn, readNumeral } from '../sequences/numbers.js';
import * as messages from './messages.js';
import type { Options } from './options.js';
import { after, describeStep, findStep, goesInSteps, readMoments, type Step, stepsBetween, writeMoment } from './time.js';

/** One series, a value of each column at every step. */
export interface Series {
  /** Undefined where the file holds one series. */
  readonly name?: string;
  /** At which step, counted from the earliest one of the file, it begins. */
  readonly offset: number;
  /** When each step is, and the row that it comes from, for a person; 0 for a step that was filled in. */
  readonly moments: Float64Array;
  readonly lines: Int32Array;
  readonly length: number;
  /** By column; `NaN` at what is missing and not filled in. */
  readonly columns: Readonly<Record<string, Float64Array>>;
}

/** What a file holds, or why it can't be read. */
export interface SeriesContent {
  readonly problems: readonly Problem[];
  readonly all: readonly Series[];
  readonly step: Step;
  readonly assumed: readonly Fact[];
}

export const featuresOf = ({ features, targets }: Options): readonly string[] => features ?? targets;

/** Every column that holds numbers, each once. */
export const columnsOf = (options: Options): readonly string[] => [
  ...new Set([...options.targets, ...featuresOf(options), ...(options.known ?? [])]),
];

/** What is known of a file before it is read, because a run was trained on one like it. */
interface Expected {
  readonly step?: Step | undefined;
  /** Columns that may be left out: nobody reads them. */
  readonly unread?: readonly string[];
}

export function readSeries(options: Options, bytes: Uint8Array, expected: Expected = {}): SeriesContent {
  const problems: Problem[] = [];
  const report: Report = (problem) => void problems.push(problem);
  const table = tableOf(options, bytes, expected, report);
  const isWrong = (): boolean => problems.some(({ severity }) => severity !== 'warning');
  const read = table && !isWrong() ? seriesOf(table, options, expected, report) : undefined;
  return {
    problems,
    all: isWrong() || !read ? [] : read.all,
    step: read?.step ?? { unit: 'number', count: 1 },
    assumed: read?.assumed ?? [],
  };
}

const timeOf = ({ time }: Options): { readonly column: string; readonly written: string | undefined } =>
  typeof time === 'string' ? { column: time, written: undefined } : time;

function tableOf(options: Options, bytes: Uint8Array, { unread = [] }: Expected, report: Report): CsvTable | undefined {
  const decoded = decodeData(bytes, options.encoding);
  if ('fault' in decoded) {
    report(unreadableText(options.file, decoded.fault, { option: true }));
    return undefined;
  }
  const columns = columnsOf(options).filter((name) => !unread.includes(name));
  const wanted = [timeOf(options).column, ...columns, ...(options.series === undefined ? [] : [options.series])];
  const table = readCsv(decoded.text, report, { separator: options.separator, wanted });
  if (options.encoding !== undefined) return table;
  return { ...table, assumed: [...encodingFact(decoded.encoding, { option: true }), ...(table.assumed ?? [])] };
}

interface ReadSeries {
  readonly all: readonly Series[];
  readonly step: Step;
  readonly assumed: readonly Fact[];
}

function seriesOf(table: CsvTable, options: Options, { step: known, unread = [] }: Expected, report: Report): ReadSeries | undefined {
  if (table.length === 0) {
    report(messages.emptyFile());
    return undefined;
  }
  const { column, written } = timeOf(options);
  const find = (name: string, path: Problem['path']): number => {
    const index = indexOfColumn(table.columns, name);
    if (index < 0) report(messages.missingColumn(path, name, table.columns, nearest(name, table.columns)));
    return index;
  };
  const at = find(column, typeof options.time === 'string' ? ['time'] : ['time', 'column']);
  const of = options.series === undefined ? undefined : find(options.series, ['series']);
  const absent = unread.filter((name) => indexOfColumn(table.columns, name) < 0);
  const present = columnsOf(options).filter((name) => !absent.includes(name));
  const places = present.map((name) => [name, find(name, placeOf(options, name))] as const);
  if (at < 0 || (of ?? 0) < 0 || places.some(([, place]) => place < 0)) return undefined;

  const telling = few(report);
  const told = (row: number): string => table.place(row);
  const moments = readMoments({ length: table.length, cell: (row) => table.cell(row, at) }, written, told, column, telling);
  const wrong = few(report);
  const numbers = numbersOf(
    table,
    places.map(([, place]) => place),
    options.decimal,
    report,
    (row, column, text) => wrong(messages.notANumber(told(row), places[column]?.[0] ?? '', text)),
  );
  telling.end();
  if (!numbers || moments.values.some(Number.isNaN)) return undefined;
  const values = places.map(([name], column) => [name, numbers.columns[column] ?? new Float64Array()] as const);

  const groups = new Map<string, number[]>();
  for (let row = 0; row < table.length; row++) {
    const name = of === undefined ? '' : textOf(table.cell(row, of));
    const rows = groups.get(name);
    if (rows) rows.push(row);
    else groups.set(name, [row]);
  }
  const momentOfRow = (row: number): number => moments.values[row] ?? 0;
  const sorted = [...groups].map(([name, rows]) => {
    const isInOrder = rows.every((row, i) => i === 0 || momentOfRow(rows[i - 1] ?? 0) <= momentOfRow(row));
    return [name, isInOrder ? rows : rows.toSorted((a, b) => momentOfRow(a) - momentOfRow(b))] as const;
  });
  const longest = sorted.reduce((most, [, rows]) => (rows.length > most.length ? rows : most), [] as readonly number[]);
  const sample = Float64Array.from(longest, (row) => moments.values[row] ?? 0);
  const found = findStep({ ...moments, values: sample });
  const step = known && goesInSteps(sample, known) ? known : found;
  if (known && describeStep(step) !== describeStep(known)) {
    report(messages.otherSteps(describeStep(step), describeStep(known)));
    return undefined;
  }
  const isSorted = sorted.every(([, rows]) => rows.every((row, i) => i === 0 || row > (rows[i - 1] ?? 0)));

  const earliest = moments.values.reduce((first, moment) => Math.min(first, moment), Infinity);
  const missing = few(report);
  let [filledSteps, filledValues] = [0, 0];
  const all = sorted.map(([name, rows]): Series => {
    const first = moments.values[rows[0] ?? 0] ?? 0;
    const places = stepPlaces(rows, name);
    const length = (places.at(-1) ?? 0) + 1;
    // The rows of the file as they stand.
    const isWhole = length === table.length && isSorted && sorted.length === 1;
    const lines = new Int32Array(length);
    const times = Float64Array.from({ length }, (_, at) => after(first, at, step));
    for (const [i, row] of rows.entries()) {
      lines[places[i] ?? 0] = table.line(row);
      times[places[i] ?? 0] = moments.values[row] ?? Number.NaN;
    }
    const columns = values.map(([column, numbers]): [string, Float64Array] => {
      const series = isWhole ? numbers : new Float64Array(length).fill(Number.NaN);
      if (!isWhole) for (const [i, row] of rows.entries()) series[places[i] ?? 0] = numbers[row] ?? Number.NaN;
      if (options.missing === 'forward') filledValues += fillForward(series, column, told(rows[0] ?? 0));
      return [column, series] as const;
    });
    if (options.missing === 'error')
      for (const [column, numbers] of values)
        for (const row of rows)
          if (Number.isNaN(numbers[row]))
            missing(messages.missingValue(told(row), column, textOf(table.cell(row, indexOfColumn(table.columns, column)))));
    filledSteps += length - rows.length;
    const offset = Math.round(stepsBetween(earliest, first, step));
    for (const column of absent) columns.push([column, new Float64Array(length).fill(Number.NaN)]);
    return { ...(of !== undefined && { name }), offset, moments: times, lines, length, columns: Object.fromEntries(columns) };
  });
  for (const { end } of [wrong, missing]) end();

  /** At which step each row stands, from the first one on. Two rows at one, rows between steps and gaps are mistakes. */
  function stepPlaces(rows: readonly number[], name: string): readonly number[] {
    const series = of === undefined ? undefined : name;
    const places = [0];
    for (let i = 1; i < rows.length; i++) {
      const [row, last] = [rows[i] ?? 0, rows[i - 1] ?? 0];
      const [now, before] = [moments.values[row] ?? 0, moments.values[last] ?? 0];
      const write = (moment: number): string => writeMoment(moment, step);
      const steps = stepsBetween(before, now, step);
      if (steps === 0) wrong(messages.timeTwice(told(row), write(now), series));
      else if (Math.abs(steps - Math.round(steps)) > 1e-6)
        wrong(
          messages.unevenStep(told(row), write(before), write(after(before, Math.max(1, Math.floor(steps)), step)), describeStep(step)),
        );
      else if (steps > 1 && options.missing === 'error' && !(step.unit === 'weekday' && steps <= HOLIDAYS))
        wrong(messages.gap(told(row), write(before), write(now), Math.round(steps) - 1));
      const isHoliday = step.unit === 'weekday' && options.missing === 'error';
      places.push((places.at(-1) ?? 0) + (isHoliday ? 1 : Math.max(1, Math.round(steps))));
    }
    return places;
  }
  function fillForward(series: Float64Array, column: string, place: string): number {
    let filled = 0;
    if (Number.isNaN(series[0])) wrong(messages.beginsMissing(place, column));
    for (let i = 1; i < series.length; i++) {
      if (!Number.isNaN(series[i])) continue;
      series[i] = series[i - 1] ?? Number.NaN;
      filled += 1;
    }
    return filled;
  }

  const facts: Fact[] = [
    { key: 'step', name: 'step', value: describeStep(step) },
    ...(of === undefined ? [] : [{ key: 'series', name: 'series', value: all.length }]),
    ...(isSorted
      ? []
      : [{ key: 'reordered', name: 'order of rows', value: 'sorted by time', note: 'The file has them in another order.' }]),
    ...(options.missing === 'forward' && filledValues > 0
      ? [
          {
            key: 'filled',
            name: 'values filled in',
            value: filledValues,
            note: `The last value is repeated, at ${formatCount(filledSteps)} missing steps too.`,
          },
        ]
      : []),
  ];
  return { all, step, assumed: [...(table.assumed ?? []), ...numbers.assumed, ...facts] };
}

interface Numbers {
  readonly columns: readonly Float64Array[];
  readonly assumed: readonly Fact[];
}

/** The numbers of columns, `NaN` at what is missing; undefined where the numbers of a file contradict one another, which is reported. */
function numbersOf(
  table: CsvTable,
  columns: readonly number[],
  decimal: Options['decimal'],
  report: Report,
  wrong: (row: number, column: number, text: string) => void,
): Numbers | undefined {
  const isMissing = missingIn();
  const plain = decimal === 'comma' ? [] : columns.flatMap((column) => plainNumbers(table, column, isMissing) ?? []);
  if (plain.length === columns.length) return { columns: plain, assumed: [] };
  const { mark, assumed } = findDecimalMark(table, columns, decimal, isMissing, report);
  if (mark === undefined) return undefined;
  const read = columns.map((column, index) =>
    Float64Array.from({ length: table.length }, (_, row) => {
      const text = textOf(table.cell(row, column));
      const number = isMissing(text) ? Number.NaN : readNumeral(text, mark);
      if (number === undefined) wrong(row, index, text);
      return number ?? Number.NaN;
    }),
  );
  return { columns: read, assumed };
}

/** As programs write them, which is what most files hold; undefined where one is written otherwise. */
function plainNumbers(table: CsvTable, column: number, isMissing: (cell: string) => boolean): Float64Array | undefined {
  const numbers = new Float64Array(table.length).fill(Number.NaN);
  for (let row = 0; row < table.length; row++) {
    const number = table.number(row, column);
    if (number !== undefined) numbers[row] = number;
    else if (!isMissing(textOf(table.cell(row, column)))) return undefined;
  }
  return numbers;
}

/** Days between two rows of a series of weekdays that count as holidays. */
const HOLIDAYS = 5;

/** Where the document names a column. */
function placeOf({ targets, features, known }: Options, name: string): Problem['path'] {
  for (const [key, names] of Object.entries({ targets, features, known })) {
    const index = names?.indexOf(name) ?? -1;
    if (index >= 0) return [key, index];
  }
  return [];
}
