import type { DataSpec, Fitted } from './stage.js';
import { writesTokens } from './tensors.js';

/** The axes along which weights are matched with other data by name. */
export const NAMED_AXES = ['tokens', 'classes', 'features'] as const;
export type NamedAxis = (typeof NAMED_AXES)[number];

/** All that a dataset has fitted; the vocabulary of a text is that of its answers too. */
export const fittedOf = (data: DataSpec): Fitted => ({
  ...(data.vocabulary && { vocabulary: data.vocabulary }),
  ...(data.separator !== undefined && { separator: data.separator }),
  ...(data.vocabulary && writesTokens(data) && { classes: data.vocabulary }),
  ...data.fitted,
});

/** What the indices along an axis are called; undefined where nobody knows. */
export function namesAlong(axis: NamedAxis, { vocabulary, classes, features }: Fitted): readonly string[] | undefined {
  return { tokens: vocabulary, classes, features }[axis];
}
