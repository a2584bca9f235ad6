import { formatDuration, measured, percent, plain, plural } from '../../diagnostics/numbers.js';
import { listed } from '../../diagnostics/words.js';
import { partOf } from '../../language/replicate.js';
import type { Claim } from '../../study/claims/claim.js';
import type { TableConfig } from '../../study/claims/document.js';
import type { Tuning } from '../../study/claims/facts.js';
import { sameCell } from '../../study/claims/judge-table.js';
import type { ObservedStage, ObservedSweep, ObservedTable } from '../../run/observer.js';
import type { PlannedCell, Prospect, TablePlan } from '../../study/claims/plan-table.js';
import type { StagesForecast } from '../../study/forecast-stages.js';
import { type Interval, within } from '../../statistics/means.js';
import { countsRuns } from '../../study/claims/over-seeds.js';
import { zoneOf } from '../../study/claims/zones.js';
import { columnsOf, type PlainTable, terminalTable, type Told, wrap } from '../kit/tables.js';
import type { PlanReport } from '../plan/describe.js';
import { countLine } from './sweep-table.js';
import { tuningJson } from './table-texts.js';

/** A table with what is done of it, and what its seeds can decide. */
interface PlannedTable {
  readonly config: TableConfig;
  readonly claims: readonly Claim[];
  readonly plan: TablePlan;
  /** By row, what a sweep selects its configuration of. */
  readonly tunings: Readonly<Record<string, PlannedTuning>>;
  readonly standing: ObservedTable;
  /** Where seeds come in stages. */
  readonly forecast?: StagesForecast;
  /** Work keys by the ids of the plan's works. */
  readonly keys: ReadonlyMap<string, string>;
}

/** A sweep that selects the configuration of a row, and how it stands. */
interface PlannedTuning {
  readonly tuning: Tuning;
  readonly standing: ObservedSweep;
}

/** A planned table on a terminal. */
export const describeTablePlan = (table: PlannedTable, { style, width }: Told): string =>
  [
    style.heading(nameOf(table)),
    ...partsOf(table).flatMap((part) => [
      ...terminalTable(part, style, width),
      ...(part.notes ?? []).flatMap((note) => wrap(note, Math.min(width ?? 100, 100)).map(style.faint)),
      '',
    ]),
    ...sweepLines(table),
    worksLine(table.standing),
  ].join('\n');

/** A planned table to be written, with what a moment of training told. */
export const tablePlanReport = (table: PlannedTable, measured: string | undefined, json: object): PlanReport => ({
  name: nameOf(table),
  ...(table.config.description !== undefined && { description: table.config.description }),
  lead: [
    ...sweepLines(table).map((line) => `${line}.`),
    `${worksLine(table.standing)}.`,
    ...(measured === undefined ? [] : [`Measured: ${measured}.`]),
  ],
  sections: partsOf(table).map((part) => ({ title: part.name ?? '', content: [part] })),
  json,
});

/** What `plan TABLE --json` prints. */
export const tablePlanToJson = ({ config, plan, keys, forecast, tunings }: PlannedTable) => ({
  table: config.table,
  works: plan.works.map(({ id, rows, base, set, seed, fold, split, isSettled, isEarlier }) => ({
    work: keys.get(id) ?? null,
    rows,
    base,
    set,
    seed,
    ...partOf({ fold, split }),
    state: isSettled ? 'done' : 'needed',
    ...(isEarlier && { engine: 'earlier' }),
  })),
  cells: plan.cells.map(({ name: [row, column], ...cell }) => ({ row, column, ...cell })),
  sweeps: Object.entries(tunings).map(
    ([
      row,
      {
        tuning,
        standing: { counts, later },
      },
    ]) => ({ row, ...tuningJson(tuning), counts, later }),
  ),
  prospects: plan.prospects.map(({ cell: [row, column], ...prospect }) => ({ row, column, ...prospect })),
  ...(forecast && {
    stages: {
      claims: forecast.claims.map(({ cells, isDecided, ...claim }) => ({ ...claim, cells, decided: isDecided })),
      rows: forecast.rows.map(({ secondsLeft, ...row }) => ({ ...row, ...(secondsLeft !== undefined && { seconds_left: secondsLeft }) })),
    },
  }),
});

