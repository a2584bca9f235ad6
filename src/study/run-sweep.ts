import { dirname } from 'node:path';
import { quietly } from '../record/files.js';
import { openStore } from '../record/layout.js';
import { findRun } from '../record/reader.js';
import { describeResults } from '../report/study/sweep-terminal.js';
import { standingOf } from './proposals/prune.js';
import { bestLines, countLine } from '../report/study/sweep-table.js';
import { countStates, summarize } from './proposals/results.js';
import { sweepToJson } from '../report/study/sweep-json.js';
import { EXIT } from '../host/exit.js';
import { shown } from '../host/folders.js';
import { machineHere } from '../host/is-running.js';
import { whereToTrain } from '../launch/where.js';
import { styleOf } from '../host/style.js';
import { refuseOutput } from '../host/output.js';
import type { Presentation, StudyRequest } from './request.js';
import type { Terminal } from '../host/terminal.js';
import { sendRun, trackingTarget } from '../run/tracking.js';
import { tellCommand } from '../run/on-finish.js';
import { lookAround } from '../run/surroundings.js';
import { openParent, parentId } from './parent.js';
import { prepareSweep } from './prepare-sweep.js';
import { readStates } from './states.js';
import { nextRung, trainRungs } from './train-rungs.js';
import { type SweepRecords, writeSweep } from './write-sweep.js';

/**
 * Does what is left of a sweep, and sums all of it up:
 *
 *     plan every trial ─▶ what do the records say? ─▶ train what the next rung lacks, in processes of this machine ─▶ the records again ─▶ summary
 *                                  ▲                                                                                      │
 *                                  └──────────────────── as long as configurations are pruned on the way ─────────────────┘
 */
export async function runSweep({ file, changes, root, launch }: StudyRequest, how: Presentation, terminal: Terminal): Promise<number> {
  await refuseOutput('sweep', how.output);
  const sweep = prepareSweep(file, changes, terminal);
  const store = openStore(root);
  const found = readStates(store, sweep);
  const { results: before } = standingOf(sweep, found);
  terminal.err(`${terminal.color.bold(sweep.sweep.config.sweep)}; ${countLine(sweep, countStates(before))}; records in ${shown(root)}`);
  if (!nextRung(sweep, found)) return conclude({ store, sweep, trials: before }, how, terminal);

  // What can't be used is refused here, not in every trial.
  whereToTrain(sweep.sweep.config.run_on, launch);
  const target = trackingTarget(launch.track, undefined, terminal);
  const machine = machineHere();
  const parent = await openParent(store, sweep, { machine, around: await lookAround(dirname(file)) });
  const train = async () => {
    parent.keepMembers(before);
    const trained = await trainRungs(sweep, found, { store, root, launch, terminal });
    return { ...trained, results: standingOf(sweep, readStates(store, sweep)).results };
  };
  const { failed, stopped, results } = await train().catch((refused: unknown) => {
    quietly(() => parent.finish(before, true));
    throw refused;
  });

  parent.finish(results, stopped !== undefined);
  await sendRun(target, parentId(sweep.experiment, sweep.sweep.config.sweep), { store, machine, terminal });
  const records = { store, sweep, trials: results };
  const status = await conclude(records, how, terminal);
  if (stopped === undefined) {
    await onFinish(records, failed, terminal);
    return failed ? EXIT.failed : status;
  }
  terminal.err('what was recorded stays. The same command does what is left');
  return failed ? EXIT.failed : stopped;
}

async function conclude(records: SweepRecords, { output, json }: Presentation, terminal: Terminal): Promise<number> {
  const { sweep, trials } = records;
  const summary = summarize(sweep, trials);
  if (output !== undefined) {
    await writeSweep(output, records);
    terminal.err(`wrote ${shown(output)}`);
  }
  if (json) terminal.out(JSON.stringify(sweepToJson(sweep, trials, summary), null, 2));
  else terminal.out(describeResults(sweep, summary, styleOf(terminal.outColor)).trimEnd());
  return summary.counts.failed > 0 ? EXIT.failed : EXIT.done;
}

/** The command of the base is run once: when no trial is left, well or badly. */
async function onFinish({ store, sweep, trials }: SweepRecords, failed: boolean, terminal: Terminal): Promise<void> {
  if (sweep.onFinish === undefined) return;
  const { sweep: name } = sweep.sweep.config;
  const run = parentId(sweep.experiment, name);
  const results = summarize(sweep, trials);
  const [best] = bestLines(sweep, results);
  const summary = [...(best === undefined ? [] : [`best ${best}`]), countLine(sweep, results.counts)].join('; ');
  const finish = { run, status: failed ? 'failed' : 'finished', record: findRun(store, run)?.place.folder ?? '' };
  await tellCommand(sweep.onFinish, sweep.base, finish, { EXPERIMENT: sweep.experiment, SWEEP: name, SUMMARY: summary }, terminal);
}
