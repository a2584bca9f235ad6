import { expect, test } from 'vitest';
import type { CellName, Claim } from '../../src/study/claims/claim.js';
import type { ColumnConfig } from '../../src/study/claims/document.js';
import type { RowFacts, TableFacts, Tuning } from '../../src/study/claims/facts.js';
import { rules } from '../../src/study/claims/footnotes.js';
import { judgeTable } from '../../src/study/claims/judge-table.js';
import type { InterimLooks } from '../../src/study/claims/interim-looks.js';
import type { CellRuns } from '../../src/study/claims/samples.js';
import { cell, d2l, equivalent, limit, overSplits, probability, published, rank, samples } from './claims.js';

/** One table: row a (and b), column x; what isn't said is a quiet table on which no rule but F1 fires. */
interface Table {
  readonly a?: CellRuns;
  readonly b?: CellRuns;
  readonly claims?: readonly Claim[];
  readonly column?: Partial<ColumnConfig>;
  readonly interimLooks?: InterimLooks;
  readonly rows?: Readonly<Record<string, RowFacts>>;
  readonly declaredBefore?: readonly number[];
  readonly protocol?: TableFacts['protocol'];
  /** Cell a with all seeds on record. */
  readonly all?: CellRuns;
  readonly accepted?: TableFacts['accepted'];
  readonly stages?: TableFacts['stages'];
}

const LOW = [1, 1.01, 1.02, 1.03, 0.99];
const QUIET = [1.01, 0.98, 1.02, 0.99, 1.0];
const quiet = cell(QUIET);
const claim = published('1.0', 0.1);

function footnotes({
  a = quiet,
  b,
  claims = [claim],
  column = {},
  interimLooks = { declared: 2, number: 1 },
  rows,
  declaredBefore,
  protocol,
  all,
  accepted,
  stages,
}: Table): readonly string[] {
  const names: readonly CellName[] = [['a', 'x'], ...(b ? [['b', 'x'] as const] : [])];
  const judged = judgeTable({
    names,
    columns: { x: { metric: 'test/loss', ...column } },
    cell: ([row]) => (row === 'b' && b ? b : a),
    claims,
    interimLooks: () => interimLooks,
    device: 'CPU',
    ...(rows && { rows }),
    ...(declaredBefore && { declaredBefore }),
    ...(protocol && { protocol }),
    ...(all && { onRecord: ([row]: CellName) => (row === 'a' ? all : undefined) }),
    ...(accepted && { accepted }),
    ...(stages && { stages }),
  });
  return judged.footnotes.map(({ id, text }) => `${id} ${text}`);
}

const ON_PURPOSE = { threat: 'fitted-on-test', because: 'as published', found: 'min_max is fitted on all of the data' };

const stopped = (seeds: readonly number[], more: Partial<CellRuns>): CellRuns =>
  cell([], {
    samples: samples(QUIET).map(({ value = 0, ...sample }) => ({ ...sample, ...(!seeds.includes(sample.seed) && { value }) })),
    ...more,
  });

const EARLIER = 'numerics 1 of the engine, now 2';
const made = (values: readonly number[], earlier: readonly number[], more: Partial<CellRuns> = {}): CellRuns =>
  cell([], {
    samples: samples(values).map((sample) => ({ ...sample, ...(earlier.includes(sample.seed) && { difference: EARLIER }) })),
    ...more,
  });

/** Runs whose metric other examples might move by so much. */
const tested = (half: number, more: Partial<CellRuns> = {}, isShared = true): CellRuns =>
  cell(QUIET, { metric: 'test/accuracy', byExamples: { half, examples: 40, isShared }, ...more });
const FEW_FOR_LIMIT =
  'The 40 examples of test leave ±0.50 (95 %), more than the 0.20 from our mean to the limit: on others of the same kind the verdict might be another one, with any number of seeds (too-few-test-examples).';

/** Selected by a sweep over twelve configurations with the seeds 11 to 13. */
const tuned = (more: Partial<Tuning> = {}): RowFacts => ({
  tuning: {
    sweep: 'x.yaml',
    by: 'validation/loss after the last epoch',
    isOnTest: false,
    configurations: 12,
    pruned: 0,
    trials: 36,
    epochs: 360,
    seeds: [11, 12, 13],
    selected: { label: 'hidden_size 32' },
    set: '',
    ...more,
  },
});
const NOT_YET: Partial<Tuning> = { selected: { missing: 'the sweep x.yaml is not finished' } };

