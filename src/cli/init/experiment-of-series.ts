import { formatCount, plural } from '../../diagnostics/numbers.js';
import { readCsv } from '../../formats/csv.js';
import type { Table } from '../../formats/table.js';
import { decodeData } from '../../stages/dataset/encoding.js';
import { guessPatterns } from '../../stages/dataset/sequences/dates.js';
import type { Options } from '../../stages/dataset/series/options.js';
import { readSeries, type Series, type SeriesContent } from '../../stages/dataset/series/read.js';
import { findSeason } from '../../stages/dataset/series/season.js';
import { describeStep, readMoments, usualSeasons, writeMoment } from '../../stages/dataset/series/time.js';
import { mean, standardDeviation } from '../../statistics/means.js';
import { type Column, isName, ORDER, profiles, TARGET, whyNoFeature } from './columns.js';
import { type Draft, escaped, few, line, list, quoted, roundEpochs, sentence, shown } from './draft.js';

interface SeriesFile {
  /** As the document names it. */
  readonly path: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * A forecast of a person's own series, if a table plainly is one: a column of dates or of years that is another one in every row (or in every row of
 * one thing), evenly apart, and measures. The same model in several ways, the one to prefer first: which of them holds no warning, planning tells.
 */
export function experimentsOfSeries({ path, name, bytes }: SeriesFile): readonly Draft[] {
  const decoded = decodeData(bytes);
  if (!('text' in decoded)) return [];
  let isBroken = false;
  const table = readCsv(decoded.text, ({ severity }) => (isBroken ||= severity !== 'warning'));
  if (isBroken || table.length < FEWEST_STEPS) return [];
  const found = findSeries(table, bytes, path);
  return found ? draftsOf(found, path, name) : [];
}

const FEWEST_STEPS = 24;

interface Found {
  readonly time: Options['time'];
  readonly series: string | undefined;
  readonly target: string;
  readonly others: readonly string[];
  readonly unused: readonly { readonly name: string; readonly why: string }[];
  readonly missing: Options['missing'];
  readonly content: SeriesContent;
}

/** Names of measures that people forecast. */
const FORECAST =
  /^y$|(^|[_ .-])(target|value|close|sales|demand|load|consumption|output|umsatz|absatz|verbrauch|ventas|demanda|vendas|ventes)([_ .-]|$)|销售|销量|需求/i;

function findSeries(table: Table, bytes: Uint8Array, path: string): Found | undefined {
  const columns = profiles(table);
  const named = columns.filter(({ name }) => name !== '');
  // What has names for answers is no forecast.
  if (named.some(({ name, word }) => TARGET.test(name) && word !== undefined)) return undefined;
  // An index of dates, as pandas writes it, has no name.
  const nameless = columns.filter(({ name }) => name === '');
  for (const when of nameless.length === 1 ? columns : named) {
    for (const time of timesOf(table, when)) {
      const isEachAnother = when.distinct.size === table.length;
      const things = isEachAnother ? [undefined] : named.filter((column) => column !== when && tellsApart(column, when));
      // Numbers that count steps within things are steps of sequences.
      if (!isEachAnother && isCounting(when)) continue;
      for (const thing of things) {
        const rest = columns.filter((column) => column !== when && column !== thing);
        const why = new Map(rest.map((column) => [column, whyNoMeasure(column, table)]));
        const measures = rest.filter((column) => why.get(column) === undefined);
        const target = measures.find((column) => FORECAST.test(column.name)) ?? measures.at(-1);
        if (!target) continue;
        const read = readEvenly({ file: path, time, targets: [target.name], ...(thing && { series: thing.name }) }, bytes);
        if (!read) continue;
        return {
          ...read,
          time,
          series: thing?.name,
          target: target.name,
          others: measures.filter((column) => column !== target).map((column) => column.name),
          unused: rest.flatMap((column) => {
            const reason = why.get(column);
            return reason === undefined ? [] : [{ name: column.name, why: column.name === '' ? 'has no name' : reason }];
          }),
        };
      }
    }
  }
  return undefined;
}

const isCounting = ({ word }: Column): boolean => word === undefined;

/** How a column says when: as ISO 8601, as dates of a common form, as numbers under a name of time. None where it doesn't. */
function timesOf(table: Table, { name, index, missing, distinct, cells }: Column): readonly Options['time'][] {
  if (missing !== undefined || distinct.size < FEWEST_STEPS) return [];
  let isRead = true;
  const { kind } = readMoments(
    { length: table.length, cell: (row) => table.cell(row, index) },
    undefined,
    String,
    name,
    () => (isRead = false),
  );
  if (isRead) return kind === 'date' || ORDER.test(name) ? [name] : [];
  return guessPatterns([...new Set(cells)]).map((written) => ({ column: name, written }));
}

