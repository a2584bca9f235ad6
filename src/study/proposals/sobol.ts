/**
 * Sobol's sequence: points that fill the unit cube evenly, whatever their number. Directions of Joe & Kuo ("Constructing Sobol sequences with
 * better two-dimensional projections", SIAM J. Sci. Comput. 30, 2008; new-joe-kuo-6); points in Gray-code order (Antonov & Saleev 1979).
 */

/** Per dimension from the second on: the degree of the primitive polynomial, its inner coefficients as bits, and the first directions. */
const TABLE: readonly (readonly [coefficients: number, first: readonly number[]])[] = [
  [0, [1]],
  [1, [1, 3]],
  [1, [1, 3, 1]],
  [2, [1, 1, 1]],
  [1, [1, 1, 3, 3]],
  [4, [1, 3, 5, 13]],
  [2, [1, 1, 5, 5, 17]],
  [4, [1, 1, 5, 5, 5]],
  [7, [1, 1, 7, 11, 19]],
  [11, [1, 1, 5, 1, 1]],
  [13, [1, 1, 1, 3, 11]],
  [14, [1, 3, 5, 5, 31]],
  [1, [1, 3, 3, 9, 7, 49]],
  [13, [1, 1, 1, 15, 21, 21]],
  [16, [1, 3, 1, 13, 27, 49]],
  [19, [1, 1, 1, 15, 7, 5]],
  [22, [1, 3, 1, 15, 13, 25]],
  [25, [1, 1, 5, 5, 19, 61]],
  [1, [1, 3, 7, 11, 23, 15, 103]],
  [4, [1, 3, 7, 13, 13, 15, 69]],
];

export const MOST_DIMENSIONS = TABLE.length + 1;
const BITS = 32;

/** Coordinate `dimension` (from 0) of the first `count` points, in [0, 1). `shift` is added bit by bit without carry: it moves all points and keeps their evenness. */
export function sobol(dimension: number, count: number, shift = 0): Float64Array {
  const directions = directionsOf(dimension);
  const points = new Float64Array(count);
  let bits = 0;
  for (let index = 0; index < count; index++) {
    points[index] = ((bits ^ shift) >>> 0) / 2 ** BITS;
    bits ^= directions[lowestZero(index)] ?? 0;
  }
  return points;
}

/** Direction number k, as the bits of a fraction. The first dimension is van der Corput's sequence. */
function directionsOf(dimension: number): Int32Array {
  const directions = Int32Array.from({ length: BITS }, (_, bit) => 1 << (BITS - 1 - bit));
  if (dimension === 0) return directions;
  const row = TABLE[dimension - 1];
  if (!row) throw new RangeError(`Sobol's sequence is known in ${MOST_DIMENSIONS} dimensions, not in ${dimension + 1}`);
  const [coefficients, first] = row;
  const degree = first.length;
  const at = (bit: number): number => directions[bit] ?? 0;
  for (let bit = 0; bit < BITS; bit++) {
    if (bit < degree) {
      directions[bit] = (first[bit] ?? 0) << (BITS - 1 - bit);
      continue;
    }
    let next = at(bit - degree) ^ (at(bit - degree) >>> degree);
    for (let inner = 1; inner < degree; inner++) if ((coefficients >> (degree - 1 - inner)) & 1) next ^= at(bit - inner);
    directions[bit] = next;
  }
  return directions;
}

/** The position of the lowest zero bit. */
const lowestZero = (index: number): number => 31 - Math.clz32(~index & (index + 1));
