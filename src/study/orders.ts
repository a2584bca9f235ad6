import { orderOf } from '../launch/orders.js';
import type { LaunchRequest, Trial, TrialOrder } from '../launch/launcher.js';
import { sweepRunId } from './own-run.js';
import type { PreparedSweep } from './prepare-sweep.js';

/** What a worker is told of a trial of a sweep. */
export function orders(
  { base, experiment, configurations, sweep: { config } }: PreparedSweep,
  runs: string,
  launch: LaunchRequest,
): (trial: Trial) => TrialOrder {
  const setsOf = new Map(configurations.map(({ index, sets }) => [index, sets]));
  const study = { runs, metric: config.select.metric, parent: sweepRunId(experiment, config.sweep) };
  return ({ configuration, seed, work }) => orderOf(launch, study, { base, sets: setsOf.get(configuration) ?? [], seed, work });
}
