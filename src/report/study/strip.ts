import { fixed, plain, plural } from '../../diagnostics/numbers.js';
import { describeReplicate } from '../../language/replicate.js';
import { ANYWHERE, around, type Interval, mean, within } from '../../statistics/means.js';
import type { Count } from '../../statistics/shares.js';
import { type AcrossClaim, type CellName, cellsOf, type Claim } from '../../study/claims/claim.js';
import type { Judgement } from '../../study/claims/facts.js';
import type { TableEvidence } from '../../study/evidence.js';
import type { Numbers, Verdict, VerdictKind } from '../../study/verdicts/verdict.js';
import { html, type Html } from '../kit/html.js';
import { type AxisScale, decideScale } from '../kit/scale.js';
import { rowOf, WORDS } from './table-view.js';

/** What a claim compares, as a picture, as far as values can lie; of a cell that nobody claims anything about, its runs alone. */
export function stripOf(judgement: Judgement, evidence: TableEvidence): Strip {
  const { claim, verdict } = judgement;
  // Ranks have a picture of their own, as far as there are any.
  if (claim.kind === 'ranks') return { kind: verdict.kind, bars: [], runs: [], range: [1, claim.methods.length] };
  return claim.kind === 'across' ? stripOfDataSets(claim, verdict) : stripOfCells(judgement, evidence);
}

/** A dot a data set: the one method less the other, beside what is claimed of that. */
const stripOfDataSets = ({ of, than, direction, by }: AcrossClaim, { kind, numbers }: Verdict): Strip => ({
  kind,
  bars: [],
  target: (direction === 'lower' ? -by : by) + 0,
  runs: (numbers.differences ?? []).map((value, index) => ({
    value,
    title: `${of[index]?.[0]} less ${than[index]?.[0]}: ${Number(value.toPrecision(6))}`,
  })),
});

function stripOfCells({ claim, limit, verdict: { kind, numbers }, range, counts }: Judgement, evidence: TableEvidence): Strip {
  const [ours = [], others] = counts ? counts.map(dotsOfCount) : cellsOf(claim).map((cell) => dotsOf(evidence, cell));
  // Of one or two seeds an interval says nothing, and decides nothing.
  const { interval: _, ...withoutInterval } = numbers;
  const otherValues = others?.map(({ value }) => value) ?? [];
  return {
    kind,
    bars: [],
    runs: ours,
    ...(others && { others }),
    ...possible(against(limit ?? claim, numbers.n < 3 ? withoutInterval : numbers, otherValues), range),
    ...(range && { range }),
  };
}

/** Zones and intervals come from formulas that know no end: no share is above 1. */
const possible = ({ zone, printed, interval, ...strip }: Partial<Strip>, range: Interval = ANYWHERE): Partial<Strip> => ({
  ...strip,
  ...(zone && { zone: within(zone, range) }),
  ...(printed && { printed: within(printed, range) }),
  ...(interval && { interval: { ...interval, ends: within(interval.ends, range) } }),
});

export const stripOfRuns = (cell: CellName, evidence: TableEvidence): Strip => ({
  kind: 'not_claimable',
  bars: [],
  runs: dotsOf(evidence, cell),
});

/** Everything in the units of the cell: an interval of a difference is moved to where the other side is. */
function against(
  claim: Claim,
  { interval, zone, estimate, mean: ours = estimate?.value, margin, reference, difference, ratio }: Numbers,
  others: readonly number[],
): Partial<Strip> {
  switch (claim.kind) {
    case 'published': {
      const { value, unit } = claim.published;
      const center = claim.spread || claim.published.count ? value : 0;
      return {
        target: value,
        printed: around(value, unit / 2),
        zone: zone ? [zone[0] + center, zone[1] + center] : around(value, unit / 2 + (claim.margin ?? unit)),
        ...(interval && ours !== undefined && { interval: { ends: [interval[0] + center, interval[1] + center], center: ours } }),
      };
    }
    case 'reference': {
      const target = reference?.mean ?? mean(claim.runs);
      return {
        target,
        bars: barsOf(claim.runs, claim.printed),
        ...(margin !== undefined ? { zone: around(target, margin) } : claim.margin !== undefined && { zone: around(target, claim.margin) }),
        ...(interval &&
          difference !== undefined && { interval: { ends: [target + interval[0], target + interval[1]], center: target + difference } }),
      };
    }
    case 'limit': {
      const bound = typeof claim.bound === 'number' ? claim.bound : claim.bound.value;
      const isOfMean = claim.share === undefined; // else the interval is that of a share
      return {
        target: bound,
        zone: (isOfMean && zone) || (claim.side === 'at_most' ? [-Infinity, bound] : [bound, Infinity]),
        ...(isOfMean && interval && ours !== undefined && { interval: { ends: interval, center: ours } }),
      };
    }
    case 'rank':
    case 'probability':
    case 'across':
    case 'ranks':
      return {};
    case 'ratio': {
      if (!interval || ratio === undefined) return {};
      const one = Math.exp(mean(others.map(Math.log)));
      const from = claim.bound * one;
      return {
        target: from,
        zone: claim.side === 'at_least' ? [from, Infinity] : [-Infinity, from],
        interval: { ends: [interval[0] * one, interval[1] * one], center: ratio * one },
      };
    }
    case 'equivalent': {
      if (others.length === 0) return {};
      const target = mean(others);
      const ends = interval && ([target + interval[0], target + interval[1]] as const);
      return { target, zone: around(target, claim.margin), ...(ends && { interval: { ends, center: (ends[0] + ends[1]) / 2 } }) };
    }
    default:
      return claim satisfies never;
  }
}

