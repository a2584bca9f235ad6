import { describe, expect, it } from 'vitest';
import { describeResults, rungsLine } from '../../src/report/study/sweep-table.js';
import { bracketsOf, epochsOf, standingOf, valuesAtRungs } from '../../src/study/proposals/prune.js';
import { summarize, type TrialResult, type TrialState } from '../../src/study/proposals/results.js';
import { BASE, planned, sweepText } from './documents.js';

const base = BASE.replace('epochs: 2', 'epochs: 9');
const prune = 'prune: {kind: successive_halving, first: 1, factor: 3}';
const halved = (lines: string) => planned(sweepText(`${prune}\n${lines}`), base);
const rungs = (first: number, factor: number, epochs: number, configurations: number) =>
  rungsIn({ kind: 'successive_halving', first, factor }, epochs, configurations)[0]?.map((rung) => [rung.epoch, rung.configurations]);
const rungsIn = (prune: Parameters<typeof bracketsOf>[0]['prune'], epochs: number, configurations: number) =>
  bracketsOf({ ...(prune && { prune }), search: { kind: 'grid' } }, epochs, [
    Array.from({ length: configurations }, (_, index) => index),
  ]).map((bracket) => bracket.rungs);

describe('rungs', () => {
  it.each([
    [
      1,
      3,
      9,
      9,
      [
        [1, 9],
        [3, 3],
        [9, 1],
      ],
    ],
    [
      2,
      2,
      10,
      16,
      [
        [2, 16],
        [4, 8],
        [8, 4],
        [10, 2],
      ],
    ],
    [
      5,
      3,
      50,
      16,
      [
        [5, 16],
        [15, 5],
        [50, 1],
      ],
    ],
    [
      1,
      10,
      100,
      3,
      [
        [1, 3],
        [100, 1],
      ],
    ],
    [3, 3, 9, 1, [[9, 1]]],
  ])('first %i, factor %i, %i epochs, %i configurations', (first, factor, epochs, count, expected) =>
    expect(rungs(first, factor, epochs, count)).toEqual(expected),
  );

  it('are one without pruning', () => expect(rungsIn(undefined, 9, 4)).toEqual([[{ epoch: 9, configurations: 4 }]]));

  it('tell what they save', () => {
    const plan = halved('vary: [{model.hidden_size: [1, 2, 3, 4, 5, 6, 7, 8, 9]}]\nseeds: 2');
    // 9 configurations one epoch, 3 of them two more, 1 of them six more; twice.
    expect(epochsOf(plan)).toEqual({ pruned: 2 * (9 + 6 + 6), whole: 2 * 81 });
    expect(rungsLine(plan)).toBe('rungs  9 configurations to epoch 1, 3 to 3, 1 to 9: 42 epochs over all seeds in place of 162');
  });
});

/** A world in which every trial has its value at each epoch: trains what is asked for, as long as something is. */
function world(plan: ReturnType<typeof halved>, valueOf: (work: string, epoch: number) => number | undefined) {
  const trained = new Map<string, number>();
  const rungEpochs = (plan.brackets[0]?.rungs ?? []).map(({ epoch }) => epoch);
  const results = (): readonly TrialResult[] =>
    plan.trials.map((trial) => {
      const epochs = trained.get(trial.work) ?? 0;
      const diverged = rungEpochs.some((epoch) => epoch <= epochs && valueOf(trial.work, epoch) === undefined);
      const state: TrialState = diverged
        ? { kind: 'diverged', run: trial.work }
        : epochs >= 9
          ? { kind: 'finished', run: trial.work, value: valueOf(trial.work, 9) }
          : epochs > 0
            ? { kind: 'unfinished', run: trial.work }
            : { kind: 'needed' };
      return { trial, state, atRungs: rungEpochs.slice(0, -1).map((epoch) => (epoch <= epochs ? valueOf(trial.work, epoch) : undefined)) };
    });
  const trainedInOrder: string[] = [];
  /** `pick` says which trial a worker takes next, and so stands for the number of workers and what is killed. */
  function run(pick: (count: number) => number): void {
    for (let next = standingOf(plan, results()).next; next; next = standingOf(plan, results()).next) {
      const trial = next.trials[pick(next.trials.length)];
      if (!trial) throw new Error('nothing to train');
      trained.set(trial.work, next.epoch);
      trainedInOrder.push(`${trial.work} ${next.epoch}`);
    }
  }
  return { run, trained, trainedInOrder, standing: () => standingOf(plan, results()) };
}