const nameOf = ({ config }: PlannedTable): string => config.title ?? config.table;

function partsOf({ config, claims, plan, forecast, tunings }: PlannedTable): readonly PlainTable[] {
  const labelOf = (row: string): string => config.rows[row]?.label ?? row;
  return [
    rowsOf(config, plan, labelOf, tunings),
    ...knownOf(config, plan, labelOf),
    ...zonesOf(config, claims, plan.cells, labelOf),
    ...(forecast ? forecastOf(config, claims, forecast, labelOf) : prospectsOf(plan.prospects, labelOf)),
  ];
}

function rowsOf(config: TableConfig, plan: TablePlan, labelOf: (row: string) => string, tunings: PlannedTable['tunings']): PlainTable {
  const [column = ''] = Object.keys(config.columns);
  return {
    name: 'rows',
    columns: columnsOf('row', 'base', config.splits === undefined ? 'seeds done' : 'splits done', 'left'),
    rows: plan.cells
      .filter(({ name }) => name[1] === column)
      .map(({ name: [row], have, missing }) => {
        const { base = '', sweep, baseline } = config.rows[row] ?? {};
        const { selected } = tunings[row]?.tuning ?? {};
        const source = sweep === undefined ? base : `${sweep}: ${selected && 'label' in selected ? selected.label : 'not selected yet'}`;
        return [labelOf(row), source, ...(baseline === undefined ? [seedsText(have), seedsText(missing)] : ['nothing to train', '–'])];
      }),
  };
}

/** The numbers of rows that nobody trains, one line a number. */
function knownOf(config: TableConfig, { cells }: TablePlan, labelOf: (row: string) => string): readonly PlainTable[] {
  const rows = cells.flatMap(({ name: [row, column], known }) => {
    const { metric = '' } = config.columns[column] ?? {};
    return known === undefined ? [] : [[labelOf(row), metric, measured(known)]];
  });
  return rows.length === 0 ? [] : [{ name: 'known', columns: columnsOf('', 'known without training', '>value'), rows }];
}

/** One line a published number, or a limit with a margin: what counts as the same, its rounding and the margin together. */
function zonesOf(
  { columns }: TableConfig,
  claims: readonly Claim[],
  cells: TablePlan['cells'],
  labelOf: (row: string) => string,
): readonly PlainTable[] {
  const rows = claims.flatMap((claim) => {
    const zone = zoneOf(claim);
    if (!zone || claim.deviceBound || (claim.kind !== 'published' && claim.kind !== 'limit')) return [];
    const isItsBound = claim.kind === 'limit' && typeof claim.bound === 'number' && !claim.margin;
    if (isItsBound || !cells.some(({ name }) => sameCell(name, claim.cell))) return [];
    const claimed = claim.kind === 'published' ? claim.published.text : limitText(claim);
    return [
      [
        labelOf(claim.cell[0]),
        [claimed, claim.source].filter(Boolean).join(', '),
        zoneText(countsRuns(columns[claim.cell[1]]?.over_seeds) ? within(zone, [0, 1]) : zone),
      ],
    ];
  });
  return rows.length === 0 ? [] : [{ name: 'zones', columns: columnsOf('', 'claimed', 'counts as the same'), rows }];
}

const limitText = ({ side, bound }: Extract<Claim, { kind: 'limit' }>): string =>
  `${side === 'at_most' ? '≤' : '≥'} ${typeof bound === 'number' ? plain(bound) : bound.text}`;

const zoneText = ([low, high]: Interval): string => {
  if (!Number.isFinite(low)) return `up to ${measured(high)}`;
  return Number.isFinite(high) ? `${measured(low)} to ${measured(high)}` : `from ${measured(low)}`;
};

