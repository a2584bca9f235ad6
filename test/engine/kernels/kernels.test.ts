import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createEngine } from '../../../src/engine/create.js';
import type { Arrays, Engine } from '../../../src/engine/engine.js';
import { inJavaScriptAlone, WRONG_IN_WASM } from '../../../src/engine/patched-kernels.js';
import { kernels } from '../../../src/engine/tape/record.js';
import { complex, toComplex } from '../../../src/engine/tape/kernels/complex.js';
import { importBackend, tf } from '../../../src/engine/tf.js';
import { cases, caseOf, type Case } from './cases.js';
import { edgeCases } from './edge-cases.js';
import { distance, outputsOf, triedWith } from './outputs.js';
import { randomCases } from './random-cases.js';

const all = [...cases, ...edgeCases, ...randomCases].map((each) => [each.name, each] as const);
const WITHOUT_COMPLEX = all.filter(([name]) => !/complex|Fourier/.test(name));

describe.each([
  ['compiled', all],
  ['eager-wasm', WITHOUT_COMPLEX],
] as const)(
  'on %s every kernel gives the numbers and gradients of eager-js, with NaN and infinities among the numbers too',
  (kind, shown) => {
    let engines: readonly Engine[] = [];
    const spies = [kernels, complex, toComplex].map((table) => new Map(Object.keys(table).map((name) => [name, vi.spyOn(table, name)])));
    beforeAll(async () => {
      engines = await Promise.all(
        (['eager-js', kind] as const).map((each) => createEngine({ kind: each, device: 'cpu', threads: 1, cache: null })),
      );
    });
    afterAll(async () => {
      for (const engine of engines) await engine.dispose();
    });

    async function compare(each: Case, feeds: readonly Arrays[]): Promise<void> {
      const [references = [], made] = await Promise.all(engines.map((engine) => outputsOf(engine, each, feeds)));
      references.forEach((reference, i) => {
        expect(Object.keys(made?.[i] ?? {}).toSorted()).toEqual(Object.keys(reference).toSorted());
        for (const [name, expected] of Object.entries(reference)) {
          const actual = made?.[i]?.[name];
          expect(actual?.constructor, name).toBe(expected.constructor);
          const report = `${name} of numbers ${i}: ${expected.slice(0, 12).join(' ')} | ${actual?.slice(0, 12).join(' ')}`;
          expect(distance(expected, actual ?? []), report).toBeLessThan(2e-6);
        }
      });
    }

    it.each(shown)('%s', (_, each) => compare(each, triedWith(each)));

    it.runIf(kind === 'compiled')('and none is forgotten here', () => {
      const forgotten = spies.flatMap((table) => [...table].flatMap(([name, spy]) => (spy.mock.calls.length === 0 ? [name] : [])));
      expect(forgotten).toEqual([]);
    });

    it.runIf(kind === 'eager-wasm').each(['sum', 'mean'] as const)('%s of a quarter of a million numbers', async (name) => {
      const a = Float32Array.from({ length: 1 << 18 }, (_, i) => (0.1 + ((i * 7919) % 1000) / 1000) ** 2);
      await compare(
        caseOf(name, [[1 << 18]], (library, x) => library[name](x), { gradient: false }),
        [{ a }],
      );
    });
  },
);

describe('what WebAssembly has wrong', () => {
  it('are kernels of it, and JavaScript runs each', () => {
    importBackend('wasm');
    for (const name of Object.keys(WRONG_IN_WASM)) {
      expect(tf.getKernel(name, 'wasm'), name).toBeDefined();
      expect(inJavaScriptAlone.has(name), name).toBe(true);
    }
  });
});

describe('a cumulative sum', () => {
  it.each([0, 1, -1, -2])('along axis %d has the gradient that arithmetic gives it', async (axis) => {
    importBackend('cpu');
    await tf.setBackend('cpu');
    const weights = tf.tensor2d([1, 2, 3, 10, 20, 30, 100, 200, 300], [3, 3]);
    const gradient = tf.grad((x) => tf.sum(tf.mul(tf.cumsum(x, axis), weights)))(tf.zeros([3, 3]));
    // Of the weights at the places that a number is added to: its own and those after it.
    const expected =
      axis === 0 || axis === -2
        ? [
            [111, 222, 333],
            [110, 220, 330],
            [100, 200, 300],
          ]
        : [
            [6, 5, 3],
            [60, 50, 30],
            [600, 500, 300],
          ];
    expect(gradient.arraySync()).toEqual(expected);
  });
});
