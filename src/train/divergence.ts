import type { Arrays, Engine, State, Step } from '../engine/engine.js';
import type { Call } from './calls.js';

/** What happened when a loss stopped being a number. */
export interface Divergence {
  readonly epoch: number;
  /** The first step of the run, from 1, whose loss is not finite. */
  readonly step: number;
  readonly loss: number;
  /** Global L2 norm of the gradients of the step before, not clipped: of the step that threw the parameters off. */
  readonly gradientNorm: number | undefined;
}

/** One call as it was made: the state before it, and what it was given. */
export interface MadeCall {
  readonly state: State;
  readonly call: Call;
  readonly scalars: Readonly<Record<string, Float32Array>>;
}

/**
 * Runs the last calls again, one step at a time, with the gradient norm as an output. Training itself doesn't pay for it: the norm is only
 * worth its price when something went wrong.
 */
export async function gradientNorms(engine: Engine, step: Step, made: readonly MadeCall[]): Promise<readonly number[]> {
  const program = await engine.compile(step, 1);
  const norms: number[] = [];
  for (const { state: before, call, scalars } of made) {
    let state = before;
    for (let index = 0; index < call.steps; index++) {
      const result = await program.run(state, cutStep(call.inputs, call.steps, index), cutStep(scalars, call.steps, index));
      if (state !== before) state.dispose();
      state = result.state;
      norms.push(result.outputs['gradient_norm']?.[0] ?? Number.NaN);
    }
    if (state !== before) state.dispose();
  }
  program.dispose();
  return norms;
}

function cutStep<T extends Arrays>(stacked: T, steps: number, index: number): T {
  const cut = Object.entries(stacked).map(([name, values]) => {
    const size = values.length / steps;
    return [name, values.subarray(index * size, (index + 1) * size)];
  });
  return Object.fromEntries(cut) as T;
}
