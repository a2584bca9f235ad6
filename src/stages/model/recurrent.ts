import type { Tensor } from '@tensorflow/tfjs-core';
import type { Problem } from '../../diagnostics/diagnostic.js';
import { formatCount } from '../../diagnostics/numbers.js';
import { type ObjectSchema, type Static, Type } from '../../language/type.js';
import { atOnce } from '../../engine/engine.js';
import type { Data, Model, ModelInputs, ModelSpec, ParameterSpec, Report, Shape, Tensors, Tools, Variables } from '../stage.js';
import { get, mapTensors, prefixed, trainSplit, under } from '../tensors.js';
import { EMBEDDED, embeddingOption, lookUp, planEmbedding } from './embedding.js';
import { initializerFor, initializerOption, type Role } from './initializers.js';
import { attentionOver, createReadout, planReadout, type Readout, readoutOption, readsSteps } from './readout.js';

/** What every recurrent model can be told. */
export const recurrentOptions = {
  implementation: Type.Enum(['scratch', 'builtin'], {
    default: 'scratch',
    description: 'scratch: the equations, written out; builtin: the layer of tf.layers.',
  }),
  hidden_size: Type.Integer({ minimum: 1, examples: [32], description: 'Units of the hidden state.' }),
  readout: readoutOption,
  initializer: initializerOption,
  embedding: Type.Optional(embeddingOption),
  num_layers: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1000,
      otherwise: 1,
      examples: [2],
      description: 'Layers, each reading what the one below gives.',
    }),
  ),
  bidirectional: Type.Optional(
    Type.Boolean({
      otherwise: false,
      description: 'Read the sequence in both directions. Not for predicting the next token: the model would see the answer.',
    }),
  ),
  dropout: Type.Optional(
    Type.Number({
      minimum: 0,
      exclusiveMaximum: 1,
      otherwise: 0,
      examples: [0.2],
      description: 'Fraction of the activations between layers that is dropped during training.',
    }),
  ),
};

/** What a model that may be trained with less than the whole gradient can be told besides. */
export const gradientOption = Type.Optional(
  Type.Enum(['full', 'truncated'], {
    otherwise: 'full',
    description:
      'How far back in time the gradient goes: full, through all steps; truncated, not into the hidden state of the step before, though through the cell of an LSTM, as Elman 1990 and Hochreiter and Schmidhuber 1997 trained. From scratch only.',
  }),
);

type Gradient = Static<typeof gradientOption>;

type Options = Static<ObjectSchema<typeof recurrentOptions>> & { readonly forget_bias?: number; readonly gradient?: Gradient };

/**
 * Recurrent layers and a linear readout `y = r Wy + by` of the last hidden state, of all, or of what all come to (`readout.ts`).
 *
 * Input `[time, features]`, or indices `[time]` that are read as one-hot vectors, or with `embedding` as vectors `[time, size]` (`embedding.ts`). Output
 * `[outputs]` or `[time, outputs]`, where outputs are the classes of the data, or the size of the target's last axis.
 *
 * With two directions, a hidden state is both side by side, `[2 hidden]`: at every step, or what each direction ends with (the last step
 * forwards, the first step backwards). Where the state is carried, both directions go on from where they ended in the batch before, as
 * `RNNModel` of the book does with PyTorch's layers: backwards, that is the end of what lies before, not of what follows.
 */
