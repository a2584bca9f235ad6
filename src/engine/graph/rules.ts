import type { Spec } from '../engine.js';
import {
  type Attributes,
  fillOf,
  flagIn,
  isConstant,
  listIn,
  type Node,
  numberIn,
  operand,
  sameList,
  type Shape,
  sizeOf,
} from './graph.js';
import type { Make } from './make.js';

/** What an operation becomes when its operands show that less will do; undefined: as it is. */
type Rule = (make: Make, inputs: readonly Node[], attributes: Attributes, made: Spec) => Node | undefined;

/**
 * The local rules: each looks at an operation and its operands, never at who uses it.
 *
 * None of them assumes that numbers are finite. `x * 0` stays, and so does the product of a matrix of zeros: where `x` is infinite or not
 * a number, so is the result, and a training that diverges has to show it. (`x + 0` becomes `x`: only the sign of a zero can differ.)
 */
export const rules: Readonly<Record<string, Rule>> = {
  Reshape(make, [x], attributes) {
    if (!x) return undefined;
    const shape = listIn(attributes, 'shape');
    if (sameList(x.shape, shape)) return x;
    if (x.op === 'Reshape') return make('Reshape', x.inputs, attributes);
    return undefined;
  },

  Cast: (_make, [x], _attributes, made) => (x?.dtype === made.dtype ? x : undefined),

  Transpose(make, [x], attributes, made) {
    if (!x) return undefined;
    const perm = listIn(attributes, 'perm');
    if (perm.every((axis, i) => axis === i)) return x;
    if (x.op === 'Transpose') {
      const inner = listIn(x.attributes, 'perm');
      return make('Transpose', x.inputs, { perm: perm.map((axis) => inner[axis] ?? 0) });
    }
    const moved = perm.filter((axis) => x.shape[axis] !== 1);
    return moved.every((axis, i) => i === 0 || axis > (moved[i - 1] ?? 0)) ? make('Reshape', [x], { shape: made.shape }) : undefined;
  },

  Add: (make, inputs, _attributes, made) => (made.dtype === 'float32' ? make('Sum', inputs) : undefined),

  Sum(make, inputs, _attributes, made) {
    if (inputs.length === 1) return inputs[0];
    const terms = inputs.filter((term) => fillOf(term) !== 0);
    const enough = terms.length > 0 && terms.length < inputs.length && sameList(infer('Sum', terms, {})?.shape ?? [], made.shape);
    return enough ? make('Sum', terms) : withScalars(make, 'Sum', inputs, made);
  },

  Sub(make, inputs, _attributes, made) {
    const [x, y] = inputs;
    return x && y && fillOf(y) === 0 && sameList(x.shape, made.shape) ? x : withScalars(make, 'Sub', inputs, made);
  },

  Mul(make, inputs, _attributes, made) {
    const [x, y] = inputs;
    if (!x || !y) return undefined;
    if (fillOf(y) === 1 && sameList(x.shape, made.shape)) return x;
    if (fillOf(x) === 1 && sameList(y.shape, made.shape)) return y;
    return withScalars(make, 'Mul', inputs, made);
  },

  Div(make, inputs, _attributes, made) {
    const [x, y] = inputs;
    return x && y && fillOf(y) === 1 && sameList(x.shape, made.shape) ? x : withScalars(make, 'Div', inputs, made);
  },

  MatMul(make, [x, y], _attributes, made) {
    if (!x || !y || sizeOf(y.shape.slice(0, -2)) !== 1) return undefined;
    const inner = x.shape.at(-1) ?? 1;
    const rows = make('Reshape', [x], { shape: [sizeOf(x.shape.slice(0, -1)), inner] });
    const right = make('Reshape', [y], { shape: y.shape.slice(-2) });
    return make('Reshape', [make('Gemm', [rows, right], { transposeA: 0, transposeB: 0 })], { shape: made.shape });
  },

  Gemm(make, inputs, attributes) {
    const [x, y, ...addend] = inputs;
    if (!x || !y) return undefined;
    const flags = { transposeA: Number(flagIn(attributes, 'transposeA')), transposeB: Number(flagIn(attributes, 'transposeB')) };
    if (x.op === 'Transpose') return make('Gemm', [operand(x), y, ...addend], { ...flags, transposeA: 1 - flags.transposeA });
    if (y.op === 'Transpose') return make('Gemm', [x, operand(y), ...addend], { ...flags, transposeB: 1 - flags.transposeB });
    return undefined;
  },

  ReduceSum: nothingToReduce,
  ReduceMean: nothingToReduce,
  ReduceMax: nothingToReduce,
  ReduceMin: nothingToReduce,

  Slice(make, [x], attributes, made) {
    if (!x) return undefined;
    const [axis, begin, size] = [numberIn(attributes, 'axis'), numberIn(attributes, 'begin'), numberIn(attributes, 'size')];
    if (sameList(x.shape, made.shape)) return x;
    if (x.op === 'Slice') {
      const outer = numberIn(x.attributes, 'axis');
      if (outer === axis) return make('Slice', x.inputs, { axis, begin: begin + numberIn(x.attributes, 'begin'), size });
      if (outer > axis) return make('Slice', [make('Slice', x.inputs, attributes)], x.attributes);
    }
    return x.op === 'Concat' && numberIn(x.attributes, 'axis') === axis ? sliceOfParts(make, x.inputs, { axis, begin, size }) : undefined;
  },

  Concat(make, inputs, attributes, made) {
    const [x] = inputs;
    const axis = numberIn(attributes, 'axis');
    if (!x || inputs.length === 1) return x;
    const inner = (part: Node): boolean => part.op === 'Concat' && part.attributes['axis'] === axis;
    if (inputs.some(inner))
      return make(
        'Concat',
        inputs.flatMap((part) => (inner(part) ? part.inputs : [part])),
        attributes,
      );
    const runs = joinNeighbours(make, inputs, axis);
    if (runs.length < inputs.length) return make('Concat', runs, attributes);
    return concatOfReshaped(make, inputs, axis, made) ?? concatOfCuts(make, inputs, axis) ?? concatOfConcats(make, inputs, axis);
  },
};

