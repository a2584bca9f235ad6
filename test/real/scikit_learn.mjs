// Our metrics and transforms on the numbers that scikit_learn.py wrote: `node test/real/scikit_learn.mjs FILE`. Exits with 1 where one is further
// than 1e-9 from scikit-learn's, as a share of max(1, |value|).
import { readFileSync } from 'node:fs';
import { argv, exit } from 'node:process';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { findStage, stages } from '../../dist/stages/registry.js';
import { HOST } from '../../dist/stages/transform/arithmetic.js';

const MOST = 1e-9;
await tf.setBackend('cpu');
const { classes, tags, forecasts, transforms } = JSON.parse(readFileSync(argv[2] ?? '', 'utf8'));

/** Sums of a mean are one number each. @type {(sums: Record<string, Float64Array>) => Record<string, number>} */
const mapped = (sums) => Object.fromEntries(Object.entries(sums).map(([name, [sum = Number.NaN]]) => [name, sum]));
/** @type {{ what: string, distance: number }[]} */
const found = [];
/** @type {(what: string, ours: readonly number[], theirs: readonly number[]) => void} */
const compare = (what, ours, theirs) => {
  const distances = theirs.map((value, at) => Math.abs(value - (ours[at] ?? Number.NaN)) / Math.max(1, Math.abs(value)));
  found.push({
    what,
    distance: ours.length === theirs.length ? distances.reduce((farthest, each) => (each <= farthest ? farthest : each), 0) : Number.NaN,
  });
};
/** @type {(problem: { message: string }) => void} */
const refuse = ({ message }) => {
  throw new Error(message);
};
/** @type {(slot: any, kind: string) => any} */
const stageOf = (slot, kind) => findStage(stages, slot, kind) ?? refuse({ message: `there is no ${slot} ${kind}` });

for (const { classes: count, truth, logits, weight, expected } of classes) {
  const upstream = {
    data: { splits: { train: { target: { shape: [], axes: [], dtype: 'int32' } } }, classes: count, fitted: {} },
    model: { output: { shape: [count], axes: ['classes'], dtype: 'float32' } },
    loss: { reading: 'class_logits' },
  };
  for (const [kind, options, value] of expected) {
    const stage = stageOf('metric', kind);
    const metric = stage.create({ tf }, options, stage.plan(options, upstream, refuse), upstream);
    const [output, target, weights] = [tf.tensor(logits), tf.tensor(truth, [truth.length], 'int32'), tf.tensor(weight)];
    /** @type {(tensors: Record<string, any>) => Record<string, Float64Array>} */
    const totals = (tensors) =>
      Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, Float64Array.from(tensor.dataSync())]));
    const measured = metric.evaluate
      ? metric.evaluate({
          output: { shape: [truth.length, count], values: Float32Array.from(logits.flat()) },
          target: { shape: [truth.length], values: Int32Array.from(truth) },
          weight: { shape: [truth.length], values: Float32Array.from(weight) },
        })
      : metric.accumulate
        ? metric.finish(totals(metric.accumulate(output, target, weights)))
        : metric.finish(mapped(totals(metric.score(output, target, weights))));
    const what = `${kind} ${JSON.stringify(options)} of ${count} classes`;
    compare(what, [typeof measured === 'number' ? measured : measured.value], [value]);
  }
}

for (const { tags: names, longest, truth, answers, expected } of tags) {
  const spec = { shape: [longest], axes: ['time'], dtype: 'int32' };
  const upstream = {
    data: { splits: { train: { target: spec } }, classes: names.length, fitted: { classes: names } },
    model: { output: { shape: [longest, names.length], axes: ['time', 'classes'], dtype: 'float32' } },
    loss: { reading: 'class_logits' },
  };
  const stage = stageOf('metric', 'entity_f1');
  const size = truth.length * longest;
  const split = {
    output: { shape: [truth.length, longest, names.length], values: new Float32Array(size * names.length) },
    target: { shape: [truth.length, longest], values: new Int32Array(size) },
    weight: { shape: [truth.length, longest], values: new Float32Array(size) },
  };
  for (const [row, sentence] of truth.entries()) {
    for (const [step, tag] of sentence.entries()) {
      const at = row * longest + step;
      split.target.values[at] = tag;
      split.weight.values[at] = 1;
      split.output.values[at * names.length + answers[row][step]] = 1;
    }
  }
  for (const [options, value] of expected) {
    const measured = stage.create({}, options, stage.plan(options, upstream, refuse), upstream).evaluate(split);
    compare(`entity_f1 ${JSON.stringify(options)} of ${names.length} tags`, [measured.value ?? measured], [value]);
  }
}

for (const { outputs, naiveErrors, level, validating, truth, forecast, expected } of forecasts) {
  const columns = outputs.steps * outputs.names.length;
  const spec = { shape: [columns], axes: ['outputs'], dtype: 'float32' };
  const upstream = {
    data: {
      splits: { train: { target: spec }, ...(validating && { validation: { target: spec, examples: validating.truth.length } }) },
      outputs,
      fitted: { naiveErrors },
    },
    model: { output: spec },
    loss: { reading: 'values' },
  };
  /** @type {(rows: number[][]) => object} */
  const tensor = (rows) => ({ shape: [rows.length, columns], values: Float32Array.from(rows.flat()) });
  /** @type {(rows: { truth: number[][], forecast: number[][] }) => object} */
  const collected = (rows) => ({
    output: tensor(rows.forecast),
    target: tensor(rows.truth),
    weight: { shape: [rows.truth.length], values: new Float32Array(rows.truth.length).fill(1) },
  });
  for (const [kind, { value, cells }] of Object.entries(expected)) {
    const stage = stageOf('metric', kind);
    const options = kind === 'pinball' ? { quantile: 0.9 } : level === undefined ? {} : { level };
    const metric = stage.create({}, options, stage.plan(options, upstream, refuse), upstream);
    const measured = metric.evaluate(collected({ truth, forecast }), validating && collected(validating));
    const what = `${kind}, ${outputs.steps} x ${outputs.names.length}`;
    if (columns === 1) {
      compare(what, [measured], [value]);
      continue;
    }
    const { view } = measured;
    const shown =
      view.kind === 'bars'
        ? view.bars.map((/** @type {{ value: number }} */ bar) => bar.value)
        : Array.from(
            { length: columns },
            (_, at) => view.lines[at % outputs.names.length].points[Math.floor(at / outputs.names.length)][1],
          );
    compare(what, [measured.value], [value]);
    compare(`${what}, each`, shown, cells);
  }
}

for (const { kind, options, train, other, applied, inverted } of transforms) {
  const stage = stageOf('transform', kind);
  const transform = stage.create({}, options, stage.plan(options, {}, refuse), {});
  const fitted = transform.fit(Float64Array.from(train));
  const x = Float64Array.from(other);
  compare(`${kind} ${JSON.stringify(options)}`, [...transform.apply(HOST, x, fitted)], applied);
  compare(`${kind} ${JSON.stringify(options)}, inverted`, [...transform.invert(HOST, x, fitted, x)], inverted);
}

for (const { what, distance } of found) console.log(`${distance <= MOST ? 'equal' : 'OFF  '} ${distance.toExponential(1)} ${what}`);
exit(found.every(({ distance }) => distance <= MOST) ? 0 : 1);
