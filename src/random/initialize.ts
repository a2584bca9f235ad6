import type { Initializer, ParameterSpec } from '../stages/stage.js';
import type { Stream, Streams } from './streams.js';
import { sizeOf } from '../stages/tensors.js';

/** A parameter's first numbers, from its own stream `parameters/NAME` or that of the matrix that it is a part of: another parameter more or less in a model changes none of them. */
export function drawParameter(spec: ParameterSpec, streams: Streams): Float32Array {
  const values = new Float32Array(sizeOf(spec.shape));
  const ofMatrix = (name: string): Stream => streams.stream(`parameters/${name}`);
  fill(values, spec.shape.at(-1) ?? 1, spec.initializer, { stream: ofMatrix(spec.name), ofMatrix });
  return values;
}

/** Where numbers come from: the parameter's own stream, and those of matrices that are drawn as a whole. */
interface Source {
  readonly stream: Stream;
  readonly ofMatrix: (name: string) => Stream;
}

/** Fills a matrix of `columns` columns, row by row. */
function fill(values: Float32Array, columns: number, initializer: Initializer, source: Source): void {
  const { stream } = source;
  switch (initializer.kind) {
    case 'zeros':
      return;
    case 'constant':
      values.fill(initializer.value);
      return;
    case 'normal':
      for (let i = 0; i < values.length; i++) values[i] = initializer.stddev * stream.normal();
      return;
    case 'uniform':
      for (let i = 0; i < values.length; i++) values[i] = initializer.limit * (2 * stream.uniform() - 1);
      return;
    case 'orthogonal':
      fillOrthogonal(values, columns, initializer.part, source);
      return;
    case 'blocks':
      fillBlocks(values, columns, initializer.blocks, source);
      return;
    case 'vectors':
      // What the file has is written over it: it needs the names of tokens, which nobody knows here.
      fill(values, columns, initializer.otherwise, source);
      return;
    default:
      initializer satisfies never;
  }
}

type Part = Extract<Initializer, { readonly kind: 'orthogonal' }>['part'];

function fillOrthogonal(values: Float32Array, columns: number, part: Part, { stream, ofMatrix }: Source): void {
  const rows = values.length / columns;
  if (!part) {
    values.set(orthonormal(rows, columns, stream));
    return;
  }
  const { of, index, count } = part;
  const whole = orthonormal(rows, count * columns, ofMatrix(of));
  for (let row = 0; row < rows; row++) {
    const from = (row * count + index) * columns;
    values.set(whole.subarray(from, from + columns), row * columns);
  }
}

function fillBlocks(values: Float32Array, columns: number, blocks: readonly Initializer[], source: Source): void {
  const width = columns / blocks.length;
  if (!Number.isInteger(width)) throw new RangeError(`${columns} columns cannot be cut into ${blocks.length} equal blocks`);
  const rows = values.length / columns;
  for (const [index, initializer] of blocks.entries()) {
    const block = new Float32Array(rows * width);
    fill(block, width, initializer, source);
    for (let row = 0; row < rows; row++) values.set(block.subarray(row * width, (row + 1) * width), row * columns + index * width);
  }
}

/**
 * A random matrix with orthonormal columns, or orthonormal rows where it is wider than tall, uniformly distributed: the factor Q of a normal
 * matrix whose R has a positive diagonal (Mezzadri 2007). Gram and Schmidt's procedure gives that sign by itself; done twice for each vector,
 * it is orthogonal to the last bits of a double (Giraud et al. 2005).
 */
function orthonormal(rows: number, columns: number, stream: Stream): Float64Array {
  const count = Math.min(rows, columns);
  const length = Math.max(rows, columns);
  const vectors: Float64Array[] = [];
  for (let i = 0; i < count; i++) {
    const vector = Float64Array.from({ length }, () => stream.normal());
    for (const other of [...vectors, ...vectors]) subtractProjection(vector, other);
    const norm = Math.sqrt(dot(vector, vector));
    vectors.push(vector.map((value) => value / norm));
  }
  const matrix = new Float64Array(rows * columns);
  for (const [i, vector] of vectors.entries()) {
    for (let j = 0; j < length; j++) matrix[rows < columns ? i * columns + j : j * columns + i] = vector[j] ?? 0;
  }
  return matrix;
}

function subtractProjection(vector: Float64Array, unit: Float64Array): void {
  const along = dot(vector, unit);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) - along * (unit[i] ?? 0);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
