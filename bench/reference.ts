import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { othersBetween, readLoad } from './load.js';
import { describeMachine, thisMachine } from './machine.js';
import { addition, inScratch, readMetrics, retable, run } from './product.js';
import { mean, standardDeviation } from './statistics.js';

/**
 * The main job with five seeds against the reference's fifteen. At each of some epochs our mean has to lie within
 *
 *     reference mean +- 2.5 s sqrt(1/5 + 1/15),    s the reference's standard deviation.
 *
 * Writes docs/results/addition.md; fails when a mean lies outside.
 */
const SEEDS = [1, 2, 3, 4, 5];
const EPOCHS = [1, 5, 10, 20, 50];
const WIDTH = 2.5;
const REFERENCE = new URL('../experiments/references/addition_pytorch.jsonl', import.meta.url);
const REPORT = new URL('../docs/results/addition.md', import.meta.url);

interface Curves {
  readonly loss: readonly number[];
  readonly accuracy: readonly number[];
}

type Quantity = keyof Curves;

const TITLES: Readonly<Record<Quantity, string>> = { loss: 'train/loss', accuracy: 'test/exact_match' };

interface Row {
  readonly quantity: Quantity;
  readonly epoch: number;
  readonly ours: readonly number[];
  readonly reference: readonly number[];
  readonly low: number;
  readonly high: number;
  readonly inside: boolean;
}

async function main(): Promise<void> {
  const reference = readFileSync(REFERENCE, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Curves);
  const trained: (Curves & { readonly seconds: number })[] = [];
  const before = readLoad();
  for (const seed of SEEDS) trained.push(await train(seed));
  const quantities: readonly Quantity[] = ['loss', 'accuracy'];
  const rows = quantities.flatMap((quantity) => EPOCHS.map((epoch) => compare(quantity, epoch, trained, reference)));
  const text = report(
    rows,
    trained.map(({ seconds }) => seconds),
    reference.length,
    othersBetween(before, readLoad()),
  );
  writeFileSync(REPORT, text);
  console.log(text);
  if (rows.some(({ inside }) => !inside)) throw new Error('a mean lies outside its bounds');
}

async function train(seed: number): Promise<Curves & { readonly seconds: number }> {
  return inScratch(async (folder) => {
    const runs = join(folder, 'runs');
    const { seconds } = await run(process.execPath, [retable, 'run', addition, '--seed', String(seed), '--runs', runs, '--quiet']);
    const metrics = await readMetrics(runs);
    const values = (key: string): readonly number[] => (metrics[key] ?? []).map(({ value }) => value);
    console.log(`seed ${seed}: ${seconds.toFixed(1)} s`);
    return { loss: values(TITLES.loss), accuracy: values(TITLES.accuracy), seconds };
  });
}

function compare(quantity: Quantity, epoch: number, trained: readonly Curves[], reference: readonly Curves[]): Row {
  const at = (curves: readonly Curves[]): readonly number[] => curves.map((curve) => curve[quantity][epoch - 1] ?? NaN);
  const [ours, theirs] = [at(trained), at(reference)];
  const half = WIDTH * standardDeviation(theirs) * Math.sqrt(1 / ours.length + 1 / theirs.length);
  const [low, high] = [mean(theirs) - half, mean(theirs) + half];
  return { quantity, epoch, ours, reference: theirs, low, high, inside: low <= mean(ours) && mean(ours) <= high };
}

function report(rows: readonly Row[], seconds: readonly number[], references: number, others: number): string {
  const inside = rows.filter((row) => row.inside).length;
  return `# Binary addition: the main job against its reference

\`experiments/lstm_addition.yaml\`, ${SEEDS.length} seeds, ${Math.max(...EPOCHS)} epochs, against ${references} runs of the same experiment in PyTorch (\`experiments/references/\`).
Bounds: reference mean ± ${WIDTH} · reference sd · √(1/${SEEDS.length} + 1/${references}). **${inside} of ${rows.length} means lie inside.**

| metric | epoch | ours, mean ± sd | reference, mean ± sd | bounds | inside |
| --- | --- | --- | --- | --- | --- |
${rows.map(toLine).join('\n')}

Ours, seed by seed:

| metric | epoch | ${SEEDS.map((seed) => `seed ${seed}`).join(' | ')} |
| --- | --- | ${SEEDS.map(() => '---').join(' | ')} |
${rows.map(({ quantity, epoch, ours }) => `| ${TITLES[quantity]} | ${epoch} | ${ours.map(digits).join(' | ')} |`).join('\n')}

Wall time of a whole run, from the start of the process to its end: ${seconds.map((value) => value.toFixed(1)).join(', ')} s, while others used ${others.toFixed(1)} of the machine's
processors.

    npm run bench reference        # makes this page
    npx run experiments/lstm_addition.yaml --seed 1

${new Date().toISOString().slice(0, 10)}; ${describeMachine(thisMachine())}.
`;
}

const toLine = ({ quantity, epoch, ours, reference, low, high, inside }: Row): string =>
  `| ${TITLES[quantity]} | ${epoch} | ${spread(ours)} | ${spread(reference)} | ${digits(low)} to ${digits(high)} | ${inside ? 'yes' : '**no**'} |`;

const spread = (values: readonly number[]): string => `${digits(mean(values))} ± ${digits(standardDeviation(values))}`;
const digits = (value: number): string => value.toFixed(4);

await main();
