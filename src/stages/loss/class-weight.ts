import { quote } from '../../diagnostics/words.js';
import { type Static, Type } from '../../language/type.js';
import { classNames, unknownClass } from '../fitted.js';
import type { ClassWeight, Data, Report } from '../stage.js';

export const classWeight = Type.Either(
  [
    Type.Enum(['balanced']),
    Type.Map(Type.Number({ exclusiveMinimum: 0, examples: [2], description: 'What a target of the class counts.' })),
  ],
  {
    otherwise: 'each target counts the same',
    examples: ['balanced'],
    description:
      'balanced: all classes count the same together, however rare; or what a target of each class counts, {NAME: NUMBER}, others 1.',
  },
);

const PATH = ['class_weight'];

/**
 * What a target of each class counts, by index. `balanced` is `n / (K n_c)` of n targets that train, K classes and n_c targets of class c, as
 * `class_weight='balanced'` of scikit-learn: all classes then have one weight together, and a mean target counts 1.
 */
export function classWeights(asked: Static<typeof classWeight>, data: Data, report: Report): readonly ClassWeight[] | undefined {
  const names = classNames(data);
  if (typeof asked !== 'string') {
    for (const name of Object.keys(asked)) if (!names.includes(name)) report({ ...unknownClass([...PATH, name], name, names), at: 'key' });
    return names.map((name) => ({ name, weight: asked[name] ?? 1 }));
  }
  const { classCounts: counts } = data.fitted;
  if (!counts) {
    report({
      code: 'no-class-counts',
      path: PATH,
      message: 'this dataset does not say how many targets of each class train',
      help: 'write what each class counts: class_weight: {NAME: NUMBER}',
    });
    return undefined;
  }
  const unseen = names.find((_, index) => !counts[index]);
  if (unseen !== undefined) {
    report({
      code: 'class-not-trained',
      path: PATH,
      message: `no target of the class ${quote(unseen)} trains, and balanced divides by how many there are`,
      help: 'train some of it, or write what each class counts: class_weight: {NAME: NUMBER}',
    });
    return undefined;
  }
  const all = counts.reduce((a, b) => a + b, 0);
  return counts.map((count, index) => ({ name: names[index] ?? '', weight: all / (counts.length * count) }));
}
