import type { TopLevelSpec } from 'vega-lite';
import { formatMeasure, formatSetting, percent, plural } from '../../diagnostics/numbers.js';
import type { BarsView, CurveView, HistogramView, MatrixView, SeriesView, TextView, TokensView, View } from '../../views/view.js';
import { colourOf, coloursOf, FAINT, forWords, INK, PALETTE, PAPER, WEIGHT } from './colours.js';
import { levelsInWords, linesInWords, viewInWords, viewNumber } from './in-words.js';
import { type Chart, THEME, widthOf } from './render.js';
import { type AxisScale, type CurvePoint, decideScale, downsample, finitePieces, pixelOf, placesToTell } from './scale.js';
import { cut, wrap } from './tables.js';

export interface Series {
  /** Stands at the end of the curve. */
  readonly name: string;
  readonly points: readonly CurvePoint[];
  /** Around the curve: the range over seeds, or an interval. */
  readonly band?: readonly { readonly step: number; readonly low: number; readonly high: number }[];
}

/** A level to compare with: chance, a published value. */
export interface Level {
  readonly name: string;
  readonly value: number;
}

export interface CurveChart {
  readonly title: string;
  readonly subtitle?: string;
  /** Title of the vertical axis, with its unit: `loss (nats)`. */
  readonly measure: string;
  readonly unit?: string;
  /** Lets a logarithmic axis be chosen when the data span orders of magnitude. */
  readonly logarithmic?: boolean;
  readonly series: readonly Series[];
  readonly levels?: readonly Level[];
  /** Of the plotting area, in pixels. */
  readonly width?: number;
  readonly height?: number;
}

/** Up to this many epochs, each is a dot on the curve. */
const DOTTED = 15;
/** Above this many points a curve is drawn thinner. */
const DENSE = 300;
const LABEL_SIZE = 12;
const LABEL_GAP = 15;
const CROSS = 'M-0.7,-0.7L0.7,0.7M0.7,-0.7L-0.7,0.7';
/** Of a character of the font, on average, in units of its size. */
const CHARACTER_WIDTH = 0.62;

/** Curves over epochs with their names at their ends instead of a legend; levels are dashed lines. A function of its data alone. */
export function curveChart(chart: CurveChart): Chart {
  const { width = 400, height = 260, series, levels = [], unit, logarithmic } = chart;
  const values = [
    ...series.flatMap(({ points, band = [] }) => [...points.map(({ value }) => value), ...band.flatMap(({ low, high }) => [low, high])]),
    ...levels.map(({ value }) => value),
  ];
  const vertical = decideScale(values, { ...(unit !== undefined && { unit }), ...(logarithmic !== undefined && { logarithmic }) });
  const horizontal = epochScale(series);
  const x = {
    field: 'step',
    type: 'quantitative',
    scale: { domain: [...horizontal.domain], nice: false, zero: false },
    axis: { title: 'epoch', values: [...horizontal.ticks], format: ',d' },
  } as const;
  const y = {
    field: 'value',
    type: 'quantitative',
    scale: { type: vertical.type, domain: [...vertical.domain], nice: false, ...(vertical.type === 'linear' && { zero: false }) },
    axis: { title: chart.measure, values: [...vertical.ticks], format: tickFormat(vertical) },
  } as const;
  const labels = endLabels(series, levels, vertical, height);
  const most = Math.floor(width / (LABEL_SIZE * CHARACTER_WIDTH));
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `${chart.title}. ${chart.measure} over epochs. ${linesInWords(
      series.map(({ name, points }) => ({ name, points: points.map(({ step, value }) => ({ at: `epoch ${step}`, value })) })),
    )}${levelsInWords(levels)}`,
    width,
    height,
    padding: { left: 12, top: 12, bottom: 12, right: 12 },
    title: {
      text: cut(chart.title, Math.floor(most * 0.85)),
      ...(chart.subtitle !== undefined && { subtitle: [...wrap(chart.subtitle, most)] }),
    },
    config: THEME,
    layer: [
      ...series.flatMap(({ name, band }, index) => (band ? [bandLayer(band, colourOf(name, index), x, y)] : [])),
      ...levels.map((level) => levelLayer(level, y)),
      ...series.map((one, index) => curveLayer(one, colourOf(one.name, index), x, y)),
      ...series.flatMap((one, index) => lostLayers(one, colourOf(one.name, index), x)),
      ...labels.map((label) => labelLayer(label, width)),
    ],
  };
}

