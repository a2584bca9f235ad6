import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openContender } from './contender.js';
import { bench, type Candidate, type Figure } from './harness.js';
import { experiment, inScratch, onCores, peersPython, retable, run, runner } from './product.js';

const LENGTHS = [200, 1000];
/** The whole book. */
const TOKENS = 170_000;
const SECONDS = 1;
const RATE = 'tokens/s';
const MEMORY = 'megabytes';
const READY = 'seconds until ready';

const setsOf = (length: number): readonly string[] => [`dataset.time_steps=${length}`, `dataset.max_tokens=${TOKENS}`];

interface Measured {
  readonly data: { readonly splits: { readonly train: { readonly tokens: number } } };
  readonly measured: {
    readonly ready_seconds: number;
    readonly epoch_seconds: { readonly train: number };
    readonly memory_bytes: number;
  };
}

/** A process that plans, compiles and trains for a moment, with no program cached. */
const ours = (length: number): Candidate => ({
  name: `retable, ${length} steps`,
  async measure() {
    const sets = setsOf(length).flatMap((set) => ['--set', set]);
    const args = [retable, 'plan', experiment('lstm_time_machine'), '--measure', '--json', '--threads', '1', ...sets];
    const { stdout } = await run(...onCores(1, process.execPath, args), { environment: { RETABLE_CACHE: 'off' } });
    const { data, measured } = JSON.parse(stdout) as Measured;
    return {
      [READY]: measured.ready_seconds,
      [RATE]: data.splits.train.tokens / measured.epoch_seconds.train,
      [MEMORY]: measured.memory_bytes / 1e6,
    };
  },
});

/** A process of its own for every measurement, because memory at the peak never falls. */
const theirs = (python: string, title: string, net: string, length: number, batches: string): Candidate => ({
  name: `${title}, ${length} steps`,
  async measure() {
    const script = fileURLToPath(new URL('peers/recurrent_torch.py', import.meta.url));
    const peer = await openContender(onCores(1, python, [script, batches, '1']), { OMP_NUM_THREADS: '1' });
    try {
      return await peer.ask({ net, seconds: SECONDS });
    } finally {
      await peer.close();
    }
  },
});

async function writeBatches(folder: string, length: number): Promise<string> {
  const file = join(folder, `batches-${length}.json`);
  const helper = await openContender([process.execPath, [runner, 'contender-ours']]);
  await helper.ask({ document: experiment('lstm_time_machine'), set: setsOf(length), batches: file });
  await helper.close();
  return file;
}

await inScratch(async (folder) => {
  const python = peersPython();
  const candidates: Candidate[] = [];
  const figures: Figure[] = [
    { label: '1000 steps, seconds until ready', of: ['retable, 1000 steps', READY], atMost: 3 },
    { label: '1000 steps, megabytes', of: ['retable, 1000 steps', MEMORY], atMost: 600 },
  ];
  for (const length of LENGTHS) {
    candidates.push(ours(length));
    if (!python) continue;
    const batches = await writeBatches(folder, length);
    candidates.push(theirs(python, 'PyTorch scratch', 'lstm', length, batches), theirs(python, 'nn.LSTM', 'nn.lstm', length, batches));
    for (const peer of ['PyTorch scratch', 'nn.LSTM']) {
      const of = [`retable, ${length} steps`, RATE] as const;
      figures.push({ label: `${length} steps, retable / ${peer}`, of, over: [`${peer}, ${length} steps`, RATE] });
    }
  }
  await bench({
    name: 'long',
    about:
      'an LSTM of 256 from scratch over sequences of 200 and 1,000 characters in batches of 32, one thread: seconds until the first step can be ' +
      'made with nothing cached, tokens a second of training steps, and memory of the process at its peak in megabytes (10^6 bytes)',
    rounds: 3,
    candidates,
    figures,
  });
});
