import { describe, expect, it } from 'vitest';
import type { Claim } from '../../src/study/claims/claim.js';
import { cannotDecide, expectedBy, foresee } from '../../src/study/claims/foresee.js';
import { levelOf } from '../../src/study/claims/interim-looks.js';
import { judgeTable } from '../../src/study/claims/judge-table.js';
import type { CellRuns } from '../../src/study/claims/samples.js';
import { judgeStages } from '../../src/study/claims/stages.js';
import { constantLevel } from '../../src/statistics/group-sequential.js';
import { cell, d2l, limit, probability, published, rank } from './claims.js';

const stages = { stages: [5, 10, 20, 40] };
const values = (count: number, center: number, spread = 0.1): readonly number[] =>
  Array.from({ length: count }, (_, index) => center + spread * Math.sin(index * 2.4));

function stagesOf(claim: Claim, a: CellRuns, b: CellRuns = cell([]), plan: { stages: readonly number[]; until?: number } = stages) {
  const { verdict, stage } = judgeStages(claim, { cell: ([row]) => (row === 'a' ? a : b), device: 'CPU', stages: plan });
  if (!stage) throw new Error('no stage');
  return { verdict, stage };
}

describe('the level of a stage', () => {
  const looks = { declared: 4, number: 2, stages: stages.stages };

  it('is one for all of them, where the chance of an error is spent over all together, and divided by none', () => {
    const { alpha, next } = levelOf('other', looks, 0.95);
    expect(alpha).toBeCloseTo(constantLevel(stages.stages, 0.05), 9);
    expect(alpha).toBeGreaterThan(0.05 / 4);
    expect(next).toBe(alpha);
    expect(levelOf('rank', looks, 0.95)).toEqual({ alpha, next });
    expect(levelOf('rank', { ...looks, number: 4 }, 0.95)).toEqual({ alpha, next });
    expect(levelOf('other', looks, 0.99).alpha).toBeCloseTo(constantLevel(stages.stages, 0.01), 9);
  });

  it('against a reference whose spread stands in for ours is more, and never all', () => {
    const { alpha } = levelOf('reference', looks, 0.95);
    expect(alpha).toBeGreaterThan(levelOf('other', looks, 0.95).alpha);
    expect(alpha).toBeLessThan(0.05);
  });
});

