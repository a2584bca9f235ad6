import { setImmediate as otherEvents } from 'node:timers/promises';
import type { Arrays, Engine, Specs, State, Within } from '../engine/engine.js';
import type { Plan } from '../planning/plan.js';
import type { SPEEDS } from '../planning/recorded.js';
import { createStreams } from '../random/streams.js';
import { type Collected, type Dataset, type HostTensor, VALIDATION } from '../stages/stage.js';
import { type Call, calls, repeated } from './calls.js';
import { type Divergence, type MadeCall, gradientNorms } from './divergence.js';
import { drawMasks } from './masks.js';
import { calibratesOn, type Finishers, type PipelineFor } from './pipeline.js';
import { compileAll, compileStep, type StepPrograms } from './programs.js';
import { createSampler, type Sample } from './sample.js';
import { evaluationScalars, trainingScalars } from './scalars.js';
import { goesOn, measuresTrainAtEnd, splitOf, trainState, weightState } from './signature.js';
import { answerStep, attentionStep, trainStep } from './step.js';
import { CollectedRows, EpochSums, type Measurement } from './sums.js';

/** What training has come to after an epoch: all that going on from there takes. */
export interface Trained {
  readonly epoch: number;
  readonly state: Arrays;
}

export interface SessionRequest {
  readonly plan: Plan;
  readonly pipeline: PipelineFor;
  readonly finishers: Finishers;
  readonly dataset: Dataset;
  readonly engine: Engine;
  /** Epoch 0 with drawn parameters, or a checkpoint. */
  readonly start: Trained;
  /** Asked between calls of the engine, so that Ctrl-C is answered within about a tenth of a second. */
  readonly stopped: () => boolean;
  /** Calls what makes batches, where that is a person's own code and may never come back. */
  readonly within?: Within;
  /** Seconds of work since some moment; a pause of the process is none. Of this thread's own clock when left out. */
  readonly clock?: () => number;
  readonly onProgress?: (progress: Progress) => void;
}

interface Progress {
  readonly epoch: number;
  /** Steps done in this epoch. */
  readonly step: number;
  /** Mean so far in this epoch. */
  readonly loss: number;
  /** Training time only, this epoch. */
  readonly examplesPerSecond: number;
}

type TrainedEpoch =
  ({ readonly kind: 'done' } & Measurement) | { readonly kind: 'stopped' } | { readonly kind: 'diverged'; readonly divergence: Divergence };

/**
 * One model that is trained: its weights where an engine holds them, and the programs that change and ask them. When to measure, what to record
 * and when to end is the business of whoever holds it. After an epoch that was not done it can only be disposed of.
 */
export interface Session {
  /** Epochs that are done. */
  readonly epoch: number;
  /** Goes through every training batch once. The values are means while weights change; without those of metrics where train is measured at the end. */
  trainEpoch(): Promise<TrainedEpoch>;
  /** Measures a split with the weights as they are, train too where it is measured at the end. Undefined when it was stopped. */
  measure(split: string): Promise<Measurement | undefined>;
  /** All outputs and targets of a split in its order, as a person reads them. Undefined when it was stopped. */
  predictions(split: string): Promise<Collected | undefined>;
  /** Of a model that attends: how much each step of each example of a split counts, `[examples, time]`. Undefined of others, and when it was stopped. */
  attention(split: string): Promise<HostTensor<Float32Array> | undefined>;
  /** What the model writes after each prefix that the plan names; every draw has its own stream. */
  sample(): Promise<readonly Sample[]>;
  /** Parameters and buffers. */
  weights(): Promise<Arrays>;
  snapshot(): Promise<Trained>;
  dispose(): void;
}

