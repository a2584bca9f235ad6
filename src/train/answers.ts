import type { Arrays, Engine } from '../engine/engine.js';
import type { Plan } from '../planning/plan.js';
import type { Batch, Collected } from '../stages/stage.js';
import { calls } from './calls.js';
import type { PipelineFor } from './pipeline.js';
import { compileStep } from './programs.js';
import { carriesState, evaluateState } from './signature.js';
import { answerStep } from './step.js';
import { CollectedRows } from './sums.js';

/** A trained model that is asked. `weights` holds `parameters/NAME` and `buffers/NAME`. */
interface Asked {
  readonly plan: Plan;
  readonly pipeline: PipelineFor;
  readonly engine: Engine;
  readonly weights: Arrays;
}

/** What a model answers to batches that look like those of a split, each of them by itself, and their targets: both as a person reads them. */
export async function answersTo({ plan, pipeline, engine, weights }: Asked, split: string, batches: readonly Batch[]): Promise<Collected> {
  if (carriesState(plan, split)) throw new Error(`the batches of ${split} go on from one to the next`);
  const program = await compileStep(engine, answerStep(plan, pipeline, split), batches.length);
  const rows = new CollectedRows(plan, split);
  let state = engine.state(evaluateState(plan, split), weights);
  for (const call of calls(batches, program.inputs, program.steps)) {
    const made = await program.run(state, call, {});
    state.dispose();
    state = made.state;
    rows.add(made, call);
  }
  state.dispose();
  return rows.collected();
}
