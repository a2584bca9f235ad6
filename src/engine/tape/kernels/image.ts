import type { ResizeBilinearAttrs, ResizeBilinearGradInputs, ResizeBilinearInputs } from '@tensorflow/tfjs-core';
import { type Kernel, kernel, type Kernels } from '../kernel.js';
import { channelsFirst, channelsLast } from './windows.js';

/** How a new pixel is made of old ones: along one axis, a matrix `[to, from]`. */
type Weights = (from: number, to: number, alignCorners: boolean, halfPixelCenters: boolean) => Float32Array;

const LAST = { channelsLast: true };

/** Resizing is a product with a constant matrix along each axis, exact in every mode; its gradient is the product with the transposed ones. */
const resize = (weights: Weights, exact: boolean): Kernel =>
  kernel<ResizeBilinearInputs, ResizeBilinearAttrs>(({ images }, { size: [height, width], alignCorners, halfPixelCenters }, o) => {
    const [, from = 1, fromWidth = 1] = images.shape;
    const rows = o.constant(weights(from, height, alignCorners, halfPixelCenters), [height, from]);
    const columns = o.constant(weights(fromWidth, width, alignCorners, halfPixelCenters), [width, fromWidth]);
    const made = o.product(o.product(rows, channelsFirst(images, LAST, o)), columns, false, true);
    return o.cast(channelsLast(made, LAST, o), exact ? images.dtype : 'float32');
  });

const resizeGradient = (weights: Weights): Kernel =>
  kernel<ResizeBilinearGradInputs, ResizeBilinearAttrs>(({ images, dy }, { alignCorners }, o) => {
    const [, from = 1, fromWidth = 1] = images.shape;
    const [, height = 1, width = 1] = dy.shape;
    const rows = o.constant(weights(from, height, alignCorners, false), [height, from]);
    const columns = o.constant(weights(fromWidth, width, alignCorners, false), [width, fromWidth]);
    return channelsLast(o.product(o.product(rows, channelsFirst(dy, LAST, o), true), columns), LAST, o);
  });

const scaleOf = (from: number, to: number, alignCorners: boolean): number => (alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to);

const bilinear: Weights = (from, to, alignCorners, halfPixelCenters) => {
  const scale = scaleOf(from, to, alignCorners);
  const matrix = new Float32Array(to * from);
  for (let row = 0; row < to; row++) {
    const place = halfPixelCenters ? scale * (row + 0.5) - 0.5 : scale * row;
    const low = Math.max(0, Math.floor(place));
    const high = Math.min(from - 1, Math.ceil(place));
    const share = place - low;
    add(matrix, row * from + low, 1 - share);
    add(matrix, row * from + high, share);
  }
  return matrix;
};

const nearest: Weights = (from, to, alignCorners, halfPixelCenters) => {
  const scale = scaleOf(from, to, alignCorners);
  const matrix = new Float32Array(to * from);
  for (let row = 0; row < to; row++) {
    const place = halfPixelCenters ? scale * (row + 0.5) : scale * row;
    const chosen = Math.min(from - 1, alignCorners ? Math.round(place) : Math.floor(place));
    add(matrix, row * from + Math.max(0, chosen), 1);
  }
  return matrix;
};

function add(matrix: Float32Array, index: number, value: number): void {
  matrix[index] = (matrix[index] ?? 0) + value;
}

export const image: Kernels = {
  ResizeBilinear: resize(bilinear, false),
  ResizeBilinearGrad: resizeGradient(bilinear),
  ResizeNearestNeighbor: resize(nearest, true),
  ResizeNearestNeighborGrad: resizeGradient(nearest),
};
