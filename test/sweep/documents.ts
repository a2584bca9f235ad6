import { readdirSync } from 'node:fs';
import { loadExperiment } from '../../src/language/load.js';
import { loadSweep, type Sweep } from '../../src/study/proposals/load.js';
import { planTrials } from '../../src/study/proposals/plan-trials.js';
import { stages } from '../../src/stages/registry.js';

export const shippedSweeps = readdirSync('experiments/sweeps').map((file) => `experiments/sweeps/${file}`);

/** A small base: its data are made in a moment. */
export const BASE = `experiment: tiny
dataset: {kind: binary_addition, bits: 4, examples: 200, train_fraction: 0.8}
model: {kind: lstm, hidden_size: 4, readout: last, initializer: {kind: uniform}}
loss: {kind: mean_squared_error}
optimizer: {kind: adam, learning_rate: 0.001}
metrics: [{kind: exact_match}, {kind: bit_accuracy}]
training: {epochs: 2, batch_size: 16, shuffle: false}
`;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A sweep over `BASE` with these lines in it. */
export const sweepText = (lines: string): string =>
  `sweep: s\nbase: tiny.yaml\n${lines}\n${lines.includes('select:') ? '' : 'select: {metric: test/exact_match}\n'}`;

export function load(text: string): ReturnType<typeof loadSweep> {
  return loadSweep({ file: 'sweep.yaml', bytes: bytes(text) });
}

export function loaded(text: string): Sweep {
  const found = load(text);
  if ('diagnostics' in found) throw new Error(found.diagnostics.map(({ message }) => message).join('\n'));
  return found;
}

/** As far as the trials of a sweep over `base`. */
export function plan(text: string, base = BASE): ReturnType<typeof planTrials> {
  const found = load(text);
  if ('diagnostics' in found) return found;
  const experiment = loadExperiment({ file: 'tiny.yaml', bytes: bytes(base), stages });
  if ('diagnostics' in experiment) return experiment;
  const numerics = { compiled: 1, tensorflow: 1, 'eager-wasm': 1, 'eager-js': 1 };
  const read = (path: string): never => {
    throw new Error(`no file ${path}`);
  };
  return planTrials(found, experiment.doc, { stages, planning: { files: { read }, numerics } });
}

export function planned(text: string, base = BASE) {
  const found = plan(text, base);
  if ('diagnostics' in found) throw new Error(found.diagnostics.map(({ message }) => message).join('\n'));
  return found.plan;
}
