import type { Tensor } from '@tensorflow/tfjs-core';
import type { layers as factories } from '@tensorflow/tfjs-layers';
import { get } from '../tensors.js';
import type { Tensors, Tools } from '../stage.js';

export type Layer = ReturnType<typeof factories.rnn>;

/** A recurrent layer of tf.layers as a function of its weights, of `x [batch, time, features]` and of its first states. */
export type FunctionalLayer = (weights: Tensors, x: Tensor, initialState: Tensor[]) => readonly Tensor[];

/** The part of tf.layers that makes layers; without it nothing can be built in. */
export function layersOf({ layers }: Tools): typeof factories {
  if (!layers) throw new Error('a built-in layer was asked for, and tf.layers is not among the tools');
  return layers.layers;
}

/**
 * Makes a layer, at its first call, and takes its variables away: they are process-wide, and training here is a function of plain tensors. The
 * tensors given stand in for them during a call, so that gradients flow to these. `names` are those of the layer's weights, in its own order.
 * Let the layer start with zeros: other initializers of tf.layers draw unseeded numbers.
 */
export function functionalLayer(names: readonly string[], make: () => Layer): FunctionalLayer {
  let layer: Layer | undefined;
  let given: Tensors = {};
  return (weights, x, initialState) => {
    layer ??= built(make(), x.shape.at(-1) ?? 1, names, (name) => get(given, name));
    given = weights;
    const outputs = layer.call(x, { initialState });
    given = {};
    return [outputs].flat();
  };
}

function built(layer: Layer, features: number, names: readonly string[], read: (name: string) => Tensor): Layer {
  layer.build([null, null, features]);
  for (const [index, variable] of layer.weights.entries()) {
    variable.dispose();
    variable.read = () => read(names[index] ?? variable.originalName);
  }
  return layer;
}
