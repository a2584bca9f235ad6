import {
  arrayOf,
  dataOf,
  flagIn,
  type Graph,
  isConstant,
  listIn,
  type Node,
  numberIn,
  operand,
  sameShape,
  type Shape,
  sizeOf,
} from './graph.js';
import { createMaker, type Make, topological } from './make.js';
import { isReduction } from './rules.js';

/**
 * A graph that computes several runs at once: every value that depends on an input has one more axis in front, the runs.
 *
 *     state/w [4, 2], input/x [10, 4]   ->   state/w [runs, 4, 2], input/x [runs, 10, 4]
 *
 * Each run gets the bits that the graph gives it alone, on ONNX Runtime 1.30: an operation goes along the axis only where that is so, and is
 * else computed run by run. What it takes for it:
 *
 * - a product is `MatMul` of a stack of matrices, which multiplies them one by one. With a third operand, `Gemm` begins its sums with that where there is
 *   one row or one column only, and where the inner dimension is cut (`mlas/lib/sgemm.cpp`); `MatMul` and `Add` come to the same elsewhere.
 * - a sum over the last axes adds in fours, from where the numbers lie: runs have to begin at a multiple of four. One over the first axes adds row to
 *   row, and keeps these in front (`core/providers/cpu/reduction`, kinds RK and KRK).
 * - Log, Sin, Cos, Softplus and Elu compute in fours, and what is left over with another function.
 */
export function sideBySide(graph: Graph, runs: number): Graph {
  const order = topological(graph);
  const make = createMaker(order.at(-1)?.id);
  const wide = new Map<Node, Node>();
  for (const node of order) {
    if (node.op === 'Input') wide.set(node, make.input(String(node.attributes['name']), [runs, ...node.shape], node.dtype));
    else if (node.inputs.some((input) => wide.has(input)))
      wide.set(
        node,
        make.within(node.at, () => widened(node, { make, runs, wide })),
      );
  }
  const end = (node: Node): Node => wide.get(node) ?? repeated(make, node, runs);
  return {
    ...graph,
    inputs: graph.inputs.map(end),
    outputs: new Map([...graph.outputs].map(([name, node]) => [name, end(node)])),
  };
}

interface Runs {
  readonly make: Make;
  readonly runs: number;
  /** What nodes have become that depend on an input; all others are the same for every run. */
  readonly wide: ReadonlyMap<Node, Node>;
}

/** One number for each place, the same wherever that lies. */
const ANYWHERE = new Set(
  'Add Sub Mul Div Min Max Pow Greater GreaterOrEqual Less LessOrEqual Equal And Or Xor Not Neg Abs Relu Sign Round Floor Ceil IsNaN IsInf Cast Sqrt Exp Sigmoid Tanh Erf Reciprocal Where'.split(
    ' ',
  ),
);
/** One number for each place, equal wherever that lies if whole fours of places belong to one run. */
const IN_FOURS = new Set('Log Sin Cos Softplus Elu'.split(' '));

/** Inner dimensions up to this are never cut. */
const UNCUT = 128;

/** A product with an addend that has the bits of the product and the sum, made one after the other. */
export const addsLast = (product: Node): boolean => {
  const [rows = 1, columns = 1] = product.shape;
  return product.inputs.length < 3 || (rows > 1 && columns > 1 && innerOf(product) <= UNCUT);
};

const innerOf = (product: Node): number => operand(product).shape[flagIn(product.attributes, 'transposeA') ? 0 : 1] ?? 1;

function widened(node: Node, given: Runs): Node {
  return alongRuns(node, given) ?? runByRun(node, given);
}

function alongRuns(node: Node, given: Runs): Node | undefined {
  const { op, attributes } = node;
  const inFours = sizeOf(node.shape) % 4 === 0;
  if (ANYWHERE.has(op) || (IN_FOURS.has(op) && inFours)) return elementwise(node, given);
  if (isReduction(op)) return reduction(node, given);
  switch (op) {
    case 'Sum':
      return sum(node, given);
    case 'Gemm':
      return addsLast(node) ? product(node, given) : undefined;
    case 'MatMul':
      return matrices(node, given);
    case 'Reshape':
      return like(node, given, [of(operand(node), given)], { shape: [given.runs, ...node.shape] });
    case 'Transpose':
      return like(node, given, [of(operand(node), given)], { perm: [0, ...listIn(attributes, 'perm').map((axis) => axis + 1)] });
    case 'Slice':
    case 'Concat':
      return like(node, given, whole(node, given), { ...attributes, axis: numberIn(attributes, 'axis') + 1 });
    case 'Softmax':
    case 'LogSoftmax': {
      const axis = numberIn(attributes, 'axis');
      const last = node.shape.length - 1;
      return axis === -1 || axis === last ? like(node, given, whole(node, given), { ...attributes, axis: last + 1 }) : undefined;
    }
    default:
      return undefined;
  }
}

const like = (node: Node, { make, runs }: Runs, inputs: readonly Node[], attributes = node.attributes): Node =>
  make.opaque(node.op, inputs, attributes, { shape: [runs, ...node.shape], dtype: node.dtype });

/** With the axis of the runs. */
const of = (node: Node, { make, runs, wide }: Runs): Node => wide.get(node) ?? repeated(make, node, runs);

const whole = (node: Node, given: Runs): readonly Node[] => node.inputs.map((input) => of(input, given));

/** What all runs share, once for each. */
function repeated(make: Make, node: Node, runs: number): Node {
  const shape = [runs, ...node.shape];
  if (!isConstant(node)) return make.opaque('Expand', [node], { shape }, { shape, dtype: node.dtype });
  const data = dataOf(node);
  const all = arrayOf(node.dtype, runs * data.length);
  for (let run = 0; run < runs; run++) all.set(data, run * data.length);
  return make.constant(all, shape, node.dtype);
}

