import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/create.js';
import type { Device, Step } from '../../src/engine/engine.js';
import { distance, train, trainOn } from './run.js';
import { addition, initial } from './steps/addition.js';
import { characters } from './steps/cells.js';
import { layersLstm, residual } from './steps/others.js';

const device = process.env['RETABLE_TEST_DEVICE'];
const STEPS: readonly Step[] = [addition(), residual(), layersLstm(), characters('rnn'), characters('gru'), characters('lstm')];

it('a device that is not there is named, with what it takes', async () => {
  await expect(createEngine({ kind: 'compiled', device: 'cuda', threads: 1, cache: null })).rejects.toMatchObject({
    message: 'ONNX Runtime finds no device cuda here',
    help: expect.stringContaining('engine.device: cpu') as string,
  });
});

// Where a person has one, or .ci/checks/webgpu a GPU in software.
describe.runIf(device)(`the compiled engine on ${device}`, () => {
  const options = { kind: 'compiled', device: device as Device, threads: 1, cache: null } as const;

  for (const step of STEPS) {
    it(`${step.name}: 10 steps as on the processor, 5 a call as 1 a call`, async () => {
      const reference = await train(step, { steps: 10 });
      const engine = await createEngine(options);
      for (const perCall of [1, 5]) {
        const made = await trainOn(engine, step, 10, perCall, initial(step.state));
        for (const [name, values] of Object.entries(reference.outputs))
          expect(distance(values, made.outputs[name] ?? []), name).toBeLessThan(2e-5);
        // Adam divides by the root of squared gradients, and so enlarges the last digits of small ones.
        for (const name of Object.keys(step.state).filter((name) => !/^[mv]\//.test(name)))
          expect(distance(reference.state[name] ?? [], made.state[name] ?? []), name).toBeLessThan(1e-4);
      }
      await engine.dispose();
    });
  }

  it('a loss that is no number shows', async () => {
    const engine = await createEngine(options);
    const start = { ...initial(residual().state), b2: new Float32Array(12).fill(NaN) };
    const made = await trainOn(engine, residual(), 1, 1, start);
    expect(made.outputs['loss']?.[0]).toBeNaN();
    await engine.dispose();
  });
});
