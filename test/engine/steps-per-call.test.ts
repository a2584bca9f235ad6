import { describe, expect, it } from 'vitest';
import { improve } from '../../src/engine/compiled.js';
import { stepsPerCall, stepsThatFit } from '../../src/engine/cost.js';
import { addition } from './steps/addition.js';
import { residual } from './steps/others.js';

/** Batches of a pass that is longer than any call. */
const MANY = 1000;

describe('how many steps a call takes', () => {
  it('ten of a small net, one of a large one, fewer the larger it is', async () => {
    expect(stepsPerCall(stepsThatFit(await improve(residual())), MANY)).toBe(10);
    expect(stepsPerCall(stepsThatFit(await improve(addition())), MANY)).toBe(10);
    const steps = [];
    for (const hidden of [32, 256, 1024])
      steps.push(stepsPerCall(stepsThatFit(await improve(addition({ hidden, batch: 256, time: 4 }))), MANY));
    expect(steps).toEqual(steps.toSorted((a, b) => b - a));
    expect(steps.at(-1)).toBe(1);
  });

  it('so that the program does not grow without bound', async () => {
    expect(stepsThatFit(await improve(addition({ time: 60 })))).toBeLessThan(5);
  });

  it('all of a short pass where they fit, so that nothing is left over', () => {
    const passes = [3, 10, 23, 24, 25, 1000];
    expect(passes.map((batches) => stepsPerCall(24, batches))).toEqual([3, 10, 23, 24, 10, 10]);
    expect(passes.map((batches) => stepsPerCall(4, batches))).toEqual([3, 4, 4, 4, 4, 4]);
  });
});
