import { join } from 'node:path';
import { machineHere } from '../host/is-running.js';
import { factsOfMetric, roleOf } from '../planning/recorded.js';
import { isObject, readJsonIfThere, RecordError } from '../record/files.js';
import { experimentId, runPlace, type Store } from '../record/layout.js';
import type { Observer } from '../run/observer.js';
import { type CellName, cellsOf, type Claim } from './claims/claim.js';
import type { RowFacts } from './claims/facts.js';
import { type InterimLooks, lookNumber } from './claims/interim-looks.js';
import { type JudgedTable, judgeTable } from './claims/judge-table.js';
import { cellNames, cellRuns, type SettledWork } from './claims/plan-table.js';
import { type CellRuns, seriesOf } from './claims/samples.js';
import { TABLE_TAG, tableRunId, TABLES } from './members.js';
import { openOwnRun, type OwnRun, type OwnRunStart } from './own-run.js';
import type { PlannedRow } from './plan-rows.js';
import { knownNumber, type PreparedTable } from './prepare-study.js';
import { readOlder, readSettled, type SettledRun, TODAY } from './settled.js';

/** By claim, the sets of seeds at which a verdict of it was printed; under `DECLARED` the numbers of looks that were declared then, each alone. */
type SeenLooks = Readonly<Record<string, readonly (readonly number[])[]>>;

const DECLARED = 'declared';
const LOOKS = 'looks.json';

/** Where the table was judged before in this store. */
function readLooks(store: Store, { table }: PreparedTable): SeenLooks {
  const { folder } = runPlace(store, experimentId(TABLES), tableRunId(table.config.table));
  return readJsonIfThere<SeenLooks>(store.files, join(folder, 'artifacts', LOOKS), areLooks) ?? {};
}

const areLooks = (value: unknown): boolean =>
  isObject(value) && Object.values(value).every((sets) => Array.isArray(sets) && sets.every(Array.isArray));

const keepLooks = (own: OwnRun, looks: SeenLooks): void => own.keep(LOOKS, `${JSON.stringify(looks, null, 1)}\n`);

interface Verdicts {
  readonly judged: JudgedTable;
  /** The runs that were judged. */
  readonly settled: readonly SettledRun[];
  /** Where the table was looked at before. */
  readonly seen: SeenLooks;
  /** With those that these verdicts are, once they are printed. */
  readonly interimLooks: SeenLooks;
}

/** The whole table, from what the records say of it and from where it was looked at before. */
export function judgeRecords(store: Store, prepared: PreparedTable): Verdicts {
  const settled = readSettled(store, prepared);
  const seen = readLooks(store, prepared);
  return { settled, seen, ...judge(prepared, [...settled, ...readOlder(store, prepared, settled)], seen) };
}

function judge(prepared: PreparedTable, settled: readonly SettledWork[], seen: SeenLooks): Pick<Verdicts, 'judged' | 'interimLooks'> {
  const { table, claims, rows } = prepared;
  const { config } = table;
  const runs = new Map(cellNames(config).map((name) => [name.join('\n'), runsOf(prepared, name, settled)]));
  const cell = (name: CellName): CellRuns => {
    const found = runs.get(name.join('\n'));
    if (!found) throw new Error(`the table has no cell ${name.join(', ')}`);
    return found;
  };
  const seedsAt = (claim: Claim): readonly number[] => seedsOf(cellsOf(claim).map(cell));
  const interimLooks = (claim: Claim): InterimLooks => ({
    declared: config.looks,
    number: lookNumber(seen[lookKey(claim)] ?? [], seedsAt(claim)),
  });
  const judged = judgeTable({
    names: cellNames(config),
    columns: config.columns,
    cell,
    claims,
    interimLooks,
    declaredBefore: (seen[DECLARED] ?? []).flat(),
    device: deviceOf(prepared),
    accepted: prepared.accepted,
    rows: Object.fromEntries(Object.entries(rows).map(([row, planned]) => [row, factsOfRow(planned, config.rows[row]?.baseline)])),
  });
  return { judged, interimLooks: withLooks(seen, judged, config.looks, seedsAt) };
}

/** Only what could have been decided was looked at: five seeds that can decide nothing are no look. */
function withLooks(
  seen: SeenLooks,
  { judgements }: JudgedTable,
  declared: number,
  seedsAt: (claim: Claim) => readonly number[],
): SeenLooks {
  const interimLooks: Record<string, readonly (readonly number[])[]> = { ...seen };
  for (const { claim, verdict } of judgements) {
    if (!verdict.couldDecide) continue;
    add(lookKey(claim), seedsAt(claim));
    add(DECLARED, [declared]);
  }
  return interimLooks;

  function add(key: string, numbers: readonly number[]): void {
    const before = interimLooks[key] ?? [];
    if (!before.some((set) => set.join() === numbers.join())) interimLooks[key] = [...before, numbers];
  }
}

