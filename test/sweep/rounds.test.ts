import { describe, expect, it } from 'vitest';
import { propose, proposeRound, roundsOf } from '../../src/study/proposals/propose.js';
import { bracketsOf, unfold } from '../../src/study/proposals/prune.js';
import { summarize, type TrialResult, type TrialState } from '../../src/study/proposals/results.js';
import type { SweepPlan } from '../../src/study/proposals/plan.js';
import { printDiagnostics } from '../../src/diagnostics/print.js';
import { BASE, plan, planned, sweepText } from './documents.js';

const base = BASE.replace('epochs: 2', 'epochs: 9');
const tpe = 'search: {kind: tpe, trials: 26, round: 8}';
const vary = 'vary: [{optimizer.learning_rate: {kind: log_uniform, low: 1e-4, high: 1}}, {model.hidden_size: [2, 4, 8, 16]}]';
const searched = (lines: string) => planned(sweepText(lines), base);

/** Nearer to a rate of 0.01 and 8 units is better, with a little noise of the seed; undefined is a trial that diverges. */
type World = (values: {
  readonly rate: number;
  readonly size: number;
  readonly seed: number;
  readonly epoch: number;
}) => number | undefined;
const hill: World = ({ rate, size, seed, epoch }) =>
  1 - Math.abs(Math.log10(rate) + 2) / 5 - Math.abs(size - 8) / 40 + seed / 1000 - 1 / (10 + epoch);

/** Trains what is asked for, as long as something is. `pick` says which trial a worker takes next. */
function trainedBy(first: SweepPlan, world: World, pick: (count: number) => number, trained = new Map<string, number>(), most = Infinity) {
  const read = (sweep: SweepPlan): readonly TrialResult[] => {
    const rungsOf = new Map(sweep.brackets.flatMap(({ configurations, rungs }) => configurations.map((index) => [index, rungs] as const)));
    const byIndex = new Map(sweep.configurations.map((configuration) => [configuration.index, configuration]));
    return sweep.trials.map((trial): TrialResult => {
      const [rate, size] = byIndex.get(trial.configuration)?.assignments.map(({ value }) => Number(value)) ?? [];
      const at = (epoch: number) => world({ rate: rate ?? 0, size: size ?? 0, seed: trial.seed, epoch });
      const epochs = trained.get(trial.work) ?? 0;
      const rungs = rungsOf.get(trial.configuration)?.slice(0, -1) ?? [];
      const atRungs = rungs.map(({ epoch }) => (epoch <= epochs ? at(epoch) : undefined));
      const state: TrialState =
        epochs > 0 && at(epochs) === undefined
          ? { kind: 'diverged', run: trial.work }
          : epochs >= 9
            ? { kind: 'finished', run: trial.work, value: at(9) }
            : epochs > 0
              ? { kind: 'unfinished', run: trial.work }
              : { kind: 'needed' };
      return { trial, state, atRungs };
    });
  };
  let count = 0;
  for (;;) {
    const standing = unfold(first, read);
    const trial = standing.next?.trials[pick(standing.next.trials.length)];
    if (!trial || count === most) return { ...standing, trained };
    trained.set(trial.work, standing.next?.epoch ?? 9);
    count += 1;
  }
}

const inOrder = () => 0;
function shuffled() {
  let state = 7;
  return (count: number): number => (state = (state * 48271) % 2147483647) % count;
}
const keysOf = ({ sweep }: { readonly sweep: SweepPlan }): readonly string[] => sweep.trials.map(({ work }) => work);

