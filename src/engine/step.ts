import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { EngineError, type Step } from './engine.js';
import { type DType, sameList } from './graph/graph.js';
import { tf } from './tf.js';

/** What a step returns as state must be of the shape in which it came: the next step takes it. */
export function checkedState(state: Readonly<Record<string, Tensor>>, step: Step): Readonly<Record<string, Tensor>> {
  for (const [name, { shape, dtype }] of Object.entries(state)) {
    const spec = step.state[name];
    if (!spec) throw new EngineError(`${step.name} returns state "${name}", which it wasn't given`);
    if (!sameList(spec.shape, shape) || spec.dtype !== dtype) {
      throw new EngineError(
        `${step.name} returns state "${name}" as ${dtype} [${shape.join(', ')}]; it was given as ${spec.dtype} [${spec.shape.join(', ')}]`,
      );
    }
  }
  return state;
}

/** A value by each name: what `f` makes of the one that had it. */
export const mapValues = <A, B>(record: Readonly<Record<string, A>>, f: (value: A, name: string) => B): Readonly<Record<string, B>> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value, name)]));

/** An output is numbers: neither text nor complex. */
export function outputDType({ dtype }: Tensor, step: Step): DType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new EngineError(`${step.name} gives an output of dtype ${dtype}`);
}

export function refusePromise(made: object, step: Step): void {
  if (!('then' in made)) return;
  throw new EngineError(`${step.name} is an async function; a step must return its tensors, not a promise of them`);
}

/** A namespace of five hundred names takes a fifth of a millisecond to copy, at every step of an eager engine: an object of them a hundredth of that. */
const NAMES = { ...tf };

/**
 * Runs `body` on one backend so that nothing of it survives but the tensors that it hands to `survive`: neither what tf.tidy would let go,
 * nor what the body kept with tf.keep, nor variables that it made. Random numbers are refused: a recorded draw would be the same at every step.
 */
export function scoped<T>(
  backend: string,
  what: string,
  body: (library: typeof TensorFlow, survive: <R extends Tensor>(tensor: R) => R) => T,
): T {
  const before = { backend: tf.getBackend(), variables: new Set(Object.keys(tf.engine().registeredVariables)), random: Math.random };
  const kept = new Set<Tensor>();
  const survivors = new Set<Tensor>();
  const library = {
    ...NAMES,
    keep<R extends Tensor>(tensor: R): R {
      // What was kept before is another's: the state that a step is given.
      if (!tensor.kept) kept.add(tensor);
      return tf.keep(tensor);
    },
  };
  // Takes effect at once: a backend is up, or the recorder, which needs no time for that.
  void tf.setBackend(backend);
  Math.random = () => {
    throw new EngineError(`${what} draws random numbers inside the program`, { help: 'draw them outside and hand them in as an input' });
  };
  tf.engine().startScope();
  try {
    return body(library, (tensor) => {
      survivors.add(tensor);
      return tf.keep(tensor);
    });
  } finally {
    tf.engine().endScope();
    Math.random = before.random;
    for (const tensor of kept) if (!survivors.has(tensor)) tensor.dispose();
    for (const [name, variable] of Object.entries(tf.engine().registeredVariables)) if (!before.variables.has(name)) variable.dispose();
    if (before.backend) void tf.setBackend(before.backend);
  }
}
