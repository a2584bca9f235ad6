import { writeFileSync } from 'node:fs';
import { finishedRuns, type FinishedRun, folderGiven, valueAt } from './finished-runs.js';
import { describeMachine, thisMachine } from './machine.js';
import { mean } from './statistics.js';

/** Addition with the other cells, from the records of a folder: writes docs/results/addition-cells.md. */
const PAGE = new URL('../docs/results/addition-cells.md', import.meta.url);

const EXPERIMENTS: readonly (readonly [experiment: string, about: string])[] = [
  ['rnn_addition', 'RNN from scratch, a number a step'],
  ['gru_addition', 'GRU from scratch, a number a step'],
  ['lstm_addition_builtin', 'built-in LSTM, a number a step'],
  ['lstm_addition_bitwise', 'LSTM from scratch, a bit position a step'],
];

const COLUMNS: readonly (readonly [key: string, title: string])[] = [
  ['test/exact_match', 'exact match'],
  ['test/bit_accuracy', 'bit accuracy'],
  ['test_16_bits/exact_match', 'exact match, 16 bits'],
  ['test_16_bits/bit_accuracy', 'bit accuracy, 16 bits'],
];

type Runs = ReadonlyMap<string, readonly FinishedRun[]>;

function main(): void {
  const folder = folderGiven();
  writeFileSync(PAGE, page(new Map(EXPERIMENTS.map(([experiment]) => [experiment, finishedRuns(folder, experiment)]))));
}

function page(runs: Runs): string {
  const seeds = [...new Set([...runs.values()].flatMap((all) => all.map(({ seed }) => seed)))];
  return `# Binary addition with other cells

Sums of two numbers of 7 bits, 80,000 examples, 50 epochs, hidden size 32, Adam; test values after the last epoch, mean over seeds ${seeds.join(', ')}, and each
seed in brackets. What answering every question alike can reach stands in the plan: an exact match of about 0.01.

| experiment | ${COLUMNS.map(([, title]) => title).join(' | ')} |
| --- | ${COLUMNS.map(() => '---').join(' | ')} |
${EXPERIMENTS.map(([experiment, about]) => `| \`${experiment}\`: ${about} | ${COLUMNS.map(([key]) => cell(runs.get(experiment) ?? [], key)).join(' | ')} |`).join('\n')}

The three that read a number a step are tested on pairs of which 99 in 100 occurred in training. \`lstm_addition_bitwise\` is tested on pairs that never
trained, and on sums of 16 bits, of which it saw none: it has learnt to carry, not to remember.
${firstPerfect(runs.get('lstm_addition_bitwise') ?? [])}

    npx run experiments/rnn_addition.yaml --seed 1        # and so on, for each experiment and seed
    npm run bench addition-cells runs                     # makes this page from the records in runs/

${describeMachine(thisMachine())}.
`;
}

function cell(all: readonly FinishedRun[], key: string): string {
  const values = all.map((run) => valueAt(run, key, 'last'));
  if (values.some((value) => Number.isNaN(value))) return '';
  return `**${mean(values).toFixed(4)}** (${values.map((value) => value.toFixed(4)).join(', ')})`;
}

function firstPerfect(all: readonly FinishedRun[]): string {
  const epochs = all.map(({ seed, metrics }) => {
    const perfect = metrics['test_16_bits/exact_match']?.find(({ value }) => value === 1)?.step;
    return `seed ${seed} after epoch ${perfect ?? 'none'}`;
  });
  return `Every sum of 16 bits is right for the first time by ${epochs.join(', ')}.`;
}

main();
