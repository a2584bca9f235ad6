import { dirname } from 'node:path';
import { openStore } from '../../record/layout.js';
import { thisMachine } from '../../record/machine.js';
import { nameConfiguration } from '../../sweep/results.js';
import type { Trial } from '../../sweep/plan-trials.js';
import { type CellName, cellsOf } from '../../table/claim.js';
import type { Options } from '../command.js';
import { EXIT, Refusal } from '../exit.js';
import { runsFolder, shown } from '../folders.js';
import { isRunning } from '../is-running.js';
import { argumentOf, workersOf } from '../launch/orders.js';
import type { TrialOrder } from '../launch/protocol.js';
import { trainWorks } from '../launch/train-works.js';
import { launcherTo, whereToTrain } from '../launch/where.js';
import type { Terminal } from '../terminal.js';
import { sendRun, trackingTarget } from '../tracking.js';
import { lookAround } from '../work/surroundings.js';
import { onlyCells } from './named.js';
import type { PlannedWork } from './plan-rows.js';
import { worksLine } from './plan-table.js';
import { type PreparedTable, prepareTable } from './prepare-table.js';
import { readSettled } from './settled.js';
import { showVerdicts } from './show-verdicts.js';
import { openTableRun, tableRunId } from './table-run.js';
import { refuseOutput } from './write-table.js';

/**
 * Does what is left of a table, and judges all of it:
 *
 *     plan every row ─▶ what do the records say? ─▶ train what isn't settled, as a sweep does ─▶ the records again ─▶ verdicts
 */
export async function runTable(file: string, options: Options, terminal: Terminal): Promise<number> {
  refuseOutput(options.output);
  const prepared = prepareTable(file, options, terminal);
  if (options.fresh) throw new Refusal('a table does only what is left of it', { help: '--fresh is for a single experiment' });
  const root = runsFolder(options.runs);
  const store = openStore(root);
  const planned = oneOfEach(prepared.works);
  const settled = new Set(
    readSettled(store, prepared)
      .filter(({ outcome }) => outcome !== 'crashed')
      .map(({ id }) => id),
  );
  const only = onlyCells(prepared.table.config, options.only)?.map(([row]) => row);
  const isMeant = ({ rows }: PlannedWork): boolean => only === undefined || rows.some((row) => only.includes(row));
  const left = inOrder(
    prepared,
    planned.filter((work) => !settled.has(work.id) && isMeant(work)),
  );
  const counted = worksLine({ works: planned.map((work) => ({ ...work, isSettled: settled.has(work.id) })) });
  terminal.err(`${terminal.color.bold(prepared.table.config.table)}; ${counted}; records in ${shown(root)}`);
  const where = whereToTrain(prepared.table.config.run_on, options);
  if (left.length === 0) return showVerdicts(store, prepared, options, terminal);

  // An address that can't be used is refused here, not in every trial.
  const target = trackingTarget(options.track, undefined, terminal);
  const machine = thisMachine(process.pid, isRunning);
  const own = openTableRun(store, prepared, { machine, around: await lookAround(dirname(file)) });
  const { config, doc } = prepared.table;
  const place = { store, run: tableRunId(config.table), title: config.table, doc, options, terminal };
  const works = {
    ...trialsOf(prepared, left, root, options),
    all: planned.length,
    done: planned.length - left.length,
    workers: workersOf(options, where.workers),
    failFast: options.failFast === true,
    wait: options.wait !== false,
  };
  const { failed, stopped } = await trainWorks(works, launcherTo(where, place), terminal);

  const status = await showVerdicts(store, prepared, options, terminal, own);
  own?.finish(stopped !== undefined ? 'KILLED' : failed.length > 0 ? 'FAILED' : 'FINISHED');
  await sendRun(target, tableRunId(config.table), { store, machine, terminal });
  if (stopped === undefined) return failed.length > 0 ? EXIT.failed : status;
  terminal.err('what was recorded stays. The same command does what is left');
  return failed.length > 0 ? EXIT.failed : stopped;
}

/** Row by row; or seed by seed where speeds are compared in pairs, so that those of a pair are timed one right after the other. */
function inOrder({ claims, table }: PreparedTable, works: readonly PlannedWork[]): readonly PlannedWork[] {
  const isSpeed = ([, column]: CellName): boolean => table.config.columns[column]?.metric.endsWith('_per_second') ?? false;
  const timesPairs = claims.some((claim) => 'paired' in claim && claim.paired && cellsOf(claim).some(isSpeed));
  return timesPairs ? works.toSorted((a, b) => a.seed - b.seed) : works;
}

/** Rows that say the same in other words share their runs. */
const oneOfEach = (works: readonly PlannedWork[]): readonly PlannedWork[] =>
  Array.from(new Map(works.toReversed().map((work) => [work.work, work])).values()).toReversed();

/** A row of the table is to the workers what a configuration of a sweep is: its programs stay open from seed to seed. */
function trialsOf({ table }: PreparedTable, left: readonly PlannedWork[], runs: string, options: Options) {
  const { config } = table;
  const rows = Object.keys(config.rows);
  const metric = Object.values(config.columns)[0]?.metric ?? '';
  const byKey = new Map(left.map((work) => [work.work, work]));
  const trials = left.map(({ rows: [row = ''], seed, work }): Trial => ({ configuration: rows.indexOf(row), seed, work }));
  const nameOf = (index: number): string => {
    const row = config.rows[rows[index] ?? ''];
    if (row?.label !== undefined) return row.label;
    const changed = Object.entries(row?.set ?? {}).map(([path, value]) => ({ path, value, from: [] }));
    return changed.length === 0 ? (rows[index] ?? '') : `${rows[index] ?? ''} (${nameConfiguration(changed)})`;
  };
  const orderOf = ({ seed, work }: Trial): TrialOrder => {
    const { file = '', set = {} } = byKey.get(work) ?? {};
    return {
      base: file,
      sets: Object.entries(set).map(([path, value]) => argumentOf({ path, value })),
      seed,
      work,
      runs,
      metric,
      parent: tableRunId(config.table),
      threads: options.threads ?? '1',
      ...(options.engine !== undefined && { engine: options.engine }),
      ...(options.device !== undefined && { device: options.device }),
      ...(options.track !== undefined && { track: options.track }),
    };
  };
  return { trials, orderOf, nameOf, metric };
}
