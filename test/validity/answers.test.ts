import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/planning/plan.js';
import { createStreams } from '../../src/random/streams.js';
import { classAnswers } from '../../src/run/class-answers.js';
import { attentionOf, worstMistakes } from '../../src/run/shown-answers.js';
import { skillNotes } from '../../src/run/skill.js';
import { findStage, stages } from '../../src/stages/registry.js';
import type { Collected, RowName } from '../../src/stages/stage.js';
import { createFinishers } from '../../src/train/pipeline.js';
import { dataOf } from '../stages/support.js';

/* What answers that are classes show of themselves: planted faults, and nothing of healthy runs; how sure metrics are by the number of examples. */

const NAMES = ['ham', 'spam'];
const METRICS = [{ kind: 'accuracy' }, { kind: 'f1' }, { kind: 'area_under_roc' }];

/** A plan as far as answers are asked of it. */
function planOf(steps = 0): Plan {
  const target = steps === 0 ? [] : [steps];
  const data = { ...dataOf({ input: [4], target, classes: 2 }), fitted: { classes: NAMES } };
  const model = {
    parameters: [],
    buffers: [],
    state: {},
    masks: [],
    output: { shape: [...target, 2], axes: [...target.map(() => 'time'), 'classes'], dtype: 'float32' },
  };
  const loss = { reading: 'class_logits' };
  const upstream = { data, model, loss } as never;
  const metrics = METRICS.map(({ kind }) => {
    const stage = findStage(stages, 'metric', kind);
    return { key: kind, kind, splits: ['test'], spec: stage?.plan({}, upstream, () => {}) };
  });
  return { seed: 1, data, model, loss, metrics, config: { values: { metrics: METRICS } } } as unknown as Plan;
}

/** Answers with a probability of the second class each. */
function answers(right: readonly number[], spam: readonly number[], { steps = 0, rows = [] as readonly RowName[] } = {}) {
  const plan = planOf(steps);
  const shape = steps === 0 ? [right.length] : [right.length / steps, steps];
  const collected: Collected = {
    output: { shape: [...shape, 2], values: Float32Array.from(spam.flatMap((p) => [Math.log(1 - p), Math.log(p)])) },
    target: { shape, values: Int32Array.from(right) },
    weight: { shape, values: new Float32Array(right.length).fill(1) },
  };
  return { plan, collected, rows, found: classAnswers({ plan, finishers: createFinishers(plan, stages), split: 'test', collected, rows }) };
}

const many = <T>(count: number, of: (at: number) => T): readonly T[] => Array.from({ length: count }, (_, at) => of(at));

describe('what is told', () => {
  const right = many(200, (at) => at % 2);
  const good = many(200, (at) => (at % 10 === 0 ? 0.5 : 0.1 + 0.8 * (at % 2)));

  test('of a healthy run: nothing', () => {
    expect(answers(right, good).found.findings).toEqual([]);
    // Few examples of which nothing can be said yet.
    expect(answers([0, 1], [0.3, 0.3]).found.findings.filter((each) => !each.includes('are few'))).toEqual([]);
  });

  test.each<readonly [what: string, right: readonly number[], spam: readonly number[], said: string]>([
    [
      'the same probabilities',
      right,
      many(200, (at) => 0.4 + 0.001 * (at % 3)),
      'On test the probabilities of the classes are the same whatever is read (they differ by 0.0020 at most): the input is not used.',
    ],
    [
      'the same class',
      right,
      many(200, (at) => 0.1 + 0.3 * (at % 2)),
      'On test every answer is "ham", and 100 of 200 are of another class.',
    ],
    [
      'few examples',
      right.slice(0, 12),
      good.slice(0, 12),
      'The 12 examples of test are few: an accuracy of 100 % on them may be one from 74 % to 100 % on others (95 %).',
    ],
  ])('of %s', (_, truth, spam, said) => {
    expect(answers(truth, spam).found.findings).toEqual([said]);
  });

  test('a split of one class that is answered is no constant answer', () => {
    expect(
      answers(
        many(200, () => 0),
        many(200, (at) => 0.1 + 0.002 * at),
      ).found.findings,
    ).toEqual([]);
  });

  test('of few subjects with many examples: that they are few', () => {
    // Four subjects, one of whom is wrong throughout.
    const rows = many(200, (at) => ({ series: `${at}`, times: [], group: `p${at % 4}` }));
    const wrong = good.map((p, at) => (at % 4 === 1 ? 1 - p : p));
    const { findings, groups, examples } = answers(right, wrong, { rows }).found;
    expect([groups, examples]).toEqual([4, 200]);
    expect(findings).toEqual([
      expect.stringMatching(/^The 4 subjects of test are few: an accuracy of 75 % on them may be one from 1.1 % to 99.9999 % on others/),
    ]);
  });
});