/** Whether each moment is there once for each of its values, and each of them has moments enough. */
function tellsApart(thing: Column, when: Column): boolean {
  if (thing.missing !== undefined || (thing.word === undefined && !isName(thing)) || thing.distinct.size < 2) return false;
  const counts = new Map<string, number>();
  for (const cell of thing.cells) counts.set(cell, (counts.get(cell) ?? 0) + 1);
  if ([...counts.values()].some((count) => count < FEWEST_STEPS)) return false;
  return new Set(thing.cells.map((cell, row) => JSON.stringify([cell, when.cells[row]]))).size === thing.cells.length;
}

/** What lacks a few values can be forecast: they are filled in. */
function whyNoMeasure(column: Column, table: Table): string | undefined {
  if (column.name === '') return 'has no name';
  const { word, count, cells } = column;
  return whyNoFeature(word === undefined && count * 5 >= cells.length * 4 ? { ...column, missing: undefined } : column, table);
}

/** As it is, or with what is missing filled in; undefined where rows are not evenly apart, or as many are missing as there are. */
function readEvenly(
  options: Pick<Options, 'file' | 'time' | 'targets' | 'series'>,
  bytes: Uint8Array,
): Pick<Found, 'missing' | 'content'> | undefined {
  const all = { ...options, window: 1, horizon: 1, layout: 'steps', border: 'reach', drop_last_window: 0 } as const;
  for (const missing of ['error', 'forward', 'drop'] as const) {
    const content = readSeries({ ...all, missing }, bytes);
    const rows = content.all.reduce((total, { lines }) => total + lines.filter((at) => at > 0).length, 0);
    const steps = content.all.reduce((total, { length }) => total + length, 0);
    if (rows > 0 && steps <= 1.5 * rows) return { missing, content };
    if (content.problems.some(({ code }) => code !== 'gap' && code !== 'missing-value')) return undefined;
  }
  return undefined;
}

// ------------------------------------------------------------------------------------------------ proposals

/** Steps that training goes through in half a minute, with the sizes below. */
const STEPS_OF_HALF_A_MINUTE = 2_000_000;
const MOST_WINDOW = 168;
const TRAINED = 0.7;

interface Difference {
  readonly lag: number;
  readonly why: string;
}

function draftsOf(found: Found, path: string, name: string): readonly Draft[] {
  const { content, target } = found;
  const length = content.all.reduce((least, series) => Math.min(least, series.length), Infinity);
  const longest = content.all.reduce((most, series) => (series.length > most.length ? series : most));
  const values = valuesOf(longest, target);
  const trained = values.subarray(0, Math.floor(TRAINED * values.length));
  const season = findSeason(trained, usualSeasons(content.step))?.steps;
  const window = Math.max(1, Math.min(Math.max(season ?? 0, 12), Math.floor(length / 5), MOST_WINDOW));
  const isPositive = content.all.every((series) => valuesOf(series, target).every((value) => value > 0));
  const log = isPositive && swingsWithLevel(trained, season ?? Math.max(4, Math.floor(trained.length / 10)));
  const fits = (lag: number): boolean => lag + window + FEWEST_STEPS / 2 <= TRAINED * length;
  const seasonal: readonly Difference[] =
    season !== undefined && fits(season) ? [{ lag: season, why: `from the value a season of ${plural(season, 'step')} before` }] : [];
  const step: Difference = { lag: 1, why: 'from the value before: the level moves' };
  const differences = [...seasonal, ...(moves(trained) ? [step, undefined] : [undefined, step])];
  return differences.flatMap((difference) =>
    [0.2, 0.3, 0.4].flatMap((test) =>
      [log, isPositive && !log].map((each) => draftOf(found, { path, name, window, season, log: each, difference, test, length })),
    ),
  );
}

const valuesOf = ({ columns }: Series, target: string): Float64Array =>
  (columns[target] ?? new Float64Array()).filter((value) => !Number.isNaN(value));

/** Whether blocks of a higher level swing more: what a logarithm evens out. */
function swingsWithLevel(values: Float64Array, size: number): boolean {
  const blocks = Array.from({ length: Math.floor(values.length / size) }, (_, at) => [...values.subarray(at * size, (at + 1) * size)]);
  if (blocks.length < 4 || size < 2) return false;
  const levels = blocks.map(mean);
  return Math.max(...levels) > 1.5 * Math.min(...levels) && correlation(levels, blocks.map(standardDeviation)) > 0.6;
}

/** Whether a series has a trend, or wanders so that the next value lies nearer to the last one than to the mean. */
function moves(values: Float64Array): boolean {
  const numbers = [...values];
  const changes = numbers.slice(1).map((value, at) => value - (numbers[at] ?? 0));
  const trend = correlation(
    numbers,
    numbers.map((_, at) => at),
  );
  return trend * trend > 0.3 || standardDeviation(changes) < 0.5 * standardDeviation(numbers);
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB, spread] = [mean(a), mean(b), standardDeviation(a) * standardDeviation(b)];
  if (spread === 0) return 0;
  return mean(a.map((value, at) => (value - meanA) * ((b[at] ?? 0) - meanB))) / spread;
}

