import { openStore, type Store } from '../record/layout.js';
import { textTable, wrap } from '../report/kit/text-table.js';
import type { TextStyle } from '../report/kit/text-style.js';
import type { Claim } from './claims/claim.js';
import { plain, plural } from '../diagnostics/numbers.js';
import { sameCell } from './claims/judge-table.js';
import { type PlannedCell, planTable, type Prospect, type Standing, type TablePlan } from './claims/plan-table.js';
import type { Interval } from '../statistics/interval.js';
import { zoneOf } from './claims/zones.js';
import { EXIT } from '../host/exit.js';
import type { AlikeWorks, MeasuredWorks } from './measure-works.js';
import { workersOf } from '../launch/orders.js';
import type { HowToPlan, StudyRequest } from './request.js';
import { styleOf } from '../host/style.js';
import type { Terminal } from '../host/terminal.js';
import { onlyCells } from './named.js';
import { type PreparedTable, prepareTable } from './prepare-table.js';
import { readSettled } from './settled.js';
import { leftOf, trialsOf } from './works.js';

/** Every cell with what is done and what is missing, what the seeds can decide, and with `--measure` how long the rest would take here. */
export async function planTableFile(request: StudyRequest, { measure, json }: HowToPlan, terminal: Terminal): Promise<number> {
  const { file, changes, root, launch, only } = request;
  const prepared = prepareTable(file, changes, terminal);
  const { config } = prepared.table;
  const store = openStore(root);
  const plan = planTable(config, prepared.claims, readSettled(store, prepared), onlyCells(config, only));
  const measuring = measure ? await import('./measure-works.js') : undefined;
  const measured = await measuring?.measureWorks(alikeWorks(store, prepared, request), workersOf(launch, config.run_on.workers));
  if (json) terminal.out(JSON.stringify(toJson(prepared, plan, measured), null, 2));
  else {
    const style = styleOf(terminal.outColor);
    terminal.out(describe(prepared, plan, style).join('\n'));
    if (measuring && measured) terminal.out(`${style.heading('measured')}  ${measuring.describeMeasuredWorks(measured)}`);
  }
  return EXIT.done;
}

/** `10 runs: 4 done (3 by an earlier engine; --fresh trains them again), 6 left` */
export function worksLine(works: readonly Standing[]): string {
  const done = works.filter(({ isSettled }) => isSettled).length;
  const earlier = works.filter(({ isEarlier }) => isEarlier).length;
  const note = earlier === 0 ? '' : ` (${earlier} by an earlier engine; --fresh trains ${earlier === 1 ? 'it' : 'them'} again)`;
  return `${plural(works.length, 'run')}: ${done} done${note}, ${works.length - done} left`;
}

/** Row by row: its seeds take the same time. */
function alikeWorks(store: Store, prepared: PreparedTable, { only, launch }: StudyRequest): readonly AlikeWorks[] {
  const { left } = leftOf(store, prepared, only ? { only } : {});
  const { trials, orderOf } = trialsOf(prepared, left, store.root, launch);
  const rows = new Set(trials.map(({ configuration }) => configuration));
  return Array.from(rows).flatMap((row) => {
    const alike = trials.filter(({ configuration }) => configuration === row);
    return alike[0] ? [{ order: orderOf(alike[0]), works: alike.length }] : [];
  });
}

function describe({ table: { config }, claims }: PreparedTable, plan: TablePlan, style: TextStyle): readonly string[] {
  const [column = ''] = Object.keys(config.columns);
  const rows = plan.cells.filter(({ name }) => name[1] === column);
  const labelOf = (row: string): string => config.rows[row]?.label ?? row;
  const lines = rows.map(({ name: [row], have, missing }) => [
    labelOf(row),
    config.rows[row]?.base ?? '',
    seedsText(have),
    seedsText(missing),
  ]);
  const header = ['row', 'base', 'seeds done', 'left'].map(style.faint);
  return [
    style.heading(config.title ?? config.table),
    ...textTable([header, ...lines]),
    '',
    ...describeZones(claims, plan.cells, labelOf, style),
    ...describeProspects(plan.prospects, labelOf, style),
    worksLine(plan.works),
  ];
}