/** A constant filled with one value is a scalar, wherever another operand gives the shape. */
function withScalars(make: Make, op: string, inputs: readonly Node[], made: Spec): Node | undefined {
  const shaped = (node: Node): boolean => sameList(node.shape, made.shape);
  const filled = inputs.findIndex((node) => isConstant(node) && node.shape.length > 0 && fillOf(node) !== undefined);
  if (filled < 0 || !inputs.some((node, i) => i !== filled && shaped(node))) return undefined;
  const scalar = (node: Node): Node => make.filled(fillOf(node) ?? 0, [], node.dtype);
  return make(
    op,
    inputs.map((node, i) => (i === filled ? scalar(node) : node)),
  );
}

function nothingToReduce(make: Make, [x]: readonly Node[], attributes: Attributes, made: Spec): Node | undefined {
  return x && listIn(attributes, 'axes').every((axis) => x.shape[axis] === 1) ? make('Reshape', [x], { shape: made.shape }) : undefined;
}

interface Cut {
  readonly axis: number;
  readonly begin: number;
  readonly size: number;
}

/** A slice of joined parts, if it falls within one part or on the bounds of several. */
function sliceOfParts(make: Make, parts: readonly Node[], { axis, begin, size }: Cut): Node | undefined {
  const covered: Node[] = [];
  let start = 0;
  for (const part of parts) {
    const end = start + (part.shape[axis] ?? 1);
    if (begin >= start && begin + size <= end) return make('Slice', [part], { axis, begin: begin - start, size });
    if (start >= begin && end <= begin + size) covered.push(part);
    start = end;
  }
  const whole = covered.reduce((sum, part) => sum + (part.shape[axis] ?? 1), 0) === size;
  return whole ? make('Concat', covered, { axis }) : undefined;
}

const cutOf = (node: Node): Cut | undefined =>
  node.op === 'Slice'
    ? { axis: numberIn(node.attributes, 'axis'), begin: numberIn(node.attributes, 'begin'), size: numberIn(node.attributes, 'size') }
    : undefined;

