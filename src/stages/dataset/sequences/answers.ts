import type { Sequence } from './gather.js';

/** How a feature tells the answer. */
export interface Telling {
  /** The feature's index. */
  readonly feature: number;
  readonly how: 'equal' | 'correlated' | 'one-to-one';
  /** Of numbers. */
  readonly correlation?: number;
}

/** From this correlation on, a feature is taken for the target itself. */
const SAME = 0.999;

/** With fewer answers, a feature may go with them by accident. */
const FEWEST = 5;

/**
 * The features that tell the answer, at the very step that it is asked for: a number that equals the target or correlates with it above 0.999, or a
 * value for each class. From step to step their changes must correlate as well: two numbers that only grow, each in its way, go together by
 * themselves. Where a sequence has one answer, this is asked of the features that never change within a sequence. One pass over the
 * steps for each feature.
 */
export function tellingFeatures(
  sequences: readonly Sequence[],
  width: number,
  { task, target_per: per }: { readonly task: 'classification' | 'regression'; readonly target_per: 'sequence' | 'step' },
): readonly Telling[] {
  return Array.from({ length: width }, (_, feature) => feature).flatMap((feature): readonly Telling[] => {
    if (per === 'sequence' && !sequences.every((sequence) => isStill(sequence, feature, width))) return [];
    if (task === 'classification') return isOneToOne(sequences, feature, width) ? [{ feature, how: 'one-to-one' }] : [];
    const { equal, correlation } = relation(sequences, feature, width);
    if (!(Math.abs(correlation) > SAME)) return [];
    return [equal ? { feature, how: 'equal' } : { feature, how: 'correlated', correlation }];
  });
}

/**
 * Whether the answer at a step is a feature of the step after it (99 of 100 steps are enough): whoever reads ahead sees it. Asked of numbers, and of
 * classes whose names are numbers.
 */
export function isAnswerAhead(sequences: readonly Sequence[], width: number): boolean {
  for (let feature = 0; feature < width; feature++) {
    let [steps, equal] = [0, 0];
    const values = new Set<number>();
    for (const { length, features, targets } of sequences) {
      for (let step = 0; step + 1 < length; step++) {
        const next = features[(step + 1) * width + feature] ?? Number.NaN;
        steps += 1;
        if (values.size < 2) values.add(next);
        if (Number(targets[step]) === next) equal += 1;
      }
    }
    if (steps >= FEWEST && values.size > 1 && equal >= 0.99 * steps) return true;
  }
  return false;
}

function isStill({ length, features }: Sequence, feature: number, width: number): boolean {
  for (let step = 1; step < length; step++) if (features[step * width + feature] !== features[feature]) return false;
  return true;
}

function isOneToOne(sequences: readonly Sequence[], feature: number, width: number): boolean {
  const valueOf = new Map<string, number>();
  const classOf = new Map<number, string>();
  let count = 0;
  for (const { features, targets } of sequences) {
    for (const [step, target] of targets.entries()) {
      const [value, name] = [features[step * width + feature] ?? Number.NaN, String(target)];
      if (!valueOf.has(name)) valueOf.set(name, value);
      if (!classOf.has(value)) classOf.set(value, name);
      if (valueOf.get(name) !== value || classOf.get(value) !== name) return false;
      count += 1;
    }
  }
  return valueOf.size > 1 && count >= Math.max(FEWEST, 2 * valueOf.size);
}

function relation(sequences: readonly Sequence[], feature: number, width: number): { equal: boolean; correlation: number } {
  const [levels, changes] = [correlator(), correlator()];
  let equal = true;
  for (const { features, targets } of sequences) {
    for (const [step, target] of targets.entries()) {
      const [x, y] = [features[step * width + feature] ?? Number.NaN, Number(target)];
      equal &&= x === y;
      levels.add(x, y);
      if (step > 0) changes.add(x - (features[(step - 1) * width + feature] ?? Number.NaN), y - Number(targets[step - 1]));
    }
  }
  const [ofLevels, ofChanges] = [levels.correlation(), changes.correlation()];
  const isTrend = changes.count() > 0 && !equal && !(Math.abs(ofChanges) > SAME);
  return { equal, correlation: isTrend ? Number.NaN : ofLevels };
}

/** Pearson's correlation by running means (Welford), which keep their digits; NaN of too few pairs, and where one side never changes. */
function correlator() {
  let [count, meanX, meanY, xx, yy, xy] = [0, 0, 0, 0, 0, 0];
  return {
    add(x: number, y: number): void {
      count += 1;
      const [dx, dy] = [x - meanX, y - meanY];
      meanX += dx / count;
      meanY += dy / count;
      xx += dx * (x - meanX);
      yy += dy * (y - meanY);
      xy += dx * (y - meanY);
    },
    count: (): number => count,
    correlation(): number {
      // What rounding leaves of numbers that are all alike is no change.
      const changes = xx > ROUNDING * count * meanX ** 2 && yy > ROUNDING * count * meanY ** 2;
      return count < FEWEST || !changes ? Number.NaN : xy / Math.sqrt(xx * yy);
    },
  };
}

const ROUNDING = 1e-24;
