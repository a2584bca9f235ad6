import type { TopLevelSpec } from 'vega-lite';
import { cellsOf } from '../../study/claims/claim.js';
import { isUnderTable } from '../../study/claims/judge-table.js';
import type { VerdictKind } from '../../study/verdicts/verdict.js';
import { stripOf } from './claim-strip.js';
import { rangeOf, type Strip } from './strip.js';
import type { TablePage } from './table-page.js';
import { MARKS, WORDS } from './table-view.js';
import { FAINT, INK, PALETTE, THEME } from '../kit/theme.js';

/** As on the page of a table; readable without colours by the marks beside the names. */
const COLOURS: Readonly<Record<VerdictKind, string>> = {
  reproduced: '#00664a',
  differs: '#a3270a',
  inconclusive: '#7a5600',
  not_run: FAINT,
  not_claimable: FAINT,
};

const WIDTH = 460;
const LINE = 24;

/**
 * Every claim on a line of its own, a picture for each column: what counts as the same as a band, what was published as a stroke, our seeds as
 * dots over it, and the interval that decides with its mean as a diamond.
 */
export function tableChart({ config, judged, view, evidence }: TablePage): TopLevelSpec {
  const lines = judged.judgements.flatMap((judgement, index) => {
    const { claim, verdict } = judgement;
    if (verdict.kind === 'not_claimable') return [];
    const cells = cellsOf(claim);
    const labels = cells.map(([row]) => view.rows.find((each) => each.cells.some((cell) => cell.row === row))?.label ?? row);
    const about = isUnderTable(claim) ? labels.join(' beside ') : `${labels[0]}, ${claim.source ?? view.claimed[index]}`;
    return [{ column: cells[0]?.[1], name: `${MARKS[verdict.kind]} ${about}`, strip: stripOf(judgement, evidence) }];
  });
  const columns = Object.keys(config.columns).flatMap((column, index) => {
    const mine = lines.filter((line) => line.column === column);
    return mine.length === 0 ? [] : [picture(mine, view.columns[index] ?? column)];
  });
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    config: THEME,
    title: { text: view.title ?? view.name, subtitle: LEGEND, frame: 'bounds' },
    padding: 12,
    vconcat: columns,
  } as TopLevelSpec;
}

const LEGEND = [
  'Dots: our seeds; circles: those of the other row, in a claim about two. Stroke: what they are compared with. Band: what counts as the same.',
  'Diamond: our mean with the interval that decides; against runs that were printed rounded, the mean of ours rounded alike.',
  (['reproduced', 'differs', 'inconclusive'] as const).map((kind) => `${MARKS[kind]} ${WORDS[kind]}`).join('   '),
];

interface Line {
  readonly name: string;
  readonly strip: Strip;
}

function picture(lines: readonly Line[], heading: string): object {
  const [low, high] = reachOf(lines.map(({ strip }) => strip));
  const within = (value: number): number => Math.min(high, Math.max(low, value));
  const drawn = lines.map(({ name, strip: { kind, zone, target, interval } }) => ({
    name,
    kind,
    ...(zone && { from: within(zone[0]), to: within(zone[1]) }),
    ...(target !== undefined && { target }),
    ...(interval && { low: within(interval.ends[0]), high: within(interval.ends[1]), center: interval.center }),
  }));
  const dotsOf = (whose: 'runs' | 'others') => ({
    values: lines.flatMap(({ name, strip }) => (strip[whose] ?? []).map(({ value }) => ({ name, value }))),
  });
  const y = {
    field: 'name',
    type: 'nominal',
    sort: null,
    axis: { title: null, labelLimit: 0, grid: false, ticks: false, labelColor: INK },
  };
  const x = (field: string) => ({
    field,
    type: 'quantitative',
    scale: { domain: [low, high], nice: false, zero: false },
    axis: { title: heading, grid: true },
  });
  const color = { field: 'kind', type: 'nominal', scale: { domain: Object.keys(COLOURS), range: Object.values(COLOURS) }, legend: null };
  return {
    width: WIDTH,
    height: LINE * lines.length,
    data: { values: drawn },
    layer: [
      { mark: { type: 'bar', opacity: 0.14, height: LINE - 6 }, encoding: { y, x: x('from'), x2: { field: 'to' }, color } },
      { mark: { type: 'tick', color: INK, thickness: 1.5, height: LINE - 6 }, encoding: { y, x: x('target') } },
      {
        data: dotsOf('others'),
        mark: { type: 'point', filled: false, size: 26, strokeWidth: 1, color: PALETTE[0], yOffset: -4 },
        encoding: { y, x: x('value') },
      },
      {
        data: dotsOf('runs'),
        mark: { type: 'point', filled: true, size: 26, opacity: 0.75, color: PALETTE[0], yOffset: -4 },
        encoding: { y, x: x('value') },
      },
      { mark: { type: 'rule', strokeWidth: 2, yOffset: 4, y2Offset: 4 }, encoding: { y, x: x('low'), x2: { field: 'high' }, color } },
      { mark: { type: 'point', shape: 'diamond', filled: true, size: 70, opacity: 1, yOffset: 4 }, encoding: { y, x: x('center'), color } },
    ],
  };
}

/** All that is drawn, with a little room at both ends; a zone without an end reaches as far as the rest. */
function reachOf(strips: readonly Strip[]): readonly [number, number] {
  const ends = strips.flatMap(({ zone, target, interval, runs, others = [] }) => [
    ...(zone ?? []),
    ...(target === undefined ? [] : [target]),
    ...(interval?.ends ?? []),
    ...[...runs, ...others].map(({ value }) => value),
  ]);
  const finite = ends.filter(Number.isFinite);
  const [low, high] = [finite.reduce((a, b) => Math.min(a, b), Infinity), finite.reduce((a, b) => Math.max(a, b), -Infinity)];
  const room = 0.03 * (high - low || Math.abs(high) || 1);
  const { range: [least, most] = [-Infinity, Infinity] } = rangeOf(strips);
  return [Math.max(Math.min(least, low), low - room), Math.min(Math.max(most, high), high + room)];
}