/** Neighbouring slices of one tensor become one slice. */
function joinNeighbours(make: Make, parts: readonly Node[], axis: number): readonly Node[] {
  const runs: { readonly source: Node; readonly cut: Cut | undefined }[] = [];
  for (const part of parts) {
    const cut = cutOf(part);
    const before = runs.at(-1);
    const follows =
      cut?.axis === axis &&
      before?.cut?.axis === axis &&
      before.source === part.inputs[0] &&
      before.cut.begin + before.cut.size === cut.begin;
    if (follows && before.cut) runs[runs.length - 1] = { source: before.source, cut: { ...before.cut, size: before.cut.size + cut.size } };
    else runs.push({ source: cut ? operand(part) : part, cut });
  }
  if (runs.length === parts.length) return parts;
  return runs.map(({ source, cut }) => (cut ? make('Slice', [source], { ...cut }) : source));
}

/** Slices along axis 0, each reshaped, lie one after another in memory: joined again they are the reshaped whole. */
function concatOfReshaped(make: Make, parts: readonly Node[], axis: number, made: Spec): Node | undefined {
  if (axis !== 0 || !parts.every((part) => part.op === 'Reshape' && cutOf(operand(part))?.axis === 0)) return undefined;
  const whole = joinNeighbours(
    make,
    parts.map((part) => operand(part)),
    0,
  );
  return whole.length === 1 && whole[0] ? make('Reshape', [whole[0]], { shape: made.shape }) : undefined;
}

/** Parts cut alike across another axis: join first, if that gives one tensor, and cut once. */
function concatOfCuts(make: Make, parts: readonly Node[], axis: number): Node | undefined {
  const cuts = parts.map(cutOf);
  const [first] = cuts;
  if (!first || first.axis === axis) return undefined;
  if (!cuts.every((cut) => cut?.axis === first.axis && cut.begin === first.begin && cut.size === first.size)) return undefined;
  const whole = make(
    'Concat',
    parts.map((part) => operand(part)),
    { axis },
  );
  return whole.op === 'Concat' ? undefined : make('Slice', [whole], { ...first });
}

/** Of two nested joins the one along the lower axis is outside, so that equal tensors are made the same way. */
function concatOfConcats(make: Make, parts: readonly Node[], axis: number): Node | undefined {
  const [first] = parts;
  if (first?.op !== 'Concat') return undefined;
  const outer = numberIn(first.attributes, 'axis');
  const lengths = (part: Node): readonly number[] => part.inputs.map((inner) => inner.shape[outer] ?? 1);
  const alike = (part: Node): boolean =>
    part.op === 'Concat' && part.attributes['axis'] === outer && sameList(lengths(part), lengths(first));
  if (outer > axis || !parts.every(alike)) return undefined;
  const rows = first.inputs.map((_, k) =>
    make(
      'Concat',
      parts.map((part) => operand(part, k)),
      { axis },
    ),
  );
  return make('Concat', rows, { axis: outer });
}

const UNARY = new Set('Sigmoid Tanh Sqrt Exp Log Neg Relu Abs Round Floor Ceil Sign Reciprocal Erf Sin Cos Softplus Elu Not'.split(' '));
const BINARY = new Set('Add Sub Mul Div Min Max Pow'.split(' '));
const COMPARISON = new Set('Greater GreaterOrEqual Less LessOrEqual Equal And Or Xor'.split(' '));

const MOVES = new Set('Cast Reshape Transpose Concat Slice'.split(' '));

/** Whether `infer` knows an operation. */
export const isInferred = (op: string): boolean =>
  isElementwise(op) || COMPARISON.has(op) || MOVES.has(op) || isReduction(op) || op === 'Gemm' || op === 'MatMul';

/** One number out for each place, whatever its neighbours are; operands broadcast. `Sum` adds any number of terms. */
export const isElementwise = (op: string): boolean =>
  UNARY.has(op) || BINARY.has(op) || COMPARISON.has(op) || op === 'Sum' || op === 'Where';

export const isReduction = (op: string): boolean =>
  op === 'ReduceSum' || op === 'ReduceMean' || op === 'ReduceMax' || op === 'ReduceMin' || op === 'ReduceProd';

