/** Adjusted p-values, in the order given: reject where one is at most alpha, and any of all rejections is wrong with probability alpha (Holm 1979). */
export function holm(p: readonly number[]): readonly number[] {
  const order = p.map((value, index) => ({ value, index })).toSorted((x, y) => x.value - y.value);
  const adjusted = p.slice();
  let largest = 0;
  order.forEach(({ value, index }, rank) => {
    largest = Math.max(largest, Math.min(1, (p.length - rank) * value));
    adjusted[index] = largest;
  });
  return adjusted;
}