/** A claim is known by what it is about, so that a margin that was changed after a look is another look at the same. */
const lookKey = (claim: Claim): string => [claim.kind, ...cellsOf(claim).map((name) => name.join('/'))].join(' ');

const seedsOf = (cells: readonly CellRuns[]): readonly number[] =>
  Array.from(
    new Set(
      cells.flatMap((runs) => {
        const { finished, diverged } = seriesOf(runs);
        return [...finished.map(({ seed }) => seed), ...diverged];
      }),
    ),
  ).toSorted((a, b) => a - b);

function runsOf(prepared: PreparedTable, name: CellName, settled: readonly SettledWork[]): CellRuns {
  const { table, rows } = prepared;
  const [row, column] = name;
  const metric = table.config.columns[column]?.metric ?? '';
  const planned = rows[row];
  if (!planned) return cellRuns(name, table.config, settled, { procedure: TODAY });
  const { better, range, role, isSpeed, unit } = factsOfMetric(planned.plan, metric);
  const known = knownNumber(prepared, name);
  const chance = planned.known ? undefined : planned.plan.data.chance[metric];
  const split = metric.slice(0, metric.indexOf('/'));
  const examples = planned.plan.data.splits[split]?.examples;
  // A share that is counted over N examples comes in steps of 1/N, or finer ones.
  const resolution = unit === 'share' && examples !== undefined ? { resolution: 1 / examples } : {};
  const { dataset } = planned.plan.config.values;
  const isGivenSplit = [`${split}_file`, 'split_column'].some((option) => dataset[option] !== undefined);
  return cellRuns(name, table.config, settled, {
    procedure: TODAY,
    better,
    range,
    role,
    isSpeed,
    ...(known !== undefined && { known }),
    ...(chance !== undefined && { chance }),
    ...resolution,
    isGivenSplit,
  });
}

function factsOfRow({ plan }: PlannedRow, baseline: string | undefined): RowFacts {
  const accepted = plan.accepted && { accepted: plan.accepted };
  if (baseline !== undefined) return { baseline, ...accepted };
  const overlap = plan.facts.facts.find(({ key }) => key === 'test-pairs-in-train')?.value;
  const selectedBy = plan.config.values.training.early_stopping?.metric;
  const isOnTest = selectedBy !== undefined && roleOf(plan.data, selectedBy) === 'test';
  return {
    ...(typeof overlap === 'number' && { testOverlap: overlap }),
    ...(isOnTest && { selectedOnTest: selectedBy }),
    ...accepted,
  };
}

/** In a word, as sources name it. */
const deviceOf = ({ rows }: PreparedTable): string => (Object.values(rows)[0]?.plan.engine.device ?? 'cpu').toUpperCase();

/** What a table's own run is begun with. */
export const ownRunOf = ({ table: { config, doc }, file }: PreparedTable): OwnRunStart => ({
  experiment: TABLES,
  runId: tableRunId(config.table),
  runName: config.table,
  parameters: { table: config.table },
  tags: { [TABLE_TAG]: config.table },
  file,
  text: doc.text,
  note: config.description ?? config.title,
});

/** A table with the runs that were judged. */
export interface JudgedRecords {
  readonly prepared: PreparedTable;
  readonly judged: JudgedTable;
  readonly settled: readonly SettledRun[];
}

/** Judges from the records, and keeps that it was looked at: the end of `run TABLE`, and all of `judge TABLE`. `opened`: the table's own run. */
export async function lookAtTable(store: Store, prepared: PreparedTable, observe: Observer, opened?: OwnRun): Promise<JudgedRecords> {
  const { judged, settled, seen, interimLooks } = judgeRecords(store, prepared);
  if (JSON.stringify(interimLooks) !== JSON.stringify(seen)) await count(store, prepared, interimLooks, observe, opened);
  return { prepared, judged, settled };
}

/** Seeds are added to what was seen: without this, the chance of an error would grow with every look. */
async function count(
  store: Store,
  prepared: PreparedTable,
  interimLooks: SeenLooks,
  observe: Observer,
  opened: OwnRun | undefined,
): Promise<void> {
  if (opened) return keepLooks(opened, interimLooks);
  try {
    const own = await openOwnRun(store, ownRunOf(prepared), machineHere());
    if (own) keepLooks(own, interimLooks);
    own?.finish('FINISHED');
    if (!own) observe({ kind: 'message', text: 'another process runs this table, so this look is not counted' });
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    observe({ kind: 'message', text: `this look is not counted: ${error.message}` });
  }
}
