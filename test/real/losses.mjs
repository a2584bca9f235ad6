// Our cross-entropy on the batches that losses.py wrote: `node test/real/losses.mjs FILE`. Exits with 1 where a loss or a weight of the classifier is
// further than 1e-6 from PyTorch's in fifty steps, as a share of max(1, |value|).
import { readFileSync } from 'node:fs';
import { argv, exit } from 'node:process';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
// Knows the gradients of all operations.
import '@tensorflow/tfjs-layers';
import { findStage, stages } from '../../dist/stages/registry.js';

const MOST = 1e-6;
await tf.setBackend('cpu');
const { torch, cases } = JSON.parse(readFileSync(argv[2] ?? '', 'utf8'));

let isFar = false;
console.log(`PyTorch ${torch}`);
for (const { options, first, inputs, targets, last, losses } of cases) {
  /** @type {any} */
  const stage = findStage(stages, 'loss', 'cross_entropy');
  const weights = options.class_weight && { class_weight: Object.fromEntries(options.class_weight.entries()) };
  const asked = { ...options, ...weights };
  const classes = first[0].length;
  const output = { shape: [classes], axes: ['classes'], dtype: 'float32' };
  const splits = { train: { examples: 1, batches: 1, batchSize: 1, inputs: {}, target: { shape: [], axes: [], dtype: 'int32' } } };
  const spec = stage.plan(asked, { data: { splits, classes, fitted: {} }, model: { output } }, (/** @type {any} */ problem) => {
    throw new Error(problem.message);
  });
  const { score } = stage.create({ tf }, asked, spec, {});
  let parameters = tf.tensor2d(first);
  const found = inputs.map((/** @type {number[][]} */ x, /** @type {number} */ step) => {
    const { value, grad } = tf.valueAndGrad((/** @type {tf.Tensor} */ w) => {
      const { sum, count } = score(tf.matMul(tf.tensor2d(x), w), tf.tensor1d(targets[step], 'int32'), tf.ones([x.length]));
      return tf.div(sum, count);
    })(parameters);
    parameters = tf.sub(parameters, tf.mul(grad, 0.1));
    return value.dataSync()[0];
  });
  const pairs = [...parameters.dataSync(), ...found].map((value, at) => [value, [...last.flat(), ...losses][at]]);
  const distance = pairs.reduce((most, [ours, theirs]) => Math.max(most, Math.abs(ours - theirs) / Math.max(1, Math.abs(theirs))), 0);
  isFar ||= !(distance <= MOST);
  console.log(`${distance <= MOST ? 'equal' : 'OFF  '} ${distance.toExponential(1)} cross_entropy ${JSON.stringify(options)}`);
}
exit(isFar ? 1 : 0);
