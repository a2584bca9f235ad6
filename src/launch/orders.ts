import { argumentOf } from '../diagnostics/words.js';
import type { Replicate } from '../language/replicate.js';
import { examine } from '../run/prepare.js';
import { withoutLogin } from '../run/tracking.js';
import type { LaunchRequest, TrialOrder } from './launcher.js';
import { defaultWorkers } from './local/local.js';

export const workersOf = ({ workers }: LaunchRequest, byDocument?: number): number => workers ?? byDocument ?? defaultWorkers();

/** What a worker is told of a trial: its own, and what all trials of its study have in common. */
export const orderOf = (
  { threads, engine, device, track }: LaunchRequest,
  study: Pick<TrialOrder, 'runs' | 'metric' | 'parent'>,
  {
    sets,
    fold,
    split,
    ...trial
  }: Pick<TrialOrder, 'base' | 'work' | 'until'> &
    Replicate & { readonly sets: readonly { readonly path: string; readonly value: unknown }[] },
): TrialOrder => ({
  ...study,
  ...trial,
  sets: [
    ...sets,
    ...(fold === undefined ? [] : [{ path: 'fold', value: fold }]),
    ...(split === undefined ? [] : [{ path: 'dataset.seed', value: split }]),
  ].map(argumentOf),
  threads,
  ...(engine !== undefined && { engine }),
  ...(device !== undefined && { device }),
  ...(track !== undefined && { track: withoutLogin(track) }),
});

/** The experiment that an order is about, as `run BASE --set … --seed …` prepares it. */
export const examineOrder = ({ base, sets, seed, engine, device, threads }: TrialOrder): ReturnType<typeof examine> =>
  examine(base, {
    set: sets,
    seed: String(seed),
    threads,
    ...(engine !== undefined && { engine }),
    ...(device !== undefined && { device }),
  });