export function planRecurrent(layer: RecurrentLayer, options: Options, data: Data, report: Report): ModelSpec {
  const { readout, embedding } = options;
  const { input } = trainSplit(data).inputs;
  const [time, outputs, shape, start] = [input.shape[0] ?? 1, countOutputs(data), stackShape(options, data), startOf(options)];
  const answers = data.classes === undefined ? 'outputs' : 'classes';
  reportMisfits(readout, data, report);
  if (shape.dropout > 0 && shape.layers === 1) report(dropoutOfOneLayer);
  if (options.gradient === 'truncated' && options.implementation === 'builtin') report(truncatedBuiltin);
  if (!embedding && (input.tokens ?? 0) > MANY_TOKENS) report(manyTokens(input.tokens ?? 0));
  const looked = embedding && planEmbedding(embedding, input, start, report);
  const { parameters, state, masks } = planStack(layer, shape, time, start);
  return {
    parameters: [
      ...(looked?.parameters ?? []),
      ...parameters,
      ...planReadout(readout, { width: stackWidth(shape), outputs, answers, start }),
    ],
    buffers: [],
    state,
    masks: [...(looked?.masks ?? []), ...masks],
    stepwise: !shape.bidirectional && readsSteps(readout),
    ...(readout === 'attention' && { attends: true }),
    output:
      readout === 'every'
        ? { shape: [time, outputs], axes: ['time', 'outputs'], dtype: 'float32' }
        : { shape: [outputs], axes: ['outputs'], dtype: 'float32' },
  };
}

export function createRecurrent(layer: RecurrentLayer, tools: Tools, options: Options, data: Data): Model {
  const { tf } = tools;
  const readStack = createStack(layer, tools, stackShape(options, data));
  const masked = Object.values(data.splits).filter((split) => split.masked);
  const isFilledAtEnd = masked.length > 0 && masked.every(({ filledAtEnd }) => filledAtEnd);
  const { embedding, readout } = options;
  const readOut = createReadout(tools, readout);
  const { tokens } = trainSplit(data).inputs.input;
  const read = ({ parameters, state }: Variables, { input, mask: present }: ModelInputs, dropout?: Tensors) => {
    const mask = present && tf.transpose(present);
    const x = embedding ? lookUp(tools, embedding, { parameters, tokens: input, masks: dropout }) : timeFirst(tools, input, tokens);
    return { ...readStack(parameters, x, state, { mask, isFilledAtEnd, dropout }), mask };
  };
  return {
    forward(variables, inputs, { mode, masks }) {
      const { parameters, buffers } = variables;
      const { h, last, state, mask } = read(variables, inputs, mode === 'train' ? masks : undefined);
      return { output: readOut(parameters, { h, last, mask }), buffers, state };
    },
    ...(readout === 'attention' && {
      attention: (variables, inputs) => tf.transpose(attentionOver(tools, variables.parameters, read(variables, inputs))),
    }),
  };
}

function stackShape(options: Options, data: Data): StackShape {
  const { hidden_size: hidden, num_layers: layers = 1, bidirectional = false, dropout = 0 } = options;
  return { ...readBy(options, data), hidden, layers, bidirectional, dropout };
}

function readBy({ embedding }: Options, data: Data): Pick<StackShape, 'features' | 'reads'> {
  const { input } = trainSplit(data).inputs;
  if (embedding) return { features: embedding.size, reads: EMBEDDED };
  if (input.dtype === 'int32') return { features: input.tokens ?? 1, reads: 'tokens' };
  return { features: input.shape[1] ?? 1, reads: input.axes[1] ?? 'features' };
}

const dropoutOfOneLayer: Problem = {
  code: 'nothing-to-drop',
  path: ['dropout'],
  severity: 'warning',
  message: 'dropout acts between layers, and there is one layer only',
  help: 'write num_layers: 2, or leave dropout out',
};

/** From here on a one-hot vector of each token is most of what a step computes. */
const MANY_TOKENS = 10_000;

const manyTokens = (tokens: number): Problem => ({
  code: 'many-tokens',
  severity: 'warning',
  path: [],
  message: `each of ${formatCount(tokens)} tokens is read as a vector of as many numbers, which makes every step slow`,
  help: 'write embedding: {size: 64}, which looks up a short vector for each token; or a smaller vocabulary',
});

const truncatedBuiltin: Problem = {
  code: 'not-in-tf-layers',
  path: ['gradient'],
  message: 'the layers of tf.layers are trained with the full gradient only',
  help: 'write implementation: scratch, or leave gradient out',
};