describe('halving', () => {
  const plan = halved('vary: [{model.hidden_size: [1, 2, 3, 4, 5, 6, 7, 8, 9]}]\nseeds: 2');
  const configurationOf = new Map(plan.trials.map(({ work, configuration }) => [work, configuration]));
  const better = (work: string, epoch: number): number => (configurationOf.get(work) ?? 0) / 10 + epoch / 1000;

  it('goes on with the better third, to the end', () => {
    const { run, trained, standing } = world(plan, better);
    run(() => 0);
    expect(
      plan.configurations.map(({ index }) => [...trained].filter(([work]) => configurationOf.get(work) === index).map(([, n]) => n)),
    ).toEqual([...Array.from({ length: 6 }, () => [1, 1]), [3, 3], [3, 3], [9, 9]]);
    const { results, next } = standing();
    expect(next).toBeUndefined();
    expect(results[0]?.state).toEqual({ kind: 'pruned', run: plan.trials[0]?.work, epoch: 1, value: 0.001 });
    const summary = summarize(plan, results);
    expect(summary.counts).toEqual({ finished: 2, diverged: 0, failed: 0, pruned: 16, unfinished: 0, needed: 0 });
    expect(summary.best?.configuration.index).toBe(8);
    const text = describeResults(plan, summary);
    expect(text).toContain('pruned after epoch 3, at 0.7030');
    expect(text).toContain('the best of 9 is partly luck');
  });

  it('decides the same whoever comes first, and does nothing twice', () => {
    const inOrder = world(plan, better);
    inOrder.run(() => 0);
    let state = 1;
    const shuffled = world(plan, better);
    shuffled.run((count) => (state = (state * 48271) % 2147483647) % count);
    expect(shuffled.standing()).toEqual(inOrder.standing());
    expect(new Set(shuffled.trainedInOrder)).toEqual(new Set(inOrder.trainedInOrder));
    expect(shuffled.trainedInOrder.length).toBe(new Set(shuffled.trainedInOrder).size);
  });

  it('goes on from what is there when a seed or a value is added', () => {
    const before = world(plan, better);
    before.run(() => 0);
    for (const lines of [
      'vary: [{model.hidden_size: [1, 2, 3, 4, 5, 6, 7, 8, 9]}]\nseeds: 3',
      'vary: [{model.hidden_size: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}]\nseeds: 2',
    ]) {
      const larger = halved(lines);
      const known = new Map(larger.trials.map(({ work, configuration }) => [work, configuration]));
      const after = world(larger, (work, epoch) => (known.get(work) ?? 0) / 10 + epoch / 1000);
      for (const [work, epochs] of before.trained) after.trained.set(work, epochs);
      after.run(() => 0);
      for (const step of after.trainedInOrder) expect(before.trainedInOrder).not.toContain(step);
      expect(summarize(larger, after.standing().results).best?.configuration.index).toBe(Math.max(...known.values()));
    }
  });

  it('ranks what diverged last, and a lower loss first', () => {
    const losses = { ...plan, better: 'lower' } as const;
    const { run, trained, standing } = world(losses, (work, epoch) => (configurationOf.get(work) === 0 ? undefined : better(work, epoch)));
    run(() => 0);
    const { results } = standing();
    expect(summarize(losses, results).best?.configuration.index).toBe(1);
    expect(results[0]?.state.kind).toBe('diverged');
    expect([...trained.values()].filter((epochs) => epochs === 9).length).toBe(2);
  });

  it('ranks what failed last, until it is tried again', () => {
    const { standing, trained } = world(plan, better);
    for (const { work } of plan.trials) trained.set(work, 1);
    const asked = standing().results.map((result): TrialResult =>
      result.trial.configuration === 8
        ? { ...result, state: { kind: 'failed' }, atRungs: [undefined, undefined] }
        : { ...result, state: { kind: 'unfinished', run: 'r' } },
    );
    expect(standingOf(plan, asked).next?.trials.map(({ configuration }) => configuration)).toEqual([5, 5, 6, 6, 7, 7]);
    const again = asked.map((result): TrialResult => (result.state.kind === 'failed' ? { ...result, state: { kind: 'needed' } } : result));
    expect(standingOf(plan, again).next).toMatchObject({ number: 0, all: 18, trials: [{ configuration: 8 }, { configuration: 8 }] });
  });
});

describe('the value at a rung', () => {
  const plan = halved('vary: [{model.hidden_size: [1, 2, 3]}]');
  const points = [0.5, 0.7, 0.6, 0.2].map((value, index) => ({ step: index + 1, value }));
  const at = (when: 'last' | 'best' | number, ended = false) =>
    valuesAtRungs(
      points,
      [1, 3, 9, 9].map((epoch) => ({ epoch, configurations: 1 })),
      {
        ...plan,
        sweep: { ...plan.sweep, config: { ...plan.sweep.config, select: { metric: 'm', at: when } } },
      },
      ended,
    );

  it('is that of its epoch, whatever came later, and none before', () => expect(at('last')).toEqual([0.5, 0.6, undefined]));
  it('is the best so far', () => expect(at('best')).toEqual([0.5, 0.7, undefined]));
  it('is that of the epoch which counts, once it is there', () => expect(at(2)).toEqual([0.5, 0.7, undefined]));
  it('of a run that ended early is its last', () => expect(at('last', true)).toEqual([0.5, 0.6, 0.2]));
});
