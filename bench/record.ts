import { join } from 'node:path';
import { openStore } from '../src/record/layout.js';
import { startRun } from '../src/record/start.js';
import { bench } from './harness.js';
import { inScratch } from './product.js';

const EPOCHS = 5000;
const KEYS = ['train', 'test'].flatMap((split) =>
  ['loss', 'exact_match', 'bit_accuracy', 'perplexity'].map((metric) => `${split}/${metric}`),
);
/** Flushing waits for the disk, which is another matter: fewer of them. */
const FLUSHED = 50;

await bench({
  name: 'record',
  about:
    `microseconds for one metric of one epoch to reach the operating system (${EPOCHS} epochs of ${KEYS.length} metrics, a file each), and ` +
    'milliseconds for the flush at the end of an epoch, in the folder for temporary files',
  candidates: [
    {
      name: 'record',
      measure: () =>
        inScratch(async (folder) => {
          const writer = startRun(openStore(join(folder, 'runs')), {
            experiment: 'bench',
            runId: '0'.repeat(32),
            runName: 'bench',
            user: 'bench',
            startTime: Date.now(),
            parameters: {},
            tags: {},
            datasets: [],
          });
          const write = (from: number, epochs: number): void => {
            for (let epoch = from; epoch < from + epochs; epoch++) {
              for (const [index, key] of KEYS.entries()) writer.metric(key, 1 / (epoch + index), epoch, Date.now());
            }
          };
          write(1, 100); // the files are there now
          const began = performance.now();
          write(101, EPOCHS);
          const metric = (1000 * (performance.now() - began)) / (EPOCHS * KEYS.length);

          let flushing = 0;
          for (let i = 0; i < FLUSHED; i++) {
            write(EPOCHS + 101 + i, 1);
            const flush = performance.now();
            writer.sync();
            flushing += performance.now() - flush;
          }
          writer.close();
          return { 'microseconds a metric': metric, 'milliseconds a flush': flushing / FLUSHED };
        }),
    },
  ],
  figures: [{ label: 'a recorded metric, microseconds', of: ['record', 'microseconds a metric'], atMost: 10 }],
});
