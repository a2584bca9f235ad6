/**
 * Every run of `length` numbers, and the number that follows it.
 *
 * @param {readonly number[]} series
 * @param {number} length
 */
export const windowsOf = (series, length) =>
  series.slice(length).map((next, start) => ({ before: series.slice(start, start + length), next }));