type Layer = Extract<TopLevelSpec, { layer: unknown }>['layer'][number];
type Channel = object;

function epochScale(series: readonly Series[]): AxisScale {
  const steps = series.flatMap(({ points }) => points.map(({ step }) => step));
  const last = steps.reduce((a, b) => Math.max(a, b), 1);
  if (last > 10) {
    const { ticks } = decideScale([0, last]);
    return { type: 'linear', domain: [0, last], ticks: ticks.filter((tick) => tick <= last && Number.isInteger(tick)) };
  }
  const ticks = Array.from({ length: last }, (_, index) => index + 1);
  return { type: 'linear', domain: last === 1 ? [0.5, 1.5] : [1, last], ticks };
}

function curveLayer({ name, points }: Series, colour: string, x: Channel, y: Channel): Layer {
  const pieces = finitePieces(points);
  const values = pieces.flatMap((piece, index) => downsample(piece).map(({ step, value }) => ({ step, value, piece: index })));
  const dots = values.length <= DOTTED ? { filled: true, size: 28, color: colour } : false;
  return {
    data: { values },
    mark: {
      type: 'line',
      aria: true,
      color: colour,
      strokeWidth: values.length > DENSE ? 1.2 : 2,
      strokeCap: 'round',
      strokeJoin: 'round',
      point: dots,
    },
    encoding: { x, y, detail: { field: 'piece' }, description: { value: name } },
  };
}

function bandLayer(band: NonNullable<Series['band']>, colour: string, x: Channel, y: Channel): Layer {
  return {
    data: { values: band.filter(({ low, high }) => Number.isFinite(low) && Number.isFinite(high)) },
    mark: { type: 'area', color: colour, opacity: 0.16 },
    encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } },
  };
}

const levelLayer = ({ value }: Level, y: Channel): Layer => ({
  data: { values: [{ value }] },
  mark: { type: 'rule', color: FAINT, strokeWidth: 1.2, strokeDash: [5, 4] },
  encoding: { y },
});

/** A cross at the upper edge where a curve first leaves the numbers, with what it became. */
function lostLayers({ points }: Series, colour: string, x: Channel): readonly Layer[] {
  const lost = points.find(({ value }) => !Number.isFinite(value));
  if (!lost) return [];
  const data = { values: [{ step: lost.step, text: formatMeasure(lost.value) }] };
  return [
    {
      data,
      mark: { type: 'point', shape: CROSS, filled: false, strokeWidth: 2, opacity: 1, size: 70, color: colour, y: 6 },
      encoding: { x },
    },
    {
      data,
      mark: { type: 'text', align: 'left', dx: 8, baseline: 'middle', color: forWords(colour), fontSize: LABEL_SIZE, y: 6 },
      encoding: { x, text: { field: 'text' } },
    },
  ];
}

interface EndLabel {
  readonly text: string;
  readonly colour: string;
  /** From the top of the plotting area, in pixels. */
  readonly y: number;
}

const labelLayer = ({ text, colour, y }: EndLabel, width: number): Layer => ({
  data: { values: [{}] },
  mark: { type: 'text', text, x: width + 8, y, align: 'left', baseline: 'middle', fontSize: LABEL_SIZE, color: forWords(colour) },
});

/** What stands at the right edge, as near to its line as the others allow. */
function endLabels(series: readonly Series[], levels: readonly Level[], scale: AxisScale, height: number): readonly EndLabel[] {
  const ends = series.flatMap(({ name, points }, index): EndLabel[] => {
    const last = points.at(-1);
    const drawn = points.findLast(({ value }) => Number.isFinite(value));
    if (!last || !drawn) return [];
    return [
      { text: `${cut(name, 28)}: ${formatMeasure(last.value, 3)}`, colour: colourOf(name, index), y: pixelOf(scale, drawn.value, height) },
    ];
  });
  const marks = levels
    .filter(({ value }) => Number.isFinite(value))
    .map(({ name, value }): EndLabel => ({
      text: `${cut(name, 28)}: ${formatSetting(value, 3)}`,
      colour: FAINT,
      y: pixelOf(scale, value, height),
    }));
  return pushedApart([...ends, ...marks], height);
}