/** One bar a printed value; values that were not rounded are gathered in as many bars as keep their shape. */
function barsOf(runs: readonly number[], printed: number): readonly Bar[] {
  const [low, high] = [runs.reduce((a, b) => Math.min(a, b), Infinity), runs.reduce((a, b) => Math.max(a, b), -Infinity)];
  const width = printed > 0 ? printed : Math.max((high - low) / Math.max(1, Math.ceil(2 * Math.sqrt(runs.length))), 1e-12 * Math.abs(high));
  const counts = new Map<number, number>();
  for (const run of runs) {
    const bin = printed > 0 ? Math.round(run / width) : Math.min(Math.floor((run - low) / width), Math.ceil((high - low) / width) - 1);
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  const most = [...counts.values()].reduce((a, b) => Math.max(a, b), 0);
  return Array.from(counts, ([bin, count]) => {
    const value = printed > 0 ? bin * width : low + (bin + 0.5) * width;
    const at = printed > 0 ? `printed ${plain(value)}` : `about ${Number(value.toPrecision(4))}`;
    return { value, width: 0.86 * width, height: count / most, title: `${count} of ${runs.length} runs ${at}` };
  });
}

/** Of a column that counts runs, the share that they come to. */
const dotsOfCount = ({ hits, all }: Count): readonly Dot[] =>
  all === 0 ? [] : [{ value: hits / all, title: `${hits} of ${plural(all, 'run')}` }];

function dotsOf(evidence: TableEvidence, name: CellName): readonly Dot[] {
  const { baseline, runs = [] } = rowOf(evidence, name) ?? {};
  const known = baseline?.values[name[1]];
  if (known !== undefined) return [{ value: known, title: `${baseline?.name}: ${Number(known.toPrecision(6))}, known without training` }];
  return runs.flatMap(({ id, outcome, values, ...replicate }) => {
    const value = values[name[1]];
    if (outcome !== 'finished' || value === undefined) return [];
    return [{ value, title: `${describeReplicate(replicate)}: ${Number(value.toPrecision(6))}, run ${id.slice(0, 8)}` }];
  });
}

/**
 * Our seeds over what they are compared with, on one line of values:
 *
 *        ● ●●  ●          our runs, one a seed
 *       ├──◆──┤           the interval that decides, in the colour of the verdict
 *     ░░░░▁█▅▂░░░░        their runs, the margin shaded
 */
export interface Strip {
  readonly kind: VerdictKind;
  /** What counts as the same. An end may be infinite. */
  readonly zone?: Interval;
  /** What a printed number may have been before it was rounded. */
  readonly printed?: Interval;
  /** A published value, or the mean of the reference. */
  readonly target?: number;
  readonly bars: readonly Bar[];
  readonly runs: readonly Dot[];
  /** Runs of the other cell, where two are compared. */
  readonly others?: readonly Dot[];
  readonly interval?: { readonly ends: Interval; readonly center: number };
  /** Where values can lie: the axis ends there. */
  readonly range?: Interval;
}

/** Runs of the reference that printed one value. */
interface Bar {
  readonly value: number;
  readonly width: number;
  /** Of the highest, 0 to 1. */
  readonly height: number;
  readonly title: string;
}

interface Dot {
  readonly value: number;
  readonly title: string;
}

/** One axis for the strips of a cell, so that they can be compared by eye. */
export function axisOf(strips: readonly Strip[]): AxisScale {
  const certain = strips.flatMap(({ zone = [], printed = [], target, bars, runs, others = [] }) => [
    ...zone,
    ...printed,
    ...(target === undefined ? [] : [target]),
    ...bars.flatMap(({ value, width }) => [value - width / 2, value + width / 2]),
    ...[...runs, ...others].map(({ value }) => value),
  ]);
  const finite = certain.filter(Number.isFinite);
  const [low, high] = [finite.reduce((a, b) => Math.min(a, b), Infinity), finite.reduce((a, b) => Math.max(a, b), -Infinity)];
  // An interval of few seeds may be far wider than all that it is about: as much again is shown of it.
  const reach = strips
    .flatMap(({ interval }) => interval?.ends ?? [])
    .map((end) => Math.max(1.5 * low - 0.5 * high, Math.min(1.5 * high - 0.5 * low, end)));
  return decideScale([...finite, ...reach.filter(Number.isFinite)], rangeOf(strips));
}

/** Where the values of all of them can lie. */
const rangeOf = (strips: readonly Strip[]): { readonly range?: Interval } => {
  const ranges = strips.flatMap(({ range }) => (range ? [range] : []));
  const [first, ...others] = ranges;
  if (!first || ranges.length < strips.length) return {};
  return { range: others.reduce((a, b) => [Math.min(a[0], b[0]), Math.max(a[1], b[1])], first) };
};

/** How strips look, in the colours of a page. */
export const STRIP_STYLE = `
.strip .zone { fill: var(--shade); }
.strip.reproduced .zone { fill: var(--good-shade); }
.strip.differs .zone { fill: var(--bad-shade); }
.strip.inconclusive .zone { fill: var(--open-shade); }
.strip .printed { fill: var(--ink); opacity: 0.1; }
.strip .grid { stroke: var(--line); stroke-width: 1; }
.strip .base { stroke: var(--faint); stroke-width: 1; }
.strip .theirs { fill: var(--faint); opacity: 0.55; }
.strip .target { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 4 3; }
.strip .interval { stroke: var(--faint); stroke-width: 3; }
.strip .center { fill: var(--faint); stroke: var(--paper); stroke-width: 1; }
.strip.reproduced .interval { stroke: var(--good); } .strip.reproduced .center { fill: var(--good); }
.strip.differs .interval { stroke: var(--bad); } .strip.differs .center { fill: var(--bad); }
.strip.inconclusive .interval { stroke: var(--open); } .strip.inconclusive .center { fill: var(--open); }
.strip .ours { fill: var(--accent); stroke: var(--paper); stroke-width: 1; }
.strip .other { fill: var(--paper); stroke: var(--accent); stroke-width: 2; }
.strip.axis text { fill: var(--faint); font-size: 11px; font-family: inherit; font-variant-numeric: tabular-nums; }
`.trim();

/** Where the parts of a strip stand, in pixels from its top. */
interface StripShape {
  readonly dots: number;
  readonly radius: number;
  /** Where dots stand that would cover each other. */
  readonly lanes: readonly number[];
  readonly interval: number;
  readonly cap: number;
  readonly base: number;
  /** Of the columns of the source's runs. */
  readonly tallest: number;
}

const FULL: StripShape = { dots: 16, radius: 5, lanes: [0, 10, -10, 5, -5], interval: 45, cap: 5, base: 92, tallest: 34 };
/** One line of text high. */
export const SLIM: StripShape = { dots: 7, radius: 3, lanes: [0, 4, -4, 2, -2], interval: 18, cap: 4, base: 26, tallest: 12 };
export const STRIP_HEIGHT = FULL.base + 1;

/** Positions are shares of the width, so that text and dots keep their size on any screen. */
export function drawStrip(strip: Strip, axis: AxisScale, about: string, shape = FULL): Html {
  const { base, tallest, dots: top } = shape;
  const at = (value: number): string => `${Number((100 * along(axis, value)).toFixed(3))}%`;
  const span = (low: number, high: number): { readonly x: string; readonly width: string } => {
    const [from, to] = [along(axis, low), along(axis, high)];
    return { x: at(low), width: `${Number((100 * Math.max(0, to - from)).toFixed(3))}%` };
  };
  const band = (interval: Interval | undefined, name: string): Html | string => {
    if (!interval) return '';
    const { x, width } = span(...interval);
    return html`<rect class="${name}" x="${x}" y="0" width="${width}" height="${base}" />`;
  };
  const { kind, zone, printed, target, bars, runs, others = [], interval } = strip;
  return html`<svg class="strip ${kind}" width="100%" height="${base + 1}" role="img" aria-label="${stripInWords(strip, about)}">
    ${band(zone, 'zone')}${band(printed, 'printed')}
    ${axis.ticks.map((tick) => html`<line class="grid" x1="${at(tick)}" x2="${at(tick)}" y1="0" y2="${base}" />`)}
    ${bars.map((bar) => {
      const { x, width } = span(bar.value - bar.width / 2, bar.value + bar.width / 2);
      const height = Math.max(2, bar.height * tallest);
      return html`<rect class="theirs" x="${x}" y="${(base - height).toFixed(1)}" width="${width}" height="${height.toFixed(1)}"
        ><title>${bar.title}</title></rect
      >`;
    })}
    ${target === undefined ? '' : html`<line class="target" x1="${at(target)}" x2="${at(target)}" y1="0" y2="${base}" />`}
    <line class="base" x1="0" x2="100%" y1="${base}" y2="${base}" />
    ${interval ? drawInterval(interval, at, shape) : ''}
    ${dots(others, axis, 'other', base - top, shape)}${dots(runs, axis, 'ours', top, shape)}
  </svg>`;
}

/** What a strip shows, for those who don't see it. */
function stripInWords({ kind, zone, target, bars, runs, others, interval }: Strip, about: string): string {
  const number = (value: number): string => String(Number(value.toPrecision(4)));
  const ends = ([low, high]: Interval): string =>
    Number.isFinite(low) && Number.isFinite(high)
      ? `from ${number(low)} to ${number(high)}`
      : Number.isFinite(low)
        ? `${number(low)} and more`
        : `${number(high)} and less`;
  const dots = (all: readonly Dot[]): string => {
    const values = all.map(({ value }) => value).filter(Number.isFinite);
    const range: Interval = [values.reduce((a, b) => Math.min(a, b), Infinity), values.reduce((a, b) => Math.max(a, b), -Infinity)];
    if (values.length < 2) return values.length === 0 ? 'no run' : number(range[0]);
    return `${plural(values.length, 'run')} ${ends(range)}, mean ${number(mean(values))}`;
  };
  return [
    `${about}: ${dots(runs)}`,
    ...(others ? [`the other row: ${dots(others)}`] : []),
    ...(target === undefined ? [] : [`compared with ${number(target)}${bars.length > 0 ? ', the mean of the runs of the source' : ''}`]),
    ...(zone ? [`what counts as the same: ${ends(zone)}`] : []),
    ...(interval ? [`interval that decides: ${ends(interval.ends)}`] : []),
    ...(kind === 'not_claimable' ? [] : [WORDS[kind]]),
  ].join('; ');
}

/** The labels under the strips of a cell. */
export function drawAxis(axis: AxisScale): Html {
  const step = (axis.ticks[1] ?? 1) - (axis.ticks[0] ?? 0);
  const decimals = Math.max(0, Math.min(12, Math.ceil(-Math.log10(step) - 1e-9)));
  const anchor = (share: number): string => (share < 0.04 ? 'start' : share > 0.96 ? 'end' : 'middle');
  return html`<svg class="strip axis" width="100%" height="18" aria-hidden="true">
    ${axis.ticks.map((tick) => {
      const share = along(axis, tick);
      return html`<text x="${Number((100 * share).toFixed(3))}%" y="13" text-anchor="${anchor(share)}">${fixed(tick, decimals)}</text>`;
    })}
  </svg>`;
}

function drawInterval(
  { ends: [low, high], center }: NonNullable<Strip['interval']>,
  at: (value: number) => string,
  { interval: y, cap: half }: StripShape,
): Html {
  const cap = (end: number): Html => html`<line class="interval" x1="${at(end)}" x2="${at(end)}" y1="${y - half}" y2="${y + half}" />`;
  return html`<line class="interval" x1="${at(low)}" x2="${at(high)}" y1="${y}" y2="${y}" />${cap(low)}${cap(high)}<svg
      x="${at(center)}"
      y="${y}"
      overflow="visible"
    >
      <path class="center" d="M0,${-half - 1}L${half + 1},0L0,${half + 1}L${-half - 1},0Z" />
    </svg>`;
}

/** Dots that would cover each other go into lanes. */
function dots(runs: readonly Dot[], axis: AxisScale, name: string, y: number, { lanes: offsets, radius }: StripShape): Html {
  const lanes: number[] = [];
  const placed = runs
    .filter(({ value }) => Number.isFinite(value))
    .toSorted((a, b) => a.value - b.value)
    .map(({ value, title }) => {
      const x = along(axis, value);
      const free = lanes.findIndex((last) => x - last > NEAR);
      const lane = free === -1 ? Math.min(lanes.length, offsets.length - 1) : free;
      lanes[lane] = x;
      return { x, title, y: y + (offsets[lane] ?? 0) };
    });
  return html`${placed.map(
    ({ x, title, y: height }) =>
      html`<circle class="${name}" cx="${Number((100 * x).toFixed(3))}%" cy="${height}" r="${radius}"><title>${title}</title></circle>`,
  )}`;
}
const NEAR = 0.018;

/** 0 at the left edge, 1 at the right one; what lies beyond is drawn at the edge. */
const along = ({ domain: [low, high] }: AxisScale, value: number): number => Math.max(0, Math.min(1, (value - low) / (high - low)));
