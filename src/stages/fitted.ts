import type { Data, Fitted } from './stage.js';

/** The axes along which weights are matched with other data by name. */
export const NAMED_AXES = ['tokens', 'classes', 'features'] as const;
export type NamedAxis = (typeof NAMED_AXES)[number];

/** What the indices along an axis are called; undefined where nobody knows. */
export function namesAlong(axis: NamedAxis, { vocabulary, classes, features }: Fitted): readonly string[] | undefined {
  return { tokens: vocabulary, classes, features }[axis];
}

/** Are the answers the tokens that the input holds too, so that a model's answer can be what it reads next? */
export const writesTokens = ({ fitted: { vocabulary }, classes }: Data): boolean =>
  vocabulary !== undefined && vocabulary.length === classes;
