import type { Tensor } from '@tensorflow/tfjs-core';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/create.js';
import { type EngineKind, EngineError, type Step } from '../../src/engine/engine.js';

const stepOf = (run: (tf: typeof TensorFlow, x: Tensor) => Tensor): Step => ({
  name: 'toy train',
  state: {},
  inputs: { x: { shape: [2, 3], dtype: 'float32' } },
  scalars: [],
  run: (tf, { inputs }) => ({ state: {}, outputs: { y: run(tf, inputs['x'] ?? tf.scalar(0)) } }),
});

async function complaint(step: Step, kind: EngineKind = 'compiled'): Promise<EngineError> {
  const engine = await createEngine({ kind, device: 'cpu', threads: 1, cache: null });
  try {
    const program = await engine.compile(step, 1);
    const state = engine.state(step.state, Object.fromEntries(Object.keys(step.state).map((name) => [name, new Float32Array(4)])));
    await program.run(state, { x: new Float32Array(6) }, {});
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  } finally {
    await engine.dispose();
  }
  throw new Error('nothing was wrong');
}

describe('what a program cannot hold is said, with a way out', () => {
  it('an unknown operation', async () => {
    const error = await complaint(stepOf((tf, x) => tf.unique(tf.reshape(x, [-1])).values));
    expect(error.message).toBe("toy train uses the operation Unique, which can't be compiled");
    expect(error.operation).toBe('Unique');
    expect(error.help).toBe('engine.kind: eager-js or eager-wasm can run it');

    const ragged = await complaint(
      stepOf((tf, x) => tf.raggedRange(tf.reshape(x, [-1]), tf.reshape(x, [-1]), tf.reshape(x, [-1])).rtDenseValues ?? x),
    );
    expect(ragged.help).toBe('engine.kind: eager-js or eager-wasm can run it');
  });

  it('which part of the step it was in, where whoever composed the step says so', async () => {
    const step = stepOf((tf, x) => {
      try {
        return tf.unique(tf.reshape(x, [-1])).values;
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        throw new EngineError(error.message, { part: 'model', ...(error.operation && { operation: error.operation }) });
      }
    });
    expect(await complaint(step)).toMatchObject({
      message: "toy train uses the operation Unique, which can't be compiled",
      part: 'model',
      operation: 'Unique',
      help: 'engine.kind: eager-js or eager-wasm can run it',
    });
  });

  it('text', async () => {
    const { message, help } = await complaint(
      stepOf((tf, x) => tf.add(x, tf.cast(tf.equal(tf.tensor(['a']), tf.tensor(['a'])), 'float32'))),
    );
    expect(message).toBe('toy train uses a string tensor; the engines know float32, int32 and bool');
    expect(help).toBe('a program computes with numbers: turn text into them before, in the dataset');
  });

  it('a value that is read', async () => {
    const reads = [
      (tf: typeof TensorFlow, x: Tensor) => tf.scalar(x.dataSync()[0] ?? 0),
      (tf: typeof TensorFlow, x: Tensor) => tf.tensor(x.arraySync()),
    ];
    for (const read of reads) {
      const error = await complaint(stepOf(read));
      expect(error.message).toBe('toy train reads the value of a tensor while it is compiled, when no value is known yet');
      expect(error.operation).toBe('dataSync');
      expect(error.help).toBe(
        'compute with tensors instead of dataSync, arraySync or data; a step that must look at values runs on engine.kind: eager-js or eager-wasm',
      );
    }
  });

  it('what is known while compiling can be read', async () => {
    const step = stepOf((tf, x) => tf.mul(x, tf.add(tf.scalar(2), 1).dataSync()[0] ?? 0));
    await expect(complaint(step)).rejects.toThrow('nothing was wrong');
  });

  it('random numbers inside of the program, on every engine', async () => {
    for (const kind of ['compiled', 'eager-js', 'eager-wasm'] as const) {
      const error = await complaint(
        stepOf((tf, x) => tf.dropout(x, 0.5)),
        kind,
      );
      expect(error.message).toBe('toy train draws random numbers inside the program');
      expect(error.help).toBe('draw them outside and hand them in as an input');
    }
  });

  it('each of several programs that are compiled at once gets its own complaint', async () => {
    const unique = stepOf((tf, x) => tf.unique(tf.reshape(x, [-1])).values);
    const fine = stepOf((_, x) => x);
    const results = await Promise.all([unique, fine, unique].map((step) => complaint(step).catch((error: Error) => error)));
    expect(results.map(({ message }) => message)).toEqual([
      "toy train uses the operation Unique, which can't be compiled",
      'nothing was wrong',
      "toy train uses the operation Unique, which can't be compiled",
    ]);
  });

  it('an async step', async () => {
    const step = stepOf((_, x) => x);
    const error = await complaint({
      ...step,
      run: (async (...given: Parameters<Step['run']>) => step.run(...given)) as unknown as Step['run'],
    });
    expect(error.message).toBe('toy train is an async function; a step must return its tensors, not a promise of them');
  });

  it('state that changes its shape, or that nobody gave, on every engine', async () => {
    for (const kind of ['compiled', 'eager-js'] as const) {
      const grown: Step = {
        ...stepOf((_, x) => x),
        state: { w: { shape: [4], dtype: 'float32' } },
        run: (tf, { state }) => ({ state: { w: tf.concat([state['w'] ?? 0, state['w'] ?? 0]) }, outputs: {} }),
      };
      expect((await complaint(grown, kind)).message).toBe('toy train returns state "w" as float32 [8]; it was given as float32 [4]');
      const invented: Step = { ...grown, run: (_, { state }) => ({ state: { u: state['w'] as Tensor }, outputs: {} }) };
      expect((await complaint(invented, kind)).message).toBe('toy train returns state "u", which it wasn\'t given');
    }
  });

  it('an output that is no number', async () => {
    for (const kind of ['compiled', 'eager-js'] as const) {
      const { message } = await complaint(
        stepOf((tf, x) => tf.complex(x, x)),
        kind,
      );
      expect(message, kind).toBe('toy train gives an output of dtype complex64');
    }
  });

  it('an engine that is not there', async () => {
    const error = await createEngine({ kind: 'tensorflow', device: 'cpu', threads: 1, cache: null }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({
      message: 'the engine "tensorflow" needs @tensorflow/tfjs-node, which is not installed',
      help: expect.stringMatching(/npm install .* engine.kind: compiled, which is faster/) as string,
    });
  });

  it('numbers that do not fit', async () => {
    const engine = await createEngine({ kind: 'compiled', device: 'cpu', threads: 1, cache: null });
    const program = await engine.compile(
      stepOf((_, x) => x),
      2,
    );
    const state = engine.state({}, {});
    await expect(program.run(state, { x: new Float32Array(6) }, {})).rejects.toThrow(
      'toy train takes "x" as [2, 2, 3], 12 numbers; it was given 6',
    );
    await expect(program.run(state, {}, {})).rejects.toThrow('toy train was given no "x"');
    expect(() => engine.state({ w: { shape: [2], dtype: 'float32' } }, { w: new Float32Array(3) })).toThrow(
      'the state "w" [2] was given 3 numbers',
    );
    state.dispose();
    await expect(program.run(state, { x: new Float32Array(12) }, {})).rejects.toThrow('the state was disposed of');
    await engine.dispose();
  });

  it("TensorFlow.js's own complaints pass as they are", async () => {
    await expect(complaint(stepOf((tf, x) => tf.matMul(x, x)))).rejects.toThrow('inner shapes (3) and (2)');
  });
});
