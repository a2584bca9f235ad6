import { relative, resolve } from 'node:path';
import type { Options } from '../command.js';
import { Refusal } from '../../host/exit.js';
import { runsFolder, shown } from '../../host/folders.js';
import { documentKind } from '../../language/read.js';
import type { DocumentKind } from '../../language/source.js';
import type { LaunchRequest } from '../../launch/launcher.js';
import { openStore } from '../../record/layout.js';
import { statusOf } from '../../run/attempt.js';
import { theRun } from '../../run/find-runs.js';
import type { Changes } from '../../run/prepare.js';
import { wordOf } from '../../run/run-record.js';
import { keptWeightsFile } from '../../run/weights.js';
import { readBudget } from '../../study/budget.js';
import type { StudyRequest } from '../../study/run-study.js';

/** What a document is to a command: an experiment that `--vary` varies is a sweep. */
export function subjectOf(file: string, { vary }: Pick<Options, 'vary'>): DocumentKind {
  const kind = documentKind(file);
  if (vary === undefined) return kind;
  if (kind === 'experiment') return 'sweep';
  throw new Refusal(`--vary makes a sweep of an experiment, and ${shown(file)} is a ${kind}`, {
    help: kind === 'sweep' ? 'write one more axis under its "vary"' : 'name the base of one of its rows',
  });
}

/** What the command line changes in a document. `--seeds 10` is `--set seeds=10`, with which `--set` may do what it likes. */
export function changesOf({
  set: said = [],
  weightsFrom,
  runs,
  seeds,
  seed,
  engine,
  device,
  threads,
  vary,
  select,
  search,
  trials,
}: Options): Changes {
  const set = weightsFrom === undefined ? said : [`training.initial_weights=${JSON.stringify(weightsOf(weightsFrom, runs))}`, ...said];
  return {
    ...(vary === undefined
      ? { set: [...(seeds === undefined ? [] : [`seeds=${seeds}`]), ...set] }
      : {
          set,
          vary: {
            axes: vary,
            ...(seeds !== undefined && { seeds }),
            ...(select !== undefined && { select }),
            ...(search !== undefined && { search }),
            ...(trials !== undefined && { trials }),
          },
        }),
    ...(seed !== undefined && { seed }),
    ...(engine !== undefined && { engine }),
    ...(device !== undefined && { device }),
    ...(threads !== undefined && { threads }),
  };
}

/** The file of what a run on record has learnt. */
function weightsOf(reference: string, runs: string | undefined): string {
  const store = openStore(runsFolder(runs));
  const head = theRun(store, reference);
  const file = keptWeightsFile(store, head.place);
  if (file === undefined) throw new Refusal(`run ${head.id.slice(0, 8)} keeps no weights: it is ${wordOf(statusOf(store, head))}`);
  // Shorter where it lies in this folder; a path in --set counts from there.
  const near = relative('', file);
  return near.startsWith('..') ? resolve(file) : near;
}

/** How trials are trained. Each has one thread where nobody says more: there are as many workers as cores. */
function launchOf({ threads = '1', engine, device, track, workers, on, wait, failFast }: Options): LaunchRequest {
  return {
    threads,
    wait: wait !== false,
    failFast: failFast === true,
    ...(engine !== undefined && { engine }),
    ...(device !== undefined && { device }),
    ...(track !== undefined && { track }),
    ...(on !== undefined && { on }),
    ...(workers !== undefined && { workers: workersOf(workers) }),
  };
}

function workersOf(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new Refusal(`--workers is a number of processes, and "${text}" is none`);
  return Number(text);
}

export function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Refusal(`--port is a whole number up to 65535, not ${text}`);
  return port;
}

export const studyOf = (file: string, options: Options): StudyRequest => ({
  file,
  changes: changesOf(options),
  root: runsFolder(options.runs),
  launch: launchOf(options),
  ...(options.only !== undefined && { only: options.only }),
  ...(options.budget !== undefined && { budget: readBudget(options.budget) }),
});

/** How what came out is told. */
export interface Presentation {
  readonly json: boolean;
  /** Why, for every verdict of a table. */
  readonly reasons: boolean;
  /** A verdict that is open counts as one that differs. */
  readonly strict: boolean;
  /** The file that it is written to as well. */
  readonly output?: string;
}

export const presentationOf = ({ json, reasons, strict, output }: Options): Presentation => ({
  json: json === true,
  reasons: reasons === true,
  strict: strict === true,
  ...(output !== undefined && { output }),
});
