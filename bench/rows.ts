import { createWriteStream, readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { finished } from 'node:stream/promises';
import { createStreams } from '../src/random/streams.js';
import { bench } from './harness.js';
import { inScratch, peersPython, retable, run } from './product.js';

const ROWS = 1_000_000;
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const hook = fileURLToPath(new URL('peak-memory.mjs', import.meta.url));

/** A moment and seven numbers of three decimals a row. */
async function writeSeries(file: string): Promise<void> {
  const stream = createStreams(1).stream('series');
  const out = createWriteStream(file);
  out.write(`time,${NAMES.join(',')}\n`);
  for (let first = 0; first < ROWS; first += 10_000) {
    const rows = Array.from({ length: 10_000 }, (_, row) => {
      const moment = new Date(60_000 * (first + row)).toISOString().slice(0, 16);
      return `${moment},${NAMES.map(() => (stream.integer(100_000) / 1000).toFixed(3)).join(',')}\n`;
    });
    if (!out.write(rows.join(''))) await new Promise<void>((resolve) => out.once('drain', resolve));
  }
  out.end();
  await finished(out);
}

const DOCUMENT = `experiment: rows
dataset: {kind: series, file: rows.csv, time: time, targets: [a], features: [${NAMES.join(', ')}], window: 60, transform: [{kind: standardize}]}
model: {kind: lstm, hidden_size: 16}
loss: {kind: mean_squared_error}
optimizer: {kind: adam, learning_rate: 0.001}
metrics: [{kind: root_mean_squared_error}]
training: {epochs: 1, batch_size: 256}
`;
const READ = `import sys, time, pandas
began = time.perf_counter()
pandas.read_csv(sys.argv[1])
print(time.perf_counter() - began)`;

await inScratch(async (folder) => {
  const [file, document, peak] = ['rows.csv', 'rows.yaml', 'peak'].map((name) => join(folder, name)) as [string, string, string];
  await writeSeries(file);
  await writeFile(document, DOCUMENT);
  const python = peersPython();
  if (!python) console.log('without peers: bench/peers.sh installs them');
  await bench({
    name: 'rows',
    about:
      `a series of ${ROWS.toLocaleString('en-US')} rows and 8 columns (${(statSync(file).size / 1e6).toFixed(0)} MB): seconds of \`retable plan\` from start to ` +
      'end, which reads, checks and fits it and measures the naive forecasts, and its peak of memory over the size of the file; beside it the seconds of ' +
      'pandas.read_csv, without the start of Python.',
    candidates: [
      {
        name: 'retable plan',
        measure: async () => {
          const { seconds } = await run(process.execPath, ['--import', hook, retable, 'plan', document, '--runs', join(folder, 'runs')], {
            environment: { PEAK_MEMORY_FILE: peak },
          });
          return { seconds, 'times the file': Number(readFileSync(peak, 'utf8')) / statSync(file).size };
        },
      },
      ...(python
        ? [{ name: 'pandas.read_csv', measure: async () => ({ seconds: Number((await run(python, ['-c', READ, file])).stdout) }) }]
        : []),
    ],
    figures: [
      ...(python
        ? [
            {
              label: 'retable plan / pandas.read_csv',
              of: ['retable plan', 'seconds'] as const,
              over: ['pandas.read_csv', 'seconds'] as const,
              atMost: 3,
            },
          ]
        : []),
      { label: 'memory of retable plan / size of the file', of: ['retable plan', 'times the file'], atMost: 4 },
    ],
  });
});
