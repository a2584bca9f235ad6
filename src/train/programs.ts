import type { Arrays, Engine, Program, Specs, State, Step } from '../engine/engine.js';
import type { Plan } from '../planning/plan.js';
import type { Call } from './calls.js';
import type { PipelineFor } from './pipeline.js';
import { readSplits, splitOf } from './signature.js';
import { evaluateStep, trainStep } from './step.js';

/** A step as programs: one that takes several steps a call, and one of a single step for what is left over. */
export interface StepPrograms {
  readonly inputs: Specs;
  readonly steps: number;
  run(
    state: State,
    call: Call,
    scalars: Readonly<Record<string, Float32Array>>,
  ): Promise<{ readonly state: State; readonly outputs: Arrays; /** Shapes of the outputs, each `[steps, ...]`. */ readonly specs: Specs }>;
}

/** All that an epoch runs. */
interface EpochPrograms {
  readonly training: StepPrograms;
  /** By split, of those that are gone through after each epoch. */
  readonly measuring: ReadonlyMap<string, StepPrograms>;
}

export async function compileAll(plan: Plan, pipeline: PipelineFor, engine: Engine): Promise<EpochPrograms> {
  const training = await compileStep(engine, trainStep(plan, pipeline), splitOf(plan, 'train').batches);
  const measuring = new Map<string, StepPrograms>();
  for (const split of readSplits(plan))
    measuring.set(split, await compileStep(engine, evaluateStep(plan, pipeline, split), splitOf(plan, split).batches));
  return { training, measuring };
}

/** `batches` decides what is compiled: no single-step program where nothing is left over. */
export async function compileStep(engine: Engine, step: Step, batches: number): Promise<StepPrograms> {
  const steps = Math.min(await engine.stepsPerCall(step, batches), batches);
  const many = await engine.compile(step, steps);
  const single = steps === 1 ? many : batches % steps === 0 ? undefined : await engine.compile(step, 1);
  return {
    inputs: step.inputs,
    steps,
    async run(state, call, scalars) {
      const program: Program | undefined = call.steps === steps ? many : single;
      if (!program) throw new Error(`no program for a call of ${call.steps} steps`);
      const made = await program.run(state, call.inputs, scalars);
      return { ...made, specs: program.outputs };
    },
  };
}
