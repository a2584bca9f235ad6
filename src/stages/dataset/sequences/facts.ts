import type { Fact } from '../../stage.js';
import type { Sequence } from './gather.js';
import type { Parts } from './split.js';

/** What is worth knowing of one's own data before training. */
export function describeParts(parts: Parts, task: 'classification' | 'regression'): readonly Fact[] {
  const all = [...parts.values()].flat();
  if (all.length === 0) return [];
  const lengths = all.map(({ length }) => length);
  const steps = lengths.reduce((a, b) => a + b, 0);
  const [shortest, longest] = [lengths.reduce((a, b) => Math.min(a, b)), lengths.reduce((a, b) => Math.max(a, b))];
  return [
    { key: 'sequences', name: 'sequences', value: [...parts].map(([split, { length }]) => `${length} ${split}`).join(', ') },
    { key: 'steps', name: 'steps', value: steps },
    {
      key: 'sequence-steps',
      name: 'steps of a sequence',
      value: shortest === longest ? shortest : `${shortest} to ${longest}, ${(steps / all.length).toFixed(1)} on average`,
    },
    ...(task === 'classification' ? [{ key: 'classes', name: 'classes', value: describeClasses(all) }] : describeTargets(all)),
  ];
}

/**
 * By split, what the one best answer that training knows reaches: its most frequent class, by `accuracy`; its median, by `mean_absolute_error`.
 */
export function bestConstant(parts: Parts, task: 'classification' | 'regression'): Readonly<Record<string, number>> {
  const answer = task === 'classification' ? mostFrequent(parts.get('train') ?? []) : median(parts.get('train') ?? []);
  if (answer === undefined) return {};
  return Object.fromEntries(
    [...parts].flatMap(([split, sequences]): readonly (readonly [string, number])[] => {
      const targets = sequences.flatMap((sequence) => sequence.targets);
      if (targets.length === 0) return [];
      const meanOf = (score: (target: string | number) => number): number =>
        targets.reduce<number>((total, target) => total + score(target), 0) / targets.length;
      return typeof answer === 'string'
        ? [[`${split}/accuracy`, meanOf((target) => (String(target) === answer ? 1 : 0))]]
        : [[`${split}/mean_absolute_error`, meanOf((target) => Math.abs(Number(target) - answer))]];
    }),
  );
}

const mostFrequent = (trained: readonly Sequence[]): string | undefined => [...count(trained)].toSorted(([, a], [, b]) => b - a)[0]?.[0];

function median(trained: readonly Sequence[]): number | undefined {
  const sorted = Float64Array.from(
    trained.flatMap(({ targets }) => targets),
    Number,
  ).toSorted();
  return sorted[Math.floor(sorted.length / 2)];
}

function describeClasses(all: readonly Sequence[]): string {
  const counts = [...count(all)].toSorted(([, a], [, b]) => b - a);
  const shown = counts.slice(0, MOST_SHOWN).map(([name, times]) => `${name} ${times}`);
  return `${counts.length}: ${shown.join(', ')}${counts.length > MOST_SHOWN ? ', …' : ''}`;
}

const MOST_SHOWN = 10;

function describeTargets(all: readonly Sequence[]): readonly Fact[] {
  const targets = all.flatMap((sequence) => sequence.targets.map(Number));
  const [least, most] = [targets.reduce((a, b) => Math.min(a, b)), targets.reduce((a, b) => Math.max(a, b))];
  return [{ key: 'targets', name: 'targets', value: `${Number(least.toPrecision(4))} to ${Number(most.toPrecision(4))}` }];
}

function count(all: readonly Sequence[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { targets } of all) for (const target of targets) counts.set(String(target), (counts.get(String(target)) ?? 0) + 1);
  return counts;
}