describe('a claim whose seeds come in stages', () => {
  it('is not judged before the first stage is complete', () => {
    const { verdict, stage } = stagesOf(limit('at_most', 1), cell(values(4, 0.2, 0.01)));
    expect(stage).toMatchObject({ number: 0, outlook: 'open' });
    expect(verdict).toMatchObject({
      kind: 'inconclusive',
      further: 1,
      couldDecide: false,
      wording: 'inconclusive: 4 of the 5 seeds of the first stage, which is judged when it has all of them',
    });
    expect(stagesOf(limit('at_most', 1), cell([])).verdict).toMatchObject({ kind: 'not_run', wording: 'not run: 0 of 5 seeds' });
  });

  it('is judged over the seeds of the stage and no others, whatever else has run', () => {
    const { verdict, stage } = stagesOf(limit('at_most', 1), cell([...values(5, 0.2, 0.01), 50, 60, 70]));
    expect(stage).toMatchObject({ number: 1, seeds: 5, outlook: 'decided' });
    expect(verdict).toMatchObject({ kind: 'reproduced', numbers: { n: 5 } });
    expect(verdict.wording).toMatch(/; decided at stage 1 of 4 \(5 seeds\)$/);
  });

  it('keeps the first decision, and says what a later stage would say otherwise', () => {
    const { verdict, stage } = stagesOf(limit('at_most', 1), cell([...values(5, 0.2, 0.01), 50, 60, 70, 80, 90]));
    expect(stage).toMatchObject({ number: 1, outlook: 'decided' });
    expect(verdict.kind).toBe('reproduced');
    expect(verdict.wording).toMatch(/decided at stage 1 of 4 \(5 seeds\), which stands though 10 seeds alone would say differs$/);
  });

  it('a seed that crashed keeps a stage open, and one that diverged does not', () => {
    const [first, ...others] = cell(values(5, 0.2, 0.01)).samples;
    const crashed = cell([], { samples: [...others, { seed: 1, outcome: 'crashed', procedure: 'p' }] });
    expect(stagesOf(limit('at_most', 1), crashed).stage.number).toBe(0);
    const diverged = cell([], { samples: [...others, { ...first, seed: 1, outcome: 'diverged', value: Number.NaN }] });
    expect(stagesOf(limit('at_most', 1), diverged)).toMatchObject({
      stage: { number: 1, outlook: 'never' },
      verdict: { reason: 'diverged' },
    });
  });

  it('of two cells it is at the stage that both have', () => {
    const claim = rank('lower', { paired: true });
    const { stage } = stagesOf(claim, cell(values(10, 0.2)), cell(values(7, 0.5)));
    expect(stage.number).toBe(1);
    expect(stagesOf(claim, cell(values(10, 0.2)), cell(values(10, 0.5))).stage).toMatchObject({ number: 2, outlook: 'decided' });
  });

  it('five pairs out of five decide no order at the first of four stages', () => {
    const { verdict, stage } = stagesOf(rank('lower', { paired: true }), cell(values(5, 0.2, 0.01)), cell(values(5, 0.5, 0.02)));
    expect(verdict).toMatchObject({ kind: 'inconclusive', reason: 'few seeds' });
    expect(stage.outlook).toBe('open');
    expect(stage.chances?.[1]).toBeGreaterThan(0.9);
  });

  it('is closed where no number of seeds decides, where hardly any would, and after the last stage', () => {
    expect(stagesOf(limit('at_most', 1), cell([0.5, 0.5, 0.5, 0.5, 0.5])).stage.outlook).toBe('never');
    // A mean on the very edge, with a spread as wide as the zone.
    const edge = published('0.5', 0.05, { reading: 'procedure' });
    expect(stagesOf(edge, cell(values(5, 0.6, 0.05))).stage.outlook).toBe('close');
    const hard = limit('at_most', 0.52);
    expect(stagesOf(hard, cell(values(5, 0.5, 0.1))).stage.outlook).toBe('open');
    expect(stagesOf(hard, cell(values(40, 0.52, 0.1))).stage.outlook).toBe('all');
  });

  it('with fewer stages asked for, waits at the last of them, and the error stays spent over all', () => {
    const hard = limit('at_most', 0.52);
    const { stage, verdict } = stagesOf(hard, cell(values(5, 0.5, 0.1)), cell([]), { ...stages, until: 5 });
    expect(stage).toMatchObject({ number: 1, outlook: 'until' });
    expect(verdict.numbers.alpha).toBe(stagesOf(hard, cell(values(5, 0.5, 0.1))).verdict.numbers.alpha);
  });

  it('of a known number is decided without any', () => {
    const known = cell([], { known: 0.5 });
    const { verdict, stage } = judgeStages(published('0.5'), { cell: () => known, device: 'CPU', stages });
    expect([verdict.kind, stage]).toEqual(['reproduced', undefined]);
  });
});

describe('what may come of it', () => {
  const of = (claim: Claim, a: CellRuns, complete: number, b = cell([])) =>
    foresee(claim, {
      cell: ([row]) => (row === 'a' ? a : b),
      device: 'CPU',
      counts: stages.stages,
      complete,
      expected: expectedBy(claim, [claim]),
    });

  it('is the same whoever asks', () => {
    const claim = limit('at_most', 0.52);
    expect(of(claim, cell(values(5, 0.5, 0.1)), 1)).toEqual(of(claim, cell(values(5, 0.5, 0.1)), 1));
  });

  it('is likelier where the mean is farther from the edge', () => {
    const total = (bound: number): number =>
      of(limit('at_most', bound), cell(values(5, 0.5, 0.1)), 1)?.chances.reduce((a, b) => a + b, 0) ?? Number.NaN;
    expect(total(0.51)).toBeLessThan(total(0.56));
    expect(total(0.56)).toBeLessThan(total(0.7));
    expect(total(2)).toBe(1);
  });

  it('before there are seeds is told by the spread of the reference, and by nothing where there is none', () => {
    const found = of(d2l('lstm_scratch/pytorch', 0.1), cell([]), 0);
    expect(found?.chances.length).toBe(4);
    expect(found?.chances.reduce((a, b) => a + b, 0)).toBeGreaterThan(0.5);
    expect(found?.ends.every((seeds) => stages.stages.includes(seeds))).toBe(true);
    expect(of(limit('at_most', 1), cell([]), 0)).toBeUndefined();
  });

  it('of an order says which stages have too few seeds for the clearest runs', () => {
    const too = (claim: Claim): readonly number[] => stages.stages.filter((count) => cannotDecide(claim, stages.stages, count));
    // 1/32 = 0.031 is above the level, and one choice of 252 is not.
    expect(too(rank('lower', { paired: true }))).toEqual([5]);
    expect(too(rank('lower', { paired: true, by: 0.5, test: 'sign' }))).toEqual([5]);
    expect(too(rank('higher'))).toEqual([]);
    expect(too(probability('higher', 0.9))).toEqual([5, 10, 20]);
    expect(too(limit('at_most', 1))).toEqual([]);
  });

  it('keeps the differences of pairs', () => {
    const [a, b] = [cell(values(5, 0.5, 1)), cell(values(5, 0.7, 1.01))];
    const paired = of(probability('lower', 0.5, { paired: true }), a, 1, b)?.chances[1];
    const apart = of(probability('lower', 0.5), a, 1, b)?.chances[1];
    expect(paired).toBeGreaterThan(0.9);
    expect(apart).toBeLessThan(0.5);
  });
});