/** `[batch, time, features]`, or indices `[batch, time]` as one-hot vectors, with time in front. */
const timeFirst = ({ tf }: Tools, input: Tensor, tokens = 1): Tensor =>
  input.dtype === 'int32' ? tf.oneHot(tf.transpose(input), tokens, 1, 0, 'float32') : tf.transpose(input, [1, 0, 2]);

/** The version of a model of several gates: since 2, `keras` starts the recurrent weights of all gates from scratch as one matrix, as Keras does. */
export const versionOfStart = ({ implementation, initializer }: Pick<Options, 'implementation' | 'initializer'>): number =>
  implementation === 'scratch' && initializer.kind === 'keras' ? 2 : 1;

const startOf =
  ({ initializer, hidden_size: hidden, forget_bias }: Options): Start =>
  (role) =>
    role.kind === 'forget_bias' && forget_bias !== undefined
      ? { kind: 'constant', value: forget_bias }
      : initializerFor(initializer, hidden, role);

const countOutputs = (data: Data): number => data.classes ?? trainSplit(data).target.shape.at(-1) ?? 1;

/** The target has a time axis exactly when every step is read. */
function reportMisfits(readout: Readout, data: Data, report: Report): void {
  const { inputs, target } = trainSplit(data);
  const { input } = inputs;
  const rank = input.dtype === 'int32' ? 1 : 2;
  if (input.shape.length !== rank || (input.dtype === 'int32' && input.tokens === undefined)) {
    report({
      code: 'shape-mismatch',
      path: [],
      message: `a recurrent model reads [time, features] or indices [time] of a vocabulary, and the data gives ${describe(input.axes, input.shape)}`,
    });
  }
  const expected: Shape = [
    ...(readout === 'every' ? [input.shape[0] ?? 1] : []),
    ...(data.classes === undefined ? [countOutputs(data)] : []),
  ];
  if (expected.length === target.shape.length && expected.every((size, axis) => size === target.shape[axis])) return;
  const fitting = target.axes.includes('time') ? 'every' : readout === 'every' ? 'last' : readout;
  report({
    code: 'shape-mismatch',
    path: ['readout'],
    message: `readout ${readout} gives ${describe(readout === 'every' ? ['time', 'outputs'] : ['outputs'], expected)} and the target is ${describe(target.axes, target.shape)}`,
    ...(fitting === readout ? {} : { help: `write readout: ${fitting}` }),
  });
}

const describe = (axes: readonly string[], shape: Shape): string =>
  shape.length === 0 ? 'one class' : `[${shape.map((size, i) => `${axes[i] ?? ''} ${size}`.trim()).join(', ')}]`;

/** Recurrent layers one above the other; with two directions, every layer reads the sequence from both ends. */
export interface StackShape {
  readonly features: number;
  /** What the features are: `tokens`, `features`, `embedding`, `units`. */
  readonly reads: string;
  readonly hidden: number;
  readonly layers: number;
  readonly bidirectional: boolean;
  /** Share of the numbers between two layers that is dropped in training. */
  readonly dropout: number;
}

/** Numbers that a step of the whole stack gives: those of both directions side by side. */
export const stackWidth = ({ hidden, bidirectional }: StackShape): number => (bidirectional ? 2 : 1) * hidden;

/**
 * What the stack needs. A name says what tells a tensor from others of its kind, and nothing more: `Wxh`, `layer1.Wxh`, `forward.Wxh`,
 * `layer1.backward.Wxh`. Dropout acts on what a layer hands to the next, each step anew, as in `torch.nn.LSTM`; its mask is `[time, width]`.
 */
