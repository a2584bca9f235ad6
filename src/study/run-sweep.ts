import type { Trial } from '../launch/launcher.js';
import { openStore } from '../record/layout.js';
import { type Member, SWEEP_TAG, sweepRunId } from './members.js';
import { type PreparedSweep, prepareSweep } from './prepare-study.js';
import type { Assignment } from './proposals/propose.js';
import { standingOf } from './proposals/prune.js';
import { countStates, summarize, sweepStanding, type SweepResults, type TrialResult } from './proposals/results.js';
import { type Batch, runStudy, type Standing, type StudyEnd, type StudyRequest, type Watching } from './run-study.js';
import { configurationName, ordersOf, readStates } from './sweep-trials.js';

/** A sweep with what its trials came to. */
export interface SettledSweep {
  readonly sweep: PreparedSweep;
  readonly trials: readonly TrialResult[];
  readonly results: SweepResults;
}

/** Does what is left of a sweep, rung by rung, and sums all of it up. */
export async function runSweep(
  { file, changes, root, launch }: StudyRequest,
  watching: Watching<SettledSweep>,
): Promise<StudyEnd<SettledSweep>> {
  const sweep = prepareSweep(file, changes, watching.observe);
  const store = openStore(root);
  const { sweep: loaded, experiment, base, onFinish } = sweep;
  const { config, doc } = loaded;
  const nameOf = configurationName(sweep);
  const setOf = new Map(sweep.configurations.map(({ index, assignments }) => [index, assignments]));
  const orderOf = ordersOf(sweep, root, launch);

  function look(): Standing<SettledSweep> {
    const found = readStates(store, sweep);
    const { results } = standingOf(sweep, found);
    return {
      standing: sweepStanding(sweep, countStates(results)),
      isLeft: results.some(({ state: { kind } }) => kind === 'failed' || kind === 'unfinished' || kind === 'needed'),
      members: () => results.map((result) => memberOf(result, nameOf, setOf)),
      next: (failed) => batchOf(standingOf(sweep, triedAgain(found, failed)).next),
      conclude: async () => ({ sweep, trials: results, results: summarize(sweep, results) }),
    };
  }

  function batchOf(next: ReturnType<typeof standingOf>['next']): Batch | undefined {
    if (!next) return undefined;
    const { trials, all, epoch, number, configurations } = next;
    const isLast = number === sweep.rungs.length - 1;
    return {
      trials,
      orderOf: (trial: Trial) => ({ ...orderOf(trial), ...(!isLast && { until: epoch }) }),
      nameOf,
      metric: config.select.metric,
      all,
      done: all - trials.length,
      ...(sweep.rungs.length > 1 && { rung: { kind: 'rung', number: number + 1, rungs: sweep.rungs.length, configurations, epoch } }),
    };
  }

  const own = {
    experiment,
    runId: sweepRunId(experiment, config.sweep),
    runName: config.sweep,
    parameters: { sweep: config.sweep, base: config.base, 'select.metric': config.select.metric, 'select.at': String(config.select.at) },
    tags: { [SWEEP_TAG]: config.sweep },
    file,
    text: doc.text,
    note: config.description,
  };
  const commands = onFinish === undefined ? [] : [{ command: onFinish, base, facts: { EXPERIMENT: experiment, SWEEP: config.sweep } }];
  return runStudy({ own, doc, runOn: config.run_on, look, commands }, store, launch, watching);
}

function memberOf(
  { trial: { configuration, ...trial }, state }: TrialResult,
  nameOf: (configuration: number) => string,
  setOf: ReadonlyMap<number, readonly Assignment[]>,
): Member {
  const set = Object.fromEntries((setOf.get(configuration) ?? []).map(({ path, value }) => [path, value]));
  return { ...trial, configuration: nameOf(configuration), set, state: state.kind, ...('run' in state && { run: state.run }) };
}

/** A trial that failed is tried again, once a command: in `failed` are those of this one. */
const triedAgain = (results: readonly TrialResult[], failed: ReadonlySet<string>): readonly TrialResult[] =>
  results.map((result) => {
    if (failed.has(result.trial.work)) return { ...result, state: { ...result.state, kind: 'failed' } };
    return result.state.kind === 'failed' ? { ...result, state: { kind: 'needed' } } : result;
  });