describe('under the table', () => {
  const told = (a: CellRuns, ...claims: readonly Claim[]) =>
    judgeTable({
      names: [
        ['a', 'x'],
        ['b', 'x'],
      ],
      columns: { x: { metric: 'test/loss' } },
      cell: ([row]) => (row === 'a' ? a : cell(values(10, 0.2), { label: 'theirs' })),
      claims,
      interimLooks: () => ({ declared: 2, number: 1 }),
      device: 'CPU',
      stages,
    });
  const open = (...given: Parameters<typeof told>) => told(...given).footnotes.filter(({ id }) => id === 'F35');
  const hard = limit('at_most', 0.52);

  it('stands how the chance of an error is spent, and what is still open', () => {
    const { reading, footnotes } = told(cell(values(10, 0.5, 0.1)), hard);
    expect(reading.join()).toContain('about 1 time in 20 over all four stages (5, 10, 20 and 40 seeds, 1 in 59 at each)');
    expect(footnotes).toContainEqual({ id: 'F35', text: 'Still open with 10 of 40 seeds, and the next stage has 20: ours.', claims: [0] });
    // The usual number of looks is no yardstick for stages.
    expect(footnotes.map(({ id }) => id)).not.toContain('F24');
  });

  it('stands that none decides, or hardly any', () => {
    expect(open(cell([0.5, 0.5, 0.5, 0.5, 0.5]), limit('at_most', 1))).toEqual([
      { id: 'F35', text: 'Closed with 5 of 40 seeds, as no number of seeds decides: ours.', claims: [0] },
    ]);
    const edge = published('0.5', 0.05, { reading: 'procedure' });
    expect(open(cell(values(5, 0.6, 0.05)), edge)).toEqual([
      { id: 'F35', text: 'Closed with 5 of 40 seeds, as more are not likely to decide: ours (chance below 1 %).', claims: [0] },
    ]);
    expect(open(cell(values(40, 0.52, 0.1)), hard)).toEqual([{ id: 'F35', text: 'Not decided with all 40 seeds: ours.', claims: [0] }]);
  });

  it('nothing stands of what is decided, nor of what has no complete stage: its verdict says that', () => {
    expect(open(cell(values(5, 0.2, 0.01)), limit('at_most', 1))).toEqual([]);
    expect(open(cell(values(4, 0.5, 0.1)), hard)).toEqual([]);
  });

  it('claims about one cell are told apart by their sources', () => {
    const of = (source: string) => limit('at_most', 0.52, { source });
    expect(open(cell(values(10, 0.5, 0.1)), of('PyTorch'), of('MXNet')).map(({ text }) => text)).toEqual([
      'Still open with 10 of 40 seeds, and the next stage has 20: ours (PyTorch); ours (MXNet).',
    ]);
  });

  it('all open claims are one note and all closed ones another, and each is named once', () => {
    const edge = rank('higher', { paired: true, by: 0.3 });
    const notes = open(cell(values(10, 0.5, 0.1)), hard, edge, limit('at_most', 0.53));
    expect(notes.map(({ text, claims }) => [text, claims])).toEqual([
      ['Still open with 10 of 40 seeds, and the next stage has 20: ours.', [0, 2]],
      ['Closed with 10 of 40 seeds, as more are not likely to decide: ours against theirs (chance below 1 %).', [1]],
    ]);
  });
});
