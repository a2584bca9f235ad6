import { join } from 'node:path';
import { openStore } from '../src/record/layout.js';
import { startRun } from '../src/record/start.js';
import type { RunWriter } from '../src/record/writer.js';
import { inScratch } from './product.js';

export const EPOCHS = 5000;
export const KEYS = ['train', 'test'].flatMap((split) =>
  ['loss', 'exact_match', 'bit_accuracy', 'perplexity'].map((metric) => `${split}/${metric}`),
);
/** Flushing waits for the disk, which is another matter: fewer of them. */
const FLUSHED = 50;

/** A run that says nothing of itself. */
export const beginRun = (root: string, number = 0): RunWriter =>
  startRun(openStore(root), {
    experiment: 'bench',
    runId: number.toString(16).padStart(32, '0'),
    runName: `bench ${number}`,
    user: 'bench',
    startTime: 1_700_000_000_000 + number,
    parameters: { seed: String(number), 'model.hidden_size': '32', 'optimizer.learning_rate': '0.001' },
    tags: { 'retable.work': `work ${number}`.replace(' ', '-') },
    datasets: [],
  });

export function writeEpochs(writer: RunWriter, from: number, epochs: number, keys: readonly string[] = KEYS): void {
  for (let epoch = from; epoch < from + epochs; epoch++) {
    for (const [index, key] of keys.entries()) writer.metric(key, 1 / (epoch + index), epoch, 1_700_000_000_000 + epoch);
  }
}

/** What one metric of one epoch costs until the system has it, and the flush at the end of an epoch. */
export const measureRecording = (): Promise<Readonly<Record<string, number>>> =>
  inScratch(async (folder) => {
    const writer = beginRun(join(folder, 'runs'));
    writeEpochs(writer, 1, 100); // the files are there now
    const began = performance.now();
    writeEpochs(writer, 101, EPOCHS);
    const metric = (1000 * (performance.now() - began)) / (EPOCHS * KEYS.length);

    let flushing = 0;
    for (let i = 0; i < FLUSHED; i++) {
      writeEpochs(writer, EPOCHS + 101 + i, 1);
      const flush = performance.now();
      writer.sync();
      flushing += performance.now() - flush;
    }
    writer.close();
    return { 'microseconds a metric': metric, 'milliseconds a flush': flushing / FLUSHED };
  });
