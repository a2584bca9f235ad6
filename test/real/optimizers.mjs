// Our optimizers on the gradients that optimizers.py wrote: `node test/real/optimizers.mjs FILE`. Exits with 1 where one is further than 1e-6 from
// PyTorch's after fifty steps, as a share of max(1, |value|).
import { readFileSync } from 'node:fs';
import { argv, exit } from 'node:process';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { findStage, stages } from '../../dist/stages/registry.js';

const MOST = 1e-6;
await tf.setBackend('cpu');
const { torch, cases } = JSON.parse(readFileSync(argv[2] ?? '', 'utf8'));
const DEFAULTS = /** @type {Record<string, object>} */ ({
  sgd: { weight_decay: 0, momentum: 0 },
  adam: { weight_decay: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  adamw: { weight_decay: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  rmsprop: { weight_decay: 0, rho: 0.99, momentum: 0, epsilon: 1e-8 },
});

let isFar = false;
console.log(`PyTorch ${torch}`);
for (const { kind, options, first, gradients, last } of cases) {
  /** @type {any} */
  const stage = findStage(stages, 'optimizer', kind);
  const asked = { ...DEFAULTS[kind], ...options };
  const spec = stage.plan(asked, {}, () => {});
  const optimizer = stage.create({ tf }, asked, spec, {});
  let parameters = { p: tf.tensor(first) };
  let state = Object.fromEntries(spec.slots.map((/** @type {string} */ slot) => [slot, { p: tf.zerosLike(parameters.p) }]));
  for (const [index, gradient] of gradients.entries()) {
    const scalars = Object.entries({ ...spec.scalars, step: index + 1 }).map(([name, value]) => [name, tf.scalar(value)]);
    ({ parameters, state } = optimizer.update({ p: tf.tensor(gradient) }, state, parameters, Object.fromEntries(scalars)));
  }
  const ours = [...parameters.p.dataSync()];
  const distance = ours.reduce((most, value, at) => Math.max(most, Math.abs(value - last[at]) / Math.max(1, Math.abs(last[at]))), 0);
  isFar ||= !(distance <= MOST);
  console.log(`${distance <= MOST ? 'equal' : 'OFF  '} ${distance.toExponential(1)} ${kind} ${JSON.stringify(options)}`);
}
exit(isFar ? 1 : 0);