/**
 * Shape and dtype of an operation's value; undefined for operators that no pass builds: these carry what was recorded with them.
 *
 *     Reshape {shape}       Transpose {perm}           Concat {axis}                  Slice {axis, begin, size}
 *     Cast {to}             Reduce... {axes, keepdims}  Gemm {transposeA, transposeB}  MatMul (any rank)
 *     elementwise operators, `Sum` of any number of terms and `Where` with broadcasting
 *
 * Axes count from 0; flags are 0 or 1.
 */
export function infer(op: string, inputs: readonly Node[], attributes: Attributes): Spec | undefined {
  const [x, y, z] = inputs;
  if (!x) return undefined;
  const like = (shape: Shape): Spec => ({ shape, dtype: x.dtype });
  if (COMPARISON.has(op)) return { shape: broadcast(inputs), dtype: 'bool' };
  if (op === 'Where') return { shape: broadcast(inputs), dtype: (y ?? x).dtype };
  if (isElementwise(op)) return like(broadcast(inputs));
  if (isReduction(op)) {
    const axes = listIn(attributes, 'axes');
    const kept = flagIn(attributes, 'keepdims');
    return like(kept ? x.shape.map((d, i) => (axes.includes(i) ? 1 : d)) : x.shape.filter((_, i) => !axes.includes(i)));
  }
  switch (op) {
    case 'Cast':
      return { shape: x.shape, dtype: dtypeIn(attributes) };
    case 'Reshape': {
      const shape = listIn(attributes, 'shape');
      if (sizeOf(shape) !== sizeOf(x.shape)) throw new Error(`Reshape from [${x.shape}] to [${shape}]`);
      return like(shape);
    }
    case 'Transpose':
      return like(listIn(attributes, 'perm').map((axis) => x.shape[axis] ?? 1));
    case 'Concat': {
      const axis = numberIn(attributes, 'axis');
      return like(x.shape.map((d, i) => (i === axis ? inputs.reduce((sum, part) => sum + (part.shape[i] ?? 1), 0) : d)));
    }
    case 'Slice':
      return like(x.shape.map((d, i) => (i === attributes['axis'] ? numberIn(attributes, 'size') : d)));
    case 'Gemm': {
      if (!y || x.shape.length !== 2 || y.shape.length !== 2 || (z && z.shape.length > 2)) throw new Error('Gemm takes matrices');
      const [rows = 1, inner] = flagIn(attributes, 'transposeA') ? [x.shape[1], x.shape[0]] : x.shape;
      const [innerRight, columns = 1] = flagIn(attributes, 'transposeB') ? [y.shape[1], y.shape[0]] : y.shape;
      if (inner !== innerRight) throw new Error(`Gemm of [${x.shape}] and [${y.shape}]: inner lengths ${inner} and ${innerRight}`);
      return like([rows, columns]);
    }
    case 'MatMul': {
      if (!y || x.shape.length < 2 || y.shape.length < 2) throw new Error('MatMul takes tensors of rank 2 and more');
      const batch = broadcastShapes([x.shape.slice(0, -2), y.shape.slice(0, -2)]);
      return like([...batch, x.shape.at(-2) ?? 1, y.shape.at(-1) ?? 1]);
    }
    default:
      return undefined;
  }
}

function broadcast(inputs: readonly Node[]): Shape {
  const shape = inputs[0]?.shape ?? [];
  return inputs.every((input) => sameList(input.shape, shape)) ? shape : broadcastShapes(inputs.map((input) => input.shape));
}

/** Shapes aligned at their last axes; a length of 1 stretches. */
function broadcastShapes(shapes: readonly Shape[]): Shape {
  const rank = shapes.reduce((most, shape) => Math.max(most, shape.length), 0);
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (const [i, length] of shape.entries()) {
      const axis = rank - shape.length + i;
      if (length === 1 || length === result[axis]) continue;
      if (result[axis] !== 1) throw new Error(`shapes don't broadcast: ${shapes.map((s) => `[${s}]`).join(' ')}`);
      result[axis] = length;
    }
  }
  return result;
}

function dtypeIn(attributes: Attributes): Spec['dtype'] {
  const to = attributes['to'];
  if (to === 'float32' || to === 'int32' || to === 'bool') return to;
  throw new Error(`Cast to ${String(to)}`);
}
