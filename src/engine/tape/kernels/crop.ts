import type { CropAndResizeAttrs, CropAndResizeInputs } from '@tensorflow/tfjs-core';
import type { Node } from '../../graph/graph.js';
import { kernel, type Kernels } from '../kernel.js';
import type { Operations } from '../operations.js';
import { gather } from './shape.js';

/**
 * Boxes `[y1, x1, y2, x2]`, in shares of the image, cut out and resized: the places of the new pixels are computed in the program, and each is
 * made of the old pixels around it, or of the nearest one.
 */
export const crop: Kernels = {
  CropAndResize: kernel<CropAndResizeInputs, CropAndResizeAttrs>(
    ({ image, boxes, boxInd }, { cropSize, method, extrapolationValue }, o) => {
      const [batch = 1, height = 1, width = 1, channels = 1] = image.shape;
      const count = boxes.shape[0] ?? 0;
      const [rows, columns] = cropSize;
      const edge = (k: number): Node => o.slice(o.cast(boxes, 'float32'), [0, k], [count, 1]);
      const y = o.reshape(places(edge(0), edge(2), rows, height, o), [count, rows, 1]);
      const x = o.reshape(places(edge(1), edge(3), columns, width, o), [count, 1, columns]);
      const within = (place: Node, length: number): Node =>
        o.apply('And', o.apply('GreaterOrEqual', place, o.scalar(0)), o.apply('LessOrEqual', place, o.scalar(length - 1)));
      const inside = o.reshape(o.apply('And', within(y, height), within(x, width)), [count, rows, columns, 1]);

      const pixels = o.reshape(o.cast(image, 'float32'), [batch * height * width, channels]);
      const whole = (place: Node, length: number): Node =>
        o.cast(o.shaped('Clip', [place, o.scalar(0), o.scalar(length - 1)], {}, place.shape), 'int32');
      const first = o.reshape(o.apply('Mul', o.cast(boxInd, 'int32'), o.scalar(height * width, 'int32')), [count, 1, 1]);
      const at = (row: Node, column: Node): Node => {
        const line = o.add(first, o.apply('Mul', whole(row, height), o.scalar(width, 'int32')));
        return gather(pixels, o.add(line, whole(column, width)), 0, o);
      };
      if (method === 'nearest') {
        const nearest = (place: Node): Node => o.apply('Floor', o.add(place, o.scalar(0.5)));
        return o.where(inside, at(nearest(y), nearest(x)), o.scalar(extrapolationValue));
      }
      const [top, left] = [o.apply('Floor', y), o.apply('Floor', x)];
      const [bottom, right] = [o.apply('Ceil', y), o.apply('Ceil', x)];
      const mix = (from: Node, to: Node, share: Node): Node => o.add(from, o.apply('Mul', o.apply('Sub', to, from), share));
      const down = o.reshape(o.apply('Sub', y, top), [count, rows, 1, 1]);
      const along = o.reshape(o.apply('Sub', x, left), [count, 1, columns, 1]);
      const mixed = mix(mix(at(top, left), at(top, right), along), mix(at(bottom, left), at(bottom, right), along), down);
      return o.where(inside, mixed, o.scalar(extrapolationValue));
    },
  ),
};

/** `[boxes, length]`: evenly from the low edge to the high one; the middle where one pixel is wanted. */
function places(low: Node, high: Node, length: number, size: number, o: Operations): Node {
  if (length === 1) return o.apply('Mul', o.add(low, high), o.scalar((size - 1) / 2));
  const step = o.apply('Mul', o.apply('Sub', high, low), o.scalar((size - 1) / (length - 1)));
  return o.add(o.apply('Mul', low, o.scalar(size - 1)), o.apply('Mul', o.range(length, [1, length], 'float32'), step));
}
