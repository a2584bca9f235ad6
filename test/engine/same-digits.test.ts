import { describe, expect, it } from 'vitest';
import { distance, type Options, type Trained, train } from './run.js';
import { addition } from './steps/addition.js';
import { characters } from './steps/cells.js';
import { layersLstm, residual } from './steps/others.js';

const bytes = ({ state, outputs }: Trained): string =>
  JSON.stringify([Object.entries(state).map(([name, values]) => [name, Buffer.from(values.buffer).toString('base64')]), outputs]);

describe('the same digits, however a program is called', () => {
  for (const step of [addition(), addition({ batch: 24, hidden: 64, time: 7 }), residual(), layersLstm()]) {
    it(`${step.name} ${step.identity}: 1, 2, 5 and 10 steps a call, 1 and 2 threads`, async () => {
      const run = async (options: Options): Promise<string> => bytes(await train(step, { steps: 20, ...options }));
      const expected = await run({});
      for (const perCall of [2, 5, 10]) expect(await run({ perCall }), `${perCall} steps a call`).toBe(expected);
      for (const perCall of [1, 10]) expect(await run({ perCall, threads: 2 }), `2 threads, ${perCall}`).toBe(expected);
    });
  }

  for (const step of (['lstm', 'gru', 'rnn'] as const).map((kind) => characters(kind, { time: 12, hidden: 64 }))) {
    it(`${step.name} over characters: 10 calls of a step, one call of 10, 1 and 2 threads`, async () => {
      const expected = bytes(await train(step, { steps: 10 }));
      for (const threads of [1, 2]) {
        for (const perCall of [1, 10]) {
          expect(bytes(await train(step, { steps: 10, perCall, threads })), `${perCall} steps a call, ${threads} threads`).toBe(expected);
        }
      }
      const eager = await train(step, { steps: 10, kind: 'eager-wasm' });
      const made = await train(step, { steps: 10 });
      expect(distance(eager.outputs['loss'] ?? [], made.outputs['loss'] ?? [])).toBeLessThan(1e-5);
      expect(eager.outputs['loss']?.[9]).toBeLessThan(eager.outputs['loss']?.[0] ?? 0);
    });
  }

  it('and other digits from another start', async () => {
    const step = residual();
    const start = { ...Object.fromEntries(Object.entries((await train(step, { steps: 0 })).state)), b1: new Float32Array(12).fill(0.1) };
    expect(bytes(await train(step, { start }))).not.toBe(bytes(await train(step)));
  });
});
