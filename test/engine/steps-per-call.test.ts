import { describe, expect, it } from 'vitest';
import { improve } from '../../src/engine/compiled.js';
import { stepsPerCall } from '../../src/engine/cost.js';
import { addition } from './steps/addition.js';
import { residual } from './steps/others.js';

describe('how many steps a call takes', () => {
  it('ten of a small net, one of a large one, fewer the larger it is', async () => {
    expect(stepsPerCall(await improve(residual()))).toBe(10);
    expect(stepsPerCall(await improve(addition()))).toBe(10);
    const steps = [];
    for (const hidden of [32, 256, 1024]) steps.push(stepsPerCall(await improve(addition({ hidden, batch: 256, time: 4 }))));
    expect(steps).toEqual(steps.toSorted((a, b) => b - a));
    expect(steps.at(-1)).toBe(1);
  });

  it('so that the program does not grow without bound', async () => {
    expect(stepsPerCall(await improve(addition({ time: 60 })))).toBeLessThan(5);
  });
});
