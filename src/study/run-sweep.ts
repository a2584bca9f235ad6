import type { Trial } from '../launch/launcher.js';
import { openStore } from '../record/layout.js';
import { type Member, SWEEP_TAG, sweepRunId } from './members.js';
import { type PreparedSweep, prepareSweep } from './prepare-sweep.js';
import { type Assignment, roundsOf } from './proposals/propose.js';
import { isPruned, unfold } from './proposals/prune.js';
import { countStates, isLeft, summarize, sweepStanding, type SweepResults, type TrialResult } from './proposals/results.js';
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
  const planned = prepareSweep(file, changes, watching.observe);
  const store = openStore(root);
  const { sweep: loaded, experiment, base, onFinish } = planned;
  const { config, doc } = loaded;

  function look(): Standing<SettledSweep> {
    const { sweep, results } = unfold(planned, (grown) => readStates(store, grown));
    return {
      standing: sweepStanding(sweep, countStates(results)),
      isLeft: isLeft(sweep, results),
      members: () => {
        const setOf = new Map(sweep.configurations.map(({ index, assignments }) => [index, assignments]));
        const nameOf = configurationName(sweep);
        return results.map((result) => memberOf(result, nameOf, setOf));
      },
      next: (failed) => batchOf(unfold(planned, (grown) => triedAgain(readStates(store, grown), failed))),
      conclude: async () => ({ sweep, trials: results, results: summarize(sweep, results) }),
    };
  }

  function batchOf({ sweep, next }: ReturnType<typeof unfold<PreparedSweep>>): Batch | undefined {
    if (!next) return undefined;
    const { trials, all, epoch, number, rungs, bracket, configurations } = next;
    const orderOf = ordersOf(sweep, root, launch);
    const isLast = number === rungs - 1;
    const { length: rounds } = roundsOf(config.search);
    const told = {
      ...(rounds > 1 && { round: { number: sweep.rounds.length, rounds } }),
      ...(rounds < 2 && sweep.brackets.length > 1 && { bracket: { number: bracket + 1, brackets: sweep.brackets.length } }),
    };
    return {
      trials,
      orderOf: (trial: Trial) => ({ ...orderOf(trial), ...(!isLast && { until: epoch }) }),
      nameOf: configurationName(sweep),
      metric: config.select.metric,
      all,
      done: all - trials.length,
      ...((isPruned(sweep) || rounds > 1) && { step: { kind: 'rung', number: number + 1, rungs, configurations, epoch, ...told } }),
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
