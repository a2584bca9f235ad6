import type { Trial, TrialOrder } from '../launch/protocol.js';
import { argumentOf } from '../launch/orders.js';
import type { LaunchRequest } from '../launch/request.js';
import { withoutLogin } from '../run/tracking.js';
import { parentId } from './parent.js';
import type { PreparedSweep } from './prepare-sweep.js';

/** What a worker is told of a trial. */
export function orders(sweep: PreparedSweep, runs: string, launch: LaunchRequest): (trial: Trial) => TrialOrder {
  const sets = new Map(sweep.configurations.map(({ index, sets: given }) => [index, given.map(argumentOf)]));
  return ({ configuration, seed, work }) => ({
    base: sweep.base,
    sets: sets.get(configuration) ?? [],
    seed,
    work,
    runs,
    metric: sweep.sweep.config.select.metric,
    parent: parentId(sweep.experiment, sweep.sweep.config.sweep),
    threads: launch.threads,
    ...(launch.engine !== undefined && { engine: launch.engine }),
    ...(launch.device !== undefined && { device: launch.device }),
    ...(launch.track !== undefined && { track: withoutLogin(launch.track) }),
  });
}
