import { flagIn, LEAST_FLOAT, listIn, type Node, numberIn, operand, sameShape } from '../graph/graph.js';
import type { Element } from './model.js';
import type { Writer } from './write.js';

/** How an operation of ours is said in ONNX, where it isn't an operator of the same name with the same attributes. Gives its value's name. */
type Lowering = (writer: Writer, inputs: readonly string[], node: Node) => string;

const first = (inputs: readonly string[]): string => inputs[0] ?? '';

const reduction: Lowering = (w, inputs, { op, attributes }) =>
  w.op(op, [...inputs, w.integers(listIn(attributes, 'axes'))], { keepdims: flagIn(attributes, 'keepdims') });

/** An operator whose indices ONNX gives as int64. */
const wideIndices: Lowering = (w, inputs, { op, attributes }) => w.cast(w.op(op, inputs, attributes), 'int32');

const inDouble =
  (body: (w: Writer, values: readonly string[]) => string): Lowering =>
  (w, inputs, node) =>
    w.cast(
      body(
        w,
        inputs.map((input) => w.cast(input, 'float64')),
      ),
      node.dtype,
    );

/** ONNX Runtime has no kernel of these for truth values: they travel as bytes or whole numbers. */
const truthAs =
  (element: Element, operands: readonly number[], body: Lowering): Lowering =>
  (w, inputs, node) => {
    if (!operands.some((k) => node.inputs[k]?.dtype === 'bool')) return body(w, inputs, node);
    const cast = inputs.map((input, k) => (operands.includes(k) ? w.cast(input, element) : input));
    const made = body(w, cast, node);
    return node.dtype === 'bool' ? w.cast(made, 'bool') : made;
  };

const plain: Lowering = (w, inputs, { op, attributes }) => w.op(op, inputs, attributes);

const compared = truthAs('int32', [0, 1], plain);

const steps = (
  w: Writer,
  value: string,
  begin: readonly number[],
  end: readonly number[],
  axes: readonly number[],
  strides: readonly number[],
): string => w.op('Slice', [value, ...[begin, end, axes, strides].map((values) => w.integers(values))]);

/** Before the first element, going backwards: -1 would mean the last. */
const BEFORE_ALL = -(2 ** 40);

