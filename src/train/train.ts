import { setImmediate as otherEvents } from 'node:timers/promises';
import type { Arrays, Engine, Specs, State, Within } from '../engine/engine.js';
import type { Plan } from '../planning/plan.js';
import { createStreams } from '../random/streams.js';
import type { Dataset } from '../stages/stage.js';
import { type Call, calls } from './calls.js';
import { type Divergence, type MadeCall, gradientNorms } from './divergence.js';
import { drawMasks } from './masks.js';
import type { Finishers, PipelineFor } from './pipeline.js';
import { type StepPrograms, compileStep } from './programs.js';
import { createSampler, type Sample, type Sampler } from './sample.js';
import { evaluationScalars, trainingScalars } from './scalars.js';
import { trainState, weightState } from './signature.js';
import { evaluateStep, trainStep } from './step.js';
import { EpochSums } from './sums.js';
import { type Best, isBetter, isOver, watchOf } from './watch.js';

/** Metrics of one epoch by `SPLIT/METRIC`, in double; `train` values are running means while weights change, the others are measured at its end. */
export type EpochMetrics = ReadonlyMap<string, number>;

/** Where training stands after an epoch: all it takes to go on from there with equal digits. */
export interface Snapshot {
  readonly epoch: number;
  readonly state: Arrays;
  /** Where some metric is watched: the best epoch so far. */
  readonly best?: Best;
}

export interface TrainingRequest {
  readonly plan: Plan;
  readonly pipeline: PipelineFor;
  readonly finishers: Finishers;
  readonly dataset: Dataset;
  readonly engine: Engine;
  /** Epoch 0 with drawn parameters, or a checkpoint. */
  readonly start: Snapshot;
  /** The last epoch to train, at most the plan's; anyone can go on from its checkpoint. */
  readonly until: number;
  /** Asked between calls of the engine, so that Ctrl-C is answered within about a tenth of a second. */
  readonly stopped: () => boolean;
  /** Calls what makes batches, where that is a person's own code and may never come back. */
  readonly within?: Within;
  /** Seconds of work since some moment; a pause of the process is none. Of this thread's own clock when left out. */
  readonly clock?: () => number;
  readonly onReady?: () => void;
  readonly onProgress: (progress: Progress) => void;
  readonly onEpoch: (epoch: number, metrics: EpochMetrics) => void;
  readonly onSamples?: (epoch: number, samples: readonly Sample[]) => void;
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
  /** `kept` are the weights that a run keeps, and of which epoch: the last, or the best. */
  | { readonly kind: 'finished'; readonly snapshot: Snapshot; readonly kept: Snapshot }
  /** `until` came before the plan's end. */
  | { readonly kind: 'paused' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'diverged'; readonly divergence: Divergence };

/**
 * The one loop. An epoch is: every training batch once, then every other split as it is measured, then the record, then (when due) samples,
 * then (when due) a checkpoint. The order decides what a record means; don't change it.
 */
export async function train(request: TrainingRequest): Promise<Outcome> {
  const { plan, engine, start, until } = request;
  const { checkpoint_every, samples } = plan.config.values.training;
  const programs = await compileAll(request);
  const sampler = samples && request.onSamples && (await createSampler(plan, request.pipeline, engine));
  const watch = watchOf(plan);
  request.onReady?.();
  let state = engine.state(trainState(plan), start.state);
  let snapshot = start;
  let best = start.best;

  for (let epoch = start.epoch + 1; epoch <= until && !isOver(watch, best, epoch - 1); epoch++) {
    const trained = await trainEpoch(request, programs, state, epoch);
    if (trained.kind !== 'done') return trained;
    state = trained.state;

    const metrics = new Map(trained.metrics);
    for (const split of Object.keys(plan.data.splits).filter((name) => name !== 'train')) {
      const measured = await evaluate(request, programs, state, split, epoch);
      if (!measured) return disposed({ kind: 'stopped' }, state);
      for (const [key, value] of measured) metrics.set(key, value);
    }
    request.onEpoch(epoch, metrics);

    const value = metrics.get(watch?.key ?? '') ?? Number.NaN;
    if (watch && isBetter(watch, value, best)) {
      best = { epoch, value, ...(watch.keepsWeights && { weights: await readTensors(state, weightState(plan)) }) };
    }
    const isEnd = epoch === plan.training.epochs || isOver(watch, best, epoch);
    if (sampler && (isEnd || epoch % samples.every === 0)) request.onSamples?.(epoch, await sampleAll(plan, sampler, state, epoch));
    if (isEnd || epoch === until || epoch % checkpoint_every === 0) {
      snapshot = { epoch, state: await readTensors(state, trainState(plan)), ...(best && { best }) };
      request.onCheckpoint(snapshot);
    }
  }
  if (until < plan.training.epochs && !isOver(watch, best, until)) return disposed({ kind: 'paused' }, state);
  const kept = best?.weights ? { epoch: best.epoch, state: best.weights } : snapshot;
  return disposed({ kind: 'finished', snapshot, kept }, state);
}

type TrainedEpoch =
  | { readonly kind: 'done'; readonly state: State; readonly metrics: readonly (readonly [string, number])[] }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'diverged'; readonly divergence: Divergence };

