import { mkdirSync, writeFileSync } from 'node:fs';
import { curveChart } from '../src/report/kit/chart.js';
import { type Chart, renderSvg } from '../src/report/kit/render.js';
import { finishedRuns, type FinishedRun, folderGiven, valueAt } from './finished-runs.js';
import { describeMachine, thisMachine } from './machine.js';
import { mean } from './statistics.js';

/**
 * The experiments of the time machine, from the records of a folder: curves over what PyTorch has after its first epochs, and the values of
 * the last. Writes docs/results/time-machine.md and its pictures.
 */
const PAGE = new URL('../docs/results/time-machine.md', import.meta.url);
const PICTURES = new URL('../docs/results/time-machine/', import.meta.url);
const KEY = 'train/perplexity';
const DRAWN_SEEDS = [1, 2];
const EARLY = [1, 10, 50] as const;

interface Row {
  readonly experiment: string;
  readonly title: string;
  /** Where the mean over seeds 1 to 5 should lie, and every single seed. */
  readonly expected?: { readonly mean: readonly [number, number]; readonly each: readonly [number, number] };
  /** In PyTorch after epochs 1, 10 and 50, whatever the seed. */
  readonly pytorch?: readonly [number, number, number];
}

const upTo = (mean: number, each: number): NonNullable<Row['expected']> => ({ mean: [1, mean], each: [1, each] });

const ROWS: readonly Row[] = [
  {
    experiment: 'rnn_time_machine',
    title: 'RNN from scratch',
    expected: upTo(1.1, 1.25),
    pytorch: [24.7, 13.6, 8.5],
  },
  {
    experiment: 'rnn_time_machine_reset',
    title: 'RNN, state reset every minibatch',
    expected: { mean: [1.3, 1.55], each: [1.15, 1.65] },
    pytorch: [24.7, 13.6, 8.7],
  },
  { experiment: 'rnn_time_machine_random', title: 'RNN, truly random minibatches' },
  { experiment: 'rnn_time_machine_builtin', title: 'RNN built in', expected: { mean: [1.25, 1.45], each: [1.25, 1.45] } },
  { experiment: 'gru_time_machine', title: 'GRU from scratch', expected: upTo(1.2, 1.35), pytorch: [24.9, 17.2, 10.7] },
  { experiment: 'gru_time_machine_builtin', title: 'GRU built in', expected: upTo(1.1, 1.3) },
  { experiment: 'lstm_time_machine', title: 'LSTM from scratch', expected: upTo(1.25, 1.45), pytorch: [25, 17.9, 14.5] },
  { experiment: 'lstm_time_machine_builtin', title: 'LSTM built in', expected: upTo(1.15, 1.35) },
  { experiment: 'deep_lstm_time_machine', title: 'LSTM of two layers', expected: upTo(1.1, 1.6) },
  { experiment: 'bilstm_time_machine', title: 'bidirectional LSTM, the wrong use', expected: { mean: [1.05, 1.25], each: [1.05, 1.25] } },
];

type Runs = ReadonlyMap<string, readonly FinishedRun[]>;

async function main(): Promise<void> {
  const folder = folderGiven();
  const runs: Runs = new Map(ROWS.map(({ experiment }) => [experiment, finishedRuns(folder, experiment)]));
  const drawn = ROWS.filter(({ pytorch, experiment }) => pytorch && (runs.get(experiment)?.length ?? 0) > 0);
  mkdirSync(PICTURES, { recursive: true });
  for (const row of drawn) writeFileSync(new URL(`${row.experiment}.svg`, PICTURES), await renderSvg(picture(row, runs)));
  writeFileSync(PAGE, page(runs, drawn));
}

/** Our curves, and PyTorch's values as diamonds over them. */
function picture({ experiment, title, pytorch = [0, 0, 0] }: Row, runs: Runs): Chart {
  const chosen = (runs.get(experiment) ?? []).filter(({ seed }) => DRAWN_SEEDS.includes(seed));
  const spec = curveChart({
    title,
    subtitle: `${experiment}.yaml; diamonds: PyTorch after epochs ${EARLY.join(', ')}`,
    measure: 'train perplexity',
    logarithmic: true,
    series: chosen.map(({ seed, metrics }) => ({ name: `seed ${seed}`, points: metrics[KEY] ?? [] })),
    levels: [{ name: 'unigram', value: 17.41 }],
    height: 260,
  });
  if (!('layer' in spec)) throw new Error('a chart of curves has layers');
  const values = EARLY.map((epoch, index) => ({ step: epoch, value: pytorch[index] ?? 0 }));
  return {
    ...spec,
    layer: [
      ...spec.layer,
      {
        data: { values },
        mark: { type: 'point', shape: 'diamond', filled: false, size: 90, strokeWidth: 1.5, color: '#222' },
        encoding: { x: { field: 'step', type: 'quantitative' }, y: { field: 'value', type: 'quantitative' } },
      },
    ],
  };
}

