import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskFiles } from '../src/record/files.js';
import { openStore } from '../src/record/layout.js';
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

/** Finished runs of all works of the table, as their records would say it; nothing is trained. */
async function record(table: string, runs: string): Promise<void> {
  const { stdout } = await run(process.execPath, [retable, 'plan', table, '--runs', runs, '--json']);
  const { works } = JSON.parse(stdout) as ReturnType<typeof tablePlanToJson>;
  // What waits for the disk is not measured.
  const store = openStore(
    runs,
    diskFiles(
      () => {},
      () => {},
    ),
  );
  for (const [index, { work, rows, seed }] of works.entries()) {
    const writer = startRun(store, {
      experiment: 'lstm_addition',
      runId: index.toString(16).padStart(32, '0'),
      runName: `lstm_addition ${index}`,
      user: 'bench',
      startTime: 1_700_000_000_000 + index,
      parameters: { seed: String(seed) },
      tags: { 'retable.work': work ?? '', 'retable.outcome': 'finished', 'retable.attempt': '1' },
      datasets: [],
    });
    const value = 0.1 + Number((rows[0] ?? 'r0').slice(1)) / 1e3 + Math.abs(Math.sin(index)) / 1e4;
    for (let epoch = 1; epoch <= 50; epoch++) writer.metric('test/loss', value, epoch, 1_700_000_000_000 + epoch);
    writer.finish('FINISHED', 1_700_000_100_000 + index);
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
