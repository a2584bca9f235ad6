/**
 * What `import { compile } from 'retable/engine'` gives: the compiler alone, for functions of TensorFlow.js that have nothing to do with
 * experiments.
 */
import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { EngineError, type Spec, type Specs, type Step } from './engine.js';
import { arrayOf, type DType, sizeOf, type TypedArray } from './graph/graph.js';

export { EngineError };
export type { DType, Spec, Specs, TypedArray };

/** The numbers of a tensor in row-major order: `float32` as Float32Array, `int32` as Int32Array, `bool` as a Uint8Array of 0 and 1. */
export interface ArrayOf {
  readonly float32: Float32Array;
  readonly int32: Int32Array;
  readonly bool: Uint8Array;
}

export interface CompileOptions {
  /** Of the native program, at most so many as keep its digits. Left out: 1. */
  readonly threads?: number;
}

/** A function as one native program. It keeps no state: equal inputs give equal outputs, bit for bit. */
export interface CompiledFunction<Inputs extends Specs, Output extends string> {
  readonly inputs: Inputs;
  /** Shape and dtype of what each output holds. */
  readonly outputs: Readonly<Record<Output, Spec>>;
  /** Takes the numbers of every input, in row-major order, and gives those of every output. Throws an EngineError where one is missing, or of another length or type. */
  run(inputs: { readonly [Name in keyof Inputs]: ArrayOf[Inputs[Name]['dtype']] }): Promise<Readonly<Record<Output, TypedArray>>>;
  /** Gives the memory of the program back; it can't be run any more. */
  dispose(): Promise<void>;
}

/**
 * Records a function once, gradients included (`tf.grads`, `tf.valueAndGrads`), improves what it does, and makes it one program of ONNX Runtime:
 *
 *     const program = await compile((tf, { x, w }) => ({ y: tf.tanh(tf.matMul(x, w)) }), {
 *       x: { shape: [32, 50], dtype: 'float32' },
 *       w: { shape: [50, 50], dtype: 'float32' },
 *     });
 *     const { y } = await program.run({ x: new Float32Array(1600), w: new Float32Array(2500) });
 *
 * `tf` is TensorFlow.js, whose operations are recorded and not computed; nothing that the function makes is left behind. What can't be
 * recorded is an EngineError: an operation that the compiler doesn't know or whose shape depends on values, reading a value (`dataSync`), random
 * numbers, a function that waits. Loads nothing of experiments.
 */
export async function compile<const Inputs extends Specs, Output extends string>(
  calculate: (tf: typeof TensorFlow, inputs: { readonly [Name in keyof Inputs]: Tensor }) => Readonly<Record<Output, Tensor>>,
  inputs: Inputs,
  { threads = 1 }: CompileOptions = {},
): Promise<CompiledFunction<Inputs, Output>> {
  for (const [name, spec] of Object.entries(inputs)) refuseOpen(name, spec);
  const step: Step = {
    name: calculate.name || 'the function',
    state: {},
    inputs,
    scalars: [],
    run: (tf, given) => {
      const outputs: unknown = calculate(tf, given.inputs as { readonly [Name in keyof Inputs]: Tensor });
      if (!areTensors(outputs, tf))
        throw new EngineError(`${step.name} must return its tensors by name, as in { y: tf.add(a, b) }, and no promise of them`);
      return { state: {}, outputs };
    },
  };
  const { createCompiledEngine } = await import('./compiled.js');
  const engine = await createCompiledEngine({ kind: 'compiled', device: 'cpu', threads, cache: null });
  const program = await engine.compile(step, 1).catch((error: unknown) => {
    throw inWords(error);
  });
  // Programs of experiments take many steps a call, along an axis in front.
  const outputs: Readonly<Record<string, Spec>> = Object.fromEntries(
    Object.entries(program.outputs).map(([name, { shape, dtype }]) => [name, { shape: shape.slice(1), dtype }]),
  );
  return {
    inputs,
    outputs,
    async run(given) {
      const numbers: Readonly<Record<string, unknown>> = given;
      for (const [name, spec] of Object.entries(inputs)) refuseOther(step.name, name, spec, numbers[name]);
      const state = engine.state({}, {});
      try {
        const made = await program.run(state, given, {});
        made.state.dispose();
        return made.outputs;
      } finally {
        state.dispose();
      }
    },
    dispose: () => engine.dispose(),
  };
}

const areTensors = (made: unknown, tf: typeof TensorFlow): made is Readonly<Record<string, Tensor>> => {
  const values = typeof made === 'object' && made !== null ? Object.values(made) : [];
  return values.length > 0 && values.every((value) => value instanceof tf.Tensor);
};

/** A program is made for one shape. */
function refuseOpen(name: string, { shape, dtype }: Spec): void {
  const isFixed = Array.isArray(shape) && shape.every((length) => Number.isInteger(length) && length >= 0);
  if (!isFixed) {
    throw new EngineError(
      `the shape of "${name}" is ${JSON.stringify(shape)}; every length must be a whole number, known before it is compiled`,
    );
  }
  if (!['float32', 'int32', 'bool'].includes(dtype)) {
    throw new EngineError(`the dtype of "${name}" is ${JSON.stringify(dtype)}; a program computes with float32, int32 and bool`);
  }
}

function refuseOther(what: string, name: string, { shape, dtype }: Spec, given: unknown): void {
  const wanted = arrayOf(dtype, 0).constructor.name;
  const size = sizeOf(shape);
  const found =
    given === undefined ? 'nothing' : `${Object(given).constructor?.name ?? 'something else'} of ${Number(Object(given).length)}`;
  if (found !== `${wanted} of ${size}`) {
    throw new EngineError(`${what} takes "${name}" [${shape.join(', ')}] as ${wanted} of ${size}; it was given ${found}`);
  }
}

/** Engines of experiments advise each other; here there is one. */
function inWords(error: unknown): unknown {
  if (!(error instanceof EngineError)) return error;
  const { operation, message } = error;
  const help = operation === undefined ? error.help : (WAYS_OUT[operation] ?? 'compute it outside, and hand in what it gives as an input');
  const words = help === undefined ? message : `${message}: ${help}`;
  return new EngineError(words, { ...(operation !== undefined && { operation }), ...(help !== undefined && { help }), cause: error });
}

const WAYS_OUT: Readonly<Record<string, string>> = { dataSync: 'compute with tensors instead of dataSync, arraySync or data' };
