import type { Arrays, Engine, State } from '../engine/engine.js';
import type { Plan } from '../planning/plan.js';
import { createStreams } from '../random/streams.js';
import type { Dataset } from '../stages/stage.js';
import { calls } from './calls.js';
import { type Divergence, type MadeCall, gradientNorms } from './divergence.js';
import { drawMasks } from './masks.js';
import type { Finishers, PipelineFor } from './pipeline.js';
import { type StepPrograms, compileStep } from './programs.js';
import { carriesState, trainState } from './signature.js';
import { evaluateStep, trainStep } from './step.js';
import { EpochSums } from './sums.js';

/** Metrics of one epoch by `SPLIT/METRIC`, in double; `train` values are running means while weights change, the others are measured at its end. */
export type EpochMetrics = ReadonlyMap<string, number>;

/** Where training stands after an epoch: all it takes to go on from there with equal digits. */
export interface Snapshot {
  readonly epoch: number;
  readonly state: Arrays;
}

export interface TrainingRequest {
  readonly plan: Plan;
  readonly pipeline: PipelineFor;
  readonly finishers: Finishers;
  readonly dataset: Dataset;
  readonly engine: Engine;
  /** Epoch 0 with drawn parameters, or a checkpoint. */
  readonly start: Snapshot;
  /** The last epoch to train, at most the plan's. */
  readonly until: number;
  /** Asked between calls of the engine, so that Ctrl-C is answered within about a tenth of a second. */
  readonly stopped: () => boolean;
  readonly onReady?: () => void;
  readonly onProgress: (progress: Progress) => void;
  readonly onEpoch: (epoch: number, metrics: EpochMetrics) => void;
  readonly onCheckpoint: (snapshot: Snapshot) => void;
}

export interface Progress {
  readonly epoch: number;
  /** Steps done in this epoch. */
  readonly step: number;
  /** Mean so far in this epoch. */
  readonly loss: number;
  /** Training time only, this epoch. */
  readonly examplesPerSecond: number;
}

export type Outcome =
  | { readonly kind: 'finished'; readonly snapshot: Snapshot }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'diverged'; readonly divergence: Divergence };

/**
 * The one loop. An epoch is: every training batch once, then every other split as it is measured, then the record, then (when due) a
 * checkpoint. The order decides what a record means; don't change it.
 */
export async function train(request: TrainingRequest): Promise<Outcome> {
  const { plan, engine, start, until } = request;
  const programs = await compileAll(request);
  request.onReady?.();
  let state = engine.state(trainState(plan), start.state);
  let snapshot = start;

  for (let epoch = start.epoch + 1; epoch <= until; epoch++) {
    const trained = await trainEpoch(request, programs.train, state, epoch);
    if (trained.kind !== 'done') return trained;
    state = trained.state;

    const metrics = new Map(trained.metrics);
    for (const [split, program] of programs.others) {
      const measured = await evaluate(request, program, state, split, epoch);
      if (!measured) return { kind: 'stopped' };
      for (const [key, value] of measured) metrics.set(key, value);
    }
    request.onEpoch(epoch, metrics);

    if (epoch % plan.config.values.training.checkpoint_every === 0 || epoch === until) {
      snapshot = { epoch, state: await readState(plan, state) };
      request.onCheckpoint(snapshot);
    }
  }
  return { kind: 'finished', snapshot };
}

type TrainedEpoch =
  | { readonly kind: 'done'; readonly state: State; readonly metrics: readonly (readonly [string, number])[] }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'diverged'; readonly divergence: Divergence };