/** Where seeds come in stages: a line a claim and a line a row, with what each may need. */
function forecastOf(
  config: TableConfig,
  claims: readonly Claim[],
  { claims: found, rows }: StagesForecast,
  labelOf: (row: string) => string,
): readonly PlainTable[] {
  const seedsOf = (seeds: number | undefined): string => (seeds === undefined ? '–' : seeds.toFixed(seeds % 1 === 0 ? 0 : 1));
  const ofClaims = found.map(({ claim, cells, isDecided, chance, seeds, never }) => [
    Array.from(new Set(cells.map(([row]) => labelOf(row)))).join(', '),
    claims[claim]?.source ?? config.claims[claim]?.reference ?? claims[claim]?.kind ?? '',
    isDecided ? 'yes' : chance === undefined ? 'nothing tells yet' : percent(chance),
    seedsOf(seeds),
    never.length === 0 ? '' : `not with ${listed(never.map(String))}, however clear`,
  ]);
  const ofRows = rows.map(({ row, seeds, secondsLeft }) => [labelOf(row), seedsOf(seeds), secondsLeft ? formatDuration(secondsLeft) : '–']);
  const known = rows.flatMap(({ seeds }) => seeds ?? []);
  const all = known.length === 0 ? [] : [['all that is told of', seedsOf(known.reduce((a, b) => a + b, 0)), timeOf(rows)]];
  const note =
    'Expected over 200 simulated futures: by what is on record, else by the spread of the runs that a claim is held against, if there is no difference. Time is what training still takes one worker, by the runs of the row on record, else by --measure.';
  return [
    ...(ofClaims.length === 0 ? [] : [{ name: 'claims', columns: columnsOf('', 'claim', 'decided?', '>seeds', ''), rows: ofClaims }]),
    { name: 'stages', columns: columnsOf('row', '>seeds', '>time left'), rows: [...ofRows, ...all], notes: [note] },
  ];
}

function timeOf(rows: StagesForecast['rows']): string {
  const known = rows.flatMap(({ secondsLeft }) => secondsLeft ?? []);
  return known.length === 0 ? '–' : formatDuration(known.reduce((a, b) => a + b, 0));
}

/** One line a reference: how wide the margin is beside the spread of its runs, and whether the planned seeds are enough for it. */
function prospectsOf(prospects: readonly Prospect[], labelOf: (row: string) => string): readonly PlainTable[] {
  const [first] = prospects;
  if (!first) return [];
  const rows = prospects.map(({ cell: [row], against, margin, sd, seeds, enough }, index) => [
    prospects[index - 1]?.cell[0] === row ? '' : labelOf(row),
    against,
    `${plain(Number(margin.toPrecision(3)))} = ${(margin / sd).toFixed(1)} sd`,
    enough === undefined ? 'no: not with 1000 seeds' : seeds >= enough ? 'likely' : `rarely: ${enough} would`,
  ]);
  const note = 'As the spread of the reference tells, with four chances in five, and if there is no difference.';
  return [{ name: 'prospects', columns: columnsOf('', 'against', 'margin', `do ${first.seeds} seeds decide?`), rows, notes: [note] }];
}

/** What comes first: `sweeps/x.yaml: 12 trials of 12 configurations: 0 done, 12 left; its best is then trained for tuned`. A sweep that is done says nothing. */
function sweepLines({ config, tunings }: PlannedTable): readonly string[] {
  const open = Object.entries(tunings).filter(([, { tuning }]) => 'missing' in tuning.selected);
  return Array.from(new Set(open.map(([, { tuning }]) => tuning.sweep)), (sweep) => {
    const mine = open.filter(([, { tuning }]) => tuning.sweep === sweep);
    const rows = mine.map(([row]) => config.rows[row]?.label ?? row);
    const [[, first] = []] = mine;
    return `${sweep}: ${first ? countLine(first.standing) : ''}; the best of them is then trained for ${listed(rows, 'and')}`;
  });
}

/** `10 trials: 4 done (3 by an earlier engine; --fresh trains them again), 6 left` */
export function worksLine({ runs, done, earlier, stages, next }: ObservedTable): string {
  const note = earlier === 0 ? '' : ` (${earlier} by an earlier engine; --fresh trains ${earlier === 1 ? 'it' : 'them'} again)`;
  if (stages === undefined) return `${plural(runs, 'trial')}: ${done} done${note}, ${runs - done} left`;
  return `${plural(runs, 'trial')} at most: ${done} done${note}; ${next ? stageLine(next) : 'no row gets more'}`;
}

/** `stage 2 of 4: 4 rows open, 20 trials` */
export const stageLine = ({ number, stages, rows, trials }: ObservedStage): string =>
  `stage ${number} of ${stages}: ${plural(rows, 'row')} open, ${plural(trials, 'trial')}`;

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
