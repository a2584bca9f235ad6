import { jsonText } from '../diagnostics/columns.js';
import { machineHere } from '../host/is-running.js';
import { styleOf } from '../host/style.js';
import type { Terminal } from '../host/terminal.js';
import { nameConfiguration } from '../planning/name-configuration.js';
import type { Store } from '../record/layout.js';
import { listExperiments } from '../record/reader.js';
import { describeResults, sweepToJson } from '../report/study/sweep-table.js';
import type { Changes } from '../run/prepare.js';
import { describeLive, liveLine, type LiveWork, type NamedWork, readLive, secondsLeft } from './live-works.js';
import { readMembers, sweepRunId, TABLES, tableRunId } from './own-run.js';
import { prepareSweep } from './prepare-sweep.js';
import { prepareTable } from './prepare-table.js';
import { standingOf } from './proposals/prune.js';
import { summarize } from './proposals/results.js';
import { readStates } from './states.js';
import { namedWorks } from './works.js';

/** Of a sweep by its document: what is at work, and what all of it came to so far. Gives the id of its own run. */
export function statusOfSweep(store: Store, file: string, changes: Changes, json: boolean, terminal: Terminal): string {
  const sweep = prepareSweep(file, changes, terminal);
  const { results } = standingOf(sweep, readStates(store, sweep));
  const summary = summarize(sweep, results);
  const names = new Map(sweep.configurations.map(({ index, assignments }) => [index, nameConfiguration(assignments)]));
  const works = results
    .filter(({ state }) => state.kind !== 'pruned')
    .map(({ trial: { configuration, seed, work } }) => ({ name: names.get(configuration) ?? '', seed, work }));
  const live = readLive(store, works, machineHere());
  const lines = describeLive(live);
  if (json) terminal.out(jsonText({ ...sweepToJson(sweep, results, summary), ...liveJson(live) }));
  else
    terminal.out(
      [...lines, ...(lines.length > 0 ? [''] : []), describeResults(sweep, summary, styleOf(terminal.outColor)).trimEnd()].join('\n'),
    );
  return sweepRunId(sweep.experiment, sweep.sweep.config.sweep);
}

/** Of a table by its document: what is at work, what is done, and what went wrong; `judge` has the verdicts. Gives the id of its own run. */
export function statusOfTable(store: Store, file: string, changes: Changes, json: boolean, terminal: Terminal): string {
  const prepared = prepareTable(file, changes, terminal);
  const { table } = prepared.table.config;
  tell('table', table, readLive(store, namedWorks(store, prepared), machineHere()), json, terminal);
  return tableRunId(table);
}

/** Of a study by its name alone, as its own run has listed its trials: also where its documents are not. Gives the ids of the runs of this name. */
export function statusByName(store: Store, name: string, json: boolean, terminal: Terminal): readonly string[] {
  const ofSweeps = listExperiments(store).map(({ name: experiment }) => [experiment, sweepRunId(experiment, name)] as const);
  const ofTables = [[TABLES, tableRunId(name)] as const];
  for (const [kind, runs] of [['sweep', ofSweeps] as const, ['table', ofTables] as const]) {
    const members: readonly NamedWork[] = runs.flatMap(([experiment, run]) => readMembers(store, experiment, run));
    if (members.length === 0) continue;
    tell(kind, name, readLive(store, members, machineHere()), json, terminal);
    return runs.map(([, run]) => run);
  }
  return [];
}

function tell(kind: 'sweep' | 'table', name: string, live: readonly LiveWork[], json: boolean, terminal: Terminal): void {
  const noun = kind === 'sweep' ? 'trial' : 'run';
  if (json) terminal.out(jsonText({ [kind]: name, [`${noun}s`]: live, ...liveJson(live) }));
  else terminal.out([`${name}; ${liveLine(live, noun)}`, ...describeLive(live)].join('\n'));
}

function liveJson(live: readonly LiveWork[]) {
  const left = secondsLeft(live);
  return { at_work: live.filter(({ state }) => state === 'at work'), ...(left !== undefined && { seconds_left: left }) };
}
