import { formatCount, formatDuration, plural } from '../diagnostics/numbers.js';
import { machineHere } from '../host/is-running.js';
import { describeReplicate } from '../language/replicate.js';
import type { Store } from '../record/layout.js';
import { listExperiments, readParameters, readTag, readTags, workTag } from '../record/reader.js';
import type { Observer } from '../run/observer.js';
import type { Changes } from '../run/prepare.js';
import { allAtWork } from './at-work.js';
import { type NamedWork, readMembers, studyOfRun, sweepRunId, tableRunId, TABLES } from './members.js';
import { standingOfSweep } from './plan-study.js';
import { prepareTable } from './prepare-study.js';
import { type LiveWork, readLive, secondsLeft } from './progress.js';
import type { SweepPlan } from './proposals/plan.js';
import { summarize, type TrialResult } from './proposals/results.js';
import { configurationName } from './sweep-trials.js';
import { type ReachedStage, worksSoFar } from './works.js';

const nameOf = (work: NamedWork): string => `${work.name}, ${describeReplicate(work)}`;

/** What is at work, a line each. */
export const describeAtWork = (works: readonly LiveWork[]): readonly string[] =>
  works.flatMap((work) =>
    work.state === 'at work'
      ? [
          `at work   ${nameOf(work)}  epoch ${formatCount(work.epoch)}/${formatCount(work.epochs)}  process ${work.pid} on ${work.host}, run ${work.run.slice(0, 8)}${work.seconds === undefined ? '' : `  ${formatDuration(work.seconds)} left`}`,
        ]
      : [],
  );

/** What is at work, line by line, then what went wrong and why. */
export function describeLive(works: readonly LiveWork[]): readonly string[] {
  const left = secondsLeft(works);
  return [
    ...describeAtWork(works),
    ...works.flatMap((work) =>
      work.state === 'failed' || work.state === 'diverged'
        ? [`${work.state.padEnd(8)}  ${nameOf(work)}  run ${work.run.slice(0, 8)}${work.reason === undefined ? '' : `: ${work.reason}`}`]
        : [],
    ),
    ...(left === undefined ? [] : [`about ${formatDuration(left)} left, at the pace of what is at work`]),
  ];
}

/** `48 trials: 30 done, 2 at work, 16 left` */
export function liveLine(works: readonly LiveWork[]): string {
  const order = ['done', 'diverged', 'failed', 'at work', 'interrupted', 'left'] as const;
  const counts = order.flatMap((state) => {
    const count = works.filter((work) => work.state === state).length;
    return count > 0 ? [`${formatCount(count)} ${state}`] : [];
  });
  return `${plural(works.length, 'trial')}: ${counts.join(', ')}`;
}

/** A sweep or a table in training: its name, the id of its own run, and who is at what. */
export interface LiveStudy {
  readonly kind: 'sweep' | 'table';
  readonly name: string;
  readonly runs: readonly string[];
  readonly works: readonly LiveWork[];
  /** Of a table by its document, whose seeds come in stages. */
  readonly stage?: ReachedStage;
}

/** `stage 2 of 4: 4 rows open, 8 of 20 trials done` */
export const stageText = ({ stages, next }: ReachedStage): string =>
  next
    ? `stage ${next.number} of ${stages}: ${plural(next.rows, 'row')} open, ${formatCount(next.done)} of ${plural(next.trials, 'trial')} done`
    : 'no row gets more seeds';

/** All that trains now: sweeps and tables with their trials, and experiments by themselves. */
export function statusOfAll(store: Store): { readonly studies: readonly LiveStudy[]; readonly works: readonly LiveWork[] } {
  const machine = machineHere();
  const { own } = allAtWork(store, machine);
  const told = own.map(({ run }) => ({ run, study: studyOfRun(readTags(store, run.place)) }));
  const works = told.flatMap(({ run, study }): readonly NamedWork[] => {
    if (study) return [];
    const { seed, fold } = readParameters(store, run.place);
    const work = readTag(store, run.place, workTag) ?? '';
    return [{ name: run.experiment, seed: Number(seed), ...(fold !== undefined && { fold: Number(fold) }), work }];
  });
  return {
    studies: told.flatMap(({ study }) => (study ? (statusByName(store, study.name) ?? []) : [])),
    works: readLive(store, works, machine),
  };
}

/** Of a sweep by its document: with all that it came to so far. */
export function statusOfSweep(store: Store, file: string, changes: Changes, observe: Observer) {
  const { sweep, trials } = standingOfSweep(store, file, changes, observe);
  const { sweep: name } = sweep.sweep.config;
  const runs = [sweepRunId(sweep.experiment, name)];
  return {
    kind: 'sweep',
    name,
    runs,
    works: readLive(store, namedTrials(sweep, trials), machineHere()),
    sweep,
    trials,
    results: summarize(sweep, trials),
  } as const;
}

/** The trials of a sweep that are not pruned, as people know them. */
function namedTrials(sweep: SweepPlan, trials: readonly TrialResult[]): readonly NamedWork[] {
  const nameOf = configurationName(sweep);
  return trials.flatMap(({ trial: { configuration, ...trial }, state }) =>
    state.kind === 'pruned' ? [] : [{ name: nameOf(configuration), ...trial }],
  );
}

/** Of a table by its document; `judge` has the verdicts. */
export function statusOfTable(store: Store, file: string, changes: Changes, observe: Observer): LiveStudy {
  const prepared = prepareTable(file, changes, observe, store);
  const { table: name } = prepared.table.config;
  // What a row trains is not known before its sweep is finished: until then the sweep's trials stand for it.
  const open = Object.values(prepared.rows).flatMap(({ tuned }) => (tuned && !tuned.isFinished ? [tuned] : []));
  const sweeps = new Map(open.map((tuned) => [tuned.sweep.file, namedTrials(tuned.sweep, tuned.trials)]));
  const { works, stage } = worksSoFar(store, prepared);
  const all = [...Array.from(sweeps.values()).flat(), ...works];
  return { kind: 'table', name, runs: [tableRunId(name)], works: readLive(store, all, machineHere()), ...(stage && { stage }) };
}

/** Of a study by its name alone, as its own run has listed its trials: also where its documents are not. */
export function statusByName(store: Store, name: string): LiveStudy | undefined {
  const ofSweeps = listExperiments(store).map(({ name: experiment }) => [experiment, sweepRunId(experiment, name)] as const);
  const ofTables = [[TABLES, tableRunId(name)] as const];
  for (const [kind, runs] of [['sweep', ofSweeps] as const, ['table', ofTables] as const]) {
    const members = runs.flatMap(([experiment, run]) => readMembers(store, experiment, run));
    if (members.length > 0) return { kind, name, runs: runs.map(([, run]) => run), works: readLive(store, members, machineHere()) };
  }
  return undefined;
}