describe('intervals of other examples', () => {
  const { uniform } = createStreams(5).stream('answers');
  const right = many(400, () => (uniform() < 0.4 ? 1 : 0));
  const spam = right.map((each) => 0.02 + 0.96 * Math.min(1, Math.max(0, each === 1 ? uniform() + 0.2 : uniform() - 0.2)));

  test('of an accuracy it is the exact one of Clopper and Pearson', () => {
    // scipy.stats.binomtest(k, 400).proportion_ci(0.95)
    const wrong = many(400, (at) => (at < 320 ? (right[at] === 1 ? 0.9 : 0.1) : right[at] === 1 ? 0.1 : 0.9));
    const [low = 0, high = 0] = answers(right, wrong).found.intervals['accuracy'] ?? [];
    expect([low.toFixed(4), high.toFixed(4)]).toEqual(['0.7574', '0.8381']);
  });

  test('they hold the value, and are as wide as those of an accuracy about', () => {
    const { intervals } = answers(right, spam).found;
    expect(Object.keys(intervals)).toEqual(['accuracy', 'f1', 'area_under_roc']);
    for (const [low, high] of Object.values(intervals)) {
      expect(high - low).toBeGreaterThan(0.03);
      expect(high - low).toBeLessThan(0.12);
    }
  });

  test('examples that hang together count as fewer', () => {
    const widths = [1, 8].map((together) => {
      // Each example stands there so many times.
      const [truth, said] = [right, spam].map((all) => many(400, (at) => all[Math.floor(at / together)] ?? 0));
      const rows = many(400, (at) => ({ series: '', times: [], group: String(Math.floor(at / together)) }));
      const { intervals } = answers(truth ?? [], said ?? [], { rows }).found;
      return Object.values(intervals).map(([low, high]) => high - low);
    });
    for (const [at, width] of (widths[1] ?? []).entries()) expect(width / (widths[0]?.[at] ?? 1)).toBeGreaterThan(2);
  });

  test('of steps, whole sentences are drawn', () => {
    const { intervals } = answers(right, spam, { steps: 20 }).found;
    const [low = 0, high = 0] = intervals['accuracy'] ?? [];
    expect(high - low).toBeGreaterThan(0.03);
    expect(answers(right, spam, { steps: 20 }).found).toEqual(answers(right, spam, { steps: 20 }).found);
  });
});

test('answers to the same examples are known as such', () => {
  const of = (right: readonly number[], first: string) =>
    answers(right, [0.2, 0.9], {
      rows: [
        { series: first, times: [] },
        { series: 'b', times: [] },
      ],
    });
  expect(of([0, 1], 'a').found.digest).toBe(answers([0, 1], [0.6, 0.1], { rows: of([0, 1], 'a').rows }).found.digest);
  expect(new Set([of([0, 1], 'a'), of([0, 0], 'a'), of([0, 1], 'c')].map(({ found }) => found.digest)).size).toBe(3);
});

test('where a split is large for what may be spent, only the accuracy has an interval', () => {
  const { plan, collected } = answers([0, 1, 1], [0.2, 0.9, 0.8]);
  const { intervals } = classAnswers({ plan, finishers: createFinishers(plan, stages), split: 'test', collected, rows: [], budget: 200 });
  expect(Object.keys(intervals)).toEqual(['accuracy']);
});

