import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createEngine } from '../../../src/engine/create.js';
import type { Arrays, Engine } from '../../../src/engine/engine.js';
import { kernels } from '../../../src/engine/tape/kernels.js';
import { complex, toComplex } from '../../../src/engine/tape/kernels/complex.js';
import { cases, type Case } from './cases.js';
import { distance, feedsOf, outputsOf, spoiled } from './outputs.js';
import { randomCases } from './random-cases.js';

const all = [...cases, ...randomCases].map((each) => [each.name, each] as const);

describe('every kernel gives the numbers and gradients of eager-js', () => {
  let engines: readonly Engine[] = [];
  const spies = [kernels, complex, toComplex].map((table) => new Map(Object.keys(table).map((name) => [name, vi.spyOn(table, name)])));
  beforeAll(async () => {
    engines = await Promise.all(
      (['eager-js', 'compiled'] as const).map((kind) => createEngine({ kind, device: 'cpu', threads: 1, cache: null })),
    );
  });
  afterAll(async () => {
    for (const engine of engines) await engine.dispose();
  });

  async function compare(each: Case, feeds: Arrays): Promise<void> {
    const [reference, made] = await Promise.all(engines.map((engine) => outputsOf(engine, each, feeds)));
    expect(Object.keys(made ?? {}).toSorted()).toEqual(Object.keys(reference ?? {}).toSorted());
    for (const [name, expected] of Object.entries(reference ?? {})) {
      const actual = made?.[name];
      expect(actual?.constructor, name).toBe(expected.constructor);
      const report = `${name}: ${expected.slice(0, 12).join(' ')} | ${actual?.slice(0, 12).join(' ')}`;
      expect(distance(expected, actual ?? []), report).toBeLessThan(2e-6);
    }
  }

  it.each(all)('%s', (_, each) => compare(each, feedsOf(each)));

  const floats = all.filter(([, { inputs, spoil }]) => spoil !== false && Object.values(inputs).some(({ dtype }) => dtype === 'float32'));
  it.each(floats)('%s, with NaN and infinities among the numbers', async (_, each) => {
    for (const share of [0.15, 0.7]) await compare(each, spoiled(each, share));
  });

  it('and none is forgotten here', () => {
    const forgotten = spies.flatMap((table) => [...table].flatMap(([name, spy]) => (spy.mock.calls.length === 0 ? [name] : [])));
    expect(forgotten).toEqual([]);
  });
});
