import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bench, type Candidate } from './harness.js';
import { addition, inScratch, onCores, peersPython, readMetrics, retable, run } from './product.js';
import { median } from './statistics.js';

/** The first epoch warms up on both sides and doesn't count. */
const EPOCHS = 4;
const peer = fileURLToPath(new URL('peers/addition.py', import.meta.url));

/** An epoch of the addition experiment: 80,000 examples in batches of 64, then the 20,000 of the test. One core, one thread. */
const ours: Candidate = {
  name: 'retable',
  measure: () =>
    inScratch(async (folder) => {
      const runs = join(folder, 'runs');
      const args = [retable, 'run', addition, '--runs', runs, '--threads', '1', '--set', `training.epochs=${EPOCHS}`, '--quiet'];
      await run(...onCores(1, process.execPath, args));
      const metrics = await readMetrics(runs);
      const rates = metrics['train/examples_per_second'] ?? [];
      const ended = (metrics['train/loss'] ?? []).map(({ timestamp }) => timestamp / 1000);
      return {
        'seconds to train': median(rates.slice(1).map(({ value }) => 80_000 / value)),
        'seconds in all': median(ended.slice(1).map((end, i) => end - (ended[i] ?? NaN))),
      };
    }),
};

const torch = (python: string, name: string, mode: string): Candidate => ({
  name,
  measure: async () => {
    const { stdout } = await run(...onCores(1, python, [peer, mode, String(EPOCHS)]));
    const epochs = JSON.parse(stdout) as { train: number; all: number }[];
    return {
      'seconds to train': median(epochs.slice(1).map(({ train }) => train)),
      'seconds in all': median(epochs.slice(1).map(({ all }) => all)),
    };
  },
});

async function main(): Promise<void> {
  const python = peersPython();
  const peers = python
    ? [
        torch(python, 'PyTorch slices', 'slices'),
        torch(python, 'PyTorch DataLoader', 'loader'),
        torch(python, 'PyTorch slices, metrics', 'metrics'),
      ]
    : [];
  if (!python) console.log('without peers: bench/peers.sh installs them');
  const versions = python ? JSON.parse((await run(python, [peer, 'version'])).stdout) : {};
  await bench({
    name: 'addition',
    about:
      'seconds an epoch of experiments/lstm_addition.yaml on one core, the median of three epochs after the first. "To train": 80,000 examples; ' +
      'retable measures the calls of its program, exact match and bit accuracy included; PyTorch its whole loop. "In all": from one epoch\'s ' +
      'record to the next: batches, both metrics on both splits, and in retable the record, checkpoint and progress. PyTorch slices and ' +
      'DataLoader compute the loss alone; "slices, metrics" computes what retable does.',
    candidates: [ours, ...peers],
    versions,
    figures:
      peers.length === 0
        ? []
        : [
            {
              label: 'PyTorch slices / retable, training',
              of: ['PyTorch slices', 'seconds to train'],
              over: ['retable', 'seconds to train'],
              atLeast: 5,
            },
            {
              label: 'PyTorch slices, loss alone / retable, everything',
              of: ['PyTorch slices', 'seconds to train'],
              over: ['retable', 'seconds in all'],
            },
            {
              label: 'PyTorch slices, metrics / retable, everything',
              of: ['PyTorch slices, metrics', 'seconds in all'],
              over: ['retable', 'seconds in all'],
            },
            {
              label: 'PyTorch DataLoader / retable, training',
              of: ['PyTorch DataLoader', 'seconds to train'],
              over: ['retable', 'seconds to train'],
            },
          ],
  });
}

await main();
