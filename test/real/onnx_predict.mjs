// For .ci/checks/onnx-predict: trains small runs, lets the Python program of docs/forecasting.md and `retable predict` answer the same files, and compares
// every number. The argument is a Python with NumPy and ONNX Runtime.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const CLOSE = 1e-5;
const python = resolve(process.argv[2] ?? 'python3');
const folder = mkdtempSync(join(tmpdir(), 'onnx-predict-'));
const at = (name) => join(folder, name);
const retable = (...args) =>
  execFileSync(process.execPath, ['dist/cli/bin/retable.js', ...args, '--runs', at('runs')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });

const [, program] = /<!-- test: file predict\.py -->\s+```python\n(.*?)```/s.exec(readFileSync('docs/forecasting.md', 'utf8')) ?? [];
assert.ok(program, 'docs/forecasting.md has the program');
writeFileSync(at('predict.py'), program);

const day = (t) => new Date(Date.UTC(2021, 0, 4 + t)).toISOString().slice(0, 10);
const wave = (t, k) => 100 + 10 * k + 20 * Math.sin((t + k) / 3) + ((t * 7 + k * 3) % 11);
const shops = ['Ulm', 'Bonn', 'Kiel'].flatMap((shop, k) =>
  Array.from({ length: 60 - 9 * k }, (_, t) => [shop, day(t), wave(t, k), wave(t, k + 4) / 7, (t * t) % 13, t % 7].join(',')),
);
writeFileSync(at('shops.csv'), ['shop,day,sold,left,visits,weekday', ...shops, ''].join('\n'));
writeFileSync(
  at('one.csv'),
  ['day,sold,left,visits', ...Array.from({ length: 80 }, (_, t) => [day(t), wave(t, 0), wave(t, 5), (t * t) % 13].join(',')), ''].join(
    '\n',
  ),
);
writeFileSync(at('airline.csv'), readFileSync('experiments/data/airline.csv'));

const CASES = {
  'airline: log, difference of a year, standardize': `{file: airline.csv, time: Month, targets: [Passengers], window: 12,
    transform: [{kind: log}, {kind: difference, lag: 12}, {kind: standardize}], split: {test: {from: 1957-01}}}`,
  'several targets with features, three steps ahead, min_max': `{file: one.csv, time: day, targets: [sold, left], features: [sold, left, visits], window: 5, horizon: 3,
    transform: [{kind: min_max, least: -1}], split: {test: 0.2}}`,
  'several series, what is known in advance, differences of some columns': `{file: shops.csv, time: day, series: shop, targets: [left, sold], features: [visits, sold], known: [weekday],
    window: 6, horizon: 4, transform: [{kind: difference, lag: 2, columns: [sold, visits]}, {kind: difference, columns: [sold]}, {kind: clip, share: 0.05}, {kind: robust}], split: {validation: 0.1, test: 0.2}}`,
  'a window as the features of one step, a logarithm with an offset': `{file: one.csv, time: day, targets: [sold], features: [sold, visits], window: 4, layout: features, horizon: 2,
    transform: [{kind: log, offset: 3}, {kind: difference}], split: {test: 0.2}}`,
};

const table = (text) => {
  const [head, ...rows] = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  return rows.map((row) => Object.fromEntries(row.map((cell, index) => [head[index], cell])));
};

let worst = 0;
try {
  for (const [index, [name, dataset]] of Object.entries(CASES).entries()) {
    const experiment = `case${index}`;
    const file = /file: (\S+),/.exec(dataset)?.[1] ?? '';
    writeFileSync(
      at(`${experiment}.yaml`),
      `experiment: ${experiment}
dataset: ${dataset.replace('{', '{kind: series, ')}
model: {kind: ${['lstm', 'gru', 'rnn', 'lstm'][index]}, hidden_size: 6}
loss: {kind: mean_squared_error}
optimizer: {kind: adam, learning_rate: 0.02}
training: {epochs: 3, batch_size: 8}
`,
    );
    retable('run', at(`${experiment}.yaml`), '--quiet');
    retable('predict', experiment, at(file), '--output', at('ours.csv'));
    execFileSync(process.execPath, ['dist/cli/bin/retable.js', 'export', experiment, '--output', at('model.onnx'), '--runs', at('runs')], {
      stdio: 'ignore',
    });
    const theirs = table(execFileSync(python, [at('predict.py'), at('model.onnx'), at(file)], { encoding: 'utf8' }));
    const ours = table(readFileSync(at('ours.csv'), 'utf8'));
    assert.equal(theirs.length, ours.length, `${name}: answers`);
    for (const [row, said] of theirs.entries()) {
      const { series = '', origin, ahead, ...numbers } = ours[row];
      assert.deepEqual([said.series, said.origin, said.ahead], [series, origin, ahead], name);
      for (const target of Object.keys(said).slice(3)) {
        const [a, b] = [Number(said[target]), Number(numbers[`${target} forecast`])];
        const off = Math.abs(a - b) / Math.max(1, Math.abs(b));
        assert.ok(off <= CLOSE, `${name}: ${target} after ${origin}, ${ahead} ahead: ${a} and ${b}`);
        worst = Math.max(worst, off);
      }
    }
    console.log(`${name}: ${theirs.length} rows agree`);
  }
  console.log(`the largest relative difference is ${worst.toExponential(1)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