/** Labels in their order from the top, at least a line apart and inside the picture; those that crowd share the shift. */
function pushedApart(labels: readonly EndLabel[], height: number): readonly EndLabel[] {
  const sorted = labels.toSorted((a, b) => a.y - b.y);
  const groups: { labels: EndLabel[]; centre: number }[] = [];
  for (const label of sorted) {
    let group = { labels: [label], centre: label.y };
    for (let above = groups.at(-1); above && top(group) - bottom(above) < LABEL_GAP; above = groups.at(-1)) {
      groups.pop();
      const joined = [...above.labels, ...group.labels];
      group = { labels: joined, centre: joined.reduce((sum, { y }) => sum + y, 0) / joined.length };
    }
    group.centre = Math.max(reach(group), Math.min(height - reach(group), group.centre));
    groups.push(group);
  }
  return groups.flatMap((group) => group.labels.map((label, index) => ({ ...label, y: top(group) + index * LABEL_GAP })));
}

type Group = { readonly labels: readonly EndLabel[]; readonly centre: number };
const reach = ({ labels }: Group): number => ((labels.length - 1) * LABEL_GAP) / 2;
const top = (group: Group): number => group.centre - reach(group);
const bottom = (group: Group): number => group.centre + reach(group);

/** Ticks of an even axis all have the decimals that its step needs: `0.0, 0.2, ... 1.0`. */
function tickFormat({ type, ticks }: AxisScale): string {
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0);
  if (type === 'log' || step < 1e-4) return '~g';
  return step >= 1 ? ',d' : `.${Math.ceil(-Math.log10(step) - 1e-9)}f`;
}

/** A view as a picture. */
type Drawable = Exclude<View, TextView>;

export function viewChart(view: Drawable, title: string, subtitle: string): Chart {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `${title}. ${viewInWords(view)}`,
    padding: 12,
    title: { text: cut(title, 60), subtitle: [cut(subtitle, MOST_SUBTITLE), ...wrap(noteOf(view), MOST_SUBTITLE)] },
    config: THEME,
    ...bodyOf(view),
  } as Chart;
}

/** Stretches along a common axis, row by row. */
interface SpansChart {
  readonly title: string;
  readonly subtitle: string;
  readonly x: string;
  readonly y: string;
  readonly rows: readonly {
    readonly name: string;
    readonly spans: readonly { readonly name: string; readonly from: number; readonly to: number }[];
  }[];
  /** Places of the axis that may be told, and how. */
  readonly told: ReadonlyMap<number, string>;
}

/** Bars of the colours that their names have in every picture, one row below the other. */
export function spansChart({ title, subtitle, x, y, rows, told }: SpansChart): Chart {
  const values = rows.flatMap(({ spans }, row) => spans.map((span) => ({ row, ...span })));
  const names = [...new Set(values.map(({ name }) => name))];
  const last = Math.max(...values.map(({ to }) => to));
  const widest = Math.max(1, ...[...told.values()].map(({ length }) => length));
  const places = apart(
    [...told.keys()].toSorted((a, b) => a - b),
    (last * (widest * CHARACTER_WIDTH * LABEL_SIZE + 16)) / WIDE,
  );
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `${title}. ${subtitle}. ${plural(rows.length, y)} over ${x}: ${names.join(', ')}.`,
    padding: 12,
    title: { text: cut(title, 60), subtitle: cut(subtitle, MOST_SUBTITLE) },
    config: THEME,
    width: WIDE,
    height: { step: Math.max(6, Math.min(22, 400 / rows.length)) },
    data: { values },
    mark: { type: 'bar', aria: true, height: { band: 0.7 } },
    encoding: {
      description: { field: 'name' },
      y: {
        field: 'row',
        type: 'ordinal',
        axis: {
          title: y,
          labelExpr: `${JSON.stringify(rows.map(({ name }) => name))}[datum.value]`,
          labelOverlap: true,
          domain: false,
          ticks: false,
        },
      },
      x: {
        field: 'from',
        type: 'quantitative',
        scale: { domain: [0, last], nice: false },
        axis: { title: x, values: places, labelExpr: `${JSON.stringify(Object.fromEntries(told))}[datum.value]`, labelOverlap: false },
      },
      x2: { field: 'to' },
      color: colourChannel(names.map((name) => ({ name }))),
    },
  };
}

