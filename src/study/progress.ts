import { readIfThere } from '../record/files.js';
import { keyFile, type Store } from '../record/layout.js';
import { type Machine, readLivingHolder } from '../record/lease.js';
import { parsePoints, type RunHead } from '../record/reader.js';
import { nextStep, secondsOfEpochs, workSeconds } from '../record/works.js';
import { attemptsByWork, outcomeOf, reasonOf, type TriedRun } from '../run/attempt.js';
import { mean, median, sum } from '../statistics/means.js';
import type { NamedWork } from './members.js';

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

/** A work with how far it is. */
export type LiveWork = NamedWork & Progress;

/** Who is at what and how far, from the records alone: the processes may be on any machine that shares them. */
export function readLive(store: Store, works: readonly NamedWork[], machine: Machine): readonly LiveWork[] {
  const attempts = attemptsByWork(store, new Set(works.map(({ work }) => work)));
  return works.map((work) => ({ ...work, ...progressOf(store, attempts.get(work.work) ?? [], machine, (run) => readPace(store, run)) }));
}

/** How far a run is: the epochs that it has, those that it will have, and how long an epoch takes where that is known. */
export interface Pace {
  readonly epoch: number;
  readonly epochs: number;
  readonly secondsEach?: number;
}

/** How a work stands by its attempts, the newest first. */
export function progressOf(store: Store, attempts: readonly TriedRun[], machine: Machine, paceOf: (run: RunHead) => Pace): Progress {
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
  const holder = readLivingHolder(store, run.place, machine, Date.now());
  const { epoch, epochs, secondsEach } = paceOf(run);
  const at = { run: run.id, epoch, epochs };
  if (!holder) return { state: 'interrupted', ...at };
  return {
    state: 'at work',
    ...at,
    host: holder.host,
    pid: holder.pid,
    ...(secondsEach !== undefined && { seconds: secondsEach * (epochs - epoch) }),
  };
}

function readPace(store: Store, { place }: RunHead): Pace {
  const points = parsePoints(readIfThere(store.files, keyFile(place, 'metrics', 'train/loss')) ?? '');
  const epochs = Number(readIfThere(store.files, keyFile(place, 'params', 'training.epochs')) ?? Number.NaN);
  const paces = secondsOfEpochs(store, place).filter((seconds) => seconds !== undefined);
  return { epoch: points.at(-1)?.step ?? 0, epochs, ...(paces.length > 0 && { secondsEach: median(paces) }) };
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
