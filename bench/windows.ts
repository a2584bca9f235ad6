import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Windows that train. */
export const WINDOWS = 6400;
export const STEPS = 60;

const series = ['t,x', ...Array.from({ length: WINDOWS + STEPS + 32 }, (_, t) => `${t},${Math.sin(t / 7) + Math.sin(t / 31)}`)].join('\n');

/**
 * Writes the experiment that most tutorials forecast a series with, and its series, into a folder, and gives the path of the document: an LSTM of 50
 * units over windows of 60 steps of one value, the last state read out, mean squared error, Adam, batches of 32.
 */
export function writeWindows(folder: string, implementation: string, epochs: number): string {
  const document = join(folder, `windows_${implementation}.yaml`);
  writeFileSync(join(folder, 'series.csv'), `${series}\n`);
  writeFileSync(
    document,
    `experiment: windows
dataset: {kind: series, file: series.csv, time: t, targets: [x], window: ${STEPS}, split: {test: {from: '${WINDOWS + STEPS}'}}}
model: {kind: lstm, hidden_size: 50, implementation: ${implementation}}
loss: {kind: mean_squared_error}
optimizer: {kind: adam, learning_rate: 0.001}
metrics: [{kind: root_mean_squared_error, splits: [test]}]
training: {epochs: ${epochs}, batch_size: 32}
`,
  );
  return document;
}