/** Sorted places without those that lie nearer than this behind one that is kept. */
const apart = (places: readonly number[], distance: number): number[] =>
  places.reduce<number[]>((kept, place) => (kept.length === 0 || place - (kept.at(-1) ?? 0) >= distance ? [...kept, place] : kept), []);

/** Pictures as one, two beside each other, each with lines of its own; undefined where there is none. */
export function joinedChart(charts: readonly Chart[]): Chart | undefined {
  const [only, ...more] = charts;
  if (!only || more.length === 0) return only;
  const { $schema, padding, config } = only;
  return {
    ...($schema !== undefined && { $schema }),
    ...(padding !== undefined && { padding }),
    ...(config && { config }),
    description: charts.map(({ description }) => description).join(' '),
    columns: 2,
    spacing: 30,
    resolve: { scale: INDEPENDENT, legend: INDEPENDENT },
    concat: charts.map(({ $schema: _, padding: __, config: ___, description: ____, usermeta: _____, ...spec }) => spec as never),
  };
}

const INDEPENDENT = { color: 'independent', strokeDash: 'independent' } as const;

/** Characters of a line under a title. */
const MOST_SUBTITLE = 66;

function noteOf(view: Drawable): string {
  if (view.kind === 'tokens') return STRONGER_COUNTS_MORE;
  if (view.kind === 'matrix') return view.shares === undefined ? '' : 'The darker a cell, the larger its share of the row.';
  return 'note' in view ? (view.note ?? '') : '';
}

export const STRONGER_COUNTS_MORE =
  'The stronger the colour behind a word or a step, the more it counts. The heaviest of each example has all of the colour.';

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
    case 'histogram':
      return histogram(view);
    case 'tokens':
      return tokens(view);
    default:
      return view satisfies never;
  }
}

/** Of a matrix whose numbers need more than this, in pixels, they stand in the files and not in the picture: on paper they could not be read. */
const WIDEST_WITH_NUMBERS = 640;
/** Of a matrix of more rows or columns, zeros and shares are not written either. */
const MOST_WITH_SHARES = 10;
const SMALLEST_CELL = 5;

/** The darkest cell that has words, and their colour: cells keep their colours by night. */
export const CELL_MOST = PALETTE[4];
export const IN_CELL = 'black';
/** A cell of nothing. */
const CELL_LEAST = '#f1f5f9';
/** Without numbers, the least that can be told from nothing. */
const CELL_LITTLE = '#cfe2f1';

/**
 * Each cell is as dark as its share of the row: a class of few examples counts like one of many. Where no numbers are written, cells of 0 are the ground
 * of the picture, and not drawn: of a hundred classes that is nearly all of them.
 */
function matrix({ rows, columns, values, shares }: MatrixView): object {
  const most = Math.max(rows.names.length, columns.names.length);
  const isWhole = most <= MOST_WITH_SHARES;
  const hasShares = isWhole && shares === 'rows';
  const widest = Math.max(...values.flat().map((value) => widthOf({ fontSize: LABEL_SIZE }, viewNumber(value))));
  const told = { width: Math.max(isWhole ? 52 : 28, widest + 8), height: hasShares ? 40 : isWhole ? 30 : 24 };
  const isTold = told.width * most <= WIDEST_WITH_NUMBERS;
  const side = Math.max(SMALLEST_CELL, 500 / most);
  const size = isTold ? told : { width: side, height: side };
  const cells = values.flatMap((row, r) => {
    const whole = row.reduce((total, value) => total + Math.abs(value), 0);
    return row.flatMap((value, c) => {
      const share = whole === 0 ? 0 : Math.abs(value) / whole;
      const description = `${rows.names[r]} as ${columns.names[c]}: ${viewNumber(value)} of ${viewNumber(whole)}${shares && whole > 0 ? ` (${percent(share, 2)})` : ''}`;
      const text = value === 0 && !isWhole ? '' : viewNumber(value);
      return isTold || value !== 0 ? [{ r, c, share, description, text, part: share === 0 ? '' : percent(share, 2) }] : [];
    });
  });
  const axisOf = (field: 'r' | 'c', names: readonly string[], title: string): object => {
    const isTurned = field === 'c' && (!isTold || names.some((name) => name.length > 6));
    const every = Math.ceil((isTurned ? TURNED_LABEL : LABEL_SIZE) / (field === 'c' ? size.width : size.height));
    const places = [...names.keys()];
    return {
      field,
      type: 'ordinal',
      scale: { domain: places },
      axis: {
        title,
        // Names may be equal; places are not.
        labelExpr: `${JSON.stringify(shortNames(names))}[datum.value]`,
        values: places.filter((place) => place % every === 0),
        labelAngle: isTurned ? -45 : 0,
        labelOverlap: false,
        domain: false,
        ticks: false,
        grid: false,
      },
    };
  };
  const words = (field: string, dy: number, filter = 'true'): object => ({
    transform: [{ filter }],
    mark: { type: 'text', fontSize: LABEL_SIZE, color: IN_CELL, dy },
    encoding: { text: { field } },
  });
  return {
    width: Math.max(2, columns.names.length) * size.width,
    height: Math.max(2, rows.names.length) * size.height,
    ...(!isTold && { view: { stroke: null, fill: CELL_LEAST } }),
    data: { values: cells },
    encoding: { y: axisOf('r', rows.names, rows.title), x: axisOf('c', columns.names, columns.title) },
    layer: [
      {
        mark: { type: 'rect', aria: true, ...(isTold && { stroke: PAPER, strokeWidth: 2 }) },
        encoding: {
          color: {
            field: 'share',
            type: 'quantitative',
            scale: { domain: [0, 1], range: isTold ? [CELL_LEAST, CELL_MOST] : [CELL_LITTLE, PALETTE[0]] },
            legend: null,
          },
          description: { field: 'description' },
        },
      },
      ...(hasShares
        ? [words('text', 0, '!datum.part'), words('text', -8, 'datum.part'), words('part', 8)]
        : isTold
          ? [words('text', 0)]
          : []),
    ],
  };
}