export const lowerings: Readonly<Record<string, Lowering>> = {
  /** Of a tensor without elements a length of 0 is meant, which else says: as it was. */
  Reshape: (w, inputs, { attributes, shape }) =>
    w.op('Reshape', [...inputs, w.integers(listIn(attributes, 'shape'))], shape.includes(0) ? { allowzero: 1 } : {}),
  Expand: (w, inputs, { attributes }) => w.op('Expand', [...inputs, w.integers(listIn(attributes, 'shape'))]),
  // Shapes that are computed when the model runs (`generalise.ts`).
  Dimension: (w, inputs, { attributes }) => {
    const axis = numberIn(attributes, 'axis');
    return w.cast(w.op('Shape', inputs, { start: axis, end: axis + 1 }), 'int32');
  },
  DynamicReshape: (w, [x = '', shape = '']) => w.op('Reshape', [x, w.cast(shape, 'int64')]),
  DynamicExpand: (w, [x = '', shape = '']) => w.op('Expand', [x, w.cast(shape, 'int64')]),
  Tile: (w, inputs, { attributes }) => w.op('Tile', [...inputs, w.integers(listIn(attributes, 'repeats'))]),
  Cast: (w, inputs, { dtype }) => w.cast(first(inputs), dtype),
  Slice: (w, inputs, { attributes }) => {
    const begin = numberIn(attributes, 'begin');
    return steps(w, first(inputs), [begin], [begin + numberIn(attributes, 'size')], [numberIn(attributes, 'axis')], [1]);
  },
  StridedSlice: (w, inputs, { attributes }) => {
    const [begin, end, strides] = [listIn(attributes, 'begin'), listIn(attributes, 'end'), listIn(attributes, 'strides')];
    const ends = end.map((value, i) => ((strides[i] ?? 1) < 0 && value < 0 ? BEFORE_ALL : value));
    return steps(
      w,
      first(inputs),
      begin,
      ends,
      begin.map((_, i) => i),
      strides,
    );
  },
  Reverse: (w, inputs, { attributes }) => {
    const axes = listIn(attributes, 'axes');
    const backwards = axes.map(() => -1);
    return steps(
      w,
      first(inputs),
      backwards,
      axes.map(() => BEFORE_ALL),
      axes,
      backwards,
    );
  },
  Pad: (w, [x = '', value = ''], { attributes }) => w.op('Pad', [x, w.integers(listIn(attributes, 'pads')), value]),

  /** Terms of the value's shape in one Sum, then those that are stretched. */
  Sum: (w, inputs, node) => {
    const whole = inputs.filter((_, i) => sameShape(operand(node, i), node));
    const stretched = inputs.filter((_, i) => !sameShape(operand(node, i), node));
    const terms = whole.length > 2 ? [w.op('Sum', whole), ...stretched] : [...whole, ...stretched];
    return terms.reduce((sum, term) => w.op('Add', [sum, term]));
  },
  Gemm: (w, inputs, { attributes }) => {
    const transposed = { transA: flagIn(attributes, 'transposeA'), transB: flagIn(attributes, 'transposeB') };
    return w.op('Gemm', inputs, transposed);
  },

  ReduceSum: reduction,
  ReduceMean: reduction,
  ReduceMax: reduction,
  ReduceMin: reduction,
  ReduceProd: reduction,
  ArgMax: wideIndices,
  ArgMin: wideIndices,
  CumSum: (w, inputs, { attributes }) => {
    const { axis, ...flags } = attributes;
    return w.op('CumSum', [...inputs, w.number(Number(axis), 'int64')], flags);
  },
  TopKValues: (w, inputs, { attributes }) => topK(w, inputs, numberIn(attributes, 'k'))[0] ?? '',
  TopKIndices: (w, inputs, { attributes }) => w.cast(topK(w, inputs, numberIn(attributes, 'k'))[1] ?? '', 'int32'),

  /** Where the maxima are; -1 where a window holds no number above -infinity, of which ONNX Runtime says something or other. */
  MaxPoolIndices: (w, inputs, { attributes }) => {
    const [most = '', places = ''] = w.ops('MaxPool', inputs, attributes, 2);
    const some = w.op('Greater', [most, w.number(LEAST_FLOAT, 'float32')]);
    return w.op('Where', [some, w.cast(places, 'int32'), w.number(-1, 'int32')]);
  },

  Where: truthAs('uint8', [1, 2], plain),
  Equal: plain,
  Greater: compared,
  GreaterOrEqual: compared,
  Less: compared,
  LessOrEqual: compared,

  Expm1: inDouble((w, values) => w.op('Sub', [w.op('Exp', values), w.number(1, 'float64')])),
  Log1p: inDouble((w, values) => w.op('Log', [w.op('Add', [...values, w.number(1, 'float64')])])),
  /** In double, whose range holds every square of a float. */
  Hypot: inDouble((w, values) =>
    w.op('Sqrt', [
      w.op(
        'Add',
        values.map((value) => w.op('Mul', [value, value])),
      ),
    ]),
  ),
  /** In double: whole division ends the process for the least number by -1, and raises for 0, which TensorFlow.js makes 0. */
  FloorDiv: (w, [a = '', b = ''], node) => {
    const [x, y] = [w.cast(a, 'float64'), w.cast(b, 'float64')];
    const quotient = w.cast(w.op('Floor', [w.op('Div', [x, y])]), node.dtype);
    return w.op('Where', [w.op('Equal', [y, w.number(0, 'float64')]), w.number(0, 'int32'), quotient]);
  },

  GatherND: (w, [x = '', indices = ''], { attributes }) => w.op('GatherND', [x, w.cast(indices, 'int64')], attributes),
};

const topK = (w: Writer, inputs: readonly string[], k: number): readonly string[] =>
  w.ops('TopK', [...inputs, w.integers([k])], { axis: -1, largest: 1, sorted: 1 }, 2);
