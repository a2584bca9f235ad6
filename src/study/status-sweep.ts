import type { Store } from '../record/layout.js';
import { listExperiments } from '../record/reader.js';
import { describeResults } from '../report/study/sweep-terminal.js';
import { standingOf } from './proposals/prune.js';
import { summarize } from './proposals/results.js';
import { nameConfiguration } from '../planning/name-configuration.js';
import { sweepToJson } from '../report/study/sweep-json.js';
import type { Changes } from '../run/prepare.js';
import { machineHere } from '../host/is-running.js';
import { describeLive, liveLine, type LiveWork, readLive, secondsLeft } from './live-works.js';
import { styleOf } from '../host/style.js';
import type { Terminal } from '../host/terminal.js';
import { readMembers, sweepRunId } from './own-run.js';
import { prepareSweep } from './prepare-sweep.js';
import { readStates } from './states.js';

/** By its document: what is at work, and what all of it came to so far. Gives the id of its own run. */
export function statusOfSweep(store: Store, file: string, changes: Changes, json: boolean, terminal: Terminal): string {
  const sweep = prepareSweep(file, changes, terminal);
  const { results } = standingOf(sweep, readStates(store, sweep));
  const summary = summarize(sweep, results);
  const names = new Map(sweep.configurations.map(({ index, assignments }) => [index, nameConfiguration(assignments)]));
  const begun = results.filter(({ state }) => ['unfinished', 'failed', 'diverged', 'needed', 'finished'].includes(state.kind));
  const works = begun.map(({ trial: { configuration, seed, work } }) => ({ name: names.get(configuration) ?? '', seed, work }));
  const live = readLive(store, works, machineHere());
  const lines = describeLive(live);
  if (json) terminal.out(JSON.stringify({ ...sweepToJson(sweep, results, summary), ...liveJson(live) }, null, 2));
  else
    terminal.out(
      [...lines, ...(lines.length > 0 ? [''] : []), describeResults(sweep, summary, styleOf(terminal.outColor)).trimEnd()].join('\n'),
    );
  return sweepRunId(sweep.experiment, sweep.sweep.config.sweep);
}

/** By its name alone, as its own run has listed its trials: also where its documents are not. Gives the ids of the runs of this name. */
export function statusByName(store: Store, name: string, json: boolean, terminal: Terminal): readonly string[] {
  const experiments = listExperiments(store).map(({ name: experiment }) => experiment);
  const members = experiments.flatMap((experiment) => readMembers(store, experiment, sweepRunId(experiment, name)));
  if (members.length === 0) return [];
  const live = readLive(store, members, machineHere());
  if (json) terminal.out(JSON.stringify({ sweep: name, trials: live, ...liveJson(live) }, null, 2));
  else terminal.out([`${name}; ${liveLine(live, 'trial')}`, ...describeLive(live)].join('\n'));
  return experiments.map((experiment) => sweepRunId(experiment, name));
}

function liveJson(live: readonly LiveWork[]) {
  const left = secondsLeft(live);
  return { at_work: live.filter(({ state }) => state === 'at work'), ...(left !== undefined && { seconds_left: left }) };
}