export function planStack(
  layer: RecurrentLayer,
  shape: StackShape,
  time: number,
  start: Start,
): Pick<ModelSpec, 'parameters' | 'state' | 'masks'> {
  const parts = partsOf(shape).flat();
  return {
    parameters: parts.flatMap(({ prefix, features, reads }) =>
      layer.parameters(features, shape.hidden, start).map((parameter) => ({
        ...parameter,
        name: prefix + parameter.name,
        initializer: prefixedPart(prefix, parameter.initializer),
        ...(parameter.axes && { axes: parameter.axes.map((axis) => (axis === 'inputs' ? reads : axis)) }),
      })),
    ),
    state: Object.fromEntries(parts.flatMap(({ prefix }) => layer.state.map((part) => [prefix + part, [shape.hidden]]))),
    masks:
      shape.dropout === 0
        ? []
        : partsOf(shape)
            .slice(1)
            .map((_, below) => ({ name: dropoutAfter(below), shape: [time, stackWidth(shape)], rate: shape.dropout })),
  };
}

/** A matrix that gates share has its own layer's name. */
const prefixedPart = (prefix: string, initializer: ParameterSpec['initializer']): ParameterSpec['initializer'] =>
  initializer.kind === 'orthogonal' && initializer.part
    ? { ...initializer, part: { ...initializer.part, of: prefix + initializer.part.of } }
    : initializer;

/**
 * `h [time, batch, width]` are the steps of the uppermost layer, `last [batch, width]` what each of its directions ends with. Where lengths
 * vary, `mask [time, batch]` says which steps are there, `isFilledAtEnd` that no other one stands before or between them; `dropout`, given in training
 * only, holds the masks that were planned. What `h` holds at the other steps means nothing.
 */
type ReadStack = (
  parameters: Tensors,
  x: Tensor,
  state: Tensors,
  given: { readonly mask?: Tensor | undefined; readonly isFilledAtEnd?: boolean; readonly dropout?: Tensors | undefined },
) => { readonly h: Tensor; readonly last: Tensor; readonly state: Tensors };

export function createStack(layer: RecurrentLayer, tools: Tools, shape: StackShape): ReadStack {
  const { tf } = tools;
  const levels = partsOf(shape).map((parts) => parts.map((part) => ({ ...part, read: layer.create(tools, shape.hidden) })));
  return (parameters, x, first, { mask, isFilledAtEnd = false, dropout }) => {
    let state: Tensors = {};
    let h = x;
    let last = x;
    for (const [level, parts] of levels.entries()) {
      const drops = dropout && shape.dropout > 0 && level > 0;
      const seen = drops ? tf.mul(h, tf.transpose(get(dropout, dropoutAfter(level - 1)), [1, 0, 2])) : h;
      const made = parts.map(({ prefix, backward, read }) => {
        const turn = (sequence: Tensor): Tensor => (backward ? tf.reverse(sequence, 0) : sequence);
        const after = read(
          under(parameters, prefix),
          turn(seen),
          under(first, prefix),
          mask && { steps: turn(mask), isAtEnd: isFilledAtEnd && !backward },
        );
        state = { ...state, ...Object.fromEntries(Object.entries(after.state).map(([name, part]) => [prefix + name, part])) };
        return { h: turn(after.h), last: get(after.state, 'h') };
      });
      h = beside(
        tools,
        made.map((direction) => direction.h),
      );
      last = beside(
        tools,
        made.map((direction) => direction.last),
      );
    }
    return { h, last, state };
  };
}

/** One layer in one direction. */
interface Part {
  readonly prefix: string;
  readonly backward: boolean;
  readonly features: number;
  readonly reads: string;
}

/** From the lowest layer up; in each the direction forwards comes first. */
function partsOf(shape: StackShape): readonly (readonly Part[])[] {
  const { features, reads, layers, bidirectional } = shape;
  return Array.from({ length: layers }, (_, level) =>
    (bidirectional ? [false, true] : [false]).map((backward) => ({
      prefix: (layers > 1 ? `layer${level}.` : '') + (bidirectional ? (backward ? 'backward.' : 'forward.') : ''),
      backward,
      features: level === 0 ? features : stackWidth(shape),
      reads: level === 0 ? reads : 'units',
    })),
  );
}

