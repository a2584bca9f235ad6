import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bench, type Candidate } from './harness.js';
import { experiment, inScratch, onCores, peersPython, readMetrics, retable, run } from './product.js';
import { median } from './statistics.js';
import { WINDOWS, writeWindows } from './windows.js';

/** The first epoch warms up on both sides and doesn't count. */
const EPOCHS = 4;
const SECONDS = 'seconds to train';
const peer = fileURLToPath(new URL('peers/forecast.py', import.meta.url));

const ours = (implementation: string): Candidate => ({
  name: `retable, ${implementation}`,
  measure: () =>
    inScratch(async (folder) => {
      const runs = join(folder, 'runs');
      const args = [retable, 'run', writeWindows(folder, implementation, EPOCHS), '--runs', runs, '--threads', '1', '--quiet'];
      await run(...onCores(1, process.execPath, args));
      const rates = (await readMetrics(runs))['train/examples_per_second'] ?? [];
      return { [SECONDS]: median(rates.slice(1).map(({ value }) => WINDOWS / value)) };
    }),
});

const torch = (python: string): Candidate => ({
  name: 'PyTorch nn.LSTM',
  measure: async () => {
    const { stdout } = await run(...onCores(1, python, [peer, String(WINDOWS), String(EPOCHS)]));
    return { [SECONDS]: median((JSON.parse(stdout) as number[]).slice(1)) };
  },
});

/** A whole run of the airline experiment, as its user starts it, with an empty cache of programs. */
const airline: Candidate = {
  name: 'airline, one seed',
  measure: () =>
    inScratch(async (folder) => {
      const args = [retable, 'run', experiment('airline'), '--runs', join(folder, 'runs'), '--quiet'];
      const { seconds } = await run(process.execPath, args, { environment: { RETABLE_CACHE: join(folder, 'cache') } });
      return { seconds };
    }),
};

const python = peersPython();
if (!python) console.log('without peers: bench/peers.sh installs them');
const built = ['scratch', 'builtin'];
await bench({
  name: 'forecast',
  about:
    `seconds an epoch of ${WINDOWS} windows on one core, the median of three epochs after the first: LSTM of 50 units, windows of 60 steps of one ` +
    'value, batches of 32, mean squared error, Adam. Beside it the seconds of experiments/airline.yaml from start to end (100 epochs of 84 steps).',
  candidates: [...built.map(ours), ...(python ? [torch(python)] : []), airline],
  versions: python ? (JSON.parse((await run(python, [peer, 'version'])).stdout) as Record<string, string>) : {},
  figures: [
    ...(python
      ? built.map((implementation) => ({
          label: `PyTorch nn.LSTM / retable, ${implementation}`,
          of: ['PyTorch nn.LSTM', SECONDS] as const,
          over: [`retable, ${implementation}`, SECONDS] as const,
          atLeast: 1,
        }))
      : []),
    { label: 'airline, one seed, seconds', of: ['airline, one seed', 'seconds'], atMost: 15 },
  ],
});
