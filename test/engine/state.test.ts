import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/create.js';
import type { Engine, EngineKind, Step } from '../../src/engine/engine.js';

const two = { shape: [2], dtype: 'float32' } as const;

/** Adds `x` to `w`; `u` and what isn't named stay as they are. */
const counts: Step = {
  name: 'counts',
  state: { w: two, u: two },
  inputs: { x: two },
  scalars: ['scale'],
  run: (tf, { state, inputs, scalars }) => {
    const w = tf.add(state['w'] as Tensor, tf.mul(inputs['x'] as Tensor, scalars['scale'] as Tensor));
    return { state: { w, u: state['u'] as Tensor }, outputs: { w, sum: tf.sum(w) } };
  },
};

async function onEngine<T>(kind: EngineKind, body: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await createEngine({ kind, device: 'cpu', threads: 1, cache: null });
  try {
    return await body(engine);
  } finally {
    await engine.dispose();
  }
}

describe.each(['compiled', 'eager-js', 'eager-wasm'] as const)('state on %s', (kind) => {
  const specs = { w: two, u: two, extra: two };
  const values = { w: Float32Array.of(1, 2), u: Float32Array.of(3, 4), extra: Float32Array.of(5, 6) };

  it('lets signals and timers have their turn between calls', () =>
    onEngine(kind, async (engine) => {
      const program = await engine.compile(counts, 1);
      let heard = false;
      setImmediate(() => (heard = true));
      await program.run(engine.state(specs, values), { x: Float32Array.of(1, 1) }, { scale: Float32Array.of(1) });
      expect(heard).toBe(true);
    }));

  it('goes from step to step, also within one call; outputs are stacked', () =>
    onEngine(kind, async (engine) => {
      const program = await engine.compile(counts, 2);
      const { state, outputs } = await program.run(
        engine.state(specs, values),
        { x: Float32Array.of(1, 1, 10, 10) },
        { scale: Float32Array.of(1, 2) },
      );
      expect(outputs).toEqual({ w: Float32Array.of(2, 3, 22, 23), sum: Float32Array.of(5, 45) });
      expect(program.outputs).toEqual({ w: { shape: [2, 2], dtype: 'float32' }, sum: { shape: [2], dtype: 'float32' } });
      expect(await state.read('w')).toEqual(Float32Array.of(22, 23));
    }));

  it('that a step leaves out, or does not know, is kept', () =>
    onEngine(kind, async (engine) => {
      const program = await engine.compile(counts, 1);
      const { state } = await program.run(engine.state(specs, values), { x: Float32Array.of(1, 1) }, { scale: Float32Array.of(1) });
      expect(await state.read('u')).toEqual(Float32Array.of(3, 4));
      expect(await state.read('extra')).toEqual(Float32Array.of(5, 6));
    }));

  it('is never changed: an old one can be read and used again, whatever was disposed of', () =>
    onEngine(kind, async (engine) => {
      const program = await engine.compile(counts, 1);
      const run = (state: ReturnType<Engine['state']>): ReturnType<typeof program.run> =>
        program.run(state, { x: Float32Array.of(1, 1) }, { scale: Float32Array.of(1) });
      const first = engine.state(specs, values);
      const second = (await run(first)).state;
      const other = (await run(first)).state;
      other.dispose();
      const third = (await run(second)).state;
      first.dispose();
      const fourth = (await run(third)).state;
      expect(await second.read('w')).toEqual(Float32Array.of(2, 3));
      expect(await third.read('w')).toEqual(Float32Array.of(3, 4));
      expect(await fourth.read('w')).toEqual(Float32Array.of(4, 5));
      expect(await fourth.read('u')).toEqual(Float32Array.of(3, 4));
      await expect(first.read('w')).rejects.toThrow('the state was disposed of');
      await expect(second.read('nothing')).rejects.toThrow('the state has no tensor "nothing"');
    }));

  it('given as numbers is copied', () =>
    onEngine(kind, async (engine) => {
      const w = Float32Array.of(1, 2);
      const state = engine.state({ w: two }, { w });
      w.fill(9);
      const read = await state.read('w');
      expect(read).toEqual(Float32Array.of(1, 2));
      read.fill(9);
      expect(await state.read('w')).toEqual(Float32Array.of(1, 2));
    }));

  it('keeps NaN and infinities', () =>
    onEngine(kind, async (engine) => {
      const program = await engine.compile(counts, 1);
      const given = engine.state({ w: two, u: two }, { w: Float32Array.of(NaN, Infinity), u: Float32Array.of(-Infinity, -0) });
      const { state, outputs } = await program.run(given, { x: Float32Array.of(1, 1) }, { scale: Float32Array.of(1) });
      expect(outputs).toEqual({ w: Float32Array.of(NaN, Infinity), sum: Float32Array.of(NaN) });
      expect(await state.read('u')).toEqual(Float32Array.of(-Infinity, -0));
    }));
});