const dropoutAfter = (level: number): string => `layer${level}.dropout`;

const beside = ({ tf }: Tools, tensors: readonly Tensor[]): Tensor => {
  const [only, another] = tensors;
  return only && !another ? only : tf.concat([...tensors], -1);
};

/** From a model from scratch to its built-in twin, given how one layer's weights are copied; what stands before and behind the layers goes by unchanged. */
export const copyLayers =
  (copy: (tools: Tools, scratch: Tensors) => Tensors) =>
  (tools: Tools, scratch: Tensors): Tensors => {
    const { E, Wa, ba, va, Wy, by, ...layers } = scratch;
    const prefixes = new Set(Object.keys(layers).map((name) => name.slice(0, name.lastIndexOf('.') + 1)));
    const copies = [...prefixes].map((prefix) => prefixed(prefix, copy(tools, under(layers as Tensors, prefix))));
    const attention = Wa && ba && va ? { Wa, ba, va } : {};
    return { ...(E && { E }), ...copies.reduce((all, each) => ({ ...all, ...each }), {}), ...attention, ...(Wy && by ? { Wy, by } : {}) };
  };

/** A layer that remembers: from scratch or built in, it has this face. */
export interface RecurrentLayer {
  /** The parts of its state; `h`, the hidden state, is always one. */
  readonly state: readonly string[];
  /** Axes are `inputs`, what a step reads, and `outputs`, what it gives; gates side by side are several times `outputs`. */
  parameters(features: number, hidden: number, start: Start): readonly ParameterSpec[];
  create(tools: Tools, hidden: number): ReadSequence;
}

/** Which steps are there, where lengths vary: `steps [time, batch]` is 1 at those. `isAtEnd`: the others come after all of them. */
interface StepMask {
  readonly steps: Tensor;
  readonly isAtEnd: boolean;
}

/**
 * From `x [time, batch, features]` to the hidden states `h [time, batch, hidden]`. Time comes first: then a step is one piece of memory. With a
 * mask, `state` is what each sequence comes to at the last step that is there.
 */
export type ReadSequence = (
  parameters: Tensors,
  x: Tensor,
  state: Tensors,
  mask?: StepMask,
) => { readonly h: Tensor; readonly state: Tensors };

/** How a parameter of a role starts. */
export type Start = (role: Role) => ParameterSpec['initializer'];

/** One step of a recurrence: from `x [batch, features]` and the state before to the state after. */
type Step = (x: Tensor, state: Tensors) => Tensors;

/**
 * A recurrence from its step. Where the mask is 0 there is nothing to read, and the state stays as it is:
 *
 *     s' = m step(x, s) + (1 - m) s
 *
 * so that after the last step the state is that of every sequence's own end. Where all such steps come at the end, they are read as others are, and the
 * state of the last one before them is taken: the same digits for less work. With a truncated gradient, a step takes the `h` that it reads for
 * constant: errors go back in time through the other parts of the state alone, the cell of an LSTM.
 */
export const scan =
  (tools: Tools, stepWith: (parameters: Tensors) => Step, gradient: Gradient = 'full'): ReadSequence =>
  (parameters, x, first, mask) => {
    const { tf, loop = atOnce } = tools;
    const parts = mask?.isAtEnd ? Object.keys(first) : ['h'];
    const { state, sequences } = loop(
      ({ weights, state: before, sequences: { x, present } }) => {
        const step = stepWith(weights);
        const isThere = present && tf.unstack(tf.expandDims(present, -1));
        const states: Tensors[] = [];
        let state = before;
        for (const [time, each] of tf.unstack(x as Tensor).entries()) {
          const last = state;
          const read = gradient === 'truncated' ? { ...last, h: constant(tools, get(last, 'h')) } : last;
          const [after, m] = [step(each, read), isThere?.[time]];
          state = m ? mapTensors(after, (part, name) => tf.add(tf.mul(m, part), tf.mul(tf.sub(1, m), get(last, name)))) : after;
          states.push(state);
        }
        return { state, sequences: Object.fromEntries(parts.map((part) => [part, tf.stack(states.map((each) => get(each, part)))])) };
      },
      { weights: parameters, state: first, sequences: { x, ...(mask && !mask.isAtEnd && { present: mask.steps }) } },
    );
    const h = get(sequences, 'h');
    if (!mask?.isAtEnd) return { h, state };
    return { h, state: mapTensors(state, (_, part) => atLastStep(tools, get(sequences, part), get(first, part), mask.steps)) };
  };

