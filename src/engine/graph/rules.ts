import type { Spec } from '../engine.js';
import type { Node } from './graph.js';
import { infer } from './infer.js';
import type { Make } from './make.js';
import { type Attributes, fillOf, flagIn, isConstant, listIn, numberIn, operand, sameList, sizeOf } from './node.js';

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
