import { propose, proposeRound, type Tried } from '../../src/study/proposals/propose.js';
import { FUNCTIONS } from './functions.js';

const DIMENSIONS = 5;
const TRIALS = 80;

type Search = Parameters<typeof propose>[0]['search'];

/** The least value that a search finds in 80 trials, with this seed. */
export function leastOf(name: string, kind: 'random' | 'tpe', seed: number, round = 8): number {
  const { low = 0, high = 1, value = () => Number.NaN } = FUNCTIONS[name] ?? {};
  const search: Search = kind === 'random' ? { kind, trials: TRIALS, seed } : { kind, trials: TRIALS, round, seed };
  const vary = Array.from({ length: DIMENSIONS }, (_, index) => ({ [`x${index}`]: { kind: 'uniform' as const, low, high } }));
  const config = { vary, exclude: [], search };
  const tried: { readonly assignments: Tried['assignments']; readonly value: number }[] = [];
  const add = (assignments: Tried['assignments']): number =>
    tried.push({ assignments, value: value(assignments.map((each) => Number(each.value))) });
  propose(config).forEach(add);
  for (let number = 1; tried.length < TRIALS; number += 1) {
    const order = tried.toSorted((a, b) => a.value - b.value);
    const ranked = tried.map((each): Tried => ({ assignments: each.assignments, rank: order.indexOf(each) }));
    for (const { assignments } of proposeRound(config, number, ranked)) add(assignments);
  }
  return Math.min(...tried.map((each) => each.value));
}
