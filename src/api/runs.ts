import { join } from 'node:path';
import { runsFolder } from '../host/folders.js';
import { readOnly } from '../record/files.js';
import { openStore, type Store } from '../record/layout.js';
import { readRun, type RunHead } from '../record/reader.js';
import { isDerived, type RunSummary, summarize } from '../record/summary.js';
import type { EvaluationReport } from '../run/evaluation-report.js';
import type { PredictionReport } from '../run/prediction-report.js';
import type { RunStatus } from '../run/run-record.js';
import { reasonTag, statusOf } from '../run/attempt.js';
import { selectRuns, theRun } from '../run/find-runs.js';
import { speaking, spoken } from './error.js';

/** A run as a list shows it. */
export interface RunOverview {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly experiment: string;
  /** `killed`: stopped before its end, on request; `interrupted`: by what gave it no time to say so. The same work goes on with either. */
  readonly status: RunStatus;
  /** Why it did not finish, where it says so. */
  readonly reason?: string;
  readonly started: Date;
  readonly ended?: Date;
  /** Where the record lies. */
  readonly folder: string;
  /** Every value of the document, by its path. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** The last value of each metric, by `SPLIT/METRIC`: `test/loss`. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** All of a run but what its files hold, and what its model says. */
export interface RunDetails extends RunOverview {
  /** Each metric, epoch by epoch. */
  readonly series: Readonly<Record<string, readonly MetricPoint[]>>;
  /** Weights, model, configuration, pictures: `path` is absolute, `size` in bytes. */
  readonly artifacts: readonly { readonly name: string; readonly path: string; readonly size: number }[];
  /**
   * What the trained model answers to a file of the columns that it was trained on, or to what tested it: `retable predict`. Throws a RetableError where
   * the run keeps no weights, or the file can't be read.
   */
  predict(file?: string): Promise<PredictionReport>;
  /** How good the trained model is on a file, or on what tested it, by every metric of the run: `retable evaluate`. */
  evaluate(file?: string): Promise<EvaluationReport>;
}

interface MetricPoint {
  readonly epoch: number;
  readonly value: number;
  readonly at: Date;
}

export interface RunSelection {
  /** The name of an experiment. */
  readonly experiment?: string;
  /** As `retable list --filter` and MLflow take it: "metrics.`test/loss` < 1.2 and params.seed = '1'". */
  readonly filter?: string;
}

/** The records of a folder. Reading never writes. */
export interface Runs {
  readonly folder: string;
  /** The newest first. What is damaged, or in the trash, is left out. Throws a RetableError where a filter can't be read. */
  list(selection?: RunSelection): readonly RunOverview[];
  /** By the first four or more characters of an id, an experiment's name (its latest) or `latest`. Throws a RetableError where there is none. */
  get(reference: string): RunDetails;
}

/** The runs on record, to be read. `folder` left out: `runs/` beside the nearest package.json above the current folder. It need not be there. */
export function openRuns(folder?: string): Runs {
  const store = openStore(runsFolder(folder), readOnly);
  return {
    folder: store.root,
    list: ({ experiment, filter } = {}) =>
      told(() => selectRuns(store, experiment, { ...(filter !== undefined && { filter }) }).map((each) => overview(store, each))),
    get: (reference) => told(() => details(store, theRun(store, reference))),
  };
}

/** A run whose place is known. */
export const readRunOf = (root: string, head: RunHead): RunDetails => details(openStore(root, readOnly), head);

function told<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw spoken(error);
  }
}

function overview(store: Store, run: RunSummary): RunOverview {
  const { id, name, experiment, startTime, endTime, place, parameters, tags, latest } = run;
  const reason = tags[reasonTag];
  return {
    id,
    name,
    experiment,
    status: statusOf(store, run),
    ...(reason !== undefined && { reason }),
    started: new Date(startTime),
    ...(endTime !== null && { ended: new Date(endTime) }),
    folder: place.folder,
    parameters,
    tags,
    metrics: Object.fromEntries(results(latest).map(([key, { value }]) => [key, value])),
  };
}

function details(store: Store, head: RunHead): RunDetails {
  const { metrics, artifacts } = readRun(store, head);
  return {
    ...overview(store, summarize(store, head)),
    series: Object.fromEntries(
      results(metrics).map(([key, points]) => [
        key,
        points.map(({ step, value, timestamp }) => ({ epoch: step, value, at: new Date(timestamp) })),
      ]),
    ),
    artifacts: artifacts.map(({ path, size }) => ({ name: path, path: join(head.place.folder, 'artifacts', path), size })),
    predict: (file) => speaking(async () => (await import('../run/predict.js')).predict({ store, head, file })),
    evaluate: (file) => speaking(async () => (await import('../run/predict.js')).evaluate({ store, head, file })),
  };
}

/** Without what is recorded beside results: samples of the machine, values for MLflow's page. */
const results = <T>(metrics: Readonly<Record<string, T>>): readonly (readonly [string, T])[] =>
  Object.entries(metrics).filter(([key]) => !isDerived(key));
