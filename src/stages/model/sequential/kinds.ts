import { dense } from './dense.js';
import { dropout } from './dropout.js';
import { embedding, oneHot } from './indices.js';
import type { LayerKind } from './layer.js';
import { batchNormalization, layerNormalization } from './normalization.js';
import { bidirectional, gru, lstm, simpleRnn } from './recurrent.js';
import { activation, flatten, globalAveragePooling } from './reshaping.js';

/** All layers that a list may hold, by the names that tf.layers has for them, in our spelling: from indices, over time, from vectors. */
export const layerKinds: Readonly<Record<string, LayerKind>> = {
  embedding,
  one_hot: oneHot,
  simple_rnn: simpleRnn,
  gru,
  lstm,
  bidirectional,
  global_average_pooling_1d: globalAveragePooling,
  flatten,
  dense,
  activation,
  dropout,
  layer_normalization: layerNormalization,
  batch_normalization: batchNormalization,
};