function page(runs: Runs, drawn: readonly Row[]): string {
  const seeds = DRAWN_SEEDS.filter((seed) => drawn.some(({ experiment }) => runs.get(experiment)?.some((run) => run.seed === seed)));
  return `# The time machine

Perplexity of the train split over the epoch, as the book *Dive into Deep Learning* computes it, of the shipped experiments with all of their 500 epochs.

## After the last epoch

| experiment | seeds | each | mean | expected mean (each seed) | |
| --- | --- | --- | --- | --- | --- |
${ROWS.map((row) => finalLine(row, runs.get(row.experiment) ?? [])).join('\n')}

What is expected is a range around what the book's notebooks printed over the years, mostly in PyTorch and TensorFlow, with their tails: a first check.
[The table](tables/time_machine.md) holds the same runs against each framework's own, by the rules of [statistics](../statistics.md). Nobody has published
truly random minibatches: what the book calls random sampling resets the state and goes on in sequence. Rows with fewer than five seeds hold what had been
trained when this page was made.

## The first epochs, against PyTorch

In PyTorch the perplexity after epochs ${EARLY.join(', ')} is the same to about a percent whatever the seed, so that a port which is wrong shows within a minute.

| experiment | epoch | PyTorch | ${seeds.map((seed) => `seed ${seed}`).join(' | ')} |
| --- | --- | --- | ${seeds.map(() => '---').join(' | ')} |
${drawn.flatMap((row) => earlyLines(row, runs.get(row.experiment) ?? [], seeds)).join('\n')}

${drawn.map(({ experiment, title }) => `![${title}: perplexity over 500 epochs](time-machine/${experiment}.svg)`).join('\n\n')}

    npx run experiments/tables/time_machine.yaml        # trains what is missing
    npm run bench time-machine runs                     # makes this page from the records in runs/

Trained at commit ${commitsOf(runs)}; page made on ${describeMachine(thisMachine())}.
`;
}

const commitsOf = (runs: Runs): string =>
  [...new Set([...runs.values()].flatMap((all) => all.flatMap(({ commit }) => commit ?? [])))].join(', ');

function finalLine({ experiment, expected }: Row, all: readonly FinishedRun[]): string {
  const values = all.map((run) => valueAt(run, KEY, 'last'));
  if (values.length === 0) return `| \`${experiment}\` | not run yet | | | | |`;
  const inside = expected && between(mean(values), expected.mean) && values.every((value) => between(value, expected.each));
  const range = ([low, high]: readonly [number, number]): string => (low === 1 ? `at most ${high}` : `${low} to ${high}`);
  return `| \`${experiment}\` | ${all.map(({ seed }) => seed).join(', ')} | ${values.map((value) => value.toFixed(3)).join(', ')} | **${mean(values).toFixed(3)}** | ${
    expected ? `${range(expected.mean)} (${range(expected.each)})` : 'unpublished'
  } | ${inside === undefined ? '' : inside ? 'inside' : 'outside'} |`;
}

/** As printed: to two decimals. */
const between = (value: number, [low, high]: readonly [number, number]): boolean => value >= low - 0.005 && value <= high + 0.005;

function earlyLines({ experiment, pytorch = [0, 0, 0] }: Row, all: readonly FinishedRun[], seeds: readonly number[]): readonly string[] {
  const runs = seeds.map((seed) => all.find((run) => run.seed === seed));
  return EARLY.map((epoch, index) => {
    const ours = runs.map((run) => (run ? valueAt(run, KEY, epoch).toFixed(1) : ''));
    return `| \`${experiment}\` | ${epoch} | ${pytorch[index]?.toFixed(1)} | ${ours.join(' | ')} |`;
  });
}

await main();
