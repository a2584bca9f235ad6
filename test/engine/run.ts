import type { Arrays, Engine, EngineKind, Step } from '../../src/engine/engine.js';
import { createEngine } from '../../src/engine/create.js';
import { sizeOf } from '../../src/engine/graph/graph.js';
import { bits, initial } from './steps/addition.js';

export interface Trained {
  /** The last state, by name. */
  readonly state: Arrays;
  /** Outputs of all steps, one after another, by name. */
  readonly outputs: Readonly<Record<string, readonly number[]>>;
}

export interface Options {
  readonly kind?: EngineKind;
  readonly steps?: number;
  readonly perCall?: number;
  readonly threads?: number;
  readonly cache?: string | null;
  readonly start?: Arrays;
}

/** Trains a step on bits, `perCall` steps a call; what comes in depends on the step's number alone. */
export async function train(
  step: Step,
  { kind = 'compiled', steps = 20, perCall = 1, threads = 1, cache = null, start }: Options = {},
): Promise<Trained> {
  const engine = await createEngine({ kind, device: 'cpu', threads, cache });
  try {
    return await trainOn(engine, step, steps, perCall, start ?? initial(step.state));
  } finally {
    await engine.dispose();
  }
}

export async function trainOn(engine: Engine, step: Step, steps: number, perCall: number, start: Arrays): Promise<Trained> {
  const program = await engine.compile(step, perCall);
  const outputs: Record<string, number[]> = {};
  let state = engine.state(step.state, start);
  for (let at = 0; at < steps; at += perCall) {
    const inputs = Object.fromEntries(
      Object.entries(step.inputs).map(([name, { shape, dtype }], i) => {
        const numbers = bits(perCall * sizeOf(shape), at * sizeOf(shape) + 1000 * i);
        return [name, dtype === 'int32' ? Int32Array.from(numbers) : dtype === 'bool' ? Uint8Array.from(numbers) : numbers];
      }),
    );
    const scalars = Object.fromEntries(
      step.scalars.map((name) => [name, Float32Array.from({ length: perCall }, (_, i) => (name === 'step' ? at + i + 1 : 0.01))]),
    );
    const made = await program.run(state, inputs, scalars);
    for (const [name, values] of Object.entries(made.outputs)) (outputs[name] ??= []).push(...values);
    state.dispose();
    state = made.state;
  }
  const names = Object.keys(step.state);
  const values = await Promise.all(names.map((name) => state.read(name)));
  state.dispose();
  program.dispose();
  return { state: Object.fromEntries(names.map((name, i) => [name, values[i] ?? new Float32Array()])), outputs };
}

/** The largest distance of two lists of numbers, as a share of the largest number. NaN where only one is NaN. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const left = Array.from(a);
  const right = Array.from(b);
  if (left.length !== right.length) return NaN;
  const scale = Math.max(1e-30, ...left.map((value) => (Number.isFinite(value) ? Math.abs(value) : 0)));
  return Math.max(0, ...left.map((value, i) => (Object.is(value, right[i]) ? 0 : Math.abs(value - (right[i] ?? NaN)) / scale)));
}
