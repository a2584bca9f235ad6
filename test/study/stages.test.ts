import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/record/layout.js';
import { describeBudget, readBudget, twice } from '../../src/study/budget.js';
import { prepareTable } from '../../src/study/prepare-study.js';
import { readSettled } from '../../src/study/settled.js';
import { BASE } from '../sweep/documents.js';
import { workplace } from '../support/program.js';

const place = workplace();
const folder = join(place.folder, 'documents');
mkdirSync(folder);
writeFileSync(join(folder, 'tiny.yaml'), BASE.replace('epochs: 2', 'epochs: 1'));
const table = join(folder, 'table.yaml');
// What one epoch of a tiny net comes to is near chance: 0.1 is reached by far, and which of two nets is better is open.
writeFileSync(
  table,
  `table: staged
seeds: {stages: [3, 6]}
columns: {bits: {metric: test/bit_accuracy}}
rows:
  easy: {base: tiny.yaml}
  one: {base: tiny.yaml, set: {model.hidden_size: 5}}
  two: {base: tiny.yaml, set: {model.hidden_size: 3}}
  free: {base: tiny.yaml, set: {model.hidden_size: 2}}
claims:
  - {cell: [easy, bits], at_least: 0, of: runs, share: 0.05}
  - {lower: [one, bits], than: [two, bits]}
`,
);

/** Seeds that are on record, by row. */
function seedsIn(runs: string): Readonly<Record<string, readonly number[]>> {
  const prepared = prepareTable(table, {}, () => {});
  const settled = new Set(readSettled(openStore(join(place.folder, runs)), prepared).map(({ id }) => id));
  const done = prepared.works.filter(({ id }) => settled.has(id));
  return Object.fromEntries(
    ['easy', 'one', 'two', 'free'].map((row) => [row, done.flatMap(({ rows, seed }) => (rows.includes(row) ? [seed] : []))]),
  );
}
const run = (runs: string, ...words: readonly string[]) => place.call('run', table, '--runs', join(place.folder, runs), ...words);
const ALL = { easy: [1, 2, 3], one: [1, 2, 3, 4, 5, 6], two: [1, 2, 3, 4, 5, 6], free: [1, 2, 3] };