/** Compiles what the plan needs, and hands the engine the weights to begin with. */
export async function openSession(request: SessionRequest): Promise<Session> {
  const { plan, pipeline, finishers, dataset, engine, start, stopped, within, clock = () => performance.now() / 1000 } = request;
  const { training, measuring } = await compileAll(plan, pipeline, engine);
  const { samples } = plan.config.values.training;
  const sampler = samples && (await createSampler(plan, pipeline, engine));
  const streams = createStreams(plan.seed);
  const splits = Object.keys(plan.data.splits);
  let state = engine.state(trainState(plan), start.state);
  let epoch = start.epoch;
  /** By split, what a pass over it left with the weights as they are, for the split that goes on from there. */
  const left = new Map<string, State>();
  const forget = (): void => {
    for (const after of left.values()) after.dispose();
    left.clear();
  };

  /** The calls of programs whose inputs are the same in every epoch. */
  const known = new Map<StepPrograms, readonly Call[]>();
  const callsOf = (split: string, now: number, program: StepPrograms, extra?: (index: number) => Arrays): Iterable<Call> => {
    const make = (): Iterable<Call> => calls(dataset.batches(split, now), program.inputs, program.steps, extra);
    return dataset.repeats?.(split) && !extra ? repeated(known, program, make) : make();
  };

  const trainEpoch = async (): Promise<TrainedEpoch> => {
    const { stepsPerEpoch, batchSize } = plan.training;
    forget();
    const now = epoch + 1;
    const sums = new EpochSums(plan, 'train', measuresTrainAtEnd(plan) ? [] : finishers);
    let [step, seconds] = [0, 0];
    let last: MadeCall | undefined;
    const masks = plan.model.masks.length > 0 ? (index: number): Arrays => drawMasks(plan, streams, now, index) : undefined;
    try {
      for await (const call of oneByOne(() => callsOf('train', now, training, masks), within)) {
        if (stopped()) return { kind: 'stopped' };
        const scalars = trainingScalars(plan, now, step, call.steps);
        const began = clock();
        const result = await training.run(state, call, scalars);
        seconds += clock() - began;

        sums.add(result, call);
        const losses = batchLosses(result.outputs);
        const made = { state, call, scalars };
        const before = last;
        state = result.state;
        last = made;
        if (losses.some((loss) => !Number.isFinite(loss))) {
          const divergence = await explain(request, now, step, losses, before ? [before, made] : [made]);
          before?.state.dispose();
          return { kind: 'diverged', divergence };
        }
        before?.state.dispose();
        step += call.steps;
        request.onProgress?.({ epoch: now, step, loss: sums.loss, examplesPerSecond: (step * batchSize) / seconds });
      }
    } finally {
      last?.state.dispose();
    }
    epoch = now;
    const { metrics, views } = sums.finish();
    const { examples, tokens } = plan.data.splits['train'] ?? { examples: stepsPerEpoch * batchSize };
    const speeds: { readonly [name in keyof typeof SPEEDS]?: number } = {
      examples_per_second: examples / seconds,
      ...(tokens !== undefined && { tokens_per_second: tokens / seconds }),
    };
    return {
      kind: 'done',
      metrics: [...metrics, ...Object.entries(speeds).map(([name, value]) => [`train/${name}`, value] as const)],
      views,
    };
  };

  /** Runs a program that leaves the weights alone over a split; false when it was stopped. */
  const goThrough = async (split: string, program: StepPrograms, add: (made: Made, call: Call) => void): Promise<boolean> => {
    const before = await stateBefore(split);
    if (!before) return false;
    let carried = before;
    let step = 0;
    try {
      for await (const call of oneByOne(() => callsOf(split, Math.max(1, epoch), program), within)) {
        if (stopped()) return false;
        const result = await program.run(carried, call, evaluationScalars(plan, split, step, call.steps));
        if (carried !== before) carried.dispose();
        carried = result.state;
        add(result, call);
        step += call.steps;
      }
      if (carried !== before && splits.some((next, index) => goesOn(plan, next) && splits[index - 1] === split)) {
        left.get(split)?.dispose();
        left.set(split, carried);
      }
      return true;
    } finally {
      if (carried !== before && carried !== left.get(split)) carried.dispose();
    }
  };

  /** What a pass over a split begins with: the weights, and where it goes on from the split before it, what a pass over that leaves. */
  const stateBefore = async (split: string): Promise<State | undefined> => {
    const before = splits[splits.indexOf(split) - 1];
    if (before === undefined || !goesOn(plan, split)) return state;
    if (!left.has(before)) await goThrough(before, programOf(measuring, before), () => {});
    return left.get(before);
  };

  const collect = async (split: string, program: StepPrograms): Promise<Collected | undefined> => {
    const rows = new CollectedRows(plan, split);
    return (await goThrough(split, program, (made, call) => rows.add(made, call))) ? rows.collected() : undefined;
  };
  const answering = new Map<string, StepPrograms>();
  const predictions = async (split: string): Promise<Collected | undefined> => {
    const program = answering.get(split) ?? (await compileStep(engine, answerStep(plan, pipeline, split), splitOf(plan, split).batches));
    answering.set(split, program);
    return collect(split, program);
  };

  return {
    get epoch() {
      return epoch;
    },
    trainEpoch,
    async measure(split) {
      const calibrates = calibratesOn(finishers, split);
      const validating = calibrates ? await predictions(VALIDATION) : undefined;
      if (calibrates && !validating) return undefined;
      const sums = new EpochSums(plan, split, finishers);
      const isDone = await goThrough(split, programOf(measuring, split), (made, call) => sums.add(made, call));
      return isDone ? sums.finish(validating) : undefined;
    },
    predictions,
    async attention(split) {
      if (!plan.model.attends) return undefined;
      const program = await compileStep(engine, attentionStep(plan, pipeline, split), splitOf(plan, split).batches);
      return (await collect(split, program))?.output;
    },
    async sample() {
      if (!samples || !sampler) return [];
      const { prefixes = [], ...options } = samples;
      const weights = await readTensors(state, weightState(plan));
      const written: Sample[] = [];
      for (const [index, prefix] of prefixes.entries())
        written.push(await sampler.sample(weights, prefix, options, streams.stream('samples', epoch, index)));
      return written;
    },
    weights: () => readTensors(state, weightState(plan)),
    snapshot: async () => ({ epoch, state: await readTensors(state, trainState(plan)) }),
    dispose() {
      forget();
      state.dispose();
    },
  };
}

type Made = Awaited<ReturnType<StepPrograms['run']>>;

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

function programOf(programs: ReadonlyMap<string, StepPrograms>, split: string): StepPrograms {
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
  { plan, pipeline, engine }: Pick<SessionRequest, 'plan' | 'pipeline' | 'engine'>,
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
