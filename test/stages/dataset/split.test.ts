import { describe, expect, test } from 'vitest';
import type { Problem } from '../../../src/diagnostics/diagnostic.js';
import { createStreams } from '../../../src/random/streams.js';
import { drawSplits, groupsFact, type Item } from '../../../src/stages/dataset/split.js';

type Drawing = Parameters<typeof drawSplits>[1];

interface Named extends Item {
  readonly name: number;
}

function drawn(items: readonly Omit<Named, 'name'>[], drawing: Partial<Drawing>, seed = 1) {
  const problems: Problem[] = [];
  const all = items.map((item, name): Named => ({ ...item, name }));
  const parts = drawSplits(all, { noun: 'text', validation: 0, test: 0, ...drawing }, createStreams(seed), (each) => problems.push(each));
  return {
    parts,
    told: problems.map(({ path, message }) => `${path.join('.')}: ${message}`),
    sizes: Object.fromEntries([...parts].map(([name, { length }]) => [name, length])),
    classes: Object.fromEntries([...parts].map(([name, part]) => [name, countBy(part.map(({ targets }) => String(targets[0])))])),
    names: (split: string) => (parts.get(split) ?? []).map(({ name }) => name),
  };
}

const countBy = (words: readonly string[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
};

const repeated = (counts: Readonly<Record<string, number>>): readonly Item[] =>
  Object.entries(counts).flatMap(([name, count]) => Array.from({ length: count }, () => ({ targets: [name] })));

/** Of each person so many items, of the classes in turn. */
const owned = (counts: Readonly<Record<string, number>>, classes = ['a']): readonly Item[] =>
  Object.entries(counts).flatMap(([group, count]) =>
    Array.from({ length: count }, (_, i) => ({ group, targets: [classes[i % classes.length] ?? ''] })),
  );

describe('stratify', () => {
  const shares = { validation: 0.1, test: 0.2, stratify: true };

  test('gives every split the share of every class, and the size that it would have without', () => {
    const items = repeated({ often: 700, seldom: 250, rare: 50 });
    const { sizes, classes } = drawn(items, shares);
    expect(sizes).toEqual(drawn(items, { ...shares, stratify: false }).sizes);
    expect(classes).toEqual({
      train: { often: 490, seldom: 175, rare: 35 },
      validation: { often: 70, seldom: 25, rare: 5 },
      test: { often: 140, seldom: 50, rare: 10 },
    });
  });

  test('rounds by the largest remainder, and leaves no class without one', () => {
    expect(drawn(repeated({ a: 33, b: 33, c: 34 }), { test: 0.1, stratify: true }).classes['test']).toEqual({ a: 3, b: 3, c: 4 });
    expect(drawn(repeated({ a: 90, b: 6, c: 4 }), { test: 0.1, stratify: true }).classes['test']).toEqual({ a: 8, b: 1, c: 1 });
  });

  test('draws by the seed, in the order of the file', () => {
    const items = repeated({ a: 40, b: 60 });
    const names = (seed: number) => drawn(items, shares, seed).names('test');
    expect(names(1)).toEqual(names(1));
    expect(names(1)).not.toEqual(names(2));
    expect(names(1)).toEqual(names(1).toSorted((a, b) => a - b));
  });

  test('says which classes are too rare, and which split is too small', () => {
    expect(drawn(repeated({ a: 40, b: 2, c: 1 }), shares).told).toEqual([
      'split.stratify: each of 3 splits wants one text of a class, and there are fewer of "b" (2 texts) and "c" (1 text)',
    ]);
    expect(drawn(repeated({ a: 5, b: 5, c: 5 }), { test: 0.1, stratify: true }).told).toEqual([
      "split.stratify: 2 texts of test can't show each of 3 classes",
    ]);
  });
});

describe('group', () => {
  const people = Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`p${i}`, 4 + (i % 9)]));
  const shares = { validation: 0.2, test: 0.2, group: 'person' };

  test('keeps all of a group in one split, near the shares', () => {
    const items = owned(people);
    for (let seed = 1; seed <= 20; seed++) {
      const { parts, sizes } = drawn(items, shares, seed);
      const whose = [...parts.values()].map((part) => new Set(part.map(({ group }) => group)));
      expect(whose.reduce((sum, { size }) => sum + size, 0)).toBe(25);
      expect(Object.values(sizes).reduce((a, b) => a + b)).toBe(items.length);
      for (const split of ['validation', 'test']) expect(Math.abs((sizes[split] ?? 0) - 0.2 * items.length)).toBeLessThan(4);
    }
  });

  test('draws groups by the seed, large and small ones', () => {
    const tested = Array.from({ length: 40 }, (_, seed) => drawn(owned(people), shares, seed).parts.get('test') ?? []);
    expect(new Set(tested.flat().map(({ group }) => group)).size).toBe(25);
  });

  test('with stratify, each split has its share of each class', () => {
    // Half of the people are of one class alone: a draw that looks at sizes only has 35 % to 65 % of a class now and then.
    const items = [
      ...owned(Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`a${i}`, 5])), ['ill']),
      ...owned(people, ['ill', 'well', 'well']),
    ];
    const shareIll = (split: string, stratify: boolean, seed: number): number => {
      const { ill = 0, well = 0 } = drawn(items, { ...shares, stratify }, seed).classes[split] ?? {};
      return ill / (ill + well);
    };
    const all = countBy(items.map(({ targets }) => String(targets[0])))['ill'] ?? 0;
    const worst = (stratify: boolean): number =>
      Math.max(...Array.from({ length: 20 }, (_, seed) => Math.abs(shareIll('test', stratify, seed) - all / items.length)));
    expect(worst(true)).toBeLessThan(0.04);
    expect(worst(false)).toBeGreaterThan(0.1);
  });

  test('of groups that are all too large, each split has one', () => {
    expect(drawn(owned({ a: 10, b: 10, c: 10 }), { validation: 0.1, test: 0.1, group: 'person' }).sizes).toEqual({
      train: 10,
      validation: 10,
      test: 10,
    });
  });

  test('says so where there are fewer groups than splits', () => {
    expect(drawn(owned({ a: 9, b: 9 }), shares).told).toEqual(['split.group: "person" has 2 values, and each of 3 splits wants one']);
    expect(drawn(owned({ a: 9 }), { test: 0.2, group: 'person' }).told).toEqual([
      'split.group: "person" has 1 value, and each of 2 splits wants one',
    ]);
  });

  test('is told by how many there are in each split', () => {
    const { parts } = drawn(owned({ a: 5, b: 5, c: 5, d: 5, e: 5 }), { test: 0.2, group: 'person' });
    expect(groupsFact(parts, 'person')).toMatchObject([{ name: 'values of "person"', value: '4 train, 1 test' }]);
  });
});