describe('a table whose seeds come in stages', () => {
  it('gives more seeds to the rows of open claims alone; a row without a claim gets the first stage', async () => {
    const ended = await run('two', '--workers', '2');
    expect(ended.status, ended.stderr).toBe(0);
    expect(ended.stderr).toContain('staged; 24 trials at most: 0 done; stage 1 of 2: 4 rows open, 12 trials;');
    expect(ended.stderr).toContain('\nstage 2 of 2: 2 rows open, 6 trials\n');
    expect(seedsIn('two')).toEqual(ALL);
    const again = await run('two');
    expect(again.stderr).toContain('18 done; no row gets more');
    expect(again.stdout).toBe(ended.stdout);
    const plan = JSON.parse((await place.call('plan', table, '--runs', join(place.folder, 'two'), '--json')).stdout) as {
      readonly stages: { readonly claims: readonly object[]; readonly rows: readonly object[] };
    };
    expect(plan.stages.claims).toMatchObject([
      { claim: 0, decided: true, chance: 1, seeds: 3, never: [] },
      { claim: 1, decided: false, chance: 0, seeds: 6, never: [3] },
    ]);
    expect(plan.stages.rows).toMatchObject([
      { row: 'easy', seeds: 3, seconds_left: 0 },
      { row: 'one', seeds: 6, seconds_left: 0 },
      { row: 'two', seeds: 6, seconds_left: 0 },
      { row: 'free', seeds: 3, seconds_left: 0 },
    ]);
    expect(ended.stdout).toMatch(/easy .*✓ reproduced/);
    expect(ended.stdout).toContain('Not decided with all 6 seeds: one against two.');
    const why = await place.call('why', table, 'one', '--runs', join(place.folder, 'two'));
    expect(why.stdout.replaceAll(/\s+/g, ' ')).toContain(
      'stage 2 of 2, 6 seeds: the chance of an error, 5 %, is spent over all 2 stages together (Pocock 1977), and each of them is judged at ',
    );
    const status = await place.call('status', table, '--runs', join(place.folder, 'two'));
    expect(status.stdout).toBe('staged; 18 trials: 18 done\nno row gets more seeds\n');
  });

  it('killed in the middle of a stage, once and again, comes to the same trials and verdicts', { timeout: 120_000 }, async () => {
    const words = ['run', table, '--runs', join(place.folder, 'killed'), '--workers', '2'];
    for (const until of [/^trial /m, /^stage 2 of 2/m]) {
      const { child, ended, said } = place.start(words);
      await said(until);
      child.kill('SIGKILL');
      await ended;
    }
    const status = await place.call('status', table, '--runs', join(place.folder, 'killed'));
    expect(status.stdout).toMatch(/^staged; 18 trials: .*\nstage 2 of 2: 2 rows open, \d of 6 trials done\n/);
    const ended = await place.run(...words);
    expect(ended.status, ended.stderr).toBe(0);
    expect(seedsIn('killed')).toEqual(ALL);
    expect(ended.stdout).toBe((await run('two')).stdout);
  });

  it('a budget of trials cuts the order, is told, and the same words again train nothing', async () => {
    const cut = await run('one', '--workers', '1', '--budget', '5');
    expect(cut.status, cut.stderr).toBe(0);
    expect(cut.stderr.match(/^trial /gm)?.length).toBe(5);
    expect(cut.stderr).toMatch(/the budget of 5 trials is spent: \d rows are still open; --budget 10 goes on\n/);
    const status = await place.call('status', table, '--runs', join(place.folder, 'one'));
    expect(status.stdout).toMatch(/^staged; 12 trials: 5 done, 7 left\nstage 1 of 2: \d rows open, \d of \d trials done\n/);
    const again = await run('one', '--workers', '1', '--budget', '5');
    expect(again.stderr).not.toMatch(/^trial /m);
    expect(again.stderr).toContain('the budget of 5 trials is spent');
  });

  it('and goes on with a larger one, to the same trials with one worker as with two', async () => {
    await run('one', '--workers', '1', '--budget', '14');
    const trained = (seeds: ReturnType<typeof seedsIn>): number => Object.values(seeds).flat().length;
    expect(trained(seedsIn('one'))).toBe(14);
    const ended = await run('one', '--workers', '1', '--budget', '2h');
    expect(ended.stderr).not.toContain('is spent');
    expect(seedsIn('one')).toEqual(ALL);
  });

  it('a budget of time that is spent lets no trial begin', async () => {
    const ended = await run('time', '--workers', '1', '--budget', '0.001s');
    expect(ended.stderr.match(/^trial /gm)?.length).toBe(1);
    expect(ended.stderr).toMatch(/the budget of 1 ms of worker time is spent: 4 rows are still open; --budget 1m goes on/);
  });

  it('plan --measure tells the time of rows of which nothing is on record', async () => {
    const plan = async (...words: readonly string[]) => {
      const { stdout } = await place.call('plan', table, '--runs', join(place.folder, 'none'), '--json', ...words);
      return (
        JSON.parse(stdout) as { readonly stages: { readonly rows: readonly { readonly row: string; readonly seconds_left?: number }[] } }
      ).stages.rows;
    };
    const told = (rows: Awaited<ReturnType<typeof plan>>) => rows.map(({ row, seconds_left: seconds = 0 }) => [row, seconds > 0]);
    expect(told(await plan()).filter(([, isTold]) => isTold)).toEqual([]);
    expect(told(await plan('--measure'))).toContainEqual(['free', true]);
  });

  it('--seeds stops at a stage, and the plan says which is next', async () => {
    const ended = await run('stop', '--workers', '2', '--seeds', '3', '--only', 'one', 'two');
    expect(ended.status, ended.stderr).toBe(0);
    expect(seedsIn('stop')).toEqual({ easy: [], one: [1, 2, 3], two: [1, 2, 3], free: [] });
    expect(ended.stdout).toContain('Still open with 3 of 6 seeds, at which this table stops for now: one against two.');
    const plan = await place.call('plan', table, '--runs', join(place.folder, 'stop'), '--only', 'one', 'two');
    expect(plan.stdout).toContain('12 trials at most: 6 done; stage 2 of 2: 2 rows open, 6 trials');
  });
});

describe('a budget', () => {
  it.each([
    ['60', { trials: 60 }, '60 trials', '120'],
    ['1', { trials: 1 }, '1 trial', '2'],
    ['2h', { seconds: 7200 }, '2 h of worker time', '240m'],
    ['90m', { seconds: 5400 }, '1 h 30 min of worker time', '180m'],
    ['1h30m', { seconds: 5400 }, '1 h 30 min of worker time', '180m'],
    ['0.5h', { seconds: 1800 }, '30 min of worker time', '60m'],
    [' 10min ', { seconds: 600 }, '10 min of worker time', '20m'],
  ])('%s', (text, budget, words, more) => {
    expect(readBudget(text)).toEqual(budget);
    expect(describeBudget(budget)).toBe(words);
    expect(twice(budget)).toBe(more);
  });

  it.each([
    ['x', '"x" is no budget'],
    ['', '"" is no budget'],
    ['-1', '"-1" is no budget'],
    ['2hh', '"2hh" is no budget'],
    ['1.5', '"1.5" is no budget'],
    ['2 hours', '"2 hours" is no budget'],
    ['0', 'a budget of no trials trains nothing'],
    ['0h', 'a budget of no time trains nothing'],
    ['99999999999999999999', 'a budget of 99999999999999999999 trials is more than anybody trains'],
  ])('%j is none', (text, message) => {
    expect(() => readBudget(text)).toThrow(expect.objectContaining({ message, help: expect.stringContaining('--budget 60') }));
  });
});
