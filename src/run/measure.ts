import { createEngine } from '../engine/create.js';
import { largestMemory } from '../host/memory.js';
import type { Plan } from '../planning/plan.js';
import { formatBytes, formatDuration } from '../diagnostics/numbers.js';
import { sum } from '../statistics/means.js';
import type { Files, Stage } from '../stages/stage.js';
import { createDataset, pipelineFor } from '../train/pipeline.js';
import { probe } from '../train/probe.js';
import { freshStart } from '../train/start.js';

/** Seconds that a split is tried for. */
const MOMENT = 1;

export interface Measured {
  readonly ready_seconds: number;
  readonly epoch_seconds: Readonly<Record<string, number>>;
  readonly total_seconds: number;
  /** Largest resident memory of this process so far. */
  readonly memory_bytes: number;
  /** Where the data have folds: how many, and what training in each of them would take together. */
  readonly folds?: { readonly count: number; readonly total_seconds: number };
}

/** Seconds of an epoch of a plan at the pace at which another one was `tried`: they may differ in their numbers of batches. */
export const epochSecondsAt = (pace: Pick<Measured, 'epoch_seconds'>, tried: Plan, { data: { splits } }: Plan): number =>
  sum(
    Object.entries(pace.epoch_seconds).map(
      ([split, seconds]) => (seconds * (splits[split]?.batches ?? 0)) / Math.max(1, tried.data.splits[split]?.batches ?? 1),
    ),
  );

/** With what all folds would take at the pace of the one that was tried. `folds`: their plans. */
export function withFolds(measured: Measured, plan: Plan, folds: readonly Plan[]): Measured {
  if (folds.length === 0) return measured;
  const seconds = folds.map((fold) => measured.ready_seconds + fold.training.epochs * epochSecondsAt(measured, plan, fold));
  return { ...measured, folds: { count: folds.length, total_seconds: sum(seconds) } };
}

/** What all of a plan would take here, from a moment of it; nothing is recorded. */
export async function measure(plan: Plan, stages: readonly Stage[], files: Files): Promise<Measured> {
  const engine = await createEngine(plan.engine);
  try {
    const pace = await probe(
      {
        plan,
        pipeline: pipelineFor(plan, stages),
        dataset: createDataset(plan, stages, files),
        engine,
        start: freshStart(plan, files),
      },
      MOMENT,
    );
    const epoch = sum(Object.values(pace.epochSeconds));
    return {
      ready_seconds: pace.readySeconds,
      epoch_seconds: pace.epochSeconds,
      total_seconds: pace.readySeconds + plan.training.epochs * epoch,
      memory_bytes: largestMemory(),
    };
  } finally {
    await engine.dispose();
  }
}

export function describeMeasured(measured: Measured): string {
  const parts = Object.entries(measured.epoch_seconds).map(([split, seconds]) => `${split} ${formatDuration(seconds)}`);
  const folds = measured.folds ? `; all ${measured.folds.count} folds about ${formatDuration(measured.folds.total_seconds)}` : '';
  return `about ${formatDuration(measured.total_seconds)} in all: ${formatDuration(measured.ready_seconds)} to begin, then an epoch of ${parts.join(' + ')}; ${formatBytes(measured.memory_bytes)} of memory${folds}`;
}
