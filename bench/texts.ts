import { createWriteStream, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createStreams } from '../src/random/streams.js';
import { bench, type Candidate } from './harness.js';
import { inScratch, onCores, peersPython, readMetrics, retable, run } from './product.js';
import { median } from './statistics.js';

const REVIEWS = 50_000;
/** Texts of an epoch that is timed, and epochs: the first one warms up on both sides and doesn't count. */
const [TEXTS, EPOCHS] = [320, 4];
const [SHORTEST, LONGEST, TOKENS] = [120, 256, 20_000];
const SECONDS = 'seconds an epoch';
const peer = fileURLToPath(new URL('peers/texts.py', import.meta.url));

/** Texts of 120 to 256 words; a word is as frequent as its rank says (Zipf). */
async function writeTexts(file: string, count: number, shortest: number, longest: number): Promise<void> {
  const stream = createStreams(1).stream('texts');
  const out = createWriteStream(file);
  out.write('review,label\n');
  const word = (): string => `w${Math.floor(Math.exp(stream.uniform() * Math.log(2 * TOKENS))).toString(36)}`;
  for (let at = 0; at < count; at++) {
    const length = shortest + stream.integer(longest - shortest + 1);
    const text = `"${Array.from({ length }, word).join(' ')}.",${at % 2 ? 'up' : 'down'}\n`;
    if (!out.write(text)) await new Promise<void>((resolve) => out.once('drain', resolve));
  }
  out.end();
  await finished(out);
}

const document = (file: string, more: string): string => `experiment: texts
dataset: {kind: texts, file: ${file}, text: review, target: label, minimum_count: 1, vocabulary_size: ${TOKENS}, ${more}}
model: {kind: lstm, hidden_size: 64, embedding: {size: 64}, initializer: {kind: pytorch}}
loss: {kind: cross_entropy}
optimizer: {kind: adam, learning_rate: 0.001}
metrics: [{kind: accuracy}]
training: {epochs: ${EPOCHS}, batch_size: 32}
`;

const torch = (python: string, how: string): Candidate => ({
  name: `PyTorch nn.LSTM, ${how}`,
  measure: async () => {
    const { stdout } = await run(...onCores(1, python, [peer, how, String(TEXTS), String(EPOCHS)]));
    return { [SECONDS]: median((JSON.parse(stdout) as number[]).slice(1)) };
  },
});

await inScratch(async (folder) => {
  const [many, some] = ['many', 'some'].map((name) => join(folder, `${name}.csv`)) as [string, string];
  await writeTexts(many, REVIEWS, 150, 250);
  // A fifth more, which tests.
  await writeTexts(some, TEXTS * 1.25, SHORTEST, LONGEST);
  writeFileSync(join(folder, 'many.yaml'), document('many.csv', 'maximum_length: 256'));
  writeFileSync(join(folder, 'some.yaml'), document('some.csv', `maximum_length: ${LONGEST}, split: {test: 0.2}`));
  const python = peersPython();
  if (!python) console.log('without peers: bench/peers.sh installs them');
  await bench({
    name: 'texts',
    about:
      `\`retable plan\` of ${REVIEWS.toLocaleString('en-US')} texts of 200 words (${(statSync(many).size / 1e6).toFixed(0)} MB), from start to end; and seconds an epoch of ` +
      `${TEXTS} texts of ${SHORTEST} to ${LONGEST} tokens on one core, the median of the epochs after the first: an embedding of 64, an LSTM of 64 units, batches of 32, ` +
      `${TOKENS.toLocaleString('en-US')} tokens, Adam. PyTorch pads to the longest text and takes the last step that is there, or packs.`,
    candidates: [
      {
        name: 'retable plan',
        measure: async () => ({
          seconds: (await run(process.execPath, [retable, 'plan', join(folder, 'many.yaml'), '--runs', join(folder, 'runs')])).seconds,
        }),
      },
      {
        name: 'retable',
        measure: () =>
          inScratch(async (scratch) => {
            const runs = join(scratch, 'runs');
            await run(
              ...onCores(1, process.execPath, [retable, 'run', join(folder, 'some.yaml'), '--runs', runs, '--threads', '1', '--quiet']),
            );
            const rates = (await readMetrics(runs))['train/examples_per_second'] ?? [];
            return { [SECONDS]: median(rates.slice(1).map(({ value }) => TEXTS / value)) };
          }),
      },
      ...(python ? ['padded', 'packed'].map((how) => torch(python, how)) : []),
    ],
    versions: python ? (JSON.parse((await run(python, [peer, 'version'])).stdout) as Record<string, string>) : {},
    figures: [
      { label: 'plan, seconds', of: ['retable plan', 'seconds'], atMost: 5 },
      ...(python
        ? ['padded', 'packed'].map((how) => ({
            label: `PyTorch nn.LSTM, ${how} / retable`,
            of: [`PyTorch nn.LSTM, ${how}`, SECONDS] as const,
            over: ['retable', SECONDS] as const,
            ...(how === 'padded' && { atLeast: 1 }),
          }))
        : []),
    ],
  });
});
