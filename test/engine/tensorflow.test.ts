import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/create.js';
import type { Step } from '../../src/engine/engine.js';
import { findNative, helpFor, loadNative, type Native } from '../../src/engine/native.js';
import { distance, train } from './run.js';
import { addition } from './steps/addition.js';
import { characters } from './steps/cells.js';
import { layersLstm, residual } from './steps/others.js';

const missing = (packageName: string): Error =>
  Object.assign(new Error(`Cannot find module '${packageName}'\nRequire stack:\n- here`), { code: 'MODULE_NOT_FOUND' });

describe('the packages of TensorFlow', () => {
  it('absent', async () => {
    const found = await findNative(async (packageName) => Promise.reject(missing(packageName)));
    expect(found).toEqual({ state: 'absent' });
    expect(helpFor(found)).toMatch(/npm install @tensorflow\/tfjs-node@4\.22\.0/);
  });

  it.each([
    ['no native part', new Error('The Node.js native addon module (tfjs_binding.node) can not be found at path: x\nPlease run ...')],
    ['a part of its own that is missing', missing('long')],
    ['a library that is missing', new Error('libtensorflow.so.2: cannot open shared object file')],
  ])('there, with %s', async (_, error) => {
    const found = await findNative(async (packageName) => Promise.reject(packageName.endsWith('gpu') ? missing(packageName) : error));
    expect(found).toEqual({ state: 'unusable', packageName: '@tensorflow/tfjs-node', reason: error.message.split('\n')[0] });
    expect(helpFor(found)).toMatch(/npm rebuild @tensorflow\/tfjs-node/);
    await expect(loadNative('cpu', 1, async () => found)).rejects.toMatchObject({
      message: expect.stringContaining('its native part') as string,
    });
  });

  it('working, on another device than the wanted one', async () => {
    const found: Native = { state: 'working', packageName: '@tensorflow/tfjs-node', version: '2.21.0', device: 'cpu' };
    await expect(loadNative('cpu', 1, async () => found)).resolves.toBe(found);
    await expect(loadNative('cuda', 1, async () => found)).rejects.toMatchObject({ help: 'use engine.device: cpu' });
  });
});

// Where a person, or .ci/checks/tensorflow, has installed it.
describe.runIf(process.env['RETABLE_TEST_TENSORFLOW'])('the engine tensorflow', () => {
  it('says which library it has', async () => {
    const engine = await createEngine({ kind: 'tensorflow', device: 'cpu', threads: 1, cache: null });
    expect(engine.digits.libraries).toMatchObject({
      tensorflow: expect.stringMatching(/^2\./) as string,
      '@tensorflow/tfjs-node': expect.stringMatching(/^4\./) as string,
    });
    await engine.dispose();
  });

  for (const step of [addition(), residual(), layersLstm(), characters('gru')] satisfies readonly Step[]) {
    it(`${step.name}: 10 steps within 1e-5 of the compiled ones`, async () => {
      const made = await train(step, { kind: 'tensorflow', steps: 10 });
      const reference = await train(step, { steps: 10 });
      for (const [name, values] of Object.entries(reference.outputs))
        expect(distance(values, made.outputs[name] ?? []), name).toBeLessThan(1e-5);
      for (const name of Object.keys(step.state).filter((name) => !/^[mv]\//.test(name))) {
        expect(distance(reference.state[name] ?? [], made.state[name] ?? []), name).toBeLessThan(1e-5);
      }
    });
  }
});
