import { formatMeasure, plural } from '../../diagnostics/numbers.js';
import { decideScale } from '../kit/scale.js';
import { cut } from '../kit/tables.js';
import { FAINT, PALETTE, PAPER, SHADE } from '../kit/colours.js';
import { CELL_MOST, IN_CELL } from '../kit/chart.js';
import { type Chart, THEME } from '../kit/render.js';

/** What a sweep came to, as a picture takes it: plain data. */
export interface SweepPicture {
  readonly title: string;
  /** Of the metric, with its unit: `test/exact_match (share)`. */
  readonly measure: string;
  readonly better: 'higher' | 'lower';
  /** From the least to the most that a value can be. */
  readonly range?: readonly [least: number, most: number];
  /** Names of the axes that were crossed. */
  readonly axes: readonly string[];
  readonly cells: readonly PictureCell[];
}

interface PictureCell {
  /** One value an axis: a number, or in words. */
  readonly at: readonly (number | string)[];
  /** Over the seeds; undefined where none came to a number. */
  readonly mean: number | undefined;
  /** In place of a mean: `pruned`, `diverged`. */
  readonly lost?: string;
  readonly interval: readonly [low: number, high: number] | undefined;
}

/** How many configurations stand below each other; of more, the best. */
const MOST_ROWS = 30;
const CELL = { width: 76, height: 38 };
/** From how large a ratio of neighbours' range a logarithmic axis spreads numbers better. */
const LOG_RATIO = 10;

/** One axis: the metric along it, with intervals. Two: a map whose every cell says its number. More, or drawn values: configurations by rank. */
export function sweepChart(picture: SweepPicture): Chart {
  const { axes, cells } = picture;
  const isCrossed = axes.length === 2 && distinct(cells, 0).length * distinct(cells, 1).length <= 2 * cells.length;
  const body = axes.length === 1 ? alongAxis(picture) : isCrossed ? map(picture) : ranked(picture);
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: sweepInWords(picture),
    padding: 12,
    title: { text: cut(picture.title, 70), subtitle: `${picture.measure}: mean over seeds, ${picture.better} is better` },
    config: THEME,
    ...body,
  } as Chart;
}

/** What a sweep came to, for those who don't see it. */
export function sweepInWords(picture: SweepPicture): string {
  const { title, measure, better, axes, cells } = picture;
  const sorted = inOrder(picture);
  const [best, worst] = [sorted[0], sorted.at(-1)];
  const kind = `${plural(cells.length, 'configuration')} of ${axes.join(', ')}`;
  if (!best || !worst) return `${title}. ${measure} of ${kind}: none came to a number.`;
  const ends =
    best === worst ? `${cellInWords(picture, best)}.` : `Best ${cellInWords(picture, best)}; worst ${cellInWords(picture, worst)}.`;
  return `${title}. ${measure} of ${kind}; ${better} is better. ${ends}`;
}

/** `hidden_size 16, learning_rate 0.01: 0.950, from 0.942 to 0.958` */
export function cellInWords({ axes }: Pick<SweepPicture, 'axes'>, { at, mean, interval, lost = 'not measured' }: PictureCell): string {
  const value = mean === undefined ? lost : formatMeasure(mean);
  const ends = interval ? `, 95 % interval ${formatMeasure(interval[0])} to ${formatMeasure(interval[1])}` : '';
  return `${axes.map((name, axis) => `${name} ${at[axis]}`).join(', ')}: ${value}${ends}`;
}

/** Configurations that came to a number, the best first. */
function inOrder({ cells, better }: SweepPicture): readonly PictureCell[] {
  const sign = better === 'higher' ? -1 : 1;
  return cells.filter(({ mean }) => mean !== undefined && Number.isFinite(mean)).toSorted((a, b) => sign * ((a.mean ?? 0) - (b.mean ?? 0)));
}

/** The mean as a dot, Student's 95 % interval as a line. */
function alongAxis(picture: SweepPicture): object {
  const {
    axes: [name = ''],
    cells,
    measure,
    range,
  } = picture;
  const values = cells.flatMap((cell) => {
    const { at: [x = ''] = [], mean, interval } = cell;
    if (mean === undefined || !Number.isFinite(mean)) return [];
    return [{ x, mean, low: interval?.[0] ?? mean, high: interval?.[1] ?? mean, told: cellInWords(picture, cell) }];
  });
  const vertical = decideScale(
    values.flatMap(({ mean, low, high }) => [mean, low, high]),
    range && { range },
  );
  const y = {
    field: 'mean',
    type: 'quantitative',
    scale: { domain: [...vertical.domain], nice: false, zero: false },
    axis: { title: measure, values: [...vertical.ticks] },
  };
  const x = { field: 'x', ...axisOf(distinct(cells, 0), name) };
  const colour = PALETTE[0];
  const isNumeric = x.type === 'quantitative';
  return {
    width: 480,
    height: 270,
    data: { values },
    layer: [
      {
        mark: { type: 'rule', color: colour, strokeWidth: 1.5, opacity: 0.6 },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } },
      },
      ...(isNumeric ? [{ mark: { type: 'line', color: colour, strokeWidth: 1.5, opacity: 0.5 }, encoding: { x, y } }] : []),
      {
        mark: { type: 'point', aria: true, filled: true, opacity: 1, size: 45, color: colour },
        encoding: { x, y, description: { field: 'told' } },
      },
    ],
  };
}

