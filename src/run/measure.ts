import { createEngine } from '../engine/create.js';
import { largestMemory } from '../host/memory.js';
import type { Plan } from '../planning/plan.js';
import { formatBytes, formatDuration } from '../diagnostics/numbers.js';
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
    const epoch = Object.values(pace.epochSeconds).reduce((sum, seconds) => sum + seconds, 0);
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
  return `about ${formatDuration(measured.total_seconds)} in all: ${formatDuration(measured.ready_seconds)} to begin, then an epoch of ${parts.join(' + ')}; ${formatBytes(measured.memory_bytes)} of memory`;
}
