import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bench, type Candidate } from './harness.js';
import { experiment, inScratch, retable, run } from './product.js';

const MEGABYTES = 'megabytes';
const hook = fileURLToPath(new URL('peak-memory.mjs', import.meta.url));

/** A whole run as its user starts it, samples, pictures and model file included; it writes down its peak when it ends. */
const runOf = async (document: string, epochs: number, folder: string, cache: string): Promise<number> => {
  const peak = join(folder, 'peak');
  const args = [retable, 'run', experiment(document), '--runs', join(folder, 'runs'), '--fresh', '--quiet', '--threads', '1'];
  await run(process.execPath, ['--import', hook, ...args, '--set', `training.epochs=${epochs}`], {
    environment: { RETABLE_CACHE: cache, PEAK_MEMORY_FILE: peak },
  });
  return Number(readFileSync(peak, 'utf8')) / 1e6;
};

const candidatesOf = (title: string, document: string, epochs: number): readonly Candidate[] => [
  {
    name: `${title}, programs made`,
    measure: () => inScratch(async (folder) => ({ [MEGABYTES]: await runOf(document, epochs, folder, join(folder, 'cache')) })),
  },
  {
    name: `${title}, programs cached`,
    measure: () =>
      inScratch(async (folder) => {
        await runOf(document, 1, folder, join(folder, 'cache'));
        return { [MEGABYTES]: await runOf(document, epochs, folder, join(folder, 'cache')) };
      }),
  },
];

await bench({
  name: 'memory',
  about:
    'megabytes (10^6 bytes) of resident memory at the peak of a whole run, with an empty program cache, in which TensorFlow.js records the ' +
    'step and programs are made, and with a filled one; LSTM 256 over text for 30 epochs, the addition experiment for 3',
  timed: false,
  candidates: [...candidatesOf('LSTM 256', 'lstm_time_machine', 30), ...candidatesOf('addition', 'lstm_addition', 3)],
  figures: [
    { label: 'LSTM 256, programs made', of: ['LSTM 256, programs made', MEGABYTES], atMost: 400 },
    { label: 'LSTM 256, programs cached', of: ['LSTM 256, programs cached', MEGABYTES], atMost: 400 },
    { label: 'addition, programs made', of: ['addition, programs made', MEGABYTES] },
    { label: 'addition, programs cached', of: ['addition, programs cached', MEGABYTES] },
  ],
});
