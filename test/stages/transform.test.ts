import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { findStage, stages } from '../../src/stages/registry.js';
import type { FittedTransform, UsedTransform } from '../../src/stages/stage.js';
import { HOST, inProgram } from '../../src/stages/transform/arithmetic.js';
import { applyAll, lostBy, undoAll } from '../../src/stages/transform/chain.js';
import { noProblem, problemsOf, tf } from './support.js';

type Listed = { readonly kind: string; readonly [option: string]: unknown };

function used({ kind, ...given }: Listed): UsedTransform {
  const stage = findStage(stages, 'transform', kind);
  if (!stage) throw new Error(kind);
  const options = {
    ...Object.fromEntries(
      Object.entries(stage.options.properties).flatMap(([name, { default: value }]) => (value === undefined ? [] : [[name, value]])),
    ),
    ...given,
  };
  const spec = stage.plan(options, {}, noProblem);
  return { kind, options, spec, transform: stage.create({}, options, spec, {}), fitOn: 'train' };
}

const X = Float64Array.of(112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118, 115, 126, 141);

/** Fits each transform to what those before it make of the series. */
function fitAll(list: readonly UsedTransform[], x: Float64Array): readonly FittedTransform[] {
  const fitted: FittedTransform[] = [];
  for (const [index, { transform }] of list.entries()) fitted.push(transform.fit?.(applyAll(HOST, list.slice(0, index), fitted, x)) ?? {});
  return fitted;
}

const apply = (listed: Listed, x = X): readonly number[] => {
  const list = [used(listed)];
  return [...applyAll(HOST, list, fitAll(list, x), x)];
};

// By the formulas of scikit-learn's StandardScaler, MinMaxScaler and RobustScaler.
describe('values', () => {
  test.each<[Listed, number[]]>([
    [{ kind: 'standardize' }, [-1.1670317862783552, -0.6939107918411841, 0.41003819517888185]],
    [{ kind: 'min_max' }, [8 / 44, 14 / 44, 28 / 44]],
    [{ kind: 'min_max', least: -1, most: 1 }, [16 / 44 - 1, 28 / 44 - 1, 56 / 44 - 1]],
    [{ kind: 'robust' }, [(112 - 126) / 17.5, (118 - 126) / 17.5, (132 - 126) / 17.5]],
    [{ kind: 'log' }, [Math.log(112), Math.log(118), Math.log(132)]],
    [{ kind: 'log', offset: 1 }, [Math.log(113), Math.log(119), Math.log(133)]],
    [{ kind: 'difference' }, [6, 14, -3]],
    [{ kind: 'difference', lag: 12 }, [3, 8, 9]],
    [{ kind: 'clip', least: 115, most: 130 }, [115, 118, 130]],
  ])('%j', (listed, expected) => {
    for (const [at, value] of expected.entries()) expect(apply(listed)[at], String(at)).toBeCloseTo(value, 12);
  });

  test('of a series that never changes are moved to 0', () => {
    const same = Float64Array.of(7, 7, 7);
    for (const kind of ['standardize', 'min_max', 'robust']) expect(apply({ kind }, same)).toEqual([0, 0, 0]);
  });

  test('that have no logarithm are refused', () => {
    expect(used({ kind: 'log' }).transform.refuses?.(0)).toBe('no logarithm of 0');
    expect(used({ kind: 'log' }).transform.refuses?.(1e-300)).toBeUndefined();
    expect(used({ kind: 'log', offset: 1 }).transform.refuses?.(0)).toBeUndefined();
  });
});

test.each<Listed>([
  { kind: 'standardize' },
  { kind: 'min_max', least: -1, most: 3 },
  { kind: 'robust' },
  { kind: 'log', offset: 2 },
  { kind: 'difference', lag: 3 },
  { kind: 'clip', least: 100, most: 150 },
])('the formulas of $kind, which go with an exported model, are what is computed', (listed) => {
  const { transform, options, spec } = used(listed);
  const fitted = transform.fit?.(X) ?? {};
  const y = HOST.join(new Float64Array(spec.lost).fill(Number.NaN), transform.apply(HOST, X, fitted));
  const { log, exp, min, max } = Math;
  const valueOf = (formula: string | undefined, t: number): unknown =>
    runInNewContext(formula ?? '', { log, exp, min, max, ...options, ...fitted, x: X, y, t });
  for (let t = spec.lost; t < X.length; t++) {
    expect(valueOf(transform.formula?.apply, t)).toBeCloseTo(y[t] ?? 0, 12);
    expect(valueOf(transform.formula?.invert, t)).toBeCloseTo(X[t] ?? 0, 11);
  }
});

test.each([
  ['min_max', { least: 1, most: 1 }],
  ['clip', { least: 2, most: 1 }],
])('a range of %s must not be empty', (kind, options) => {
  const stage = findStage(stages, 'transform', kind);
  expect(problemsOf((report) => stage?.plan({ share: 0.01, ...options }, {}, report))).toMatchObject([
    { code: 'empty-range', path: ['most'] },
  ]);
});

const LISTS: readonly (readonly Listed[])[] = [
  [{ kind: 'standardize' }],
  [{ kind: 'min_max', least: -1 }],
  [{ kind: 'robust' }],
  [{ kind: 'log' }],
  [{ kind: 'difference' }],
  [{ kind: 'difference', lag: 3 }],
  [{ kind: 'log' }, { kind: 'difference', lag: 2 }, { kind: 'standardize' }],
  [{ kind: 'standardize' }, { kind: 'difference' }, { kind: 'difference', lag: 2 }, { kind: 'min_max' }],
];

describe.each(LISTS.map((list) => [list.map(({ kind }) => kind).join(', '), list.map(used)] as const))('%s', (_, list) => {
  const fitted = fitAll(list, X);
  const lost = lostBy(list);
  const y = applyAll(HOST, list, fitted, X);

  test('is undone from any place of the series, given the values before it', () => {
    expect(y).toHaveLength(X.length - lost);
    for (const from of [lost, lost + 1, X.length - 1]) {
      const again = undoAll(HOST, list, fitted, y.slice(from - lost), X.slice(from - lost, from));
      for (const [at, value] of again.entries()) expect(value).toBeCloseTo(X[from + at] ?? Number.NaN, 9);
    }
  });

  test('is the same mathematics inside a program', () => {
    const math = inProgram(tf);
    const batch = tf.tensor2d([...X, ...X.map((value) => 2 * value)], [2, X.length]);
    const made = [...applyAll(math, list, fitted, batch).dataSync()];
    for (const [at, value] of y.entries()) expect(made[at]).toBeCloseTo(value, 3);
    const ahead = tf.tensor2d([...y.slice(-4), ...y.slice(-4)], [2, 4]);
    const past = tf.tensor2d([...X.slice(-4 - Math.max(1, lost), -4), ...X.slice(-4 - Math.max(1, lost), -4)], [2, Math.max(1, lost)]);
    const undone = [...undoAll(math, list, fitted, ahead, past).dataSync()];
    for (const [at, value] of [...X.slice(-4), ...X.slice(-4)].entries()) expect((undone[at] ?? 0) / value).toBeCloseTo(1, 5);
  });
});