/**
 * Of `states [time, batch, hidden]`, that of the last step of each sequence; `first [batch, hidden]` of one without a step. A weighted sum in which one weight is
 * 1 and all others are 0, so that nothing in a program depends on the size of the batch.
 */
function atLastStep({ tf }: Tools, states: Tensor, first: Tensor, mask: Tensor): Tensor {
  const [time = 1] = states.shape;
  const begins = tf.slice(mask, 0, 1);
  const next = time === 1 ? tf.zerosLike(begins) : tf.concat([tf.slice(mask, 1), tf.zerosLike(begins)]);
  const isLast = tf.expandDims(tf.sub(mask, next), -1);
  const isEmpty = tf.sub(1, tf.reshape(begins, [-1, 1]));
  return tf.add(tf.sum(tf.mul(states, isLast), 0), tf.mul(isEmpty, first));
}

/** A copy of a tensor that a gradient takes for constant: none goes through it. */
const constant = ({ tf }: Tools, tensor: Tensor): Tensor =>
  tf.customGrad((x) => ({ value: (x as Tensor).clone(), gradFunc: (dy) => tf.zerosLike(dy) }))(tensor);

export const gateActivationOption = Type.Enum(['sigmoid', 'hard_sigmoid'], {
  default: 'sigmoid',
  description: 'What opens the gates. hard_sigmoid, clip(0.2 z + 0.5, 0, 1), is what tf.layers takes unless told otherwise.',
});

export type GateActivation = Static<typeof gateActivationOption>;

export const openGate = ({ tf }: Tools, activation: GateActivation, z: Tensor): Tensor =>
  activation === 'sigmoid' ? tf.sigmoid(z) : tf.clipByValue(tf.add(tf.mul(z, 0.2), 0.5), 0, 1);

/** The functions of a gate by their names in tf.layers. */
export const inTfLayers = { sigmoid: 'sigmoid', hard_sigmoid: 'hardSigmoid' } as const satisfies Record<GateActivation, string>;

/** The parameters of one gate of a layer from scratch. */
export const gateParameters = (
  gates: readonly string[],
  gate: string,
  bias: 'bias' | 'forget_bias',
  features: number,
  hidden: number,
  start: Start,
): readonly ParameterSpec[] => [
  // Keras starts the input weights of all gates as one matrix.
  {
    name: `Wx${gate}`,
    shape: [features, hidden],
    axes: ['inputs', 'outputs'],
    initializer: start({ kind: 'input', rows: features, columns: gates.length * hidden }),
  },
  {
    name: `Wh${gate}`,
    shape: [hidden, hidden],
    axes: ['outputs', 'outputs'],
    initializer: start({ kind: 'recurrent', gate: gates.indexOf(gate), gates: gates.length }),
  },
  { name: `b${gate}`, shape: [hidden], axes: ['outputs'], initializer: start({ kind: bias }) },
];

/** The weights of a built-in layer that compute what those of the one from scratch do, gate beside gate in this order. */
export const joinedGates =
  (gates: readonly string[]) =>
  ({ tf }: Tools, scratch: Tensors): Tensors => {
    const join = (part: string): Tensor =>
      tf.concat(
        gates.map((gate) => get(scratch, `${part}${gate}`)),
        -1,
      );
    return { kernel: join('Wx'), recurrent_kernel: join('Wh'), bias: join('b') };
  };