/** One line a published number, or a limit with a margin: what counts as the same, its rounding and the margin together. */
function describeZones(
  claims: readonly Claim[],
  cells: TablePlan['cells'],
  labelOf: (row: string) => string,
  style: TextStyle,
): readonly string[] {
  const lines = claims.flatMap((claim) => {
    const zone = zoneOf(claim);
    if (!zone || claim.deviceBound || (claim.kind !== 'published' && claim.kind !== 'limit')) return [];
    const isItsBound = claim.kind === 'limit' && typeof claim.bound === 'number' && !claim.margin;
    if (isItsBound || !cells.some(({ name }) => sameCell(name, claim.cell))) return [];
    const claimed = claim.kind === 'published' ? claim.published.text : limitText(claim);
    return [[labelOf(claim.cell[0]), [claimed, claim.source].filter(Boolean).join(', '), zoneText(zone)]];
  });
  const header = ['', 'claimed', 'counts as the same'].map(style.faint);
  return lines.length === 0 ? [] : [...textTable([header, ...lines]), ''];
}

const limitText = ({ side, bound }: Extract<Claim, { kind: 'limit' }>): string =>
  `${side === 'at_most' ? '≤' : '≥'} ${typeof bound === 'number' ? plain(bound) : bound.text}`;

const zoneText = ([low, high]: Interval): string => {
  if (!Number.isFinite(low)) return `up to ${plain(high)}`;
  return Number.isFinite(high) ? `${plain(low)} to ${plain(high)}` : `from ${plain(low)}`;
};

/** One line a reference: how wide the margin is beside the spread of its runs, and whether the planned seeds are enough for it. */
function describeProspects(prospects: readonly Prospect[], labelOf: (row: string) => string, style: TextStyle): readonly string[] {
  const [first] = prospects;
  if (!first) return [];
  const lines = prospects.map(({ cell: [row], against, margin, sd, seeds, enough }, index) => [
    prospects[index - 1]?.cell[0] === row ? '' : labelOf(row),
    against,
    `${plain(Number(margin.toPrecision(3)))} = ${(margin / sd).toFixed(1)} sd`,
    enough === undefined ? 'no: not with 1000 seeds' : seeds >= enough ? 'likely' : `rarely: ${enough} would`,
  ]);
  const header = ['', 'against', 'margin', `do ${first.seeds} seeds decide?`].map(style.faint);
  const note = 'As the spread of the reference tells, with four chances in five, and if there is no difference.';
  return [...textTable([header, ...lines]), ...wrap(note, 100).map(style.faint), ''];
}

/** `1-5, 8` */
function seedsText(seeds: PlannedCell['have']): string {
  const spans: [number, number][] = [];
  for (const seed of seeds.toSorted((a, b) => a - b)) {
    const last = spans.at(-1);
    if (last && seed === last[1] + 1) last[1] = seed;
    else spans.push([seed, seed]);
  }
  return spans.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ') || '–';
}

const toJson = ({ table, works }: PreparedTable, plan: TablePlan, measured: MeasuredWorks | undefined) => ({
  table: table.config.table,
  works: plan.works.map(({ id, rows, base, set, seed, isSettled, isEarlier }) => ({
    work: works.find((each) => each.id === id)?.work ?? null,
    rows,
    base,
    set,
    seed,
    state: isSettled ? 'done' : 'needed',
    ...(isEarlier && { engine: 'earlier' }),
  })),
  cells: plan.cells.map(({ name: [row, column], have, missing }) => ({ row, column, have, missing })),
  prospects: plan.prospects.map(({ cell: [row, column], ...prospect }) => ({ row, column, ...prospect })),
  ...(measured && { measured }),
});
