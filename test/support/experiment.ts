import { examine, type Prepared } from '../../src/run/prepare.js';
import { createEngine } from '../../src/engine/create.js';
import type { EngineOptions } from '../../src/engine/engine.js';
import { createStreams } from '../../src/random/streams.js';
import { stages as ourStages } from '../../src/stages/registry.js';
import type { Stage } from '../../src/stages/stage.js';
import { calls } from '../../src/train/calls.js';
import { drawMasks } from '../../src/train/masks.js';
import { createDataset, createFinishers, pipelineFor } from '../../src/train/pipeline.js';
import { freshStart } from '../../src/train/start.js';
import { trainStep } from '../../src/train/step.js';
import type { Sample } from '../../src/train/sample.js';
import { trainingScalars } from '../../src/train/scalars.js';
import type { RecordedView } from '../../src/views/view.js';
import { type EpochMetrics, type Outcome, type Snapshot, train } from '../../src/train/run.js';

/** A document of the project with some values changed, as far as its plan. */
export function planned(
  file: string,
  { set = [], stages = ourStages }: { readonly set?: readonly string[]; readonly stages?: readonly Stage[] } = {},
): Prepared {
  const found = examine(file, { set }, stages);
  if ('diagnostics' in found) throw new Error(found.diagnostics.map(({ message }) => message).join('\n'));
  return found;
}

export interface Trained {
  readonly outcome: Outcome;
  readonly epochs: readonly (readonly [number, EpochMetrics])[];
  readonly snapshots: readonly Snapshot[];
  readonly samples: readonly (readonly [number, readonly Sample[]])[];
  readonly views: readonly RecordedView[];
}

export interface TrainOptions extends Partial<EngineOptions> {
  readonly start?: Snapshot;
  readonly until?: number;
  readonly stages?: readonly Stage[];
  readonly stepsPerCall?: number;
  /** Asked to stop after so many questions whether to. */
  readonly stopAfter?: number;
}

/** Trains in this process and keeps all that is reported. */
export async function trained({ plan, files }: Prepared, options: TrainOptions = {}): Promise<Trained> {
  const { stages = ourStages, stepsPerCall, stopAfter = Infinity } = options;
  const engine = await createEngine({ ...plan.engine, cache: null, ...options });
  const epochs: (readonly [number, EpochMetrics])[] = [];
  const snapshots: Snapshot[] = [];
  const samples: (readonly [number, readonly Sample[]])[] = [];
  const views: RecordedView[] = [];
  let asked = 0;
  try {
    const outcome = await train({
      plan,
      pipeline: pipelineFor(plan, stages),
      finishers: createFinishers(plan, stages),
      dataset: createDataset(plan, stages, files),
      engine: stepsPerCall === undefined ? engine : { ...engine, stepsPerCall: async () => stepsPerCall },
      start: options.start ?? freshStart(plan, files),
      until: options.until ?? plan.training.epochs,
      stopped: () => ++asked > stopAfter,
      onProgress: () => {},
      onEpoch: (epoch, metrics) => epochs.push([epoch, metrics]),
      onViews: (shown) => views.push(...shown),
      onSamples: (epoch, made) => samples.push([epoch, made]),
      onCheckpoint: (snapshot) => snapshots.push(snapshot),
    });
    return { outcome, epochs, snapshots, samples, views };
  } finally {
    await engine.dispose();
  }
}

/** Without what time decides. */
export const deterministic = (metrics: EpochMetrics): Readonly<Record<string, number>> =>
  Object.fromEntries([...metrics].filter(([key]) => !key.endsWith('_per_second')));

/** The loss of each of the first steps, over as many epochs as that takes. */
export async function firstLosses({ plan, files }: Prepared, count: number): Promise<readonly number[]> {
  const engine = await createEngine({ ...plan.engine, cache: null });
  const step = trainStep(plan, pipelineFor(plan, ourStages));
  const program = await engine.compile(step, 1);
  const dataset = createDataset(plan, ourStages, files);
  const losses: number[] = [];
  let state = engine.state(step.state, freshStart(plan).state);
  for (let epoch = 1; losses.length < count; epoch++) {
    let done = 0;
    for (const call of calls(dataset.batches('train', epoch), step.inputs, 1, (index) =>
      drawMasks(plan, createStreams(plan.seed), epoch, index),
    )) {
      const result = await program.run(state, call.inputs, trainingScalars(plan, epoch, done++, 1));
      state = result.state;
      losses.push((result.outputs['loss/sum']?.[0] ?? Number.NaN) / (result.outputs['loss/count']?.[0] ?? Number.NaN));
      if (losses.length === count) break;
    }
  }
  await engine.dispose();
  return losses;
}
