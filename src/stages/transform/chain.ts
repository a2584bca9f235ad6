import type { Arithmetic, FittedIn, UsedTransform } from '../stage.js';

/** Leading values of a series that have no result, all transforms together. */
export const lostBy = (transforms: readonly UsedTransform[]): number => transforms.reduce((lost, { spec }) => lost + spec.lost, 0);

/**
 * Applies transforms one after the other; `see` is given what each one is about to change. A result has `lostBy(transforms)` values less than `x`,
 * those at its beginning.
 */
export function applyAll<T>(
  math: Arithmetic<T>,
  transforms: readonly UsedTransform[],
  fitted: readonly FittedIn<T>[],
  x: T,
  see: (before: T, used: UsedTransform) => void = () => {},
): T {
  return transforms.reduce((values, used, index) => {
    see(values, used);
    return used.transform.apply(math, values, fitted[index] ?? {});
  }, x);
}

/** Undoes them, the last one first. `past` are the values of the series before `y`, as they were: as many as are lost, or more. */
export function undoAll<T>(math: Arithmetic<T>, transforms: readonly UsedTransform[], fitted: readonly FittedIn<T>[], y: T, past: T): T {
  const before: T[] = [];
  // Behind the last one that needs a past there may be nothing left of it.
  const needed = transforms.slice(0, transforms.findLastIndex(({ spec }) => spec.lost > 0) + 1);
  applyAll(math, needed, fitted, past, (values) => before.push(values));
  return transforms.reduceRight(
    (values, { transform }, index) => transform.invert(math, values, fitted[index] ?? {}, before[index] ?? values),
    y,
  );
}