test('the worst mistakes are those that were surest', () => {
  const rows = ['good food', 'cold soup', 'fine'].map((text, at) => ({ series: `line ${at + 2}`, times: [], text }));
  const { plan, collected } = answers([0, 1, 1], [0.7, 0.1, 0.8]);
  expect(worstMistakes({ plan, collected, rows })).toEqual({
    kind: 'text',
    text: 'line 3: ham (90 %), right is spam\n    cold soup\nline 2: spam (70 %), right is ham\n    good food',
  });
  expect(worstMistakes({ plan, collected, rows: rows.map(({ series, times }) => ({ series, times })) })).toBeUndefined();
  const sentence = [{ series: 'sentence 1', times: ['1', '2', '3'], words: ['Ann', 'ran', 'home'] }];
  const tagged = answers([0, 1, 1], [0.1, 0.2, 0.8], { steps: 3 });
  expect(worstMistakes({ ...tagged, rows: sentence })?.text).toBe('sentence 1: ham (80 %), right is spam\n    Ann [ran] home');
});

test('where a model looked: mistakes first, what only fills up left out, of long sequences the stretch that counts', () => {
  const time = 500;
  const there = [3, time, 2];
  const { plan, collected } = answers([0, 1, 1], [0.7, 0.1, 0.8]);
  const rows = there.map((_, at) => ({ series: `s${at}`, times: [] }));
  const input = Float32Array.from({ length: 4 * time }, () => 0);
  const mask = Float32Array.from({ length: 4 * time }, (_, at) => Number(at % time < (there[Math.floor(at / time)] ?? 0)));
  const weight = Float32Array.from([1, 1, 1, 0]);
  const dataset = { batches: () => [{ inputs: { input }, target: new Int32Array(4), weight, mask }] };
  const values = Float32Array.from({ length: 3 * time }, (_, at) =>
    at === time + 449 ? 1 : at % time === 1 && at !== time + 1 ? 0.75 : 0,
  );
  const view = attentionOf({ plan, split: 'test', collected, rows }, { shape: [3, time], values }, dataset);
  expect(view?.rows.map(({ name, note, tokens }) => [name, note, tokens.length])).toEqual([
    ['s1', 'ham (90 %), right is spam; steps 251 to 450 of 500', 200],
    ['s0', 'spam (70 %), right is ham', 3],
    ['s2', 'spam (80 %), which is right', 2],
  ]);
  const [long, short] = view?.rows ?? [];
  expect([long?.tokens.at(-1), long?.weights.at(-1)]).toEqual(['450', 1]);
  expect([short?.tokens, short?.weights]).toEqual([
    ['1', '2', '3'],
    [0, 0.75, 0],
  ]);
  const tagged = answers([0, 1, 1], [0.1, 0.2, 0.8], { steps: 3 });
  expect(attentionOf({ ...tagged, split: 'test' }, { shape: [1, time], values }, dataset)).toBeUndefined();
});

describe('how classes stand to what needs no learning', () => {
  const noted = (value: number, levels: Readonly<Record<string, number>>, better: 'higher' | 'lower' = 'higher') =>
    skillNotes(
      {
        metrics: new Map([['test/accuracy', [{ step: 1, value, timestamp: 0 }]]]),
        baselines: { 'test/accuracy': levels },
        about: { accuracy: { better, unit: 'share' } },
      },
      [],
    );
  test.each<readonly [value: number, levels: Readonly<Record<string, number>>, said: readonly string[]]>([
    [0.7, { majority: 0.6 }, []],
    [0.6, { majority: 0.6 }, ['test/accuracy is no better than the most frequent class: 0.6000, and majority has 0.6000.']],
    [
      0.8,
      { majority: 0.6, naive_bayes: 0.75 },
      ['test/accuracy is better than naive Bayes, which sees words without their order: 0.8000, and naive_bayes has 0.7500.'],
    ],
    [
      0.7,
      { majority: 0.6, naive_bayes: 0.75 },
      ['test/accuracy is no better than naive Bayes, which sees words without their order: 0.7000, and naive_bayes has 0.7500.'],
    ],
    [0.7, { mean: 0.6, median: 0.9 }, []],
  ])('%d beside %j', (value, levels, said) => expect(noted(value, levels)).toEqual(said));
  test('an error is better where it is lower', () => {
    expect(noted(0.4, { majority: 0.5 }, 'lower')).toEqual([]);
    expect(noted(0.6, { majority: 0.5 }, 'lower')).toHaveLength(1);
  });
});
