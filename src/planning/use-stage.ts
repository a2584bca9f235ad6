import type { Problem } from '../diagnostics/diagnostic.js';
import type { StageConfig } from '../language/experiment.js';
import { findStage } from '../stages/registry.js';
import { StageFault } from '../stages/stage-fault.js';
import type { Report, Slot, Slots, Stage } from '../stages/stage.js';
import { unknownKind } from './messages.js';

type Path = Problem['path'];

/** A stage together with the options that a document gives it. */
export interface UsedStage<S extends Slot = Slot> {
  readonly stage: Stage<S>;
  /** Where it stands in the document: `['metrics', 1]`. */
  readonly path: Path;
  readonly options: Readonly<Record<string, unknown>>;
  /** What it reports gets its place in the document put in front. Nothing where it gives what no later stage could use. */
  plan(upstream: Slots[S]['upstream']): Slots[S]['spec'] | undefined;
}

/** Finds stages by slot and kind; an unknown kind is reported and gives nothing. */
export function useStage(stages: readonly Stage[], report: Report) {
  return <S extends Slot>(slot: S, config: StageConfig, path: Path): UsedStage<S> | undefined => {
    const stage = findStage(stages, slot, config.kind);
    if (!stage) {
      report(unknownKind([...path, 'kind'], slot, config.kind, kindsOf(stages, slot)));
      return undefined;
    }
    const options = stageOptions(stage, config);
    const reportHere: Report = (problem) => report({ ...problem, path: [...path, ...problem.path] });
    return { stage, path, options, plan: (upstream) => faultsReported(reportHere, () => stage.plan(options, upstream, reportHere)) };
  };
}

/** A stage that gives something else than its slot asks for is a mistake like others: it is reported, and what it gave is used by nobody. */
export function faultsReported<T>(report: Report, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof StageFault)) throw error;
    report(error.problem);
    return undefined;
  }
}

/** What a stage is handed of its part of the document: its own options, without the keys that the language adds (`kind`, `seed`, `splits`). */
export function stageOptions(stage: Pick<Stage, 'options'>, config: StageConfig): Readonly<Record<string, unknown>> {
  const own = Object.keys(stage.options.properties).filter((name) => config[name] !== undefined);
  return Object.fromEntries(own.map((name) => [name, config[name]]));
}

export const kindsOf = (stages: readonly Stage[], slot: Slot): readonly string[] =>
  stages.filter((stage) => stage.slot === slot).map((stage) => stage.kind);