/** How an axis of a chart shows these values of an axis of the sweep. */
export function axisOf(values: readonly (number | string)[], name: string) {
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length < values.length) return { type: 'nominal', sort: null, axis: { title: name, labelAngle: 0 } } as const;
  const [low, high] = [numbers.reduce((a, b) => Math.min(a, b), Infinity), numbers.reduce((a, b) => Math.max(a, b), -Infinity)];
  const isLog = low > 0 && high / low >= LOG_RATIO;
  const ticks = numbers.length <= 8 ? { values: numbers } : {};
  return {
    type: 'quantitative',
    scale: { type: isLog ? 'log' : 'linear', nice: false, padding: 14, ...(!isLog && { zero: false }) },
    axis: { title: name, ...ticks, format: '.6~g' },
  } as const;
}

/** The darker the better. */
function map(picture: SweepPicture): object {
  const {
    axes: [vertical = '', horizontal = ''],
    cells,
    better,
  } = picture;
  const [rows, columns] = [distinct(cells, 0), distinct(cells, 1)];
  const means = cells.flatMap(({ mean }) => (mean === undefined || !Number.isFinite(mean) ? [] : [mean]));
  const [low, high] = [means.reduce((a, b) => Math.min(a, b), Infinity), means.reduce((a, b) => Math.max(a, b), -Infinity)];
  const values = cells.map((cell) => {
    const { at: [row = '', column = ''] = [], mean, lost = '–' } = cell;
    const share = mean === undefined || high === low ? 0 : (mean - low) / (high - low);
    const goodness = better === 'higher' ? share : 1 - share;
    return {
      row: String(row),
      column: String(column),
      goodness,
      text: mean === undefined ? lost : formatMeasure(mean, 3),
      measured: mean !== undefined,
      told: cellInWords(picture, cell),
    };
  });
  const side = (field: string, order: readonly (number | string)[], title: string) => ({
    field,
    type: 'ordinal',
    sort: order.map(String),
    axis: { title, labelAngle: 0, labelLimit: field === 'column' ? CELL.width - 6 : 180, domain: false, ticks: false, grid: false },
  });
  const encoding = { y: side('row', rows, vertical), x: side('column', columns, horizontal) };
  return {
    width: Math.max(2, columns.length) * CELL.width,
    height: Math.max(2, rows.length) * CELL.height,
    data: { values },
    encoding,
    layer: [
      {
        mark: { type: 'rect', aria: true, stroke: PAPER, strokeWidth: 2 },
        encoding: {
          description: { field: 'told' },
          color: {
            condition: { test: '!datum.measured', value: SHADE },
            field: 'goodness',
            type: 'quantitative',
            scale: { domain: [0, 1], range: ['#e3eef6', CELL_MOST] },
            legend: null,
          },
        },
      },
      {
        mark: { type: 'text', fontSize: 12 },
        encoding: { text: { field: 'text' }, color: { condition: { test: '!datum.measured', value: FAINT }, value: IN_CELL } },
      },
    ],
  };
}

/** The best on top. */
function ranked(picture: SweepPicture): object {
  const { axes, measure, range } = picture;
  const values = inOrder(picture)
    .slice(0, MOST_ROWS)
    .map((cell) => {
      const { at, mean = Number.NaN, interval: [low, high] = [mean, mean] } = cell;
      return { name: cut(at.join(', '), 40), mean, low, high, told: cellInWords(picture, cell) };
    });
  const horizontal = decideScale(
    values.flatMap(({ mean, low, high }) => [mean, low, high]),
    range && { range },
  );
  const y = { field: 'name', type: 'nominal', sort: null, axis: { title: axes.join(', '), labelLimit: 400, grid: true, ticks: false } };
  const x = {
    field: 'mean',
    type: 'quantitative',
    scale: { domain: [...horizontal.domain], nice: false, zero: false },
    axis: { title: measure, grid: true, values: [...horizontal.ticks] },
  };
  return {
    width: 380,
    height: Math.max(2, values.length) * 22,
    data: { values },
    layer: [
      { mark: { type: 'rule', color: FAINT, strokeWidth: 1.5 }, encoding: { y, x: { ...x, field: 'low' }, x2: { field: 'high' } } },
      {
        mark: { type: 'point', aria: true, filled: true, opacity: 1, size: 45, color: PALETTE[0] },
        encoding: { y, x, description: { field: 'told' } },
      },
    ],
  };
}

const distinct = (cells: readonly PictureCell[], axis: number): readonly (number | string)[] => [
  ...new Set(cells.map(({ at }) => at[axis] ?? '')),
];
