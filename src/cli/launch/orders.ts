import type { Options } from '../command.js';
import { Refusal } from '../exit.js';
import { examine } from '../prepare.js';
import { defaultWorkers } from './local.js';
import type { TrialOrder } from './protocol.js';

/** As a person would type it: JSON is YAML on one line. */
export const argumentOf = ({ path, value }: { readonly path: string; readonly value: unknown }): string =>
  `${path}=${JSON.stringify(value)}`;

export function workersOf({ workers }: Options, byDocument?: number): number {
  if (workers === undefined) return byDocument ?? defaultWorkers();
  if (!/^[1-9]\d{0,3}$/.test(workers)) throw new Refusal(`--workers is a number of processes, and "${workers}" is none`);
  return Number(workers);
}

/** The experiment that an order is about, as `run BASE --set … --seed …` prepares it. */
export const examineOrder = ({ base, sets, seed, engine, device, threads }: TrialOrder): ReturnType<typeof examine> =>
  examine(base, {
    set: sets,
    seed: String(seed),
    threads,
    ...(engine !== undefined && { engine }),
    ...(device !== undefined && { device }),
  });
