import { examine } from '../run/prepare.js';
import { defaultWorkers } from './local/local.js';
import type { LaunchRequest } from './request.js';
import type { TrialOrder } from './protocol.js';

/** As a person would type it: JSON is YAML on one line. */
export const argumentOf = ({ path, value }: { readonly path: string; readonly value: unknown }): string =>
  `${path}=${JSON.stringify(value)}`;

export const workersOf = ({ workers }: LaunchRequest, byDocument?: number): number => workers ?? byDocument ?? defaultWorkers();

/** The experiment that an order is about, as `run BASE --set … --seed …` prepares it. */
export const examineOrder = ({ base, sets, seed, engine, device, threads }: TrialOrder): ReturnType<typeof examine> =>
  examine(base, {
    set: sets,
    seed: String(seed),
    threads,
    ...(engine !== undefined && { engine }),
    ...(device !== undefined && { device }),
  });