const rest = { claims: [] };
const TABLE: readonly (readonly [id: string, fires: Table, text: string, silent: Table])[] = [
  [
    'F1',
    {},
    '5 seeds can miss an outcome that happens in up to 45 % of runs (1 - 0.05^(1/5)); 10 seeds: 26 %.',
    { a: cell(Array.from({ length: 60 }, (_, i) => 1 + (i % 7) / 100)) },
  ],
  [
    'F1',
    { b: cell([1, 1.1, 1.2]) },
    '5 seeds can miss an outcome that happens in up to 45 % of runs (1 - 0.05^(1/5)); 10 seeds: 26 %.',
    { a: cell([], { samples: [{ seed: 1, outcome: 'diverged' }] }) },
  ],
  [
    'F2',
    { claims: [published('1.0')] },
    'Margin by default: one printed unit (0.1), so that with the rounding of the print 0.15 each way counts as the same. Declare your own with a reason.',
    { claims: [published('1.0', 0.1)] },
  ],
  [
    'F3',
    { a: cell([1.0, 1.09, 0.91, 1.08, 0.92]) },
    'One run to the next varies by 0.09, more than half of the 0.15 each way that count as the same; the published number is a single run.',
    {},
  ],
  ['F4', { a: cell([1.11, 1.12, 1.1, 1.13, 1.09]) }, 'The verdict rests on rounding: taken as exactly 1.0 it would be inconclusive.', {}],
  ['F5', { a: cell([1.08, 1.11, 1.16, 1.09, 1.31]) }, 'One of 5 runs of ours (seed 5: 1.31) stands apart; it is kept.', {}],
  ['F6', { b: cell([1, 1.1, 1.2]) }, 'Cells have different numbers of seeds (3 to 5).', { b: quiet }],
  [
    'F7',
    { a: cell([5, 6, 7, 8, 9], { isSpeed: true }), b: cell([1, 2, 3, 4, 5], { isSpeed: true }), claims: [rank('higher')] },
    'Times share one machine and are not independent; the interval may be too narrow.',
    { a: cell([5, 6, 7, 8, 9]), b: cell([1, 2, 3, 4, 5]), claims: [rank('higher')] },
  ],
  [
    'F8',
    { interimLooks: { declared: 2, number: 3 } },
    'Third look at this claim, two were declared; a wrong verdict is up to 1 in 13 instead of 1 in 20.',
    { interimLooks: { declared: 2, number: 2 } },
  ],
  [
    'F9',
    { a: cell([1.31, 1.32, 1.28, 1.29, 1.3]), claims: [d2l('rnn_builtin/mxnet', 0.2)] },
    'A difference is detectable (p = 4e-11) but smaller than the margin.',
    { a: cell([1.1, 1.1, 1.2, 1.1, 1.2]), claims: [d2l('lstm_scratch/tensorflow', 0.2)] },
  ],
  [
    'F10',
    { claims: [published('2.0', 0.1), published('1.4', 0.1), claim, published('1.18', 0.154)] },
    "3 of 4 claims differ; 2 still do after Holm's correction for 4 claims.",
    { claims: [claim, published('0.9', 0.1)] },
  ],
  [
    'F11',
    { a: cell([], { samples: [...samples(QUIET), { seed: 1, outcome: 'finished', value: 3, procedure: 'old', endedAt: -2 }] }) },
    'Runs of different code: 1 of 6 left out.',
    {},
  ],
  [
    'F11',
    {
      a: cell([], {
        procedure: 'p',
        samples: [
          ...samples(QUIET),
          ...[1, 2].map(
            (seed) => ({ seed, outcome: 'finished', procedure: 'old', difference: 'model rnn@1, now rnn@2', endedAt: 99 }) as const,
          ),
        ],
      }),
    },
    'Runs of different code: 2 of 7 left out (model rnn@1, now rnn@2).',
    { a: cell(QUIET, { procedure: 'p' }) },
  ],
  [
    'F12',
    { a: cell([], { samples: [...samples(QUIET.slice(0, 2)), { seed: 3, outcome: 'diverged', procedure: 'p', endedAt: 7 }] }) },
    '1 of 3 seeds of ours diverged (seed 3).',
    { a: cell([], { samples: [...samples(QUIET.slice(0, 2)), { seed: 3, outcome: 'crashed' }] }) },
  ],
  [
    'F13',
    { column: { at: 'best', metric: 'validation/loss' } },
    'Column x holds the best epoch of each run, which flatters it unless the source reports the best too.',
    { column: { at: 'last' } },
  ],
  [
    'F14',
    { column: { at: 'best' }, a: cell(QUIET, { role: 'test' }) },
    'The epoch in column x was chosen on the test data that it reports (test/loss).',
    { column: { at: 'best', metric: 'validation/loss' } },
  ],
  ['F14', { rows: { a: { selectedOnTest: 'test/accuracy' } } }, 'Row a chose its epoch on test data (test/accuracy).', { rows: { a: {} } }],
  [
    'F15',
    { rows: { a: { testOverlap: 0.992 } }, a: cell(QUIET, { role: 'test' }) },
    '99.2 % of the test examples of row a are also in its train split.',
    { rows: { a: { testOverlap: 0.992 } }, a: cell(QUIET, { role: 'train' }) },
  ],
  [
    'F15',
    { rows: { a: { testOverlap: 0.992 }, b: { testOverlap: 0.992 } }, a: cell(QUIET, { role: 'test' }), b: cell(QUIET, { role: 'test' }) },
    '99.2 % of the test examples of rows a, b are also in their train split.',
    { rows: { a: { testOverlap: 0 } } },
  ],
  [
    'F16',
    { claims: [published('67,044.5', undefined, { deviceBound: 'V100' })] },
    'Measured on a V100; a comparison here would say nothing about the method.',
    {},
  ],
  [
    'F17',
    { a: made(QUIET, [1, 2, 3, 4, 5]), b: made([], []) },
    'All runs were made with numerics 1 of the engine, now 2: the same arithmetic, rounded otherwise.',
    { a: made(QUIET, []) },
  ],
  [
    'F17',
    { a: made(QUIET, [1, 2, 3, 4, 5], { isSpeed: true }) },
    'All runs were made with numerics 1 of the engine, now 2: the same arithmetic, rounded otherwise. Speeds are of that engine.',
    { a: made(QUIET, [], { isSpeed: true }) },
  ],
  [
    'F17',
    { a: made(QUIET, [1, 3]) },
    'Runs of an earlier engine, the same arithmetic rounded otherwise: seeds 1, 3 with numerics 1 of the engine, now 2.',
    // Left out, and so told by F11.
    {
      a: cell([], {
        procedure: 'p',
        samples: [...samples(QUIET), { seed: 1, outcome: 'finished', procedure: 'old', difference: EARLIER, endedAt: -1 }],
      }),
    },
  ],
  [
    'F17',
    { a: made(QUIET, [1, 2, 3, 4, 5], { isSpeed: true }), b: made(QUIET, [], { isSpeed: true }), claims: [rank('higher')] },
    'Speeds of an earlier engine: all of its seeds with numerics 1 of the engine, now 2.',
    { a: quiet, b: quiet, claims: [rank('higher')] },
  ],
  [
    'F11',
    {
      a: cell([], {
        samples: [...samples(QUIET), { seed: 1, outcome: 'finished', value: 3, procedure: 'old', difference: '', endedAt: -2 }],
      }),
    },
    'Runs of different code: 1 of 6 left out.',
    {},
  ],
  ['F12', { a: cell([1, 1.1, Number.NaN, 1.2, 1.1]) }, '1 of 5 seeds of ours finished with a value that is no number (seed 3).', {}],
  [
    'F12',
    { claims: [d2l('lstm_scratch/tensorflow', 0.2, { diverged: 2 })] },
    '2 of 30 runs of the reference diverged; its mean is that of the other 28.',
    { claims: [d2l('lstm_scratch/tensorflow', 0.2)] },
  ],
  [
    'F18',
    { a: stopped([2, 4], { at: 9, metric: 'test/accuracy' }) },
    '2 of 5 seeds of ours have no test/accuracy after epoch 9 (seeds 2, 4), and which ones may be no accident: no verdict is decided by the others. Runs that stop early have a last epoch: "at: last".',
    {},
  ],
  [
    'F19',
    { a: cell([1, 1.1, 1.2], { seeds: [1, 2, 3, 4, 5, 6], samples: [...samples([1, 1.1, 1.2]), { seed: 5, outcome: 'crashed' }] }) },
    'Of 6 seeds of ours 1 failed and is to be repeated (seed 5), 2 have not run (seeds 4, 6).',
    {},
  ],
  [
    'F20',
    {
      a: cell([], { samples: samples([1, 1.1, 1.2, 1.3]) }),
      b: cell([], { samples: samples([1, 1.1, 1.2, 1.3]).map((sample) => ({ ...sample, seed: sample.seed + 1 })) }),
      claims: [equivalent(0.1)],
    },
    '2 seeds have a value on one side only and are in no pair (seeds 1, 5).',
    { b: quiet, claims: [equivalent(0.1)] },
  ],
  [
    'F23',
    { claims: [published('1.0', 0.1, { confidence: 0.5 })] },
    'Confidence 0.5 in place of 0.95: a wrong verdict is up to 1 in 2 instead of 1 in 20.',
    {},
  ],
  [
    'F8',
    {
      interimLooks: {
        declared: 1,
        number: 2,
        counted: [
          { seeds: [1, 2, 3], terms: { margin: 0.1, confidence: 0.95 } },
          { seeds: [1, 2, 3], terms: { confidence: 0.95, spread: { sd: 1, runs: 3 } } },
          { seeds: [1, 2, 3, 4], terms: {} },
        ],
      },
    },
    'Second look at this claim (3 seeds with margin 0.1 and no spread, 3 seeds with no margin and spread {"sd":1,"runs":3}), one was declared; a wrong verdict is up to 1 in 10 instead of 1 in 20.',
    { interimLooks: { declared: 2, number: 2, counted: [] } },
  ],
  [
    'F32',
    { all: cell([...QUIET, 1.9, 1.8, 1.7]) },
    '5 of the 8 seeds of ours on record are asked for; over all of them (1.300) the verdict is inconclusive, and not reproduced.',
    {},
  ],
  [
    'F32',
    { all: cell([...QUIET, 1.01]) },
    '5 of 6 seeds of ours on record are asked for; over all of them no verdict on these is another one.',
    {},
  ],
  ['F32', { all: cell([...QUIET, 1.01]), claims: [] }, '5 of 6 seeds of ours on record are asked for.', {}],
  [
    'F32',
    { a: cell(LOW), b: cell([2, 2.1, 2.2, 2.3, 2.4], { label: 'theirs' }), claims: [rank('lower')], all: cell([...LOW, 9, 9, 9]) },
    '5 of the 8 seeds of ours on record are asked for; over all of them the verdict is inconclusive, and not reproduced.',
    {},
  ],
  [
    'F33',
    { rows: { a: { varies: ['initial values', 'the split'] } } },
    'From seed to seed change: initial values, the split.',
    { rows: { a: { varies: ['initial values'] } }, a: cell([]) },
  ],
  [
    'F33',
    { b: cell(LOW, { label: 'theirs' }), rows: { a: { varies: [] }, b: { varies: ['dropout'] } } },
    'From seed to seed change: nothing (ours); dropout (theirs).',
    { rows: { a: { baseline: 'persistence' } } },
  ],
  [
    'F33',
    { rows: { a: { varies: ['initial values'], variesBySplit: ['initial values', 'the split'] } } },
    'From seed to seed of a split change: initial values. From split to split change: initial values, the split.',
    {},
  ],
  [
    'F43',
    {
      a: overSplits(
        [
          [0.61, 0.58, 0.64],
          [0.71, 0.69, 0.66],
          [0.52, 0.57, 0.55],
          [0.63, 0.6, 0.66],
        ],
        { metric: 'test/loss' },
      ),
      claims: [limit('at_most', 2)],
    },
    'ours, test/loss: standard deviation 0.056 between splits, 0.028 within (3 seeds each); of the variance of the mean 7.7 % comes from the seeds: more of them would narrow its interval by 3.9 % at most, and the rest takes more splits.',
    { a: overSplits([[0.61], [0.71], [0.52]], { metric: 'test/loss' }), claims: [limit('at_most', 2)] },
  ],
  [
    'F43',
    {
      a: overSplits(
        [
          [1, 2],
          [2, 1],
          [1.1, 2],
        ],
        { metric: 'test/loss' },
      ),
      claims: [limit('at_most', 2)],
    },
    'ours, test/loss: standard deviation 0 between splits, 0.68 within (2 seeds each); the splits differ by no more than their seeds make them differ, so that more seeds narrow the mean as much as more splits with as many runs.',
    {},
  ],
  [
    'F1',
    {
      a: overSplits(
        [
          [1, 2],
          [2, 1],
          [1.1, 2],
        ],
        { metric: 'test/loss' },
      ),
      claims: [limit('at_most', 2)],
    },
    '3 splits can miss an outcome that happens in up to 63 % of splits (1 - 0.05^(1/3)); 6 splits: 39 %.',
    { a: cell([]) },
  ],
  ['F31', { protocol: { changes: [{ text: 'Seeds are 1 to 9.', claims: [] }] } }, 'Seeds are 1 to 9.', { protocol: { changes: [] } }],
  ['F24', { interimLooks: { declared: 1, number: 1 } }, '1 look is declared in place of 2: the chance of an error is spent at once.', {}],
  ['F24', { declaredBefore: [5] }, 'The number of looks was changed: 2 in place of 5, after verdicts were seen.', { declaredBefore: [2] }],
  [
    'F25',
    {
      a: cell([0.52, 0.51, 0.53], { range: [0, 1], better: 'higher', chance: 0.504, metric: 'test/accuracy' }),
      claims: [published('0.60', 0.1)],
    },
    'What counts as the same holds the chance level 0.504 of test/accuracy: a model that learned nothing would be reproduced.',
    { a: cell([0.52, 0.51, 0.53], { range: [0, 1], better: 'higher', chance: 0.504 }), claims: [published('0.70', 0.1)] },
  ],
  [
    'F25',
    { a: cell([0.52, 0.51, 0.53], { range: [0, 1], better: 'higher', metric: 'test/accuracy' }), claims: [published('0.60', 1)] },
    'What counts as the same is all that test/accuracy can be: this claim cannot fail.',
    {},
  ],
  [
    'F21',
    { a: cell([1, 1, 1, 1, 1]), claims: [d2l('deep_lstm/tensorflow', 0.1)] },
    'The verdict rests on values that do not vary: all 5 runs of ours gave 1: the metric may be at its bound, or the seed may change nothing, and then more seeds say no more than one.',
    { a: cell([1, 1, 1, 1, 1.01]), claims: [d2l('deep_lstm/tensorflow', 0.1)] },
  ],
  [
    'F21',
    { a: cell([1, 1, 1]), claims: [published('1.0', 0.1, { deterministic: true })] },
    'The verdict rests on values that do not vary: all 3 runs of ours gave 1, on purpose as the claim says.',
    { a: cell([1, 1, 1]), claims: [published('1.0', 0.1)] },
  ],
  [
    'F22',
    { claims: [published('1.0', 0.1, { deterministic: true })] },
    'Declared deterministic, but 5 runs of ours gave 0.98 to 1.02: judged as any other value.',
    { claims: [published('1.0', 0.1)] },
  ],
  [
    'F37',
    { a: cell([0.5, 0.9, 1.2, 1.5, 0.8, 1.1, 1, 1.3]), claims: [d2l('lstm_scratch/pytorch', 0.9)] },
    'Our runs spread 3.4 times as wide as those of the reference: where they are skewed, up to 1 verdict in 6 of this kind is wrong.',
    { a: cell([1, 1.1, 1.2, 1.3, 1, 1.1, 1.1, 1.1]), claims: [d2l('lstm_scratch/pytorch', 0.9)] },
  ],
  [
    'F26',
    { a: cell([...LOW, 9]), b: cell([1.1, 1.2, 1.15, 1.12, 1.18, 1.16]), claims: [rank('lower')] },
    'By most single runs ours is lower than ours, by the mean it is not (2.34 against 1.15): a few runs far out move a mean.',
    { a: cell([...LOW, 1.005]), b: cell([1.1, 1.2, 1.15, 1.12, 1.18, 1.16]), claims: [rank('lower')] },
  ],
  [
    'F26',
    { a: cell([1.1, 1.2, 1.15, 1.12, 1.18, 1.16]), b: cell([...LOW, 9]), claims: [rank('lower')] },
    'By most single runs ours is not lower than ours, by the mean it is (1.15 against 2.34): a few runs far out move a mean.',
    { a: cell([1.1, 1.2, 1.15, 1.12, 1.18, 1.16]), b: cell([...LOW, 9]), claims: [probability('lower', 0.1)] },
  ],
  [
    'F27',
    { rows: { a: { accepted: [ON_PURPOSE] } } },
    'All rows: min_max is fitted on all of the data (fitted-on-test). Accepted: as published.',
    { rows: { a: {} } },
  ],
  [
    'F27',
    { rows: { a: { accepted: [ON_PURPOSE] }, b: {} } },
    'Row a: min_max is fitted on all of the data (fitted-on-test). Accepted: as published.',
    { rows: { a: {}, b: {} } },
  ],
  [
    'F27',
    { accepted: [{ threat: 'test-selected', because: 'The source does so.', found: 'column x shows the best epoch' }] },
    'Column x shows the best epoch (test-selected). Accepted: The source does so.',
    { accepted: [] },
  ],
  [
    'F28',
    { b: cell([], { label: 'as last month', known: 48.66 }), rows: { a: {}, b: { baseline: 'persistence' } } },
    'Nothing is trained for as last month (persistence). Its numbers are known without training, and have no seeds and no spread.',
    { b: quiet, rows: { a: {}, b: {} } },
  ],
  [
    'F29',
    { a: tested(0.2) },
    'The 40 examples of test leave ±0.20 (95 %), more than the 0.15 each way that count as the same: on others of the same kind the verdict might be another one, with any number of seeds (too-few-test-examples).',
    { a: tested(0.14) },
  ],
  ['F29', { a: tested(0.5), claims: [limit('at_least', 0.8)] }, FEW_FOR_LIMIT, { a: tested(0.1), claims: [limit('at_least', 0.8)] }],
  // A split of the data's own, examples that each seed draws, and a limit of single runs.
  ['F29', { a: tested(0.5), claims: [limit('at_least', 0.8)] }, FEW_FOR_LIMIT, { a: tested(0.5, { isGivenSplit: true }) }],
  ['F29', { a: tested(0.5), claims: [limit('at_least', 0.8)] }, FEW_FOR_LIMIT, { a: tested(0.5, {}, false) }],
  [
    'F29',
    { a: tested(0.5), claims: [limit('at_least', 0.8)] },
    FEW_FOR_LIMIT,
    { a: tested(0.5), claims: [limit('at_least', 0.8, { share: 0.2 })] },
  ],
  [
    'F30',
    { a: tested(0.2), b: tested(0.1, { label: 'b' }) },
    'test/accuracy: the 40 examples of test leave ±0.10 to ±0.20 (95 %), the seeds ±0.020: more seeds do not help, more examples would.',
    { b: quiet },
  ],
  [
    'F30',
    { a: tested(0.2), b: cell([0.9, 1.2, 1.05], { label: 'b' }) },
    'test/accuracy: the 40 examples of test leave ±0.20 (95 %), the seeds ±0.020: more seeds do not help, more examples would.',
    { a: tested(0.2, { isGivenSplit: true }) },
  ],
  [
    'F36',
    { a: cell(QUIET, { overSeeds: 'median' }), column: { over_seeds: 'median' } },
    'x: the median over the seeds, with an interval that is exact whatever the shape; a diverged seed counts as the worst value.',
    { column: { over_seeds: 'mean' } },
  ],
  [
    'F36',
    { a: cell(QUIET, { overSeeds: { kind: 'best_of', k: 2 } }), column: { over_seeds: { kind: 'best_of', k: 2 } } },
    'x: the best of each block of 2 seeds, in the order of the document, and their mean: n counts blocks, and what they are held against is taken as such a best too; seed 5 fills no block and counts for nothing.',
    {},
  ],
  // What is said of the values of single runs says nothing of runs that are counted.
  [
    'F5',
    { a: cell([1, 1.01, 1.02, 1.03, 9]) },
    'One of 5 runs of ours (seed 5: 9) stands apart; it is kept.',
    { a: cell([1, 1.01, 1.02, 1.03, 9], { overSeeds: 'failures' }), claims: [] },
  ],
  [
    'F14',
    { rows: { a: tuned({ isOnTest: true, by: 'test/loss at its best epoch' }) } },
    'Row a chose its configuration on test data (test/loss at its best epoch).',
    { rows: { a: tuned() } },
  ],
  [
    'F40',
    { rows: { a: tuned({ pruned: 8, set: 'epochs 50' }) } },
    'ours is hidden_size 32, the best of 12 configurations (8 of them pruned) of x.yaml by validation/loss after the last epoch; 36 trials with 3 seeds, 360 epochs in all; then set: epochs 50.',
    { rows: { a: {} } },
  ],
  ['F40', { rows: { a: tuned(NOT_YET) } }, 'Nothing has run for ours: the sweep x.yaml is not finished.', {}],
  [
    'F41',
    { b: cell(QUIET, { label: 'theirs' }), rows: { a: tuned(), b: tuned({ configurations: 3, epochs: 90 }) } },
    'Rows were tuned with unequal budgets: ours 12 configurations, 360 epochs; theirs 3 configurations, 90 epochs.',
    { b: quiet, rows: { a: tuned(), b: tuned() } },
  ],
  [
    'F41',
    { b: cell(QUIET, { label: 'theirs' }), claims: [rank('lower')], rows: { a: tuned(), b: {} } },
    'ours is the best of 12 configurations, and theirs, which it is compared with, is as written: nobody tuned it.',
    { b: quiet, claims: [rank('lower')], rows: { a: tuned(), b: tuned() } },
  ],
  [
    'F42',
    { b: cell(QUIET, { label: 'theirs' }), rows: { a: tuned({ seeds: [1, 2] }), b: tuned({ seeds: [1, 2] }) } },
    'ours and theirs: seeds 1, 2 also chose their configurations, and some of their luck may be in that choice; other seeds would judge them without it.',
    { rows: { a: tuned() } },
  ],
  [
    'F42',
    { rows: { a: tuned({ seeds: [5, 6] }) } },
    'ours: seed 5 also chose its configuration, and some of its luck may be in that choice; other seeds would judge it without it.',
    { rows: { a: tuned({ seeds: [5, 6], configurations: 1 }) } },
  ],
  ...(
    [
      [cell([0.8, 1.1, 0.9, 1.2, 1]), undefined, 'Still open with 5 of 40 seeds, and the next stage has 40: ours.'],
      [cell([0.8, 1.1, 0.9, 1.2, 1]), 5, 'Still open with 5 of 40 seeds, at which this table stops for now: ours.'],
      [cell([1, 1, 1, 1, 1]), undefined, 'Closed with 5 of 40 seeds, as no number of seeds decides: ours.'],
    ] as const
  ).map(
    ([a, until, text]) =>
      ['F35', { a, stages: { stages: [5, 40], ...(until && { until }) } }, text, { a: quiet, stages: { stages: [5, 40] } }] as const,
  ),
];