/** Between the beginnings of two labels that are written upwards. */
const TURNED_LABEL = 18;
const MOST_OF_NAME = 24;

/** Names that have room beside a picture: the beginning of long ones, and their end too where several begin alike. */
function shortNames(names: readonly string[]): readonly string[] {
  const begun = names.map((name) => cut(name, MOST_OF_NAME));
  return names.map((name, place) => {
    const isAlone = name === begun[place] || begun.every((other, index) => index === place || other !== begun[place]);
    return isAlone ? (begun[place] ?? '') : `${cut(name, MOST_OF_NAME / 2)}${[...name].slice(-MOST_OF_NAME / 2).join('')}`;
  });
}

function curve({ x, y, lines }: CurveView): object {
  const values = lines.flatMap(({ name, points }) => points.map(([at, value], order) => ({ name, at, value, order })));
  const areWhole = values.every(({ at }) => Number.isInteger(at));
  return {
    width: WIDE,
    height: 300,
    data: { values },
    mark: { type: 'line', aria: true, strokeWidth: 1.8, strokeJoin: 'round' },
    encoding: {
      description: { field: 'name' },
      x: {
        field: 'at',
        type: 'quantitative',
        scale: { zero: false, nice: false },
        axis: { title: x, ...(areWhole && { tickMinStep: 1, format: ',d' }) },
      },
      y: verticalChannel(
        values.map(({ value }) => value),
        y,
      ),
      order: { field: 'order' },
      color: colourChannel(lines),
      ...(lines.length > PALETTE.length && { strokeDash: dashChannel(lines, PALETTE.length) }),
    },
  };
}

/** An axis for values, from the least to the most of them. */
function verticalChannel(values: readonly number[], title: string): object {
  const scale = decideScale(values, { tight: true });
  return {
    field: 'value',
    type: 'quantitative',
    scale: { domain: [...scale.domain], zero: false, nice: false },
    axis: { title, values: [...scale.ticks], format: tickFormat(scale) },
  };
}

/** Of a picture of a view, in pixels. */
const WIDE = 520;