/** Takes the state over: the states before the last one are let go as soon as nothing can ask for them again. */
async function trainEpoch(request: TrainingRequest, compiled: Programs, before: State, epoch: number): Promise<TrainedEpoch> {
  const { plan, finishers, dataset, stopped, clock = () => performance.now() / 1000 } = request;
  const { stepsPerEpoch, batchSize } = plan.training;
  const programs = programOf(compiled, 'train');
  const streams = createStreams(plan.seed);
  const masks = (index: number): Arrays => drawMasks(plan, streams, epoch, index);
  const sums = new EpochSums();
  let state = before;
  let step = 0;
  let seconds = 0;
  let last: MadeCall | undefined;

  const batches = (): Iterable<Call> => calls(dataset.batches('train', epoch), programs.inputs, programs.steps, masks);
  for await (const call of oneByOne(batches, request.within)) {
    if (stopped()) return disposed({ kind: 'stopped' }, state, last);
    const scalars = trainingScalars(plan, epoch, step, call.steps);
    const began = clock();
    const result = await programs.run(state, call, scalars);
    seconds += clock() - began;

    sums.add(result.outputs);
    const losses = batchLosses(result.outputs);
    const bad = losses.findIndex((loss) => !Number.isFinite(loss));
    const made = { state, call, scalars };
    if (bad >= 0) {
      const divergence = await explain(request, epoch, step, losses, last ? [last, made] : [made]);
      return disposed({ kind: 'diverged', divergence }, result.state, last, made);
    }

    last?.state.dispose();
    last = made;
    state = result.state;
    step += call.steps;
    request.onProgress({ epoch, step, loss: sums.loss, examplesPerSecond: (step * batchSize) / seconds });
  }
  last?.state.dispose();
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

function disposed<T>(outcome: T, state: State, ...made: readonly (MadeCall | undefined)[]): T {
  state.dispose();
  for (const call of made) call?.state.dispose();
  return outcome;
}

async function evaluate(
  { plan, dataset, finishers, stopped, within }: TrainingRequest,
  compiled: Programs,
  start: State,
  split: string,
  epoch: number,
) {
  const programs = programOf(compiled, split);
  const sums = new EpochSums();
  let state = start;
  let step = 0;
  const batches = (): Iterable<Call> => calls(dataset.batches(split, epoch), programs.inputs, programs.steps);
  for await (const call of oneByOne(batches, within)) {
    const result = stopped() ? undefined : await programs.run(state, call, evaluationScalars(plan, split, step, call.steps));
    if (state !== start) state.dispose();
    if (!result) return undefined;
    sums.add(result.outputs);
    state = result.state;
    step += call.steps;
  }
  if (state !== start) state.dispose();
  return sums.finish(split, finishers);
}

/** Other events have their turn before each, so that a signal is heard before `within` can lose it. */
async function* oneByOne<T>(make: () => Iterable<T>, within: Within | undefined): AsyncGenerator<T> {
  if (!within) return yield* make();
  await otherEvents();
  const items = within(() => make()[Symbol.iterator]());
  for (;;) {
    const { done, value } = within(() => items.next());
    if (done) return;
    yield value;
    await otherEvents();
  }
}

/** What the model writes after each prefix; every draw has its own stream. */
async function sampleAll(plan: Plan, sampler: Sampler, state: State, epoch: number): Promise<readonly Sample[]> {
  const { prefixes = [], ...options } = plan.config.values.training.samples ?? { length: 0, temperature: 0 };
  const weights = await readTensors(state, weightState(plan));
  const streams = createStreams(plan.seed);
  const samples: Sample[] = [];
  for (const [index, prefix] of prefixes.entries()) {
    samples.push(await sampler.sample(weights, prefix, options, streams.stream('samples', epoch, index)));
  }
  return samples;
}

/** By split: the training step of `train`, the measuring step of the others. */
type Programs = ReadonlyMap<string, StepPrograms>;

export async function compileAll({ plan, pipeline, engine }: Pick<TrainingRequest, 'plan' | 'pipeline' | 'engine'>): Promise<Programs> {
  const programs = new Map<string, StepPrograms>();
  for (const [split, { batches }] of Object.entries(plan.data.splits)) {
    const step = split === 'train' ? trainStep(plan, pipeline) : evaluateStep(plan, pipeline, split);
    programs.set(split, await compileStep(engine, step, batches));
  }
  return programs;
}

function programOf(programs: Programs, split: string): StepPrograms {
  const program = programs.get(split);
  if (!program) throw new Error(`no program for the split ${split}`);
  return program;
}

/** The mean loss of every step of a call; 0 where nothing counts in a batch. */
function batchLosses(outputs: Arrays): readonly number[] {
  const counts = outputs['loss/count'];
  return Array.from(outputs['loss/sum'] ?? [], (sum, step) => sum / (counts?.[step] || 1));
}

/** `before` steps of the epoch came before the call with these losses; `made` are the last calls, that one last. */
async function explain(
  { plan, pipeline, engine }: TrainingRequest,
  epoch: number,
  before: number,
  losses: readonly number[],
  made: readonly MadeCall[],
): Promise<Divergence> {
  const bad = losses.findIndex((loss) => !Number.isFinite(loss));
  const norms = await gradientNorms(engine, trainStep(plan, pipeline, { gradientNorm: true }), made);
  const step = (epoch - 1) * plan.training.stepsPerEpoch + before + bad + 1;
  return { epoch, step, loss: losses[bad] ?? Number.NaN, gradientNorm: norms.at(bad - losses.length - 1) };
}

async function readTensors(state: State, specs: Specs): Promise<Arrays> {
  const tensors = await Promise.all(Object.keys(specs).map(async (name) => [name, await state.read(name)] as const));
  return Object.fromEntries(tensors);
}