interface Proposal {
  readonly path: string;
  readonly name: string;
  readonly window: number;
  readonly season: number | undefined;
  readonly log: boolean;
  readonly difference: Difference | undefined;
  readonly test: number;
  readonly length: number;
}

function draftOf(found: Found, { path, name, window, season, log, difference, test, length }: Proposal): Draft {
  const { content, target, others, unused, missing, series } = found;
  const { step, all } = content;
  const rows = all.reduce((total, each) => total + each.length, 0);
  const [first, last] = [
    all.reduce((least, each) => Math.min(least, each.moments[0] ?? Infinity), Infinity),
    all.reduce((most, each) => Math.max(most, each.moments.at(-1) ?? -Infinity), -Infinity),
  ];
  const from = `${writeMoment(first, step)} to ${writeMoment(last, step)}`;
  const windows = Math.max(1, Math.floor(TRAINED * (rows - all.length * (window + (difference?.lag ?? 0)))));
  const also = others.map(quoted);
  const told = unused.map(({ name: of, why }) => `${of === '' ? 'a column' : shown(of)} is not used: it ${why}`);
  const lines = [
    line(`experiment: ${name}`),
    line(`description: ${sentence(`A long short-term memory forecasts ${target} of ${path}.`)}`),
    line('seed: 1', 'another seed is another try at the same experiment'),
    '',
    line('dataset:'),
    line('  kind: series'),
    line(`  file: ${quoted(path)}`),
    line(
      `  time: ${timeValue(found.time)}`,
      `${found.time === '' ? 'the column without a name: ' : ''}${from}, step: ${describeStep(step)}`,
    ),
    ...(series === undefined ? [] : [line(`  series: ${quoted(series)}`, `tells ${formatCount(all.length)} series apart`)]),
    line(`  targets: [${quoted(target)}]`, 'what is forecast'),
    ...(also.length === 0
      ? []
      : list('  # features', [quoted(target), ...also], 'reads the others too').map((each, index) =>
          index === 0 ? each : each.replace(/^ {2}/, '  #'),
        )),
    ...told.map((each) => `  # ${each}`),
    ...(missing === 'error'
      ? []
      : [
          line(
            `  missing: ${missing}`,
            missing === 'forward'
              ? 'values and steps are missing: the last value is repeated'
              : 'windows that hold a missing value are left out',
          ),
        ]),
    line(
      `  window: ${window}`,
      window === season ? 'steps that are read before a forecast: a season' : 'steps that are read before a forecast',
    ),
    line('  horizon: 1', 'steps ahead; all of them are answered at once'),
    line('  transform:', 'fitted on what trains, undone before a metric looks'),
    ...(log ? [line('    - {kind: log}', 'what changes is a share of the level')] : []),
    ...(difference ? [line(`    - {kind: difference, lag: ${difference.lag}}`, difference.why)] : []),
    line('    - {kind: standardize}', 'a net learns from numbers around 0'),
    line('  split:', 'in the order of time, the last steps test'),
    line('    validation: 0.1'),
    line(`    test: ${test}`),
    '',
    line('model:'),
    line('  kind: lstm', 'or gru, rnn'),
    line('  hidden_size: 16', 'more units learn more, and slower'),
    line('  initializer: {kind: pytorch}'),
    '',
    line('loss:'),
    line('  kind: mean_squared_error'),
    line('optimizer:'),
    line('  kind: adam'),
    line('  learning_rate: 0.005'),
    line('  clip_norm: 5', 'of all gradients together; keeps recurrent training steady'),
    line('metrics:'),
    line('  - kind: mean_absolute_error', 'in the unit of the file'),
    '',
    line('training:'),
    line(`  epochs: ${roundEpochs(Math.min(100, STEPS_OF_HALF_A_MINUTE / (windows * window)))}`, 'times through the windows that train'),
    line(`  batch_size: ${batchSize(windows)}`, 'windows of one step of training'),
    line('  keep: best', 'the weights of the epoch that did best on validation'),
  ];
  const many =
    series === undefined
      ? plural(length, 'step')
      : `${formatCount(all.length)} series of up to ${plural(Math.max(...all.map((each) => each.length)), 'step')}`;
  return {
    text: `${lines.join('\n')}\n`,
    summary: `${many}, ${from}: ${shown(target)} is forecast from the ${plural(window, 'step')} before`,
    notes: [...(others.length === 0 ? [] : [`${few(others.map(shown))} could be read too: "features" in the document`]), ...told],
  };
}

const batchSize = (windows: number): number => Math.max(1, Math.min(64, 2 ** Math.floor(Math.log2(Math.max(1, windows / 10)))));

const timeValue = (time: Options['time']): string =>
  typeof time === 'string' ? quoted(time) : `{column: ${quoted(time.column)}, written: ${escaped(time.written)}}`;