const reshaped = (make: Make, node: Node, shape: Shape): Node =>
  node.shape.length === shape.length && node.shape.every((length, axis) => length === shape[axis])
    ? node
    : make.opaque('Reshape', [node], { shape }, { shape, dtype: node.dtype });

/** An operand to broadcast against values of a rank: axes of length 1 go between the runs and its own. What all runs share broadcasts as it is. */
function broadcast(node: Node, rank: number, { make, runs, wide }: Runs): Node {
  const own = wide.get(node);
  const between = Array.from({ length: rank - node.shape.length }, () => 1);
  return own ? reshaped(make, own, [runs, ...between, ...node.shape]) : node;
}

const elementwise = (node: Node, given: Runs): Node =>
  like(
    node,
    given,
    node.inputs.map((input) => broadcast(input, node.shape.length, given)),
  );

/** In the order in which the terms of one run are added (`onnx/lowerings.ts`): those of the value's shape first. */
function sum(node: Node, given: Runs): Node {
  const full = node.inputs.filter((term) => sameShape(term, node)).map((term) => of(term, given));
  const stretched = node.inputs.filter((term) => !sameShape(term, node)).map((term) => broadcast(term, node.shape.length, given));
  const terms = full.length > 2 ? [like(node, given, full), ...stretched] : [...full, ...stretched];
  return terms.reduce((total, term) => like(node, given, [total, term]));
}

function product(node: Node, given: Runs): Node {
  const { make, runs } = given;
  const factor = (index: number, flag: string): Node => {
    const matrix = of(operand(node, index), given);
    const [, rows = 1, columns = 1] = matrix.shape;
    const turned = { shape: [runs, columns, rows], dtype: matrix.dtype };
    return flagIn(node.attributes, flag) ? make.opaque('Transpose', [matrix], { perm: [0, 2, 1] }, turned) : matrix;
  };
  const spec = { shape: [runs, ...node.shape], dtype: node.dtype };
  const made = make.opaque('MatMul', [factor(0, 'transposeA'), factor(1, 'transposeB')], {}, spec);
  const addend = node.inputs[2];
  return addend ? make.opaque('Sum', [made, broadcast(addend, 2, given)], {}, spec) : made;
}

/** A stack of as many matrices on either side, each with its own. */
function matrices(node: Node, given: Runs): Node | undefined {
  const [x, y] = node.inputs;
  const stack = ({ shape }: Node): string => shape.slice(0, -2).join();
  return x && y && x.shape.length > 2 && stack(x) === stack(y) ? like(node, given, whole(node, given)) : undefined;
}

/** Neighbouring axes that are reduced alike are one: then kept ones and reduced ones take turns. Where nothing is added, all forms would do. */
function reduction(node: Node, given: Runs): Node | undefined {
  const { make, runs } = given;
  const x = operand(node);
  const axes = listIn(node.attributes, 'axes');
  const parts: { readonly isReduced: boolean; length: number }[] = [];
  for (const [axis, length] of x.shape.entries()) {
    const isReduced = axes.includes(axis);
    const before = parts.at(-1);
    if (before?.isReduced === isReduced) before.length *= length;
    else parts.push({ isReduced, length });
  }
  const lengths = parts.map(({ length }) => length);
  const form = parts.map(({ isReduced }) => (isReduced ? 'R' : 'K')).join('');
  const adds = x.dtype === 'float32' && (node.op === 'ReduceSum' || node.op === 'ReduceMean');
  if (node.op === 'ReduceProd' || (adds && sizeOf(x.shape) % 4 !== 0 && (form === 'R' || form === 'KR'))) return undefined;
  const compact = reshaped(make, of(x, given), [runs, ...lengths]);
  const reduce = (from: Node, axis: number): Node => {
    const kept = from.shape.filter((_, other) => other !== axis);
    const made = make.opaque(node.op, [from], { axes: [axis], keepdims: 0 }, { shape: kept, dtype: node.dtype });
    return reshaped(make, made, [runs, ...node.shape]);
  };
  switch (form) {
    case 'R':
      return reduce(compact, 1);
    case 'KR':
      return reduce(compact, 2);
    case 'KRK':
      return reduce(compact, 2);
    case 'RK': {
      const [rows = 1, columns = 1] = lengths;
      const turned = make.opaque('Transpose', [compact], { perm: [1, 0, 2] }, { shape: [rows, runs, columns], dtype: x.dtype });
      // As a matrix: the runtime would draw a plain transposition through the sum.
      return reduce(reshaped(make, turned, [rows, runs * columns]), 0);
    }
    default:
      return undefined;
  }
}

/** The operation as it is, on what each run has. */
function runByRun(node: Node, { make, runs, wide }: Runs): Node {
  const each = Array.from({ length: runs }, (_, run) => {
    const inputs = node.inputs.map((input) => {
      const all = wide.get(input);
      if (!all) return input;
      const one = make.opaque('Slice', [all], { axis: 0, begin: run, size: 1 }, { shape: [1, ...input.shape], dtype: input.dtype });
      return make.opaque('Reshape', [one], { shape: input.shape }, input);
    });
    const made = make.opaque(node.op, inputs, node.attributes, node);
    return make.opaque('Reshape', [made], { shape: [1, ...node.shape] }, { shape: [1, ...node.shape], dtype: node.dtype });
  });
  return make.opaque('Concat', each, { axis: 0 }, { shape: [runs, ...node.shape], dtype: node.dtype });
}
