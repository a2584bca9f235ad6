/**
 * The middle part of what a statistic of a series comes to when its places are drawn anew in moving blocks (Künsch 1989), so that what hangs together in
 * time stays together: as many blocks of `length` places, each from any start, as fill the series; a share `1 - confidence` of the draws lies outside.
 * `columns` have a value at each place; `statistic` is given the mean of each over the places that were drawn.
 */
export function movingBlockInterval(
  columns: readonly Float64Array[],
  length: number,
  statistic: (means: readonly number[]) => number,
  integer: (below: number) => number,
  { draws = 2000, confidence = 0.95 } = {},
): readonly [low: number, high: number] {
  const places = columns[0]?.length ?? 0;
  const block = Math.min(length, places);
  const before = columns.map(sumsBefore);
  const values = Float64Array.from({ length: draws }, () => {
    const totals = columns.map(() => 0);
    for (let at = 0; at < places; at += block) {
      const start = integer(places - block + 1);
      const end = start + Math.min(block, places - at);
      for (const [index, sums] of before.entries()) totals[index] = (totals[index] ?? 0) + (sums[end] ?? 0) - (sums[start] ?? 0);
    }
    return statistic(totals.map((total) => total / places));
  }).toSorted();
  return middleOf(values, confidence);
}

/** The part of sorted values that leaves out a share `1 - confidence`, half of it on each side. */
function middleOf(sorted: Float64Array, confidence: number): readonly [low: number, high: number] {
  const last = sorted.length - 1;
  const at = (share: number): number => sorted[Math.min(last, Math.max(0, Math.round(share * last)))] ?? Number.NaN;
  return [at((1 - confidence) / 2), at((1 + confidence) / 2)];
}

/**
 * The middle part of what each of several statistics of examples comes to when whole clusters of them are drawn anew, as many as there are (Efron 1979; of
 * clusters Davison and Hinkley 1997, 3.8). `statistics` is given how often each cluster was drawn. Too narrow where there are few clusters.
 */
export function clusterIntervals(
  clusters: number,
  statistics: (times: Int32Array) => readonly number[],
  integer: (below: number) => number,
  { draws = 1000, confidence = 0.95 } = {},
): readonly (readonly [low: number, high: number])[] {
  const times = new Int32Array(clusters);
  const drawn = Array.from({ length: draws }, () => {
    times.fill(0);
    for (let at = 0; at < clusters; at++) {
      const cluster = integer(clusters);
      times[cluster] = (times[cluster] ?? 0) + 1;
    }
    return statistics(times);
  });
  const [first = []] = drawn;
  return first.map((_, of) => {
    const values = Float64Array.from(drawn, (each) => each[of] ?? Number.NaN).filter((value) => !Number.isNaN(value));
    return middleOf(values.toSorted(), confidence);
  });
}

/** The sum of the values before each place, and of all: a block's sum is then one subtraction. */
function sumsBefore(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (const [at, value] of values.entries()) sums[at + 1] = (sums[at] ?? 0) + value;
  return sums;
}
