import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { keyFile, openStore, runPlace } from '../src/record/layout.js';
import { formatPoint, workTag } from '../src/record/reader.js';
import { startRun } from '../src/record/start.js';
import type { tablePlanToJson } from '../src/report/study/table-plan.js';
import { bench } from './harness.js';
import { addition, inScratch, retable, run } from './product.js';

const ROWS = 100;
const SEEDS = 40;
const STARTS = 3;

/** A learning rate a row, a limit for each, and an order between each row and the first. */
const document = (): string => {
  const rows = Array.from({ length: ROWS }, (_, row) => `r${row}`);
  return [
    'table: large',
    `seeds: ${SEEDS}`,
    'columns: { loss: { metric: test/loss } }',
    'rows:',
    ...rows.map((row, index) => `  ${row}: { base: ${JSON.stringify(addition)}, set: { optimizer.learning_rate: ${(index + 1) / 1e4} } }`),
    'claims:',
    ...rows.map((row) => `  - { cell: [${row}, loss], at_most: 0.3 }`),
    ...rows.slice(1).map((row) => `  - { higher: [${row}, loss], than: [r0, loss] }`),
    '',
  ].join('\n');
};

/**
 * Finished runs of all works of the table, as far as judging reads them; nothing is trained. One is recorded as training would, and the others are copies
 * of it with an id, a work and a curve of their own.
 */
async function record(table: string, runs: string): Promise<void> {
  const { stdout } = await run(process.execPath, [retable, 'plan', table, '--runs', runs, '--json']);
  const { works } = JSON.parse(stdout) as ReturnType<typeof tablePlanToJson>;
  const store = openStore(runs);
  const idOf = (index: number): string => index.toString(16).padStart(32, '0');
  const recorded = startRun(store, {
    experiment: 'lstm_addition',
    runId: idOf(0),
    runName: 'lstm_addition',
    user: 'bench',
    startTime: 1_700_000_000_000,
    parameters: {},
    tags: { [workTag]: works[0]?.work ?? '' },
    datasets: [],
  });
  recorded.finish('FINISHED', 1_700_000_100_000);
  const { folder, experimentId } = recorded.run;
  const meta = readFileSync(join(folder, 'meta.yaml'), 'utf8');
  for (const [index, { work, rows }] of works.entries()) {
    const place = runPlace(store, experimentId, idOf(index));
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    };
    write(join(place.folder, 'meta.yaml'), meta.replaceAll(idOf(0), idOf(index)));
    write(keyFile(place, 'tags', workTag), work ?? '');
    const value = 0.1 + Number((rows[0] ?? 'r0').slice(1)) / 1e3 + Math.abs(Math.sin(index)) / 1e4;
    const epochs = Array.from({ length: 50 }, (_, epoch) => formatPoint(value, epoch + 1, 1_700_000_000_001 + epoch));
    write(keyFile(place, 'metrics', 'test/loss'), epochs.join(''));
  }
}

const milliseconds = 'milliseconds';

await bench({
  name: 'judging',
  about: `milliseconds of wall clock of "retable judge" over a table of ${ROWS} rows with ${SEEDS} seeds each and ${2 * ROWS - 1} claims, whose ${ROWS * SEEDS} runs are on record; the quickest of ${STARTS} starts. The first look writes the index of works, and is not counted.`,
  candidates: [
    {
      name: 'retable judge',
      measure: () =>
        inScratch(async (folder) => {
          const [table, runs] = [join(folder, 'large.yaml'), join(folder, 'runs')];
          writeFileSync(table, document());
          await record(table, runs);
          const taken: number[] = [];
          for (let start = 0; start <= STARTS; start++) {
            const { stdout, seconds } = await run(process.execPath, [retable, 'judge', table, '--runs', runs, '--json']);
            const { counts } = JSON.parse(stdout) as { counts: Readonly<Record<string, number>> };
            if (counts['reproduced'] !== 2 * ROWS - 1) throw new Error(`not all claims are decided: ${JSON.stringify(counts)}`);
            taken.push(1000 * seconds);
          }
          return { [milliseconds]: Math.min(...taken.slice(1)) };
        }),
    },
  ],
  figures: [{ label: 'retable judge', of: ['retable judge', milliseconds], atMost: 2000 }],
});
