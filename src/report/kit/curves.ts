import type { Point } from '../run/run-record.js';

export type CurvePoint = Pick<Point, 'step' | 'value'>;

/** Pieces without a gap: a value that is not finite ends one. */
export function finitePieces<P extends CurvePoint>(points: readonly P[]): readonly (readonly P[])[] {
  const pieces: P[][] = [[]];
  for (const point of points) {
    if (Number.isFinite(point.value)) pieces.at(-1)?.push(point);
    else pieces.push([]);
  }
  return pieces.filter((piece) => piece.length > 0);
}

/**
 * At most about `limit` points that draw the same picture: of each of `limit / 2` equal stretches of steps the lowest and the highest point,
 * so that no spike is lost. The first and the last point stay.
 */
export function downsample<P extends CurvePoint>(points: readonly P[], limit = 800): readonly P[] {
  const first = points[0];
  const last = points.at(-1);
  if (points.length <= limit || !first || !last) return points;
  const stretches = Math.floor(limit / 2) - 1;
  const inner = points.slice(1, -1);
  const kept: P[] = [first];
  for (let stretch = 0; stretch < stretches; stretch++) {
    const part = inner.slice(Math.floor((stretch * inner.length) / stretches), Math.floor(((stretch + 1) * inner.length) / stretches));
    const lowest = part.reduce((a, b) => (b.value < a.value ? b : a), part[0] ?? first);
    const highest = part.reduce((a, b) => (b.value > a.value ? b : a), part[0] ?? first);
    if (lowest === highest) kept.push(lowest);
    else kept.push(...(lowest.step < highest.step ? [lowest, highest] : [highest, lowest]));
  }
  return [...kept, last];
}
