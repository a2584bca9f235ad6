import { formatCount, formatDuration, plural } from '../diagnostics/numbers.js';
import { machineHere } from '../host/is-running.js';
import { describeReplicate } from '../language/replicate.js';
import { readIfThere } from '../record/files.js';
import { keyFile, type Store } from '../record/layout.js';
import { type Machine, readLivingHolder } from '../record/lease.js';
import { listExperiments, parsePoints } from '../record/reader.js';
import { nextStep, secondsOfEpochs, workSeconds } from '../record/works.js';
import { attemptsByWork, outcomeOf, reasonOf, type TriedRun } from '../run/attempt.js';
import type { Observer } from '../run/observer.js';
import type { Changes } from '../run/prepare.js';
import { mean, median, sum } from '../statistics/means.js';
import { type NamedWork, readMembers, sweepRunId, tableRunId, TABLES } from './own-run.js';
import { standingOfSweep } from './plan-study.js';
import { prepareTable } from './prepare-study.js';
import { summarize } from './proposals/results.js';
import { configurationName } from './sweep-trials.js';
import { namedWorks } from './works.js';

/** How far it is. `seconds`: what it took; of a run at work: what it will still take at its pace. */
export type Progress =
  | { readonly state: 'done'; readonly run: string; readonly seconds?: number }
  | { readonly state: 'diverged' | 'failed'; readonly run: string; readonly reason?: string }
  | AtWork
  | { readonly state: 'interrupted'; readonly run: string; readonly epoch: number; readonly epochs: number }
  | { readonly state: 'left' };

interface AtWork {
  readonly state: 'at work';
  readonly run: string;
  readonly host: string;
  readonly pid: number;
  readonly epoch: number;
  readonly epochs: number;
  readonly seconds?: number;
}

export type LiveWork = NamedWork & Progress;

/** Who is at what and how far, from the records alone: the processes may be on any machine that shares them. */
export function readLive(store: Store, works: readonly NamedWork[], machine: Machine): readonly LiveWork[] {
  const attempts = attemptsByWork(store, new Set(works.map(({ work }) => work)));
  return works.map((work) => ({ ...work, ...progressOf(store, attempts.get(work.work) ?? [], machine) }));
}

function progressOf(store: Store, attempts: readonly TriedRun[], machine: Machine): Progress {
  const next = nextStep(attempts, false);
  if (next.kind === 'show') {
    const { attempt: run } = next;
    if (outcomeOf(run) === 'diverged') return { state: 'diverged', run: run.id, ...reasonOf(store, run) };
    const seconds = workSeconds(store, run.place);
    return { state: 'done', run: run.id, ...(seconds !== undefined && { seconds }) };
  }
  if (next.kind === 'start') {
    const [failed] = attempts;
    return failed ? { state: 'failed', run: failed.id, ...reasonOf(store, failed) } : { state: 'left' };
  }
  const { attempt: run } = next;
  const points = parsePoints(readIfThere(store.files, keyFile(run.place, 'metrics', 'train/loss')) ?? '');
  const epochs = Number(readIfThere(store.files, keyFile(run.place, 'params', 'training.epochs')) ?? Number.NaN);
  const at = { run: run.id, epoch: points.at(-1)?.step ?? 0, epochs };
  const holder = readLivingHolder(store, run.place, machine, Date.now());
  if (!holder) return { state: 'interrupted', ...at };
  const paces = secondsOfEpochs(store, run.place).filter((seconds) => seconds !== undefined);
  return {
    state: 'at work',
    ...at,
    host: holder.host,
    pid: holder.pid,
    ...(paces.length > 0 && { seconds: median(paces) * (epochs - at.epoch) }),
  };
}

/**
 * Seconds until all works are done. As many are taken to be at work at a time as are now; one that waits takes as long as those of its name did,
 * or as any did where there is none; one at work goes on at its pace. Undefined when nothing tells.
 */
export function secondsLeft(works: readonly LiveWork[]): number | undefined {
  const atOnce = works.filter(({ state }) => state === 'at work').length;
  const usual = usualSeconds(works);
  const ahead = works.flatMap((work): readonly (number | undefined)[] => {
    switch (work.state) {
      case 'done':
      case 'diverged':
        return [];
      case 'at work':
        return [work.seconds ?? usual(work)];
      case 'interrupted': {
        const whole = usual(work);
        return [whole && whole * (1 - work.epoch / work.epochs)];
      }
      case 'failed':
      case 'left':
        return [usual(work)];
      default:
        return work satisfies never;
    }
  });
  if (atOnce === 0 || ahead.includes(undefined)) return undefined;
  const seconds = ahead.map((each) => each ?? 0);
  return Math.max(sum(seconds) / atOnce, ...seconds);
}

