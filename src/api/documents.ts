import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { argumentOf } from '../diagnostics/words.js';
import { EXIT, Refusal } from '../host/exit.js';
import { runsFolder } from '../host/folders.js';
import type { ExperimentConfig } from '../language/experiment.js';
import type { ListenForStop } from '../launch/train-works.js';
import type { PlanJson } from '../planning/plan-json.js';
import type { sweepToJson } from '../report/study/sweep-table.js';
import type { tablePlanToJson } from '../report/study/table-plan.js';
import type { tableToJson } from '../report/study/table-texts.js';
import type { RecordState } from '../run/attempt.js';
import type { Observer } from '../run/observer.js';
import type { Changes } from '../run/prepare.js';
import type { TableConfig } from '../study/claims/document.js';
import type { SweepConfig } from '../study/proposals/document.js';
import type { SettledSweep } from '../study/run-sweep.js';
import type { JudgedRecords } from '../study/verdicts.js';
import { speaking } from './error.js';
import { readRunOf, type RunDetails } from './runs.js';

/** Values that stand in for those of a document, by their paths; `undefined` leaves the document's: `{ 'model.hidden_size': 64, 'metrics': [{ kind: 'accuracy' }] }`. */
export type Overrides = Readonly<Record<string, unknown>>;

/** The path of a document's file, or its text; `file` is where the text would stand, from which the paths in it count. */
export type DocumentSource = string | { readonly text: string; readonly file?: string };

interface Changed {
  readonly overrides?: Overrides;
}

interface Recorded extends Changed {
  /** The folder of the records. Left out: `runs/` beside the nearest package.json above the current folder. */
  readonly runs?: string;
}

interface Watched extends Recorded {
  /** Is told what happens while it happens. Without one nothing is told to anybody. */
  readonly observer?: Observer;
  /** Stops the training after the step that it is in. What was recorded stays, and the same call goes on with it. */
  readonly signal?: AbortSignal;
}

/** `diagnostics` holds mistakes and warnings, each with its place. A document without mistakes comes with all of its defaults filled in. */
export type Checked = { readonly diagnostics: readonly Diagnostic[] } & (
  | { readonly valid: false; readonly kind: 'experiment' | 'sweep' | 'table' }
  | { readonly valid: true; readonly kind: 'experiment'; readonly document: ExperimentConfig }
  | { readonly valid: true; readonly kind: 'sweep'; readonly document: SweepConfig }
  | { readonly valid: true; readonly kind: 'table'; readonly document: TableConfig }
);

/**
 * Finds all mistakes of a document, as `retable check` does: of an experiment, a sweep with all of its trials, a table with all of its rows. It
 * looks at the data, and trains and writes nothing. Mistakes are given, not thrown.
 */
export async function check(source: DocumentSource, { overrides }: Changed = {}): Promise<Checked> {
  return speaking(async () => {
    const { checkDocument } = await import('../study/prepare-study.js');
    const { file = 'document.yaml', text } = typeof source === 'string' ? { file: source, text: undefined } : source;
    return checkDocument(file, changesOf(overrides), text === undefined ? undefined : { bytes: Buffer.from(text) });
  });
}

/** What would be done, in plain data: `retable plan --json` prints the same. */
export type Planned =
  /** Shapes, parameters, steps, facts of the data; `record` tells whether it is done already. */
  | { readonly kind: 'experiment'; readonly plan: PlanJson; readonly record: RecordState }
  /** Every trial, and which of them are done. */
  | { readonly kind: 'sweep'; readonly plan: ReturnType<typeof sweepToJson> }
  /** Every cell with the seeds that it has and lacks. */
  | { readonly kind: 'table'; readonly plan: ReturnType<typeof tablePlanToJson> };

/** Says what `run` or `study` would do with a document. Trains and writes nothing. Throws a RetableError where it holds a mistake. */
export async function plan(file: string, { overrides, runs }: Recorded = {}): Promise<Planned> {
  return speaking(async () => {
    const { documentKind } = await import('../language/read.js');
    const kind = documentKind(file);
    if (kind === 'experiment') {
      const [{ prepare }, { planToJson }, { decideAttempt, recordState }, { openStore }] = await Promise.all([
        import('../run/prepare.js'),
        import('../planning/plan-json.js'),
        import('../run/attempt.js'),
        import('../record/layout.js'),
      ]);
      const prepared = prepare(file, changesOf(overrides), ignore);
      return {
        kind,
        plan: planToJson(prepared.plan),
        record: recordState(decideAttempt(openStore(runsFolder(runs)), prepared.plan.work.key, false)),
      };
    }
    const { planSweep, planTableFile } = await import('../study/plan-study.js');
    const request = requestOf(file, changesOf(overrides), runs);
    if (kind === 'sweep') {
      const { sweepToJson: toJson } = await import('../report/study/sweep-table.js');
      const { sweep, trials, results } = await planSweep(request, false, ignore);
      return { kind, plan: toJson(sweep, trials, results) };
    }
    const { tablePlanToJson: toJson } = await import('../report/study/table-plan.js');
    return { kind, plan: toJson(await planTableFile(request, false, ignore)) };
  });
}

export interface RunOptions extends Watched {
  /** Left out: the document's. */
  readonly seed?: number;
  /** Trains again what is on record. */
  readonly fresh?: boolean;
  /** A file that the run is written to besides: .html, .md, .tex, .csv, .json, .svg or .png. */
  readonly output?: string;
}

/** A run as it stands on record after this call. */
export interface SettledRun extends RunDetails {
  /** True where it was on record before this call, and nothing was trained. */
  readonly repeated: boolean;
}

