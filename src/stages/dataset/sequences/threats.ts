import type { Problem } from '../../../diagnostics/diagnostic.js';
import type { Fact } from '../../stage.js';
import { DUPLICATES, duplicatesAcross, duplicatesFact, hashExample, isMuch, type Duplicates } from '../duplicates.js';
import { isAnswerAhead, tellingFeatures, type Telling } from './answers.js';
import type { Sequence } from './gather.js';
import type { Options } from './options.js';
import type { Parts } from './split.js';

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