test.each(TABLE)('%s fires: %#', (id, fires, text) => {
  expect(footnotes(fires).filter((note) => note.startsWith(`${id} `))).toEqual([`${id} ${text}`]);
});
test.each(TABLE)('%s is silent: %#', (id, _, __, silent) =>
  expect(footnotes(silent).filter((note) => note.startsWith(`${id} `))).toEqual([]),
);

test('every rule has a table in which it fires and one in which it does not', () => {
  expect(new Set(TABLE.map(([id]) => id))).toEqual(new Set(rules.map(({ id }) => id)));
});

test('rows to which examples and seeds matter otherwise are told apart', () => {
  const apart = footnotes({ a: tested(0.2, { label: 'LSTM' }), b: tested(0.005, { label: 'RNN' }), claims: [] });
  expect(apart).toEqual([
    'F30 test/accuracy of LSTM: the 40 examples of test leave ±0.20 (95 %), the seeds ±0.020: more seeds do not help, more examples would.',
    'F30 test/accuracy of RNN: the 40 examples of test leave ±0.0050 (95 %), the seeds ±0.020: more seeds help, more examples do not.',
  ]);
});

test('a quiet table says what few seeds cannot see, and nothing else', () =>
  expect(footnotes({}).map((note) => note.slice(0, 2))).toEqual(['F1']));
test('a table without claims has nothing to confess', () => expect(footnotes(rest)).toEqual([]));

test('a cell shows the worst of its verdicts; claims about two cells stand under the table', () => {
  const judged = judgeTable({
    names: [['a', 'x']],
    columns: { x: { metric: 'test/loss' } },
    cell: () => quiet,
    claims: [claim, published('2.0', 0.1), rank('lower')],
    interimLooks: () => ({ declared: 2, number: 1 }),
    device: 'CPU',
  });
  expect(judged.cells[0]).toMatchObject({ n: 5, claims: [0, 1], worst: 'differs', mean: 1 });
  expect(judged.judgements[2]?.verdict.kind).toBe('inconclusive');
});
