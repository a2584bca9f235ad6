import type { Tensor } from '@tensorflow/tfjs-core';
import { Type, type ObjectSchema, type Static } from '../../../language/type.js';
import type { Initializer, ModelSpec, Report, Tensors, TensorSpec, Tools, Variables } from '../../stage.js';

/**
 * One kind of layer: what may be written about it, its shape rule, and what it computes. Names are the layer's own: `kernel`, `h`. An axis of a
 * parameter that is what the layer gives is called `outputs`.
 */
export interface LayerKind<O extends ObjectSchema = ObjectSchema> {
  /** As that of a stage; 1 when left out. */
  readonly version?: number;
  readonly summary: string;
  readonly options: O;
  /** The last axis goes out as it comes in: what it stands for behind this layer, it stands for before it. */
  readonly keepsAxis?: true;
  /** Pure: from the shape that comes in to the one that goes out, and what the layer needs in between. Loads nothing. */
  plan(options: Static<O>, input: LayerInput, report: Report): LayerPlan;
  create(tools: Tools, options: Static<O>, input: LayerInput): ApplyLayer;
}

export interface LayerInput {
  readonly spec: TensorSpec;
  /** Sequences are of several lengths: within a batch, or from split to split. */
  readonly lengthsVary: boolean;
}

export interface LayerPlan extends Partial<Pick<ModelSpec, 'parameters' | 'buffers' | 'state' | 'masks'>> {
  readonly output: TensorSpec;
  /** Given one step at a time, the state handed on, it gives what it does when it is given all of them. */
  readonly stepwise: boolean;
}

interface LayerContext {
  readonly mode: 'train' | 'evaluate';
  /** `[batch, time]`, where lengths vary: 1 at the steps that are there. */
  readonly mask: Tensor | undefined;
  /** `[batch]`, where the last batch may be filled up: 0 for the rows that only fill it up. */
  readonly weight: Tensor | undefined;
  readonly masks: Tensors;
}

export type ApplyLayer = (
  variables: Variables,
  x: Tensor,
  context: LayerContext,
) => { readonly y: Tensor; readonly buffers?: Tensors; readonly state?: Tensors };

export const defineLayer = <O extends ObjectSchema>(layer: LayerKind<O>): LayerKind<O> => layer;

/** Numbers where a layer cannot read indices. */
export function reportIndices({ spec }: LayerInput, report: Report): void {
  if (spec.dtype !== 'int32') return;
  report({
    code: 'layer-mismatch',
    path: [],
    message: 'this layer reads numbers, and indices of a vocabulary come in',
    help: 'put kind: embedding or kind: one_hot before it',
  });
}

/** A layer that reads steps, and something without a time axis. */
export function reportUnlessSteps(input: LayerInput, report: Report): void {
  reportIndices(input, report);
  const { axes, shape, dtype } = input.spec;
  if (dtype === 'int32' || (shape.length === 2 && axes[0] === 'time')) return;
  report({
    code: 'layer-mismatch',
    path: [],
    message: `this layer reads [time, features], and [${shape.map((size, i) => `${axes[i] ?? ''} ${size}`.trim()).join(', ')}] comes in`,
    help: 'write return_sequences: true in the layer before it',
  });
}

/** Whether the last axis, which the layer joins, is another than time. */
export const isWithinSteps = ({ spec }: LayerInput): boolean => spec.axes.at(-1) !== 'time';

/** The shape with its last axis replaced. */
export const withUnits = ({ shape, axes }: TensorSpec, units: number): TensorSpec => ({
  shape: [...shape.slice(0, -1), units],
  axes: [...axes.slice(0, -1), 'units'],
  dtype: 'float32',
});

export const activationOption = Type.Enum(['linear', 'relu', 'elu', 'selu', 'softplus', 'tanh', 'sigmoid', 'hard_sigmoid', 'softmax'], {
  default: 'linear',
  description: 'Function of the outputs. The losses read outputs that no softmax or sigmoid has bent: leave it out of the last layer.',
});

/** The name that tf.layers has for an activation. */
export const activationIn = (activation: Static<typeof activationOption>) => (activation === 'hard_sigmoid' ? 'hardSigmoid' : activation);

const uniform = (variance: number): Initializer => ({ kind: 'uniform', limit: Math.sqrt(3 * variance) });
const normal = (variance: number): Initializer => ({ kind: 'normal', stddev: Math.sqrt(variance) });

/**
 * What Keras means by a name, for a matrix `[rows, columns]`: glorot by both sizes (Glorot & Bengio 2010), he and lecun by what is read (He et
 * al. 2015; LeCun et al. 1998), the random ones 0.05 wide.
 */
const INITIALIZERS = {
  glorot_uniform: (rows, columns) => uniform(2 / (rows + columns)),
  glorot_normal: (rows, columns) => normal(2 / (rows + columns)),
  he_uniform: (rows) => uniform(2 / rows),
  he_normal: (rows) => normal(2 / rows),
  lecun_uniform: (rows) => uniform(1 / rows),
  lecun_normal: (rows) => normal(1 / rows),
  orthogonal: () => ({ kind: 'orthogonal' }),
  random_normal: () => ({ kind: 'normal', stddev: 0.05 }),
  random_uniform: () => ({ kind: 'uniform', limit: 0.05 }),
  zeros: () => ({ kind: 'zeros' }),
  ones: () => ({ kind: 'constant', value: 1 }),
} satisfies Record<string, (rows: number, columns: number) => Initializer>;
type KerasInitializer = keyof typeof INITIALIZERS;

/** tf.layers itself starts kernels as glorot_normal; Keras, glorot_uniform, which is what we take. */
export const kernelInitializer = (start: KerasInitializer = 'glorot_uniform') =>
  Type.Enum(Object.keys(INITIALIZERS) as [KerasInitializer, ...KerasInitializer[]], {
    default: start,
    description: 'How the weights start, by the names of Keras; normal ones are not truncated.',
  });

export const initializerOf = (name: KerasInitializer, rows: number, columns: number): Initializer => INITIALIZERS[name](rows, columns);
