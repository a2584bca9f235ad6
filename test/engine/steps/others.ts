import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core';
import type { Step } from '../../../src/engine/engine.js';

const get = (tensors: Readonly<Record<string, Tensor>>, name: string): Tensor => {
  const found = tensors[name];
  if (!found) throw new Error(`no ${name}`);
  return found;
};

/** Two dense layers, the second around a residual, cross entropy over classes, plain gradient descent with a clipped norm. */
export function residual({ batch = 16, width = 12, classes = 5 } = {}): Step {
  const shapes: Record<string, readonly number[]> = {
    W1: [width, width],
    b1: [width],
    W2: [width, width],
    b2: [width],
    Wo: [width, classes],
  };
  const names = Object.keys(shapes);
  return {
    name: 'residual',
    identity: `residual ${[batch, width, classes]}`,
    state: Object.fromEntries(names.map((name) => [name, { shape: shapes[name] ?? [], dtype: 'float32' as const }])),
    inputs: { x: { shape: [batch, width], dtype: 'float32' }, label: { shape: [batch], dtype: 'int32' } },
    scalars: ['rate'],
    run(tf, { state, inputs, scalars }) {
      const loss = (...tensors: Tensor[]): Tensor => {
        const [W1, b1, W2, b2, Wo] = tensors as [Tensor, Tensor, Tensor, Tensor, Tensor];
        const hidden = tf.relu(tf.add(tf.matMul(get(inputs, 'x'), W1), b1));
        const around = tf.add(hidden, tf.tanh(tf.add(tf.matMul(hidden, W2), b2)));
        return tf.losses.softmaxCrossEntropy(tf.oneHot(get(inputs, 'label'), classes), tf.matMul(around, Wo));
      };
      const { value, grads } = tf.valueAndGrads(loss as (...tensors: Tensor[]) => ReturnType<typeof tf.scalar>)(
        names.map((name) => get(state, name)),
      );
      const norm = tf.sqrt(tf.addN(grads.map((gradient) => tf.sum(tf.square(gradient)))));
      const scale = tf.mul(get(scalars, 'rate'), tf.minimum(1, tf.div(1, norm)));
      const next = Object.fromEntries(names.map((name, i) => [name, tf.sub(get(state, name), tf.mul(grads[i] ?? tf.scalar(0), scale))]));
      return { state: next, outputs: { loss: value, norm } };
    },
  };
}

/** tf.layers' own LSTM and tf.train's own Adam, as they are: variables are made inside of the step and given the state's values. */
export function layersLstm({ batch = 8, time = 5, features = 4, hidden = 6 } = {}): Step {
  const shapes: Record<string, readonly number[]> = {
    kernel: [features, 4 * hidden],
    recurrent_kernel: [hidden, 4 * hidden],
    bias: [4 * hidden],
  };
  const names = Object.keys(shapes);
  const specs = (prefix: string): Step['state'] =>
    Object.fromEntries(names.map((name) => [`${prefix}${name}`, { shape: shapes[name] ?? [], dtype: 'float32' as const }]));
  return {
    name: 'layers lstm',
    identity: `layers lstm ${[batch, time, features, hidden]}`,
    state: { ...specs('p/'), ...specs('m/'), ...specs('v/') },
    inputs: { x: { shape: [batch, time, features], dtype: 'float32' }, y: { shape: [batch, hidden], dtype: 'float32' } },
    scalars: ['step'],
    run(tf, { state, inputs, scalars }, layers) {
      const layer = layers.layers.lstm({
        units: hidden,
        recurrentActivation: 'sigmoid',
        kernelInitializer: 'zeros',
        recurrentInitializer: 'zeros',
        unitForgetBias: false,
      });
      layer.build([batch, time, features]);
      layer.built = true;
      const weights = layer.trainableWeights.map((weight) => weight.read() as Variable);
      for (const [i, weight] of weights.entries()) weight.assign(get(state, `p/${names[i]}`));
      const optimizer = tf.train.adam(0.01) as unknown as Adam;
      const slots = (prefix: string): Slot[] =>
        names.map((name) => ({ originalName: name, variable: tf.variable(get(state, `${prefix}${name}`), false) }));
      optimizer.accumulatedFirstMoment = slots('m/');
      optimizer.accumulatedSecondMoment = slots('v/');
      optimizer.accBeta1.assign(tf.pow(0.9, get(scalars, 'step')));
      optimizer.accBeta2.assign(tf.pow(0.999, get(scalars, 'step')));

      const loss = (): Scalar => tf.losses.meanSquaredError(get(inputs, 'y'), layer.apply(get(inputs, 'x')) as Tensor);
      const { value, grads } = tf.variableGrads(loss, weights);
      optimizer.applyGradients(grads);
      const named = (prefix: string, tensors: readonly Tensor[]): Record<string, Tensor> =>
        Object.fromEntries(names.map((name, i) => [`${prefix}${name}`, tensors[i] ?? tf.scalar(NaN)]));
      const moments = (list: readonly Slot[]): readonly Tensor[] => list.map(({ variable }) => variable);
      return {
        state: {
          ...named('p/', weights),
          ...named('m/', moments(optimizer.accumulatedFirstMoment)),
          ...named('v/', moments(optimizer.accumulatedSecondMoment)),
        },
        outputs: { loss: value },
      };
    },
  };
}

interface Slot {
  readonly originalName: string;
  readonly variable: Variable;
}

/** What tf.train.adam keeps to itself. */
interface Adam {
  accumulatedFirstMoment: Slot[];
  accumulatedSecondMoment: Slot[];
  readonly accBeta1: Variable;
  readonly accBeta2: Variable;
  applyGradients(gradients: Readonly<Record<string, Tensor>>): void;
}
