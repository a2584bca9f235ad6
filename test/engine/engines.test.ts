import { describe, expect, it } from 'vitest';
import type { Step } from '../../src/engine/engine.js';
import { tf } from '../../src/engine/tf.js';
import { distance, train } from './run.js';
import { addition } from './steps/addition.js';
import { layersLstm, residual } from './steps/others.js';

const STEPS: readonly Step[] = [addition(), residual(), layersLstm()];

describe('every engine trains every step alike', () => {
  for (const step of STEPS) {
    it(`${step.name}: 20 steps within 1e-5 of eager-js`, async () => {
      const reference = await train(step, { kind: 'eager-js' });
      for (const kind of ['compiled', 'eager-wasm'] as const) {
        const made = await train(step, { kind });
        for (const [name, values] of Object.entries(reference.outputs))
          expect(distance(values, made.outputs[name] ?? []), `${kind} ${name}`).toBeLessThan(1e-5);
        for (const name of Object.keys(step.state).filter((name) => !/^[mv]\//.test(name))) {
          expect(distance(reference.state[name] ?? [], made.state[name] ?? []), `${kind} ${name}`).toBeLessThan(1e-5);
        }
      }
      expect(reference.outputs['loss']?.at(-1)).toBeLessThan(reference.outputs['loss']?.[0] ?? 0);
    });
  }
});

describe('no tensor survives', () => {
  for (const step of STEPS) {
    for (const kind of ['compiled', 'eager-js', 'eager-wasm'] as const) {
      it(`${step.name} on ${kind}`, async () => {
        await train(step, { kind, steps: 2 });
        const before = { tensors: tf.memory().numTensors, variables: Object.keys(tf.engine().registeredVariables).length };
        await train(step, { kind, steps: 3 });
        expect({ tensors: tf.memory().numTensors, variables: Object.keys(tf.engine().registeredVariables).length }).toEqual(before);
      });
    }
  }

  it('nor what a step kept', async () => {
    const step: Step = {
      name: 'keeps',
      state: {},
      inputs: { x: { shape: [2], dtype: 'float32' } },
      scalars: [],
      run: (library, { inputs }) => ({ state: {}, outputs: { y: library.keep(library.neg(inputs['x'] ?? 0)) } }),
    };
    for (const kind of ['compiled', 'eager-js'] as const) {
      const before = tf.memory().numTensors;
      await train(step, { kind, steps: 3 });
      expect(tf.memory().numTensors, kind).toBe(before);
    }
  });
});
