import type { Tensor } from '@tensorflow/tfjs-core';
import { Type, type Static } from '../../language/type.js';
import type { Tools } from '../stage.js';

export const gateActivationOption = Type.Enum(['sigmoid', 'hard_sigmoid'], {
  default: 'sigmoid',
  description: 'What opens the gates. hard_sigmoid, clip(0.2 z + 0.5, 0, 1), is what tf.layers takes unless told otherwise.',
});

export type GateActivation = Static<typeof gateActivationOption>;

export const openGate = ({ tf }: Tools, activation: GateActivation, z: Tensor): Tensor =>
  activation === 'sigmoid' ? tf.sigmoid(z) : tf.clipByValue(tf.add(tf.mul(z, 0.2), 0.5), 0, 1);

/** The functions of a gate by their names in tf.layers. */
export const inTfLayers = { sigmoid: 'sigmoid', hard_sigmoid: 'hardSigmoid' } as const satisfies Record<GateActivation, string>;
