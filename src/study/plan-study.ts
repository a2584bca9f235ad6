import type { Trial, TrialOrder } from '../launch/launcher.js';
import { orderOf, workersOf } from '../launch/orders.js';
import { openStore, type Store } from '../record/layout.js';
import type { Observer } from '../run/observer.js';
import type { Changes } from '../run/prepare.js';
import { planTable } from './claims/plan-table.js';
import type { AlikeWorks, MeasuredWorks } from './measure-works.js';
import { forecastStages } from './forecast-stages.js';
import { knownNumber, type PreparedTable, prepareTable } from './prepare-study.js';
import { type PreparedSweep, prepareSweep } from './prepare-sweep.js';
import { epochsOf, unfold } from './proposals/prune.js';
import { byConfiguration, countStates, summarize, sweepStanding, type TrialResult } from './proposals/results.js';
import { foldsOf, replicatesOf } from './replicates.js';
import type { StudyRequest } from './run-study.js';
import { readSettled } from './settled.js';
import { ordersOf, readStates } from './sweep-trials.js';
import { tuningOf } from './tuned-rows.js';
import { judgingOnce } from './verdicts.js';
import { leftOf, type LeftWorks, onlyCells, standingOfTable, trialsOf } from './works.js';

/** What the trials that are left would take here, and that in a line. */
interface Measured {
  readonly measured: MeasuredWorks;
  readonly told: string;
}

/** Works of some rows of a table. */
interface AlikeInRows extends AlikeWorks {
  readonly rows: readonly string[];
}

/** Trains for a moment where that is asked for. */
async function measureIf(works: readonly AlikeWorks[] | undefined, workers: number) {
  if (!works) return undefined;
  const { describeMeasuredWorks, measureWorks } = await import('./measure-works.js');
  const { measured, each } = await measureWorks(works, workers);
  return { each, moment: { measured, told: describeMeasuredWorks(measured) } satisfies Measured };
}

/** A sweep by its document, with how each of its trials stands. */
export function standingOfSweep(
  store: Store,
  file: string,
  changes: Changes,
  observe: Observer,
): { readonly sweep: PreparedSweep; readonly trials: readonly TrialResult[] } {
  const { sweep, results } = unfold(prepareSweep(file, changes, observe), (grown) => readStates(store, grown));
  return { sweep, trials: results };
}

/** Every trial of a sweep, and which of them is done. `measure`: how long the rest would take here. */
export async function planSweep({ file, changes, root, launch }: StudyRequest, measure: boolean, observe: Observer) {
  const { sweep, trials } = standingOfSweep(openStore(root), file, changes, observe);
  const workers = workersOf(launch, sweep.sweep.config.run_on.workers);
  const left = measure ? leftOfSweep(sweep, trials, ordersOf(sweep, root, launch)) : undefined;
  const found = await measureIf(left, workers);
  return { sweep, trials, results: summarize(sweep, trials), ...found?.moment };
}

/** Configuration by configuration; what pruning will save is taken off all of them alike, since nobody knows yet which ones stay. */
function leftOfSweep(sweep: PreparedSweep, results: readonly TrialResult[], orderOf: (trial: Trial) => TrialOrder): readonly AlikeWorks[] {
  const { pruned, whole } = epochsOf(sweep);
  const ofConfiguration = byConfiguration(results.filter(({ state }) => LEFT.includes(state.kind)));
  return sweep.configurations.flatMap(({ index, epochs }) => {
    // Each fold has its own number of steps.
    return Array.from(
      alikeIn(ofConfiguration.get(index) ?? [], ({ trial }) => trial.fold),
      ([first, works]) => ({
        order: orderOf(first.trial),
        works,
        epochs: (epochs * works * pruned) / whole,
      }),
    );
  });
}

const LEFT: readonly string[] = ['needed', 'failed', 'unfinished'];