/** Lines over places that have a text each; around a level, sticks from there. The third line and those after it are dashed, for paper without colours. */
function series({ x, y, at, lines, bands = [], around }: SeriesView): object {
  const values = lines.flatMap(({ name, values: all }) =>
    all.map((value, order) => ({ name, at: order, value, told: `${at[order]}, ${name}: ${formatMeasure(value)}` })),
  );
  const told = placesToTell(at, WIDE);
  const axis = {
    title: x,
    values: [...told.keys()],
    labelExpr: `${JSON.stringify(Object.fromEntries(told))}[datum.value]`,
    labelFlush: true,
  };
  const across = { field: 'at', type: 'quantitative', scale: { domain: [0, Math.max(1, at.length - 1)], zero: false, nice: false }, axis };
  const heights = [...values.map(({ value }) => value), ...bands.flatMap(({ low, high }) => [...low, ...high])];
  const up = verticalChannel(around === undefined ? heights : [...heights, around], y);
  const colour = colourChannel(lines);
  const fewest = Math.min(...lines.map((line) => line.values.filter((value) => Number.isFinite(value)).length));
  const drawn =
    around === undefined
      ? [
          {
            data: { values },
            mark: {
              type: 'line',
              aria: true,
              strokeWidth: at.length > DENSE ? 1.2 : 1.8,
              strokeJoin: 'round',
              ...(fewest <= DOTTED && { point: { filled: true, size: 18 } }),
            },
            encoding: {
              x: across,
              y: up,
              color: colour,
              description: { field: 'name' },
              ...(lines.length > 2 && { strokeDash: dashChannel(lines, 2) }),
            },
          },
        ]
      : [
          { data: { values: [{ value: around }] }, mark: { type: 'rule', color: FAINT, strokeWidth: 1.2 }, encoding: { y: up } },
          {
            data: { values },
            mark: { type: 'rule', aria: true, strokeWidth: at.length > WIDE / 4 ? 1 : 2 },
            encoding: { x: across, y: up, y2: { datum: around }, color: colour, description: { field: 'told' } },
          },
        ];
  return {
    usermeta: { at },
    width: WIDE,
    height: around === undefined ? 300 : 200,
    layer: [
      ...bands.map(({ low, high }) => ({
        data: { values: low.map((least, order) => ({ at: order, value: least, high: high[order] })) },
        mark: { type: 'area', color: PALETTE[0], opacity: 0.16 },
        encoding: { x: across, y: up, y2: { field: 'high' } },
      })),
      ...drawn,
    ],
  };
}

/** Names of lines above a picture; many stand in two columns. */
const namedAbove = (lines: readonly unknown[]): object | null =>
  lines.length < 2 ? null : { title: null, orient: 'top', labelLimit: WIDE / 2 - 40, ...(lines.length > 3 && { columns: 2 }) };

/** The first lines are whole, each other one is dashed in a way of its own. */
const dashChannel = (lines: readonly { readonly name: string }[], whole: number): object => ({
  field: 'name',
  type: 'nominal',
  sort: null,
  scale: { domain: lines.map(({ name }) => name), range: lines.map((_, index) => (index < whole ? [1, 0] : [5 + index - whole, 2])) },
  legend: namedAbove(lines),
});

/** Bars that touch, and a line where a value is marked. */
function histogram({ x, y, from, width, counts, around }: HistogramView): object {
  const values = counts.map((count, index) => {
    const [low, high] = [from + index * width, from + (index + 1) * width];
    return { low, high, count, told: `${formatMeasure(low, 3)} to ${formatMeasure(high, 3)}: ${viewNumber(count)}` };
  });
  const up = decideScale([0, ...counts]);
  const ends = [from, from + counts.length * width];
  const domain = around === undefined ? ends : [Math.min(around, ...ends), Math.max(around, ...ends)];
  const across = { type: 'quantitative', scale: { domain, zero: false, nice: false }, axis: { title: x } };
  return {
    width: WIDE,
    height: 200,
    layer: [
      {
        data: { values },
        mark: { type: 'bar', aria: true, color: PALETTE[0], binSpacing: 1 },
        encoding: {
          description: { field: 'told' },
          x: { ...across, field: 'low', bin: { binned: true, step: width } },
          x2: { field: 'high' },
          y: {
            field: 'count',
            type: 'quantitative',
            scale: { domain: [...up.domain], nice: false },
            axis: { title: y, values: up.ticks.filter(Number.isInteger), format: ',d' },
          },
        },
      },
      ...(around === undefined
        ? []
        : [
            {
              data: { values: [{ at: around }] },
              mark: { type: 'rule', color: INK, strokeWidth: 1.4 },
              encoding: { x: { ...across, field: 'at' } },
            },
          ]),
    ],
  };
}

