import { writeFileSync } from 'node:fs';
import { openStore } from '../src/record/layout.js';
import { hodgesLehmann, rankSum } from '../src/statistics/ranks.js';
import { mean, median, standardDeviation, variance } from '../src/statistics/means.js';
import type { ReferenceClaim } from '../src/study/claims/claim.js';
import { readEvidence } from '../src/study/evidence.js';
import { prepareTable } from '../src/study/prepare-study.js';
import { lookAtTable } from '../src/study/verdicts.js';
import { folderGiven } from './finished-runs.js';
import { describeMachine, thisMachine } from './machine.js';

/**
 * The tables of forecasts against the runs of others, from the records of a folder: where a table asks whether means are the same, this asks whether ours
 * can be drawn from where theirs were, by the exact rank sum test, which heavy tails don't disturb.
 * Writes docs/results/forecasts.md; fails where p is 0.01 or less.
 */
const TABLES = ['experiments/tables/airline.yaml', 'experiments/tables/shampoo.yaml'];
const PAGE = new URL('../docs/results/forecasts.md', import.meta.url);
const LEAST_P = 0.01;

interface Compared {
  readonly label: string;
  readonly column: string;
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

async function compared(folder: string, file: string): Promise<{ readonly title: string; readonly cells: readonly Compared[] }> {
  const store = openStore(folder);
  const prepared = prepareTable(file, {}, () => {});
  const { settled } = await lookAtTable(store, prepared, 'judge', () => {});
  const { rows } = readEvidence(store, prepared, settled);
  const references = prepared.claims.filter((claim): claim is ReferenceClaim => claim.kind === 'reference');
  const cells = references.map(({ cell: [name, column], runs: theirs }): Compared => {
    const row = rows.find((each) => each.row === name);
    const ours = (row?.runs ?? []).flatMap(({ values }) => values[column] ?? []);
    return { label: row?.label ?? name, column: prepared.table.config.columns[column]?.label ?? column, ours, theirs };
  });
  return { title: prepared.table.config.title ?? file, cells: cells.filter(({ ours }) => ours.length > 0) };
}

/** Of the difference of the means, in its standard errors. */
const apart = ({ ours, theirs }: Compared): number =>
  (mean(ours) - mean(theirs)) / Math.sqrt(variance(ours) / ours.length + variance(theirs) / theirs.length);

const pOf = ({ ours, theirs }: Compared): number => rankSum(ours, theirs).twoSided;

const spread = (values: readonly number[]): string =>
  `${mean(values).toFixed(2)} ± ${standardDeviation(values).toFixed(2)}; ${median(values).toFixed(2)}`;

const lineOf = (cell: Compared): string =>
  `| ${cell.label}, ${cell.column} | ${cell.ours.length} | ${spread(cell.ours)} | ${cell.theirs.length} | ${spread(cell.theirs)} | ${hodgesLehmann(cell.ours, cell.theirs).toFixed(2)} | ${apart(cell).toFixed(1)} | ${pOf(cell).toPrecision(2)} |`;

const folder = folderGiven();
const tables: Awaited<ReturnType<typeof compared>>[] = [];
for (const file of TABLES) tables.push(await compared(folder, file));
const sections = tables.map(
  ({ title, cells }) => `## ${title}

| row | ours | mean ± sd; median | theirs | mean ± sd; median | shift | means apart, in standard errors | p |
| --- | ---: | --- | ---: | --- | ---: | ---: | ---: |
${cells.map(lineOf).join('\n')}
`,
);
writeFileSync(
  PAGE,
  `# Published forecasts: our seeds among those of others

Each row of the tables of [airline passengers](tables/airline.md) and [shampoo sales](tables/shampoo.md) that has runs of somebody else beside it. Could
ours have been drawn from where theirs were? p is that of the exact rank sum test of both sides (Mann and Whitney 1947); the shift is the median of all
differences (Hodges and Lehmann 1963). Errors have heavy tails where a state is carried: there a mean says little, and ranks are what to look at.

${sections.join('\n')}
    npx run experiments/tables/airline.yaml        # trains what is missing
    npx run experiments/tables/shampoo.yaml
    npm run bench forecasts runs                   # makes this page from the records in runs/

Page made on ${describeMachine(thisMachine())}.
`,
);
const low = tables.flatMap(({ cells }) => cells).filter((cell) => pOf(cell) <= LEAST_P);
if (low.length > 0) throw new Error(`p is ${LEAST_P} or less: ${low.map(({ label, column }) => `${label}, ${column}`).join('; ')}`);
