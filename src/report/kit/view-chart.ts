import type { TopLevelSpec } from 'vega-lite';
import { formatCount, formatMeasure } from '../../diagnostics/numbers.js';
import type { BarsView, CurveView, MatrixView, SeriesView, TextView, View } from '../../views/view.js';
import { cut } from './text-table.js';
import { colourOf, INK, PALETTE, THEME } from './theme.js';

/** A number of a view for people: a count with all of its digits, a measure to three of them. */
export const viewNumber = (value: number): string => (Number.isInteger(value) ? formatCount(value) : formatMeasure(value, 3));

/** A view as a picture. */
type Drawable = Exclude<View, TextView>;

export function viewChart(view: Drawable, title: string, subtitle: string): TopLevelSpec {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    padding: 12,
    title: { text: cut(title, 60), subtitle: cut(subtitle, 80) },
    config: THEME,
    ...bodyOf(view),
  } as TopLevelSpec;
}

function bodyOf(view: Drawable): object {
  switch (view.kind) {
    case 'matrix':
      return matrix(view);
    case 'curve':
      return curve(view);
    case 'bars':
      return bars(view);
    case 'series':
      return series(view);
    default:
      return view satisfies never;
  }
}

/** Of a matrix of more rows or columns, the numbers stand in the files and not in the picture. */
const MOST_WITH_NUMBERS = 20;
const SMALLEST_CELL = 5;

/** Each cell is as dark as its share of the row: a class of few examples counts like one of many. */
function matrix({ rows, columns, values }: MatrixView): object {
  const most = Math.max(rows.names.length, columns.names.length);
  const isTold = most <= MOST_WITH_NUMBERS;
  const size = isTold
    ? { width: 52, height: 30 }
    : { width: Math.max(SMALLEST_CELL, 500 / most), height: Math.max(SMALLEST_CELL, 500 / most) };
  const cells = values.flatMap((row, r) => {
    const whole = row.reduce((total, value) => total + Math.abs(value), 0);
    return row.map((value, c) => ({ r, c, share: whole === 0 ? 0 : Math.abs(value) / whole, text: viewNumber(value) }));
  });
  const side = (field: string, names: readonly string[], title: string) => ({
    field,
    type: 'ordinal',
    axis: {
      title,
      // Names may be equal; places are not.
      labelExpr: `${JSON.stringify(names.map((name) => cut(name, 24)))}[datum.value]`,
      labelAngle: field === 'c' && (!isTold || names.some((name) => name.length > 6)) ? -45 : 0,
      labelOverlap: true,
      domain: false,
      ticks: false,
      grid: false,
    },
  });
  return {
    width: Math.max(2, columns.names.length) * size.width,
    height: Math.max(2, rows.names.length) * size.height,
    data: { values: cells },
    encoding: { y: side('r', rows.names, rows.title), x: side('c', columns.names, columns.title) },
    layer: [
      {
        mark: { type: 'rect', ...(isTold && { stroke: 'white', strokeWidth: 2 }) },
        encoding: {
          color: { field: 'share', type: 'quantitative', scale: { domain: [0, 1], range: ['#f1f5f9', PALETTE[0]] }, legend: null },
        },
      },
      ...(isTold
        ? [
            {
              mark: { type: 'text', fontSize: 11 },
              encoding: { text: { field: 'text' }, color: { condition: { test: 'datum.share > 0.55', value: 'white' }, value: INK } },
            },
          ]
        : []),
    ],
  };
}

function curve({ x, y, lines }: CurveView): object {
  const values = lines.flatMap(({ name, points }) => points.map(([at, value], order) => ({ name, at, value, order })));
  return lined(lines, values, { field: 'at', type: 'quantitative', scale: { zero: false, nice: false }, axis: { title: x } }, y);
}

function series({ x, y, at, lines }: SeriesView): object {
  const values = lines.flatMap(({ name, values: all }) => all.map((value, order) => ({ name, at: order, value, order })));
  const labels = JSON.stringify(at.map((name) => cut(name, 16)));
  const axis = { title: x, labelExpr: `${labels}[datum.value] || ''`, tickMinStep: 1, labelOverlap: true };
  return lined(lines, values, { field: 'at', type: 'quantitative', scale: { zero: false, nice: false }, axis }, y);
}

function lined(lines: readonly { readonly name: string }[], values: readonly object[], x: object, measure: string): object {
  const names = lines.map(({ name }) => name);
  return {
    width: 560,
    height: 300,
    data: { values },
    mark: { type: 'line', strokeWidth: 1.8, strokeJoin: 'round' },
    encoding: {
      x,
      y: { field: 'value', type: 'quantitative', scale: { zero: false }, axis: { title: measure } },
      order: { field: 'order' },
      color: {
        field: 'name',
        type: 'nominal',
        sort: null,
        scale: { domain: names, range: names.map(colourOf) },
        legend: names.length < 2 ? null : { title: null, orient: 'top' },
      },
    },
  };
}

function bars({ x, y, bars: all }: BarsView): object {
  const names = JSON.stringify(all.map(({ name }) => cut(name, 24)));
  return {
    width: 560,
    height: { step: 22 },
    data: { values: all.map(({ value }, place) => ({ place, value, text: viewNumber(value) })) },
    encoding: {
      y: {
        field: 'place',
        type: 'ordinal',
        axis: { title: x, labelExpr: `${names}[datum.value]`, domain: false, ticks: false, grid: false },
      },
      x: { field: 'value', type: 'quantitative', axis: { title: y } },
    },
    layer: [
      { mark: { type: 'bar', color: PALETTE[0] } },
      { mark: { type: 'text', align: 'left', dx: 4, fontSize: 11, color: INK }, encoding: { text: { field: 'text' } } },
    ],
  };
}
