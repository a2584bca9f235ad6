import { listIn, type Node, numberIn, operand, type Pass, sameList, sizeOf } from '../graph/graph.js';
import { type Make, rewrite } from '../graph/make.js';

/**
 * Matrices that are stacked along a new leading axis are the rows of one matrix, and what is taken out of a stack is some of these rows.
 *
 *     Reshape(x [T, B, F][t], [B, F])                   ->        Reshape(x, [T B, F])[t B : t B + B]
 *     Concat(Reshape(h_1, [1, B, H]), ...)              ->        Reshape(Concat(h_1, ...), [T, B, H])
 *     Transpose(Concat(Reshape(h_1, [B, 1, H]), ...))   ->        the same, where batches come first and time is turned to the front
 *
 * A step of a sequence is then a matrix that goes in and out by one operation for all time steps, not by two or three each. Numbers are moved,
 * none is computed.
 */
export const batchToGemm: Pass = {
  name: 'batch-to-gemm',
  why: 'time steps go in and out of a sequence by one operation for all of them',
  apply: (graph) =>
    rewrite(graph, (node, of, make) => {
      switch (node.op) {
        case 'Reshape':
          return reshaped(make, of(operand(node)), node.shape);
        case 'Concat':
          return joined(make, node.inputs.map(of), numberIn(node.attributes, 'axis'));
        case 'Transpose':
          return turned(make, of(operand(node)), listIn(node.attributes, 'perm'));
        case 'Slice':
          return cut(make, of(operand(node)), node);
        default:
          return undefined;
      }
    }),
};

/** Of a part of a stack: the same rows of the reshaped whole, where rows don't begin or end within others. Vectors stay: they are no stacks. */
function reshaped(make: Make, x: Node, shape: readonly number[]): Node | undefined {
  if (x.op !== 'Slice' || numberIn(x.attributes, 'axis') !== 0) return undefined;
  const whole = operand(x);
  const row = sizeOf(shape.slice(1));
  const begin = (numberIn(x.attributes, 'begin') * sizeOf(whole.shape.slice(1))) / row;
  const rows = sizeOf(whole.shape) / row;
  if (whole.shape.length < 2 || shape.length < 2 || !Number.isInteger(begin) || !Number.isInteger(rows)) return undefined;
  return make('Slice', [make('Reshape', [whole], { shape: [rows, ...shape.slice(1)] })], { axis: 0, begin, size: shape[0] ?? 1 });
}

/** Of matrices that were given another shape to be joined: they lie one after another either way. */
function joined(make: Make, parts: readonly Node[], axis: number): Node | undefined {
  if (axis !== 0 || parts.length < 2 || !parts.every((part) => part.op === 'Reshape')) return undefined;
  const matrices = parts.map((part) => operand(part));
  const [first] = matrices;
  const alike = (matrix: Node): boolean => matrix.shape.length > 1 && sameList(matrix.shape.slice(1), first?.shape.slice(1) ?? []);
  if (!matrices.every(alike)) return undefined;
  const rows = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 1), 0);
  return make('Reshape', [make('Concat', matrices, { axis: 0 })], { shape: [rows, ...(parts[0]?.shape.slice(1) ?? [])] });
}

/** Of a join whose parts have nothing to be turned: each is turned, which is to be given another shape, and joined along the other axis. */
function turned(make: Make, x: Node, perm: readonly number[]): Node | undefined {
  if (x.op !== 'Concat' || !x.inputs.every(({ shape }) => staysInOrder(shape, perm))) return undefined;
  const parts = x.inputs.map((part) => make('Transpose', [part], { perm }));
  const axis = perm.indexOf(numberIn(x.attributes, 'axis'));
  return joined(make, parts, axis) ?? make('Concat', parts, { axis });
}

/** Of what was turned: a part in which nothing is to be turned is cut before. */
function cut(make: Make, x: Node, { attributes, shape }: Node): Node | undefined {
  if (x.op !== 'Transpose') return undefined;
  const perm = listIn(x.attributes, 'perm');
  const [whole, axis] = [operand(x), perm[numberIn(attributes, 'axis')] ?? 0];
  const part = make('Slice', [whole], { ...attributes, axis });
  return staysInOrder(part.shape, perm) ? (reshaped(make, part, shape) ?? make('Reshape', [part], { shape })) : undefined;
}

/** Axes of length 1 may go anywhere: the numbers lie as they did. */
function staysInOrder(shape: readonly number[], perm: readonly number[]): boolean {
  const moved = perm.filter((axis) => shape[axis] !== 1);
  return moved.every((axis, i) => i === 0 || axis > (moved[i - 1] ?? 0));
}
