import { finitePieces, type CurvePoint } from './curves.js';
import { decideScale, pixelOf, type AxisScale } from './scale.js';

/**
 * A curve as lines of braille characters, each two dots wide and four high; values that are not finite leave a gap. Empty without a finite
 * value. The scale is chosen as in the pictures.
 */
export function brailleCurve(
  points: readonly CurvePoint[],
  { width, height, scale }: { readonly width: number; readonly height: number; readonly scale?: AxisScale },
): readonly string[] {
  const vertical = scale ?? decideScale(points.map(({ value }) => value));
  const [across, down] = [width * 2, height * 4];
  const first = points[0]?.step ?? 1;
  const span = Math.max(1, (points.at(-1)?.step ?? 1) - first);
  const dots = new Uint8Array(width * height);
  const place = ({ step, value }: CurvePoint): Dot => ({
    x: Math.round(((step - first) / span) * (across - 1)),
    y: Math.max(0, Math.min(down - 1, Math.round(pixelOf(vertical, value, down - 1)))),
  });
  for (const piece of finitePieces(points)) {
    const placed = piece.map(place);
    placed.forEach((dot, index) => {
      for (const { x, y } of between(placed[index - 1] ?? dot, dot)) {
        const cell = Math.floor(y / 4) * width + Math.floor(x / 2);
        dots[cell] = (dots[cell] ?? 0) | (BRAILLE[y % 4]?.[x % 2] ?? 0);
      }
    });
  }
  if (dots.every((cell) => cell === 0)) return [];
  return Array.from({ length: height }, (_, row) =>
    String.fromCodePoint(...Array.from(dots.subarray(row * width, (row + 1) * width), braille)),
  );
}

interface Dot {
  readonly x: number;
  readonly y: number;
}

/** Unicode's bit of each dot of a braille cell, by row and column. */
const BRAILLE = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

const braille = (cell: number): number => 0x2800 + cell;

/** The dots of a straight line, without the first unless it is the last. */
function between(from: Dot, to: Dot): readonly Dot[] {
  const steps = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y));
  if (steps === 0) return [to];
  return Array.from({ length: steps }, (_, index) => ({
    x: Math.round(from.x + ((to.x - from.x) * (index + 1)) / steps),
    y: Math.round(from.y + ((to.y - from.y) * (index + 1)) / steps),
  }));
}