/** Every cell with what is done and what is missing, and what the seeds can decide. `measure`: how long the rest would take here. */
export async function planTableFile(request: StudyRequest, measure: boolean, observe: Observer) {
  const { file, changes, root, launch, only } = request;
  const store = openStore(root);
  const prepared = prepareTable(file, changes, observe, store);
  const { claims, works } = prepared;
  const { config } = prepared.table;
  const plan = planTable(config, claims, readSettled(store, prepared), onlyCells(config, only), (name) => knownNumber(prepared, name));
  const verdicts = judgingOnce(store, prepared);
  const found = leftOf(store, prepared, { verdicts, ...(only && { only }) });
  const alike = measure ? alikeWorks(store, prepared, found, request) : undefined;
  const measured = await measureIf(alike, workersOf(launch, config.run_on.workers));
  const tunings = Object.fromEntries(
    Object.entries(prepared.rows).flatMap(([row, { plan: first, tuned }]) => {
      if (!tuned) return [];
      const tuning = tuningOf(tuned, first, prepared.written.rows[row]?.set);
      return [[row, { tuning, standing: sweepStanding(tuned.sweep, countStates(tuned.trials)) }] as const];
    }),
  );
  // Folds of a row take about as long as one another.
  const secondsOfRows = new Map(alike?.flatMap(({ rows }, index) => rows.map((row) => [row, measured?.each[index] ?? 0] as const)));
  const forecast = forecastStages(store, prepared, verdicts, secondsOfRows);
  return {
    config,
    claims,
    plan,
    standing: standingOfTable(prepared, found),
    ...(forecast && { forecast }),
    tunings,
    keys: new Map(works.map(({ id, work }) => [id, work])),
    ...measured?.moment,
  };
}

/** Row by row and fold by fold: seeds take the same time. */
function alikeWorks(
  store: Store,
  prepared: PreparedTable,
  { left }: LeftWorks,
  request: Pick<StudyRequest, 'only' | 'launch'>,
): readonly AlikeInRows[] {
  const { trials, orderOf } = trialsOf(prepared, left, store.root, request.launch);
  const ofRows = Array.from(
    alikeIn(trials, ({ configuration, fold }) => `${configuration} ${fold ?? ''}`),
    ([first, works]) => ({
      order: orderOf(first),
      works,
      rows: prepared.works.flatMap((work) => (work.work === first.work ? work.rows : [])),
    }),
  );
  return [...ofRows, ...ofOpenSweeps(store, prepared, request).map((alike) => ({ ...alike, rows: [] }))];
}

/** Of sweeps that are to select first: their trials, then their rows as if each selected its first configuration. */
function ofOpenSweeps(store: Store, { table, rows }: PreparedTable, { only, launch }: Pick<StudyRequest, 'only' | 'launch'>) {
  const { config } = table;
  const meant = onlyCells(config, only)?.map(([row]) => row) ?? Object.keys(rows);
  const open = Array.from(new Set(meant)).flatMap((row) => {
    const { tuned, ...planned } = rows[row] ?? {};
    return tuned && !tuned.isFinished ? [{ ...planned, tuned }] : [];
  });
  const sweeps = Array.from(new Map(open.map(({ tuned }) => [tuned.sweep.file, tuned])).values());
  const study = { runs: store.root, metric: '', parent: '' };
  const replicates = replicatesOf(config, foldsOf(config, undefined));
  return [
    ...sweeps.flatMap(({ sweep, trials }) => leftOfSweep(sweep, trials, ordersOf(sweep, store.root, launch))),
    ...open.flatMap(({ base = '', sets = [], plan }) =>
      Array.from(
        alikeIn(replicates, ({ fold }) => fold),
        ([first, works]): AlikeWorks => ({ order: orderOf(launch, study, { base, sets, work: plan?.work.key ?? '', ...first }), works }),
      ),
    ),
  ];
}

/** The first of all items of a kind, and how many these are. */
function alikeIn<T>(items: readonly T[], kindOf: (item: T) => unknown): readonly (readonly [first: T, count: number])[] {
  const kinds = new Map<unknown, readonly [T, number]>();
  for (const item of items) {
    const [first, count] = kinds.get(kindOf(item)) ?? [item, 0];
    kinds.set(kindOf(item), [first, count + 1]);
  }
  return Array.from(kinds.values());
}
