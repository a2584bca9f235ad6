import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { rankSum, shareAbove } from '../src/statistics/ranks.js';
import { thisMachine } from './machine.js';
import { FUNCTIONS } from './search/functions.js';
import { leastOf } from './search/ours.js';
import { median } from './statistics.js';

/**
 * How good `search: {kind: tpe}` is, without any training: the least value of four functions of five numbers that a search of 80 trials finds, over
 * 100 seeds, beside `random` and beside Optuna (bench/sweepers.sh installs it). What is asked was written down before it was measured: better than
 * random by a rank test on each function, at 0.001; and beside Optuna's multivariate TPE a chance of at least 0.4 to end lower, which is 0.5 where both
 * are equal: one trial at a time, and eight at once as eight workers ask (Optuna's constant_liar). Writes bench/search/result.json.
 */
const REPEATS = 100;
const LEVEL = 0.001;
const LEAST_CHANCE = 0.4;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const seeds = Array.from({ length: REPEATS }, (_, index) => index + 1);
let optuna = '';

async function optunaOf(name: string, round: number): Promise<readonly number[]> {
  const { low = 0, high = 1 } = FUNCTIONS[name] ?? {};
  const words = [here('peers/search_optuna.py'), low, high, name, REPEATS, round].map(String);
  const { stdout } = await promisify(execFile)(process.env['RETABLE_BENCH_PYTHON'] ?? here('.peers/sweepers/bin/python'), words);
  const { version, found } = JSON.parse(stdout) as { readonly version: string; readonly found: readonly number[] };
  optuna = version;
  return found;
}

const names = Object.keys(FUNCTIONS);
// No speed is measured, so they may run side by side.
const peers = new Map(names.map((name) => [name, { ofOne: optunaOf(name, 1), ofEight: optunaOf(name, 8) }]));
const digits = (value: number): number => Number(value.toPrecision(4));

const functions = [];
for (const name of names) {
  const random = seeds.map((seed) => leastOf(name, 'random', seed));
  const ours = seeds.map((seed) => leastOf(name, 'tpe', seed, 1));
  const inRounds = seeds.map((seed) => leastOf(name, 'tpe', seed));
  const [theirs, theirsInRounds] = [(await peers.get(name)?.ofOne) ?? [], (await peers.get(name)?.ofEight) ?? []];
  const result = {
    function: name,
    medians: {
      random: digits(median(random)),
      tpe_rounds_of_8: digits(median(inRounds)),
      tpe_rounds_of_1: digits(median(ours)),
      optuna: digits(median(theirs)),
      optuna_rounds_of_8: digits(median(theirsInRounds)),
    },
    p_better_than_random: { rounds_of_8: rankSum(random, inRounds), rounds_of_1: rankSum(random, ours) },
    chance_to_end_lower: {
      rounds_of_1_than_optuna: digits(shareAbove(theirs, ours)),
      rounds_of_8_than_optuna_in_rounds_of_8: digits(shareAbove(theirsInRounds, inRounds)),
      rounds_of_8_than_optuna: digits(shareAbove(theirs, inRounds)),
    },
  };
  console.log(JSON.stringify(result));
  functions.push(result);
}

writeFileSync(
  here('search/result.json'),
  `${JSON.stringify({ date: new Date().toISOString(), machine: thisMachine(), optuna, repeats: REPEATS, trials: 80, functions }, null, 2)}\n`,
);
for (const { function: name, p_better_than_random: p, chance_to_end_lower: chance } of functions) {
  const isBetter = [p.rounds_of_8, p.rounds_of_1].every(({ greater }) => greater < LEVEL);
  const alike = [chance.rounds_of_1_than_optuna, chance.rounds_of_8_than_optuna_in_rounds_of_8];
  if (isBetter && alike.every((each) => each >= LEAST_CHANCE)) continue;
  console.error(`${name}: not as good as was asked`);
  process.exitCode = 1;
}
