/**
 * The middle part of what a statistic of a series comes to when its places are drawn anew in moving blocks (Künsch 1989), so that what hangs together in
 * time stays together: as many blocks of `length` places, each from any start, as fill the series; a share `1 - confidence` of the draws lies outside.
 */
export function movingBlockInterval(
  places: number,
  length: number,
  statistic: (drawn: Int32Array) => number,
  integer: (below: number) => number,
  { draws = 2000, confidence = 0.95 } = {},
): readonly [low: number, high: number] {
  const block = Math.min(length, places);
  const drawn = new Int32Array(places);
  const values = Float64Array.from({ length: draws }, () => {
    for (let at = 0; at < places; at += block) {
      const start = integer(places - block + 1);
      for (let i = 0; i < block && at + i < places; i++) drawn[at + i] = start + i;
    }
    return statistic(drawn);
  }).toSorted();
  const at = (share: number): number => values[Math.min(draws - 1, Math.max(0, Math.round(share * (draws - 1))))] ?? Number.NaN;
  return [at((1 - confidence) / 2), at((1 + confidence) / 2)];
}
