import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { compile, EngineError } from '../../src/engine/compile.js';
import { bin } from '../support/build.js';

const x = { shape: [2, 3], dtype: 'float32' } as const;
const w = { shape: [3, 2], dtype: 'float32' } as const;
const six = Float32Array.from([1, -2, 3, -4, 5, -6]);

describe('a function of TensorFlow.js becomes a program', () => {
  it('with named inputs and outputs, as often as one likes, with equal digits', async () => {
    const program = await compile((tf, given) => ({ product: tf.matMul(given.x, given.w), largest: tf.argMax(given.x, 1) }), { x, w });
    expect(program.inputs).toEqual({ x, w });
    expect(program.outputs).toEqual({ product: { shape: [2, 2], dtype: 'float32' }, largest: { shape: [2], dtype: 'int32' } });
    for (let time = 0; time < 2; time++) {
      const { product, largest } = await program.run({ x: six, w: Float32Array.from([1, 0, 0, 1, 1, 1]) });
      expect(product).toEqual(Float32Array.from([4, 1, -10, -1]));
      expect(largest).toEqual(Int32Array.from([2, 1]));
    }
    await program.dispose();
    await expect(program.run({ x: six, w: six })).rejects.toThrow('was disposed of');
  });

  it('with gradients: those of sum(x^2 w) are 2 x w', async () => {
    const program = await compile(
      (tf, given) => {
        const { value, grad } = tf.valueAndGrad((at: Tensor) => tf.sum(tf.mul(tf.square(at), given.w)))(given.x);
        return { value, grad };
      },
      { x, w: x },
      { threads: 2 },
    );
    const { value, grad } = await program.run({ x: six, w: Float32Array.from([1, 1, 1, 2, 2, 2]) });
    expect(value).toEqual(Float32Array.from([1 + 4 + 9 + 2 * (16 + 25 + 36)]));
    expect(grad).toEqual(Float32Array.from([2, -4, 6, -16, 20, -24]));
    await program.dispose();
  });
});

describe('what it cannot be is said', () => {
  const complaint = async (work: Promise<unknown>): Promise<string> => {
    const error: unknown = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (error instanceof EngineError) return error.message;
    throw new Error('no EngineError', { cause: error });
  };

  it.each([
    [
      'a value that is read',
      () =>
        compile(
          function peeking(tf, given) {
            return { y: tf.scalar(given.x.dataSync()[0] ?? 0) };
          },
          { x },
        ),
      'peeking reads the value of a tensor while it is compiled, when no value is known yet: compute with tensors instead of dataSync, arraySync or data',
    ],
    [
      'a shape that depends on values',
      () => compile((tf, given) => ({ y: tf.unique(tf.reshape(given.x, [-1])).values }), { x }),
      "the function uses the operation Unique, which can't be compiled: compute it outside, and hand in what it gives as an input",
    ],
    [
      'random numbers',
      () => compile((tf, given) => ({ y: tf.add(given.x, tf.randomNormal([2, 3])) }), { x }),
      'the function draws random numbers inside the program: draw them outside and hand them in as an input',
    ],
    [
      'a promise',
      () => compile((async (_: unknown, given: { readonly x: Tensor }) => ({ y: given.x })) as never, { x }),
      'the function must return its tensors by name, as in { y: tf.add(a, b) }, and no promise of them',
    ],
    [
      'a tensor without a name',
      () => compile(((_: unknown, given: { readonly x: Tensor }) => given.x) as never, { x }),
      'the function must return its tensors by name, as in { y: tf.add(a, b) }, and no promise of them',
    ],
    [
      'an open shape',
      () => compile((_, given) => ({ y: given.x }), { x: { shape: [null as never, 3], dtype: 'float32' } }),
      'the shape of "x" is [null,3]; every length must be a whole number, known before it is compiled',
    ],
    [
      'another dtype',
      () => compile((_, given) => ({ y: given.x }), { x: { shape: [3], dtype: 'string' as 'bool' } }),
      'the dtype of "x" is "string"; a program computes with float32, int32 and bool',
    ],
  ])('%s', async (_, work, message) => {
    expect(await complaint(work())).toBe(message);
  });

  it('inputs that do not fit', async () => {
    const program = await compile(
      function twice(tf, given) {
        return { y: tf.mul(given.x, 2) };
      },
      { x },
    );
    expect(await complaint(program.run({} as never))).toBe('twice takes "x" [2, 3] as Float32Array of 6; it was given nothing');
    expect(await complaint(program.run({ x: six.subarray(1) }))).toBe(
      'twice takes "x" [2, 3] as Float32Array of 6; it was given Float32Array of 5',
    );
    expect(await complaint(program.run({ x: new Float64Array(6) as never }))).toBe(
      'twice takes "x" [2, 3] as Float32Array of 6; it was given Float64Array of 6',
    );
    await program.dispose();
  });
});

/** A loader of Node that says what it imports; what is required, Node keeps a list of. */
const tells = `import { writeSync } from 'node:fs';
export const load = (url, context, next) => (writeSync(2, url + '\\n'), next(url, context));`;

/** The packages of the engine, and those that they bring. */
const ENGINE = /^(@tensorflow\/|onnxruntime-|seedrandom$|long$)/;

it('nothing of experiments is loaded for it, and TensorFlow.js when it compiles', () => {
  bin('retable'); // compiles
  const script = `
    import { createRequire, register } from 'node:module';
    import { writeSync } from 'node:fs';
    const tellRequired = () => writeSync(2, Object.keys(createRequire(process.execPath).cache).join('\\n') + '\\n');
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(tells)}));
    const { compile } = await import(${JSON.stringify(pathToFileURL('dist/engine/compile.js').href)});
    tellRequired();
    writeSync(2, 'compiles\\n');
    const program = await compile((tf, { x }) => ({ y: tf.square(x) }), { x: { shape: [1], dtype: 'float32' } });
    console.log((await program.run({ x: Float32Array.of(3) })).y[0]);
    tellRequired();
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(stdout, stderr).toBe('9\n');
  const parts = (text: string, path: RegExp): ReadonlySet<string> => new Set(Array.from(text.matchAll(path), ([, part = '']) => part));
  const [before = '', after = ''] = stderr.split('compiles\n');
  expect(parts(stderr, /\/dist\/([^/]+)\/.*\.js$/gm)).toContain('engine');
  expect(parts(stderr.replaceAll(/.*node_modules.*/g, ''), /\/dist\/([^/]+)/g)).toEqual(new Set(['engine']));
  const packages = /\/node_modules\/((?:@[^/]+\/)?[^/]+)/g;
  expect(parts(before, packages)).toEqual(new Set());
  expect([...parts(after, packages)]).toEqual(expect.arrayContaining(['@tensorflow/tfjs-core', 'onnxruntime-node']));
  expect(Array.from(parts(after, packages)).filter((name) => !ENGINE.test(name))).toEqual([]);
});