/** How long a work takes from its beginning to its end, by those that tell. */
function usualSeconds(works: readonly LiveWork[]): (work: NamedWork) => number | undefined {
  const told = new Map<string, number[]>();
  for (const work of works) {
    const whole = work.state === 'done' ? work.seconds : work.state === 'at work' ? wholeOf(work) : undefined;
    if (whole !== undefined) told.set(work.name, [...(told.get(work.name) ?? []), whole]);
  }
  const all = [...told.values()].flat();
  const ofAny = all.length === 0 ? undefined : mean(all);
  const byName = new Map([...told].map(([name, seconds]) => [name, mean(seconds)]));
  return ({ name }) => byName.get(name) ?? ofAny;
}

const wholeOf = ({ seconds, epoch, epochs }: AtWork): number | undefined =>
  seconds === undefined || epoch >= epochs ? undefined : (seconds * epochs) / (epochs - epoch);

/** What is at work, line by line, then what went wrong and why. */
export function describeLive(works: readonly LiveWork[]): readonly string[] {
  const nameOf = (work: NamedWork): string => `${work.name}, ${describeReplicate(work)}`;
  const left = secondsLeft(works);
  return [
    ...works.flatMap((work) =>
      work.state === 'at work'
        ? [
            `at work   ${nameOf(work)}  epoch ${formatCount(work.epoch)}/${formatCount(work.epochs)}  process ${work.pid} on ${work.host}, run ${work.run.slice(0, 8)}${work.seconds === undefined ? '' : `  ${formatDuration(work.seconds)} left`}`,
          ]
        : [],
    ),
    ...works.flatMap((work) =>
      work.state === 'failed' || work.state === 'diverged'
        ? [`${work.state.padEnd(8)}  ${nameOf(work)}  run ${work.run.slice(0, 8)}${work.reason === undefined ? '' : `: ${work.reason}`}`]
        : [],
    ),
    ...(left === undefined ? [] : [`about ${formatDuration(left)} left, at the pace of what is at work`]),
  ];
}

/** `48 trials: 30 done, 2 at work, 16 left` */
export function liveLine(works: readonly LiveWork[], noun: 'trial' | 'run'): string {
  const order = ['done', 'diverged', 'failed', 'at work', 'interrupted', 'left'] as const;
  const counts = order.flatMap((state) => {
    const count = works.filter((work) => work.state === state).length;
    return count > 0 ? [`${formatCount(count)} ${state}`] : [];
  });
  return `${plural(works.length, noun)}: ${counts.join(', ')}`;
}

/** A sweep or a table in training: its name, the id of its own run, and who is at what. */
export interface LiveStudy {
  readonly kind: 'sweep' | 'table';
  readonly name: string;
  readonly runs: readonly string[];
  readonly works: readonly LiveWork[];
}

/** Of a sweep by its document: with all that it came to so far. */
export function statusOfSweep(store: Store, file: string, changes: Changes, observe: Observer) {
  const { sweep, trials } = standingOfSweep(store, file, changes, observe);
  const nameOf = configurationName(sweep);
  const named = trials
    .filter(({ state }) => state.kind !== 'pruned')
    .map(({ trial: { configuration, ...trial } }) => ({ name: nameOf(configuration), ...trial }));
  const { sweep: name } = sweep.sweep.config;
  const runs = [sweepRunId(sweep.experiment, name)];
  return {
    kind: 'sweep',
    name,
    runs,
    works: readLive(store, named, machineHere()),
    sweep,
    trials,
    results: summarize(sweep, trials),
  } as const;
}

/** Of a table by its document; `judge` has the verdicts. */
export function statusOfTable(store: Store, file: string, changes: Changes, observe: Observer): LiveStudy {
  const prepared = prepareTable(file, changes, observe);
  const { table: name } = prepared.table.config;
  return { kind: 'table', name, runs: [tableRunId(name)], works: readLive(store, namedWorks(store, prepared), machineHere()) };
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
