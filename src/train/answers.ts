import type { Arrays, Engine, Step } from '../engine/engine.js';
import type { Plan } from '../planning/plan.js';
import type { Batch, Collected } from '../stages/stage.js';
import { sizeOf } from '../stages/tensors.js';
import { calls } from './calls.js';
import type { Finishers, PipelineFor } from './pipeline.js';
import { compileStep } from './programs.js';
import { evaluationScalars } from './scalars.js';
import { evaluateState } from './signature.js';
import { answerStep, evaluateStep } from './step.js';
import { CollectedRows, EpochSums, type Measurement } from './sums.js';

/** A trained model that is asked. `weights` holds `parameters/NAME` and `buffers/NAME`. */
interface Asked {
  readonly plan: Plan;
  readonly pipeline: PipelineFor;
  readonly engine: Engine;
  readonly weights: Arrays;
}

/** What a model answers to batches that look like those of a split, and their targets: both as a person reads them. */
export async function answersTo(asked: Asked, split: string, batches: readonly Batch[]): Promise<Collected> {
  const rows = new CollectedRows(asked.plan, split);
  await goThrough(asked, split, answerStep(asked.plan, asked.pipeline, split), batches, rows);
  return rows.collected();
}

/** What batches that look like those of a split are measured as, the loss first; `validating` is for metrics that calibrate. */
export async function measured(
  asked: Asked & { readonly finishers: Finishers },
  split: string,
  batches: readonly Batch[],
  validating?: Collected,
): Promise<Measurement> {
  const sums = new EpochSums(asked.plan, split, asked.finishers);
  await goThrough(asked, split, evaluateStep(asked.plan, asked.pipeline, split), batches, sums);
  return sums.finish(validating);
}

/** In order, where a state is carried from one to the next; it is zero before the first. */
async function goThrough(
  { plan, engine, weights }: Asked,
  split: string,
  step: Step,
  batches: readonly Batch[],
  sums: Pick<EpochSums, 'add'>,
): Promise<void> {
  const program = await compileStep(engine, step, batches.length);
  const specs = evaluateState(plan, split);
  const start = Object.entries(specs).map(([name, { shape }]) => [name, weights[name] ?? new Float32Array(sizeOf(shape))] as const);
  let state = engine.state(specs, Object.fromEntries(start));
  let done = 0;
  for (const call of calls(batches, program.inputs, program.steps)) {
    const made = await program.run(state, call, evaluationScalars(plan, split, done, call.steps));
    state.dispose();
    state = made.state;
    sums.add(made, call);
    done += call.steps;
  }
  state.dispose();
}
