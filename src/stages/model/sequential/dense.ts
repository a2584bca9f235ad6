import { Type } from '../../../language/type.js';
import { callLayer } from '../layers-adapter.js';
import {
  activationIn,
  activationOption,
  defineLayer,
  initializerOf,
  isWithinSteps,
  kernelInitializer,
  reportIndices,
  withUnits,
} from './layer.js';

/** `activation(x kernel + bias)`, at every step where there are steps: `[..., features]` to `[..., units]`. */
export const dense = defineLayer({
  summary: 'tf.layers.dense.',
  options: Type.Object({
    units: Type.Integer({ minimum: 1, description: 'Outputs.' }),
    activation: activationOption,
    use_bias: Type.Boolean({ default: true, description: 'Add a bias.' }),
    kernel_initializer: kernelInitializer(),
  }),

  plan({ units, use_bias, kernel_initializer }, input, report) {
    reportIndices(input, report);
    const rows = input.spec.shape.at(-1) ?? 1;
    return {
      output: withUnits(input.spec, units),
      stepwise: isWithinSteps(input),
      parameters: [
        {
          name: 'kernel',
          shape: [rows, units],
          axes: [input.spec.axes.at(-1) ?? 'units', 'outputs'],
          initializer: initializerOf(kernel_initializer, rows, units),
        },
        ...(use_bias ? [{ name: 'bias', shape: [units], axes: ['outputs'], initializer: { kind: 'zeros' as const } }] : []),
      ],
    };
  },

  create(tools, { units, activation, use_bias }) {
    const call = callLayer(tools, (layers) =>
      layers.dense({ units, activation: activationIn(activation), useBias: use_bias, kernelInitializer: 'zeros' }),
    );
    return ({ parameters }, x) => ({ y: call(parameters, x).outputs[0] });
  },
});