/**
 * Does what an experiment says, as `retable run` does: trains it into the records, goes on with an interrupted run, or gives the one that is
 * done. `status` is `finished`, `diverged`, or `killed` after an abort; a run that fails is on record as such, and its error is thrown. A signal that is
 * aborted before anything began rejects with its reason.
 */
export async function run(file: string, options: RunOptions = {}): Promise<SettledRun> {
  const { overrides, seed, runs, fresh = false, output, observer = ignore, signal } = options;
  signal?.throwIfAborted();
  return speaking(async () => {
    const [{ documentKind }, { prepare }, { runExperiment }, { refuseOutput, writeReport }] = await Promise.all([
      import('../language/read.js'),
      import('../run/prepare.js'),
      import('../run/run-experiment.js'),
      import('../host/output.js'),
    ]);
    const kind = documentKind(file);
    if (kind !== 'experiment') throw new Refusal(`run is about an experiment, and ${file} is a ${kind}`, { help: 'study(file) does it' });
    await refuseOutput('run', output);
    const prepared = prepare(file, { ...changesOf(overrides), ...(seed !== undefined && { seed: String(seed) }) }, observer);
    const root = runsFolder(runs);
    const stopped = (): boolean => signal?.aborted === true;
    const { result, head, report } = await runExperiment(prepared, { root, fresh, observe: observer, stopped });
    if (output !== undefined) await writeReport('run', report, output);
    return { ...readRunOf(root, head), repeated: result.repeated };
  });
}

export interface StudyOptions extends Watched {
  /** How many replicates, or which seeds. Left out: the document's. */
  readonly seeds?: number | readonly number[];
  /** Processes that train at the same time. Left out: the document's, else one a core. */
  readonly workers?: number;
  /** Of a table, what it may cost in all, with what is on record of it: so many trials, `60`, or so much time of its workers together, `'2h'`. */
  readonly budget?: number | string;
}

/** What came of a sweep or a table, in plain data: `retable run --json` prints the same. */
export type SettledStudy = {
  /** The signal was aborted before all trials were done. */
  readonly stopped: boolean;
  /** Some trials failed in this call; the next one tries them again. */
  readonly failed: boolean;
} & (
  | { readonly kind: 'sweep'; readonly summary: ReturnType<typeof sweepToJson> }
  | { readonly kind: 'table'; readonly verdicts: ReturnType<typeof tableToJson> }
);

/**
 * Does what is left of a sweep or a table, as `retable run` does, and gives its summary or its verdicts. Trials are trained by processes of
 * their own, here or where `run_on` of the document says; verdicts count as a look at the table. A signal that is aborted before anything began
 * rejects with its reason.
 */
export async function study(file: string, options: StudyOptions = {}): Promise<SettledStudy> {
  const { overrides, seeds, workers, budget, runs, observer = ignore, signal } = options;
  signal?.throwIfAborted();
  return speaking(async () => {
    const { documentKind } = await import('../language/read.js');
    const kind = documentKind(file);
    if (kind === 'experiment')
      throw new Refusal(`study is about a sweep or a table, and ${file} is neither`, { help: 'run(file) trains it' });
    const changes = changesOf({ ...(seeds !== undefined && { seeds }), ...overrides });
    const request = requestOf(file, changes, runs, workers);
    const watching = { observe: observer, listen: stopsOn(signal) };
    const { sweepSummary, sweepToJson } = await import('../report/study/sweep-table.js');
    const concludeSweep = async ({ sweep, results }: SettledSweep): Promise<string> => sweepSummary(sweep, results);
    if (kind === 'sweep') {
      if (budget !== undefined)
        throw new Refusal(`budget is of a table, and ${file} is a sweep`, { help: 'trials of its document says how many configurations' });
      const { runSweep } = await import('../study/run-sweep.js');
      const { result, failed, stopped } = await runSweep(request, { ...watching, conclude: concludeSweep });
      return { kind, failed, stopped: stopped !== undefined, summary: sweepToJson(result.sweep, result.trials, result.results) };
    }
    const [{ runTable }, { readBudget }, { tableSummary, tableToJson: toJson }] = await Promise.all([
      import('../study/run-table.js'),
      import('../study/budget.js'),
      import('../report/study/table-texts.js'),
    ]);
    const conclude = async ({ prepared, judged }: JudgedRecords): Promise<string> => tableSummary(prepared.table.config, judged);
    const costing = { ...request, ...(budget !== undefined && { budget: readBudget(String(budget)) }) };
    const { result, failed, stopped } = await runTable(costing, { ...watching, conclude, concludeSweep });
    return { kind, failed, stopped: stopped !== undefined, verdicts: toJson(result.prepared.table.config, result.judged) };
  });
}

const ignore: Observer = () => {};

const changesOf = (overrides: Overrides = {}): Changes => ({
  set: Object.entries(overrides).flatMap(([path, value]) => (value === undefined ? [] : [argumentOf({ path, value })])),
});

/** Each trial has one thread: there are as many processes as cores. */
const requestOf = (file: string, changes: Changes, runs: string | undefined, workers?: number) => ({
  file,
  changes,
  root: runsFolder(runs),
  launch: { threads: '1', wait: true, failFast: false, ...(workers !== undefined && { workers }) },
});

/** Trials stop after the step that they are in; those of a cluster go on without this process. */
const stopsOn =
  (signal: AbortSignal | undefined): ListenForStop =>
  (launched) => {
    let stage: 'working' | 'stopping' | 'leaving' = 'working';
    const stop = (): void => {
      stage = launched.leave ? 'leaving' : 'stopping';
      if (launched.leave) void launched.leave();
      else launched.stop();
    };
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
    return {
      get stage() {
        return stage;
      },
      status: EXIT.interrupted,
      leave: stop,
      off: () => signal?.removeEventListener('abort', stop),
    };
  };
