import type { SweepPlan } from '../../study/proposals/plan.js';
import type { SweepResults, TrialResult } from '../../study/proposals/results.js';

/** Counts up when a reader of the JSON would have to change. */
const VERSION = 1;

/** What `run`, `plan` and `status` of a sweep print with `--json`. What is not finite is text, as in `"NaN"`. */
export function sweepToJson(plan: SweepPlan, results: readonly TrialResult[], { cells, best, counts }: SweepResults) {
  const { sweep, select } = plan.sweep.config;
  return {
    version: VERSION,
    sweep,
    experiment: plan.experiment,
    metric: select.metric,
    better: plan.better,
    counts,
    configurations: cells.map(({ configuration, mean, sd, interval, values, pruned }) => ({
      number: configuration.index,
      set: Object.fromEntries(configuration.assignments.map(({ path, value }) => [path, value])),
      seeds: values.length,
      ...(mean !== undefined && { mean }),
      ...(sd !== undefined && { sd, interval }),
      ...(pruned && { pruned }),
    })),
    ...(best && { best: best.configuration.index }),
    trials: results.map(({ trial, state }) => {
      const { kind, ...about } = state;
      const value = 'value' in about ? about.value : undefined;
      return {
        configuration: trial.configuration,
        seed: trial.seed,
        work: trial.work,
        state: kind,
        ...('run' in about && about.run !== undefined && { run: about.run }),
        ...(value !== undefined && { value: Number.isFinite(value) ? value : String(value) }),
        ...('epoch' in about && { epoch: about.epoch }),
        ...('reason' in about && { reason: about.reason }),
      };
    }),
  };
}