/** Each line in its colour, named above the picture where there are several. */
function colourChannel(lines: readonly { readonly name: string }[]): object {
  const names = lines.map(({ name }) => name);
  return {
    field: 'name',
    type: 'nominal',
    sort: null,
    scale: { domain: names, range: [...coloursOf(names)] },
    legend: namedAbove(lines),
  };
}

function bars({ x, y, bars: all }: BarsView): object {
  const values = all.map(({ name, value }, place) => ({ place, value, text: viewNumber(value), told: `${name}: ${viewNumber(value)}` }));
  const scale = decideScale([0, ...all.map(({ value }) => value)]);
  return {
    width: WIDE,
    height: { step: Math.max(LABEL_GAP, Math.min(22, 600 / all.length)) },
    data: { values },
    encoding: {
      y: {
        field: 'place',
        type: 'ordinal',
        axis: {
          title: x,
          labelExpr: `${JSON.stringify(shortNames(all.map(({ name }) => name)))}[datum.value]`,
          labelOverlap: false,
          domain: false,
          ticks: false,
          grid: false,
        },
      },
      x: {
        field: 'value',
        type: 'quantitative',
        scale: { domain: [...scale.domain], nice: false },
        axis: { title: y, values: [...scale.ticks], format: tickFormat(scale) },
      },
    },
    layer: [
      { mark: { type: 'bar', aria: true, color: PALETTE[0] }, encoding: { description: { field: 'told' } } },
      { mark: { type: 'text', align: 'left', dx: 4, fontSize: LABEL_SIZE, color: INK }, encoding: { text: { field: 'text' } } },
    ],
  };
}

const TEXT_WIDTH = 640;
const TEXT_LINE = 20;

interface Placed {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/** Texts in lines, each token before a ground as dark as its weight beside the largest of its text. */
function tokens({ separator, rows }: TokensView): object {
  const width = (text: string): number => widthOf({ fontSize: LABEL_SIZE }, text);
  const heads: Placed[] = [];
  const placed: (Placed & { readonly to: number; readonly share: number; readonly told: string })[] = [];
  let y = 0;
  for (const { name, note, tokens: all, weights } of rows) {
    for (const text of wrap(`${name}: ${note}`, Math.floor(TEXT_WIDTH / (LABEL_SIZE * CHARACTER_WIDTH)))) {
      heads.push({ x: 0, y, text });
      y += TEXT_LINE;
    }
    const most = Math.max(...weights.filter(Number.isFinite));
    let x = 0;
    for (const [place, token] of all.entries()) {
      const weight = weights[place] ?? Number.NaN;
      const text = cut(token, MOST_OF_TOKEN);
      const to = width(text === '' ? ' ' : text);
      if (x > 0 && x + to > TEXT_WIDTH) [x, y] = [0, y + TEXT_LINE];
      placed.push({ x, y, to: x + to, text, share: most > 0 && weight > 0 ? weight / most : 0, told: `${token}: ${viewNumber(weight)}` });
      x += to + width(separator);
    }
    y += 1.6 * TEXT_LINE;
  }
  const height = Math.max(TEXT_LINE, y - 0.6 * TEXT_LINE);
  const axis = (field: string, domain: readonly number[]): object => ({
    field,
    type: 'quantitative',
    scale: { domain, nice: false, zero: false },
    axis: null,
  });
  const [x, down] = [axis('x', [0, TEXT_WIDTH]), (field: string) => axis(field, [height, 0])];
  const words = (values: readonly Placed[], color: string): object => ({
    data: { values },
    mark: { type: 'text', align: 'left', baseline: 'middle', fontSize: LABEL_SIZE, color, dy: TEXT_LINE / 2 },
    encoding: { x, y: down('y'), text: { field: 'text' } },
  });
  return {
    width: TEXT_WIDTH,
    height,
    layer: [
      {
        data: { values: placed.map((each) => ({ ...each, below: each.y + TEXT_LINE })) },
        mark: { type: 'rect', aria: true, color: WEIGHT },
        encoding: {
          x,
          x2: { field: 'to' },
          y: down('y'),
          y2: { field: 'below' },
          opacity: { field: 'share', type: 'quantitative', scale: { domain: [0, 1], range: [0, 1] }, legend: null },
          description: { field: 'told' },
        },
      },
      words(placed, INK),
      words(heads, FAINT),
    ],
  };
}

/** Of a token that is longer than a line could be, the beginning is shown. */
const MOST_OF_TOKEN = 60;
