import { cut } from '../kit/tables.js';
import { PALETTE } from '../kit/colours.js';
import { type Chart, THEME } from '../kit/render.js';
import { axisOf, cellInWords, sweepInWords, type SweepPicture } from './sweep-chart.js';

/** Of fewer configurations a share of variance says nothing. */
const FEWEST = 8;
/** An axis with more values is cut into so many parts with equally many configurations. */
const PARTS = 4;

/**
 * What share of the variance between configurations goes with each axis: epsilon squared of a one-way analysis of variance (Kelley 1935) of their
 * means by the values of the axis, which corrects for what chance explains. An axis with many values counts by quarters of its values in order.
 * What two axes do only together is part of none. Undefined where there are too few configurations to tell.
 */
export function importances({ axes, cells }: SweepPicture): readonly number[] | undefined {
  const measured = cells.flatMap(({ at, mean }) => (mean === undefined || !Number.isFinite(mean) ? [] : [{ at, mean }]));
  if (measured.length < FEWEST) return undefined;
  const all = measured.map(({ mean }) => mean);
  const total = spread(all);
  return axes.map((_, axis) => {
    const groups = partsOf(
      measured.map(({ at }) => at[axis] ?? ''),
      all,
    );
    const within = groups.reduce((sum, group) => sum + spread(group), 0);
    const error = within / (all.length - groups.length);
    return total === 0 || all.length <= groups.length ? 0 : Math.max(0, (total - within - (groups.length - 1) * error) / total);
  });
}

/** The sum of squares around the mean. */
function spread(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
}

function partsOf(values: readonly (number | string)[], measures: readonly number[]): readonly (readonly number[])[] {
  const isNumeric = values.every((value) => typeof value === 'number');
  const order = values.map((_, index) => index);
  if (isNumeric) order.sort((a, b) => Number(values[a]) - Number(values[b]));
  const isMany = isNumeric && new Set(values).size > PARTS;
  const groups = new Map<number | string, number[]>();
  for (const [place, index] of order.entries()) {
    const part = isMany ? Math.floor((place * PARTS) / order.length) : (values[index] ?? '');
    groups.set(part, [...(groups.get(part) ?? []), measures[index] ?? 0]);
  }
  return [...groups.values()];
}

/** The metric over each axis, a dot a configuration, with what share of the variance goes with the axis. */
export function axesChart(picture: SweepPicture): Chart {
  const { axes, cells, measure, better, title } = picture;
  const shares = importances(picture);
  const charts = axes.map((name, axis) => {
    const values = cells.flatMap((cell) => {
      const { at, mean } = cell;
      return mean === undefined || !Number.isFinite(mean) ? [] : [{ x: at[axis] ?? '', mean, told: cellInWords(picture, cell) }];
    });
    const share = shares?.[axis];
    return {
      title: { text: share === undefined ? cut(name, 30) : `${cut(name, 24)}: ${Math.round(100 * share)} %`, fontSize: 12 },
      width: 220,
      height: 170,
      data: { values },
      mark: { type: 'point', aria: true, filled: true, size: 30, opacity: 0.75, color: PALETTE[0] },
      encoding: {
        description: { field: 'told' },
        x: { field: 'x', ...axisOf([...new Set(values.map(({ x }) => x))], name) },
        y: { field: 'mean', type: 'quantitative', scale: { zero: false }, axis: { title: null } },
      },
    };
  });
  const told =
    shares === undefined
      ? []
      : ['in percent: the share of the variance between configurations that goes with the axis alone, corrected for chance'];
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: [
      `Axis by axis: ${sweepInWords(picture)}`,
      ...(shares
        ? [`Share of the variance: ${axes.map((name, axis) => `${name} ${Math.round(100 * (shares[axis] ?? 0))} %`).join(', ')}.`]
        : []),
    ].join(' '),
    padding: 12,
    title: {
      text: cut(`${title}, axis by axis`, 70),
      subtitle: [`a dot is a configuration: the mean over seeds of ${measure}, ${better} is better`, ...told],
    },
    config: THEME,
    columns: 3,
    bounds: 'flush',
    spacing: 56,
    concat: charts,
  } as unknown as Chart;
}

/** Every configuration as a line through its values, the stronger the better. Numbers by their rank among those that were tried. */
export function parallelChart(picture: SweepPicture): Chart {
  const { axes, cells, measure, better, title } = picture;
  const measured = cells.filter(({ mean }) => mean !== undefined && Number.isFinite(mean));
  const rankOf = (values: readonly (number | string)[]): ((value: number | string) => number) => {
    const known = [...new Set(values)];
    const sorted = known.every((value) => typeof value === 'number') ? known.toSorted((a, b) => Number(a) - Number(b)) : known;
    return (value) => (sorted.length < 2 ? 0.5 : sorted.indexOf(value) / (sorted.length - 1));
  };
  const sign = better === 'higher' ? 1 : -1;
  const good = rankOf(measured.map(({ mean = 0 }) => sign * mean));
  const columns = [
    ...axes.map((name, axis) => {
      const rank = rankOf(measured.map(({ at }) => at[axis] ?? ''));
      return { name, shareOf: ({ at }: SweepPicture['cells'][number]) => rank(at[axis] ?? '') };
    }),
    { name: measure, shareOf: ({ mean = 0 }: SweepPicture['cells'][number]) => good(sign * mean) },
  ];
  const values = measured.flatMap((cell, id) =>
    columns.map(({ name, shareOf }) => ({
      id,
      axis: name,
      share: shareOf(cell),
      goodness: good(sign * (cell.mean ?? 0)),
      told: cellInWords(picture, cell),
    })),
  );
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `Every configuration as a line through its values: ${sweepInWords(picture)}`,
    padding: 12,
    title: {
      text: cut(`${title}, every configuration`, 70),
      subtitle: [
        'a line is a configuration, the stronger the better',
        `each axis from its lowest value to its highest, ${measure} from the worst to the best`,
      ],
    },
    config: THEME,
    width: Math.max(360, 150 * columns.length),
    height: 260,
    data: { values },
    mark: { type: 'line', aria: true, strokeWidth: 1.5, color: PALETTE[0] },
    encoding: {
      x: {
        field: 'axis',
        type: 'ordinal',
        sort: columns.map(({ name }) => name),
        scale: { type: 'point', padding: 0.2 },
        axis: { title: null, labelAngle: 0, labelLimit: 145, grid: true },
      },
      y: { field: 'share', type: 'quantitative', scale: { domain: [0, 1] }, axis: null },
      detail: { field: 'id' },
      description: { field: 'told' },
      opacity: { field: 'goodness', type: 'quantitative', scale: { domain: [0, 1], range: [0.15, 1] }, legend: null },
    },
  } as unknown as Chart;
}
