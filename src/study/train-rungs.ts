import type { Store } from '../record/layout.js';
import { rungLine } from '../report/study/sweep-terminal.js';
import type { Trial } from '../launch/protocol.js';
import { standingOf } from './proposals/prune.js';
import { type TrialResult as TrialReport } from './proposals/results.js';
import { nameConfiguration } from '../planning/name-configuration.js';
import { workersOf } from '../launch/orders.js';
import { trainWorks } from '../launch/train-works.js';
import type { LaunchRequest } from '../launch/request.js';
import { launcherTo, whereToTrain } from '../launch/where.js';
import type { Terminal } from '../host/terminal.js';
import { orders } from './orders.js';
import { parentId } from './parent.js';
import type { PreparedSweep } from './prepare-sweep.js';
import { readStates } from './states.js';

/** Where trials are recorded, and what the person asked for. */
interface Setting {
  readonly store: Store;
  readonly root: string;
  readonly launch: LaunchRequest;
  readonly terminal: Terminal;
}

/** Rung by rung; without pruning there is one, to the end. */
export async function trainRungs(
  sweep: PreparedSweep,
  found: readonly TrialReport[],
  { store, root, launch, terminal }: Setting,
): Promise<{ readonly failed: boolean; readonly stopped?: number }> {
  const { config } = sweep.sweep;
  const names = new Map(sweep.configurations.map(({ index, assignments }) => [index, nameConfiguration(assignments)]));
  const orderOf = orders(sweep, root, launch);
  const place = { store, run: parentId(sweep.experiment, config.sweep), title: config.sweep, doc: sweep.sweep.doc, launch, terminal };
  const where = whereToTrain(config.run_on, launch);
  const launcher = launcherTo(where, place);
  const failed = new Set<string>();
  for (let next = nextRung(sweep, found); next; next = nextRung(sweep, readStates(store, sweep), failed)) {
    const isLast = next.number === sweep.rungs.length - 1;
    if (sweep.rungs.length > 1) terminal.err(rungLine(next, sweep.rungs.length));
    const works = {
      trials: next.trials,
      orderOf: (trial: Trial) => ({ ...orderOf(trial), ...(!isLast && { until: next.epoch }) }),
      nameOf: (index: number) => names.get(index) ?? '',
      metric: config.select.metric,
      all: next.all,
      done: next.all - next.trials.length,
      workers: workersOf(launch, where.workers),
      failFast: launch.failFast,
      wait: launch.wait,
    };
    const trained = await trainWorks(works, launcher, terminal);
    for (const { work } of trained.failed) failed.add(work);
    if (trained.stopped !== undefined) return { failed: failed.size > 0, stopped: trained.stopped };
    if (launch.failFast && failed.size > 0) break;
  }
  return { failed: failed.size > 0 };
}

/** A trial that failed is tried again, once a command: in `failed` are those of this one. */
export const nextRung = (sweep: PreparedSweep, found: readonly TrialReport[], failed: ReadonlySet<string> = new Set()) =>
  standingOf(sweep, triedAgain(found, failed)).next;

const triedAgain = (results: readonly TrialReport[], failed: ReadonlySet<string>): readonly TrialReport[] =>
  results.map((result) => {
    if (failed.has(result.trial.work)) return { ...result, state: { ...result.state, kind: 'failed' } };
    return result.state.kind === 'failed' ? { ...result, state: { kind: 'needed' } } : result;
  });
