import { dirname } from 'node:path';
import { openStore } from '../../record/layout.js';
import { thisMachine } from '../../record/machine.js';
import { countLine, describeResults } from '../../sweep/describe.js';
import type { Trial } from '../../sweep/plan-trials.js';
import { countStates, nameConfiguration, summarize, type TrialResult as TrialReport } from '../../sweep/results.js';
import { sweepToJson } from '../../sweep/results-json.js';
import type { Options } from '../command.js';
import { EXIT, Refusal } from '../exit.js';
import { runsFolder, shown } from '../folders.js';
import { isRunning } from '../is-running.js';
import { defaultWorkers, launchLocally } from '../launch/local.js';
import type { TrialOrder } from '../launch/protocol.js';
import { trainWorks } from '../launch/train-works.js';
import { styleOf } from '../style.js';
import type { Terminal } from '../terminal.js';
import { trackingTarget } from '../tracking.js';
import { lookAround } from '../work/surroundings.js';
import { openParent, parentId } from './parent.js';
import { type PreparedSweep, prepareSweep } from './prepare-sweep.js';
import { readStates } from './states.js';

/**
 * Does what is left of a sweep, and sums all of it up:
 *
 *     plan every trial ─▶ what do the records say? ─▶ train what isn't settled, in processes of this machine ─▶ the records again ─▶ summary
 */
export async function runSweep(file: string, options: Options, terminal: Terminal): Promise<number> {
  const sweep = prepareSweep(file, options, terminal);
  if (options.fresh) throw new Refusal('a sweep does only what is left of it', { help: '--fresh is for a single experiment' });
  const root = runsFolder(options.runs);
  const store = openStore(root);
  const before = readStates(store, sweep);
  const left = before.filter(({ state }) => !isSettled(state)).map(({ trial }) => trial);
  terminal.err(`${terminal.color.bold(sweep.sweep.config.sweep)}; ${countLine(sweep, countStates(before))}; records in ${shown(root)}`);
  if (left.length === 0) return conclude(sweep, before, options, terminal);

  // An address that can't be used is refused here, not in every trial.
  trackingTarget(options.track, undefined, terminal);
  const machine = thisMachine(process.pid, isRunning);
  const parent = openParent(store, sweep, { machine, around: await lookAround(dirname(file)) });
  parent.keepMembers(before);
  const names = new Map(sweep.configurations.map(({ index, assignments }) => [index, nameConfiguration(assignments)]));
  const { metric } = sweep.sweep.config.select;
  const sets = new Map(sweep.configurations.map(({ index, assignments }) => [index, assignments.map(argumentOf)]));
  const orderOf = ({ configuration, seed, work }: Trial): TrialOrder => ({
    base: sweep.base,
    sets: sets.get(configuration) ?? [],
    seed,
    work,
    runs: root,
    metric,
    parent: parentId(sweep.experiment, sweep.sweep.config.sweep),
    threads: options.threads ?? '1',
    ...(options.engine !== undefined && { engine: options.engine }),
    ...(options.device !== undefined && { device: options.device }),
    ...(options.track !== undefined && { track: options.track }),
  });
  const works = {
    trials: left,
    orderOf,
    nameOf: (index: number) => names.get(index) ?? '',
    metric,
    all: before.length,
    done: before.length - left.length,
    workers: workersOf(options, sweep.sweep.config.run_on.workers),
    failFast: options.failFast === true,
  };
  const { failed, stopped } = await trainWorks(works, launchLocally, terminal);

  const after = readStates(store, sweep);
  parent.finish(after, stopped !== undefined);
  const status = conclude(sweep, after, options, terminal);
  if (stopped === undefined) return failed > 0 ? EXIT.failed : status;
  terminal.err('what was recorded stays. The same command does what is left');
  return failed > 0 ? EXIT.failed : stopped;
}

function conclude(sweep: PreparedSweep, results: readonly TrialReport[], options: Options, terminal: Terminal): number {
  const summary = summarize(sweep, results);
  if (options.json) terminal.out(JSON.stringify(sweepToJson(sweep, results, summary), null, 2));
  else terminal.out(describeResults(sweep, summary, styleOf(terminal.outColor)).trimEnd());
  return summary.counts.failed > 0 ? EXIT.failed : EXIT.done;
}

const isSettled = ({ kind }: TrialReport['state']): boolean => kind === 'finished' || kind === 'diverged';

/** As a person would type it: JSON is YAML on one line. */
export const argumentOf = ({ path, value }: { readonly path: string; readonly value: unknown }): string =>
  `${path}=${JSON.stringify(value)}`;

export function workersOf({ workers }: Options, byDocument?: number): number {
  if (workers === undefined) return byDocument ?? defaultWorkers();
  if (!/^[1-9]\d{0,3}$/.test(workers)) throw new Refusal(`--workers is a number of processes, and "${workers}" is none`);
  return Number(workers);
}
