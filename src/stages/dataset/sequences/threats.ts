import type { Problem } from '../../../diagnostics/diagnostic.js';
import type { Fact } from '../../stage.js';
import { DUPLICATES, type Duplicates, duplicatesAcross, duplicatesFact, hashExample, isMuch } from '../duplicates.js';
import type { Parts, Sequence } from './gather.js';
import type { Options } from './options.js';

/** What makes a good result on these sequences mean less than it seems to. */
interface Threats {
  readonly problems: readonly Problem[];
  readonly facts: readonly Fact[];
  /** The answer at a step is a feature of the step after it. */
  readonly shifted: boolean;
}

/** What the options alone show is told even where the file can't be read; `parts` are empty then. */
export function threatsOf(options: Options, parts: Parts): Threats {
  const { features, target, sequence, target_per: per } = options;
  const all = [...parts.values()].flat();
  const isTarget = (feature: number): boolean => String(features[feature]) === String(target);
  const telling = tellingFeatures(all, features.length, options).filter(({ feature }) => !isTarget(feature));
  const duplicates = duplicatesAcross(
    new Map([...parts].map(([split, sequences]) => [split, Float64Array.from(sequences, (each) => hashExample(each.features))])),
  );
  return {
    problems: [
      ...features.flatMap((name, feature): readonly Problem[] => {
        if (isTarget(feature)) return [targetIsFeature(feature, name, options)];
        return sequence !== undefined && String(name) === String(sequence) ? [nameIsFeature(feature, name)] : [];
      }),
      ...(isMostlyOneStep(all) ? [mostHaveOneStep(all, sequence)] : []),
      ...telling.map((each) => featureTells(each, features[each.feature] ?? '', options)),
      ...duplicates.filter(isMuch).map((each) => standInTwo(each, parts)),
    ],
    facts: duplicates.map((each) => duplicatesFact(each, 'sequences')),
    shifted: per === 'step' && isAnswerAhead(all, features.length),
  };
}

/** Where it is all of them, planning tells so: it knows whether the model would remember anything. */
function isMostlyOneStep(all: readonly Sequence[]): boolean {
  const single = all.filter(({ length }) => length === 1).length;
  return single < all.length && single > 0.95 * all.length;
}

const mostHaveOneStep = (all: readonly Sequence[], sequence: string | number | undefined): Problem => ({
  code: 'one-step-sequences',
  severity: 'warning',
  path: sequence === undefined ? ['file'] : ['sequence'],
  message: `${all.filter(({ length }) => length === 1).length} of ${all.length} sequences have one step, in which a recurrent model has nothing to remember`,
  help: sequence === undefined ? 'give them several steps' : `is ${JSON.stringify(sequence)} the column that tells sequences apart?`,
});

const warningAt = (feature: number) => ({ severity: 'warning', path: ['features', feature] }) as const;

const targetIsFeature = (feature: number, name: string | number, { target_per: per }: Options): Problem => ({
  ...warningAt(feature),
  code: 'sees-the-answer',
  message: `${JSON.stringify(name)} is the target, and the model reads it ${per === 'step' ? 'at the very step that' : 'before'} it is to answer`,
  help:
    per === 'step'
      ? 'take it out of features; to predict it from its past, write its value of the step before into a column of its own'
      : 'take it out of features',
});

const nameIsFeature = (feature: number, name: string | number): Problem => ({
  ...warningAt(feature),
  code: 'name-as-feature',
  message: `${JSON.stringify(name)} names the sequences: what is learnt of a name holds for no other sequence`,
  help: 'take it out of features',
});

function featureTells({ feature, how, correlation = 1 }: Telling, name: string | number, { target, target_per: per }: Options): Problem {
  const where = per === 'step' ? ' at the same step' : '';
  const what = {
    equal: `equals the target ${JSON.stringify(target)}${where}`,
    correlated: `goes with the target ${JSON.stringify(target)}${where}: their correlation is ${correlation.toFixed(5)}`,
    'one-to-one': `has one value for each class of ${JSON.stringify(target)}${where}, and no two classes share one`,
  }[how];
  return {
    ...warningAt(feature),
    code: 'sees-the-answer',
    message: `${JSON.stringify(name)} ${what}`,
    help: 'take it out of features, unless it is known before the answer is',
  };
}

function standInTwo({ split, earlier, count, of, first: [index, equal] }: Duplicates, parts: Parts): Problem {
  const called = (of: string, at: number): string => {
    const { name = '', place = '' } = parts.get(of)?.[at] ?? {};
    return `${JSON.stringify(name)} (${place})`;
  };
  return {
    code: DUPLICATES,
    severity: 'warning',
    path: ['file'],
    message: `${count} of ${of} sequences of ${split} stand in ${earlier} too, feature for feature: ${called(split, index)} is ${called(earlier, equal)}`,
    help: 'a sequence that trained may be known by heart: keep one of each, or say with split_column that equal ones stand in one split',
  };
}

/** How a feature tells the answer. */
interface Telling {
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
function isAnswerAhead(sequences: readonly Sequence[], width: number): boolean {
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
