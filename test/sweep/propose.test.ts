import { describe, expect, it } from 'vitest';
import { propose } from '../../src/study/proposals/propose.js';
import { MOST_DIMENSIONS, sobol } from '../../src/study/proposals/sobol.js';
import { loaded, sweepText } from './documents.js';

const values = (lines: string) => propose(loaded(sweepText(lines)).config).map((assignments) => assignments.map(({ value }) => value));

describe('Sobol’s sequence', () => {
  /** Points 5, 13, 777 and 1000 in 21 dimensions, in units of 1/16 and 1/1024: scipy.stats.qmc.Sobol(21, scramble=False, bits=32). */
  it.each([
    [5, 16, [14, 14, 2, 6, 14, 10, 14, 6, 6, 2, 6, 14, 14, 2, 14, 6, 14, 6, 6, 10, 10]],
    [13, 16, [13, 11, 13, 1, 7, 15, 9, 9, 9, 7, 13, 15, 1, 13, 3, 9, 3, 11, 9, 15, 9]],
    [777, 1024, [709, 959, 167, 281, 651, 365, 195, 781, 357, 331, 763, 713, 393, 485, 583, 527, 413, 885, 379, 771, 243]],
    [1000, 1024, [225, 99, 531, 693, 287, 929, 47, 921, 513, 71, 87, 261, 165, 393, 147, 379, 737, 353, 1015, 743, 535]],
  ])('is Joe and Kuo’s at point %i', (index, scale, point) => {
    expect(point.map((_, dimension) => (sobol(dimension, index + 1)[index] ?? 0) * scale)).toEqual(point);
  });

  it('has one point in each of 64 equal intervals of every dimension, shifted or not', () => {
    for (let dimension = 0; dimension < MOST_DIMENSIONS; dimension++)
      for (const shift of [0, 0x9e3779b9])
        expect(new Set(Array.from(sobol(dimension, 64, shift), (u) => Math.floor(u * 64))).size).toBe(64);
  });
});

describe('a grid', () => {
  it('crosses its axes, the last turning fastest', () => {
    expect(values('vary: [{model.hidden_size: [4, 8]}, {optimizer.learning_rate: [0.1, 0.2]}]')).toEqual([
      [4, 0.1],
      [4, 0.2],
      [8, 0.1],
      [8, 0.2],
    ]);
  });

  it('lets several paths of one item advance together', () => {
    expect(values('vary: [{model.kind: [rnn, lstm], training.epochs: [100, 50]}]')).toEqual([
      ['rnn', 100],
      ['lstm', 50],
    ]);
  });

  it.each([
    ['{kind: range, low: 0.1, high: 0.5, step: 0.1}', [0.1, 0.2, 0.3, 0.4, 0.5]],
    ['{kind: integer, low: 3, high: 6}', [3, 4, 5, 6]],
    ['{kind: choice, values: [a, {kind: step, from: 1}]}', ['a', { kind: 'step', from: 1 }]],
  ])('takes %s', (axis, listed) => expect(values(`vary: [{p: ${axis}}]`)).toEqual(listed.map((value) => [value])));

  it('leaves out what is excluded', () => {
    const lines = 'vary: [{a: [1, 2]}, {b: [x, y]}]\nexclude: [{a: 2, b: x}]';
    expect(values(lines)).toEqual([
      [1, 'x'],
      [1, 'y'],
      [2, 'y'],
    ]);
  });
});

describe.each(['random', 'sobol'])('%s', (kind) => {
  const axes = 'vary: [{a: {kind: log_uniform, low: 0.0001, high: 0.01}}, {b: [x, y, z]}, {c: {kind: normal, mean: 5, sd: 2}}]';
  const drawn = (trials: number, seed = 1) => values(`${axes}\nsearch: {kind: ${kind}, trials: ${trials}, seed: ${seed}}`);

  it('gives the same again, more of them begin with the same ones, another seed gives others', () => {
    expect(drawn(32)).toEqual(drawn(32));
    expect(drawn(48).slice(0, 32)).toEqual(drawn(32));
    expect(drawn(32, 2)).not.toEqual(drawn(32));
  });

  it('follows the distributions', () => {
    const all = drawn(512);
    const column = (index: number): readonly unknown[] => all.map((one) => one[index]);
    const exponents = column(0).map((value) => Math.log10(Number(value)));
    expect(Math.min(...exponents)).toBeGreaterThanOrEqual(-4);
    expect(Math.max(...exponents)).toBeLessThanOrEqual(-2);
    expect(mean(exponents)).toBeCloseTo(-3, 1);
    for (const word of ['x', 'y', 'z']) expect(column(1).filter((value) => value === word).length / 512).toBeCloseTo(1 / 3, 1);
    const normal = column(2).map(Number);
    expect(Math.abs(mean(normal) - 5)).toBeLessThan(0.3);
    expect(Math.abs(Math.sqrt(mean(normal.map((value) => (value - mean(normal)) ** 2))) - 2)).toBeLessThan(0.2);
  });

  it('gives numbers that a person can copy', () => {
    for (const [a] of drawn(64)) expect(Number(Number(a).toPrecision(6))).toBe(a);
  });
});

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
