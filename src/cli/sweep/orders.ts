import type { Trial } from '../../sweep/plan.js';
import type { Options } from '../command.js';
import { argumentOf } from '../launch/orders.js';
import { withoutLogin } from '../tracking.js';
import type { TrialOrder } from '../launch/protocol.js';
import { parentId } from './parent.js';
import type { PreparedSweep } from './prepare-sweep.js';

/** What a worker is told of a trial. */
export function orders(sweep: PreparedSweep, runs: string, options: Options): (trial: Trial) => TrialOrder {
  const sets = new Map(sweep.configurations.map(({ index, sets: given }) => [index, given.map(argumentOf)]));
  return ({ configuration, seed, work }) => ({
    base: sweep.base,
    sets: sets.get(configuration) ?? [],
    seed,
    work,
    runs,
    metric: sweep.sweep.config.select.metric,
    parent: parentId(sweep.experiment, sweep.sweep.config.sweep),
    threads: options.threads ?? '1',
    ...(options.engine !== undefined && { engine: options.engine }),
    ...(options.device !== undefined && { device: options.device }),
    ...(options.track !== undefined && { track: withoutLogin(options.track) }),
  });
}
