import type { Problem } from '../diagnostics/diagnostic.js';
import { meantOrKnown, quote } from '../diagnostics/words.js';
import type { Data, Fitted } from './stage.js';

/** The axes along which weights are matched with other data by name. */
export const NAMED_AXES = ['tokens', 'classes', 'features'] as const;
export type NamedAxis = (typeof NAMED_AXES)[number];

/** What the indices along an axis are called; undefined where nobody knows. */
export function namesAlong(axis: NamedAxis, { vocabulary, classes, features }: Fitted): readonly string[] | undefined {
  return { tokens: vocabulary, classes, features }[axis];
}

/** Are the answers the tokens that the input holds too, so that a model's answer can be what it reads next? */
export const writesTokens = ({ fitted: { vocabulary, classes: names = vocabulary }, classes }: Data): boolean =>
  vocabulary !== undefined && vocabulary.length === classes && vocabulary.every((token, at) => token === names?.[at]);

/** Classes as the data name them; by their numbers where they have no names. */
export const classNames = ({ fitted, classes = 1 }: Data): readonly string[] =>
  fitted.classes?.length === classes ? fitted.classes : Array.from({ length: classes }, (_, index) => String(index));

export const unknownClass = (path: Problem['path'], name: string, names: readonly string[]): Problem => ({
  code: 'unknown-class',
  path,
  message: `the data have no class ${quote(name)}`,
  help: meantOrKnown(name, names),
});

/** How many targets are of each class, by index. */
export function countClasses(targets: Iterable<string | number>, classes: readonly string[]): readonly number[] {
  const places = new Map(classes.map((name, index) => [name, index]));
  const counts = classes.map(() => 0);
  for (const target of targets) {
    const index = places.get(String(target));
    if (index !== undefined) counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts;
}
