import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { Type } from '../../language/type.js';
import { get, mapTensors } from '../tensors.js';
import type { OptimizerSpec, Tensors, Tools } from '../stage.js';
import { learningRateOption, type LearningRate } from './schedule.js';

/** What every optimizer can do to gradients before it uses them. */
export const gradientOptions = {
  learning_rate: learningRateOption,
  clip_norm: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      examples: [1],
      description: 'Gradient clipping: the largest L2 norm of all gradients together; longer ones are scaled down to it.',
    }),
  ),
  weight_decay: Type.Number({ minimum: 0, default: 0, description: 'Adds this times the parameter to its gradient (L2, as in PyTorch).' }),
};

interface Options {
  readonly learning_rate: LearningRate;
  readonly clip_norm?: number;
  readonly weight_decay: number;
}

/** The numbers that are inputs of the program, and how the learning rate changes; what is not asked for is not in it. */
export const gradientScalars = ({ learning_rate, clip_norm, weight_decay }: Options): Pick<OptimizerSpec, 'scalars' | 'schedule'> => ({
  scalars: {
    learning_rate: typeof learning_rate === 'number' ? learning_rate : learning_rate.from,
    ...(clip_norm === undefined ? {} : { clip_norm }),
    ...(weight_decay === 0 ? {} : { weight_decay }),
  },
  ...(typeof learning_rate === 'number' ? {} : { schedule: learning_rate }),
});

type Scalars = Readonly<Record<string, Scalar>>;

/** Clipped first, then decayed: the order of a PyTorch loop, where the optimizer adds the decay. */
export function prepareGradients(tools: Tools, gradients: Tensors, parameters: Tensors, { clip_norm, weight_decay }: Scalars): Tensors {
  const clipped = clip_norm ? clipByGlobalNorm(tools, gradients, clip_norm) : gradients;
  return weight_decay ? addWeightDecay(tools, clipped, parameters, weight_decay) : clipped;
}

/** `g = g min(1, limit / norm)`, with the L2 norm of all gradients as one vector (Pascanu, Mikolov & Bengio 2013). */
function clipByGlobalNorm(tools: Tools, gradients: Tensors, limit: Scalar): Tensors {
  const { tf } = tools;
  const factor = tf.div(limit, tf.maximum(globalNorm(tools, gradients), limit));
  return mapTensors(gradients, (gradient) => tf.mul(gradient, factor));
}

function globalNorm({ tf }: Tools, gradients: Tensors): Tensor {
  const squares = Object.values(gradients).map((gradient): Tensor => tf.sum(tf.square(gradient)));
  return tf.sqrt(squares.reduce((total, square) => tf.add(total, square)));
}

const addWeightDecay = ({ tf }: Tools, gradients: Tensors, parameters: Tensors, decay: Scalar): Tensors =>
  mapTensors(gradients, (gradient, name) => tf.add(gradient, tf.mul(get(parameters, name), decay)));