describe('tpe', () => {
  it('plans its first round, and says how many come later', () => {
    const sweep = searched(`${vary}\n${tpe}\nseeds: 2`);
    expect(roundsOf(sweep.sweep.config.search)).toEqual([
      { from: 0, to: 10 },
      { from: 10, to: 18 },
      { from: 18, to: 26 },
    ]);
    expect([sweep.configurations.length, sweep.trials.length, sweep.later]).toEqual([10, 20, 16]);
  });

  it('proposes the same whoever comes first, and after an interruption', () => {
    const sweep = searched(`${vary}\n${tpe}\nseeds: 2`);
    const one = trainedBy(sweep, hill, inOrder);
    expect(one.sweep.configurations.length).toBe(26);
    expect(one.sweep.later).toBe(0);
    const other = trainedBy(sweep, hill, shuffled());
    expect(keysOf(other)).toEqual(keysOf(one));
    const { trained } = trainedBy(sweep, hill, shuffled(), new Map(), 27);
    const resumed = trainedBy(searched(`${vary}\n${tpe}\nseeds: 2`), hill, inOrder, trained);
    expect(keysOf(resumed)).toEqual(keysOf(one));
    expect(resumed.trained.size).toBe(52);
  });

  it('comes nearer to the best than what is spread evenly, and proposes nothing twice', () => {
    const found = trainedBy(searched(`${vary}\n${tpe}`), hill, inOrder);
    const values = found.sweep.configurations.map(({ assignments }) => JSON.stringify(assignments.map(({ value }) => value)));
    expect(new Set(values).size).toBe(26);
    const far = (indices: readonly number[]): number => {
      const rates = found.sweep.configurations
        .filter(({ index }) => indices.includes(index))
        .map(({ assignments }) => Number(assignments[0]?.value));
      return rates.reduce((sum, rate) => sum + Math.abs(Math.log10(rate) + 2), 0) / rates.length;
    };
    expect(far(found.sweep.rounds[2] ?? [])).toBeLessThan(0.75 * far(found.sweep.rounds[0] ?? []));
  });

  it('takes what diverged for the worst', () => {
    const world: World = (at) => (at.rate > 0.1 ? undefined : hill(at));
    const { sweep, ranked } = trainedBy(searched(`${vary}\n${tpe}`), world, inOrder);
    const rate = (index: number): number => Number(sweep.configurations.find((each) => each.index === index)?.assignments[0]?.value);
    const firstLost = ranked.findIndex((index) => rate(index) > 0.1);
    expect(firstLost).toBeGreaterThan(0);
    expect(ranked.slice(firstLost).every((index) => rate(index) > 0.1)).toBe(true);
  });

  it('ends where every combination was tried, and leaves out what is excluded', () => {
    const few = 'vary: [{model.hidden_size: [2, 4, 8]}, {optimizer.learning_rate: [0.1, 0.2, 0.3, 0.4]}]';
    const { sweep } = trainedBy(
      searched(`${few}\n${tpe}\nexclude: [{model.hidden_size: 4}]`),
      ({ rate, size, epoch }) => hill({ rate: size, size: rate, seed: 1, epoch }),
      inOrder,
    );
    expect(sweep.later).toBe(0);
    expect(sweep.configurations.length).toBeLessThanOrEqual(8);
    expect(sweep.configurations.flatMap(({ assignments }) => assignments.map(({ value }) => value))).not.toContain(4);
  });

  it('is a function of the document and of what it is told', () => {
    const config = {
      vary: [{ a: { kind: 'uniform', low: 0, high: 1 } as const }],
      exclude: [],
      search: { kind: 'tpe', trials: 30, round: 4, seed: 3 } as const,
    };
    const tried = propose(config).map((assignments, rank) => ({ assignments, rank }));
    expect(proposeRound(config, 1, tried)).toEqual(proposeRound(config, 1, tried));
    expect(proposeRound(config, 1, tried)).not.toEqual(proposeRound({ ...config, search: { ...config.search, seed: 4 } }, 1, tried));
    expect(proposeRound(config, 1, tried).map(({ index }) => index)).toEqual([10, 11, 12, 13]);
  });
});

describe('hyperband', () => {
  const indices = Array.from({ length: 17 }, (_, index) => index);
  const hyperband = { kind: 'hyperband', first: 1, factor: 3 } as const;

  it('deals configurations so that its brackets train for about equally many epochs', () => {
    const brackets = bracketsOf({ prune: hyperband, search: { kind: 'grid' } }, 9, [indices]);
    expect(brackets.map(({ rungs }) => rungs.map(({ epoch, configurations }) => [epoch, configurations]))).toEqual([
      [
        [1, 9],
        [3, 3],
        [9, 1],
      ],
      [
        [3, 5],
        [9, 1],
      ],
      [[9, 3]],
    ]);
    expect(brackets.flatMap(({ configurations }) => configurations).toSorted((a, b) => a - b)).toEqual(indices);
  });

  it('prunes within each bracket, the same whoever comes first', () => {
    const sweep = searched(`vary: [{optimizer.learning_rate: {kind: log_uniform, low: 1e-4, high: 1}}, {model.hidden_size: [8]}]
search: {kind: random, trials: 17}
prune: {kind: hyperband, first: 1, factor: 3}`);
    const one = trainedBy(sweep, hill, inOrder);
    const other = trainedBy(sweep, hill, shuffled());
    expect(other.results).toEqual(one.results);
    expect(summarize(one.sweep, one.results).counts).toMatchObject({ finished: 5, pruned: 12, needed: 0 });
  });

  it('has a bracket a round under tpe, which learns from what was pruned too', () => {
    const sweep = searched(`${vary}\n${tpe}\nprune: {kind: hyperband, first: 1, factor: 3}`);
    const one = trainedBy(sweep, hill, inOrder);
    expect(one.sweep.brackets.map(({ rungs }) => rungs[0]?.epoch)).toEqual([1, 3, 9]);
    expect(keysOf(trainedBy(sweep, hill, shuffled()))).toEqual(keysOf(one));
    expect(one.ranked.length).toBe(26);
  });
});

describe('mistakes', () => {
  const told = (lines: string): string => {
    const found = plan(sweepText(lines), base);
    return 'diagnostics' in found ? printDiagnostics(found.diagnostics, { color: false }) : '';
  };
  it.each([
    [`${vary}\nsearch: {kind: tpe, trials: 8}`, 'all 8 configurations are of the first round'],
    [`${vary}\nsearch: {kind: tpe, trials: 20, round: 20}`, 'more than 20 at least'],
    [`${vary}\nsearch: {kind: tpf, trials: 40}`, 'did you mean "tpe"?'],
    [`${vary}\nsearch: {kind: tpe, trials: 40, rounds: 4}`, 'did you mean "round"?'],
    [`${vary}\n${tpe}\nprune: {kind: hyperbend, first: 1}`, 'did you mean "hyperband"?'],
    [`${vary}\n${tpe}\nprune: {kind: hyperband, first: 9}`, 'nothing is pruned'],
    // Only the end of the range is no size of a model.
    ['vary: [{model.hidden_size: {kind: uniform, low: 1, high: 2.5}}]\nsearch: {kind: tpe, trials: 20}', 'must be a whole number'],
    [
      'vary: [{optimizer.learning_rate: {kind: uniform, low: 0, high: 1}}]\nsearch: {kind: tpe, trials: 20}',
      'optimizer.learning_rate must be',
    ],
  ])('%s', (lines, words) => expect(told(lines)).toContain(words));
});