async function trainEpoch(request: TrainingRequest, programs: StepPrograms, before: State, epoch: number): Promise<TrainedEpoch> {
  const { plan, finishers, dataset, stopped } = request;
  const { stepsPerEpoch, batchSize } = plan.training;
  const streams = createStreams(plan.seed);
  const masks = (index: number): Arrays => drawMasks(plan, streams, epoch, index);
  const sums = new EpochSums();
  let state = before;
  let step = 0;
  let seconds = 0;
  let last: MadeCall | undefined;

  for (const call of calls(dataset.batches('train', epoch), programs.inputs, programs.steps, masks)) {
    if (stopped()) return { kind: 'stopped' };
    const scalars = scalarsOf(plan, epoch, step, call.steps);
    const began = performance.now();
    const result = await programs.run(state, call, scalars);
    seconds += (performance.now() - began) / 1000;

    sums.add(result.outputs);
    const losses = batchLosses(result.outputs);
    const bad = losses.findIndex((loss) => !Number.isFinite(loss));
    const made = { state, call, scalars };
    if (bad >= 0) return { kind: 'diverged', divergence: await explain(request, epoch, step + bad, losses, last ? [last, made] : [made]) };

    last = made;
    state = result.state;
    step += call.steps;
    request.onProgress({ epoch, step, loss: sums.loss, examplesPerSecond: (step * batchSize) / seconds });
  }
  const { examples, tokens } = plan.data.splits['train'] ?? { examples: stepsPerEpoch * batchSize };
  return {
    kind: 'done',
    state,
    metrics: [
      ...sums.finish('train', finishers),
      ['train/examples_per_second', examples / seconds],
      ...(tokens === undefined ? [] : [['train/tokens_per_second', tokens / seconds] as const]),
    ],
  };
}

async function evaluate(request: TrainingRequest, programs: StepPrograms, state: State, split: string, epoch: number) {
  const sums = new EpochSums();
  for (const call of calls(request.dataset.batches(split, epoch), programs.inputs, programs.steps)) {
    if (request.stopped()) return undefined;
    const { outputs } = await programs.run(state, call, {});
    sums.add(outputs);
  }
  return sums.finish(split, request.finishers);
}

async function compileAll({ plan, pipeline, engine }: TrainingRequest) {
  const train = await compileStep(engine, trainStep(plan, pipeline), plan.training.stepsPerEpoch);
  const others = new Map<string, StepPrograms>();
  for (const [split, { batches }] of Object.entries(plan.data.splits)) {
    if (split !== 'train') others.set(split, await compileStep(engine, evaluateStep(plan, pipeline, split), batches));
  }
  return { train, others };
}

/** `[steps]` each: the numbers that are inputs of the program. `done` steps of this epoch came before. */
function scalarsOf(plan: Plan, epoch: number, done: number, steps: number): Readonly<Record<string, Float32Array>> {
  const first = (epoch - 1) * plan.training.stepsPerEpoch + done + 1;
  const constants = Object.entries(plan.optimizer.scalars).map(([name, value]) => [name, new Float32Array(steps).fill(value)] as const);
  return {
    step: Float32Array.from({ length: steps }, (_, index) => first + index),
    ...Object.fromEntries(constants),
    ...(carriesState(plan) ? { carry: Float32Array.from({ length: steps }, (_, index) => (done + index === 0 ? 0 : 1)) } : {}),
  };
}

/** The mean loss of every step of a call. */
function batchLosses(outputs: Arrays): readonly number[] {
  const counts = outputs['loss/count'];
  return Array.from(outputs['loss/sum'] ?? [], (sum, step) => sum / (counts?.[step] ?? 1));
}

/** `at` is the bad step's index in the epoch; `made` are the last calls, the bad one last. */
async function explain(
  request: TrainingRequest,
  epoch: number,
  at: number,
  losses: readonly number[],
  made: readonly MadeCall[],
): Promise<Divergence> {
  const { plan, pipeline, engine } = request;
  const steps = made.reduce((total, { call }) => total + call.steps, 0);
  const badInMade = steps - losses.length + losses.findIndex((loss) => !Number.isFinite(loss));
  const norms = await gradientNorms(engine, trainStep(plan, pipeline, { gradientNorm: true }), made);
  return {
    epoch,
    step: (epoch - 1) * plan.training.stepsPerEpoch + at + 1,
    loss: losses.find((loss) => !Number.isFinite(loss)) ?? Number.NaN,
    gradientNorm: norms[badInMade - 1],
  };
}

async function readState(plan: Plan, state: State): Promise<Arrays> {
  const names = Object.keys(trainState(plan));
  const tensors = await Promise.all(names.map(async (name) => [name, await state.read(name)] as const));
  return Object.fromEntries(tensors);
}
