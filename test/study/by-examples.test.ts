import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import type { sweepToJson } from '../../src/report/study/sweep-table.js';
import type { tableToJson } from '../../src/report/study/table-texts.js';
import { type OverExamples, overRuns, whichIsWider } from '../../src/study/by-examples.js';
import { runsIn } from '../sweep/store.js';
import { workplace } from '../support/program.js';

/* What other examples would make of a result, beside what other seeds make of it. */

describe('which is wider', () => {
  const of = (half: number, more: Partial<OverExamples> = {}): OverExamples => ({ half, examples: 120, isShared: true, ...more });
  test.each<readonly [what: string, of: OverExamples, seeds: readonly [number, number] | undefined, said: string]>([
    [
      'examples',
      of(0.077),
      [0.75, 0.82],
      'The 120 examples of test leave ±0.077 (95 %), the seeds ±0.035: more seeds do not help, more examples would.',
    ],
    [
      'seeds',
      of(0.02),
      [0.7, 0.88],
      'The 120 examples of test leave ±0.020 (95 %), the seeds ±0.090: more seeds help, more examples do not.',
    ],
    ['neither', of(0.05), [0.7, 0.8], 'The 120 examples of test leave ±0.050 (95 %), the seeds ±0.050: more of both would help.'],
    ['one seed', of(0.05), undefined, 'The 120 examples of test leave ±0.050 (95 %); what seeds leave, one of them does not tell.'],
    [
      'subjects',
      of(0.2, { groups: 5 }),
      [0.7, 0.72],
      'The 120 examples of 5 subjects of test leave ±0.20 (95 %), the seeds ±0.010: more seeds do not help, more subjects would.',
    ],
    [
      'seeds that draw their examples',
      of(0.077, { isShared: false }),
      [0.75, 0.82],
      'The 120 examples of test leave ±0.077 (95 %), the seeds ±0.035, which holds a part of that: each seed has examples of its own.',
    ],
  ])('%s', (_, over, seeds, said) => expect(whichIsWider([{ examples: over, seeds }], 'test/accuracy')).toBe(said));
});

test('of several means, the widths from the least to the most', () => {
  const means = (
    [
      [0.05, 0.02, 120],
      [0.08, 0.03, 110],
    ] as const
  ).map(([half, seeds, examples]) => ({
    examples: { half, examples, isShared: true },
    seeds: [0.5 - seeds, 0.5 + seeds] as const,
  }));
  expect(whichIsWider(means, 'test/accuracy')).toBe(
    'The 110 examples of test leave ±0.050 to ±0.080 (95 %), the seeds ±0.020 to ±0.030: more seeds do not help, more examples would.',
  );
});

test('over runs it is the mean of those that keep it', () => {
  expect(overRuns([])).toBeUndefined();
  expect(overRuns([undefined, undefined])).toBeUndefined();
  const run = { half: 0.1, examples: 30, groups: 5, digest: 'a' };
  expect(overRuns([run, undefined, { ...run, half: 0.2 }])).toEqual({
    half: expect.closeTo(0.15),
    examples: 30,
    groups: 5,
    isShared: true,
  });
  expect(overRuns([run, { ...run, examples: 28, digest: 'b' }])).toMatchObject({ examples: 28, isShared: false });
  // A record that does not say which examples it is about.
  expect(overRuns([{ half: 0.1, examples: 30 }])).toEqual({ half: 0.1, examples: 30, isShared: false });
});

describe('a sweep of classes', () => {
  const place = workplace();
  const file = (name: string, lines: readonly string[]): string => {
    writeFileSync(join(place.folder, name), `${lines.join('\n')}\n`);
    return join(place.folder, name);
  };
  file('reviews.csv', [
    'text,label',
    ...Array.from({ length: 100 }, (_, at) => (at % 2 === 0 ? `the food is fine ${at},good` : `the soup is cold ${at},bad`)),
  ]);
  const base = file('base.yaml', [
    'experiment: reviews',
    'dataset: {kind: texts, file: reviews.csv, text: text, target: label, seed: 1, split: {test: 0.3, validation: 0.2}}',
    'model: {kind: rnn, hidden_size: 3, embedding: {size: 2}}',
    'loss: {kind: cross_entropy}',
    'optimizer: {kind: adam, learning_rate: 0.01}',
    'metrics: [{kind: accuracy}, {kind: f1}]',
    'training: {epochs: 2, batch_size: 10}',
  ]);
  const sweepOf = (name: string, at: string, epochs = 2): string =>
    file(`${name}.yaml`, [
      `sweep: ${name}`,
      'base: base.yaml',
      'vary: [{model.hidden_size: [3]}]',
      `set: {training.epochs: ${epochs}}`,
      'seeds: 2',
      `select: {${at}}`,
    ]);
  const runs = join(place.folder, 'runs');
  const run = async (...args: readonly string[]) => {
    const ended = await place.call('run', ...args, '--runs', runs);
    expect(ended.status, ended.stderr).toBe(0);
    return ended.stdout;
  };

  test('keeps of each trial what a run of its own keeps, and says which is wider', async () => {
    const sweep = sweepOf('sizes', 'metric: validation/accuracy');
    const [cell] = (JSON.parse(await run(sweep, '--json')) as ReturnType<typeof sweepToJson>).configurations;
    expect(cell?.by_examples).toMatchObject({ examples: 20, shared: true });
    const answersIn = (of: readonly string[]): readonly unknown[] =>
      of.flatMap((folder) => {
        try {
          return [JSON.parse(readFileSync(join(folder, 'artifacts', 'answers.json'), 'utf8')) as unknown];
        } catch {
          return [];
        }
      });
    const alone = join(place.folder, 'alone');
    const ended = await place.call('run', base, '--set', 'model.hidden_size=3', '--seed', '2', '--runs', alone);
    expect(ended.status, ended.stderr).toBe(0);
    const kept = answersIn(runsIn(runs));
    expect(kept).toHaveLength(2);
    expect(kept).toContainEqual(answersIn(runsIn(alone))[0]);

    const shown = await run(sweep);
    expect(shown).toMatch(/by examples +seeds\n.*±0\.\d+ +2 +best\n/);
    expect(shown).toMatch(/\nThe 20 examples of validation leave ±0\.\d+ \(95 %\), the seeds ±0(\.\d+)?: /);
  }, 30_000);

  test('says nothing of a metric that has no interval, nor of a value of other weights', async () => {
    for (const at of ['metric: test/loss', 'metric: test/accuracy, at: 1']) {
      const [cell] = (JSON.parse(await run(sweepOf('others', at, 30), '--json')) as ReturnType<typeof sweepToJson>).configurations;
      expect(cell).toMatchObject({ seeds: 2 });
      expect(cell).not.toHaveProperty('by_examples');
    }
  }, 30_000);

  const tableOf = (name: string, row: string): string =>
    file(`${name}.yaml`, [
      `table: ${name}`,
      'seeds: 3',
      'columns: {accuracy: {metric: test/accuracy}, loss: {metric: test/loss}}',
      `rows: {rnn: {${row}}}`,
      'claims: [{cell: [rnn, accuracy], published: "0.98", margin: 0.01, because: so}]',
    ]);

  test('and a table tells of a margin that its examples cannot decide', async () => {
    const table = tableOf('reviewed', 'base: base.yaml, set: {training.epochs: 30}');
    const json = JSON.parse(await run(table, '--json')) as ReturnType<typeof tableToJson>;
    const fits = new Ajv({ strictTypes: false }).compile(JSON.parse(readFileSync('schemas/table-result.schema.json', 'utf8')) as object);
    expect(fits(json), JSON.stringify(fits.errors)).toBe(true);
    expect(json.cells.map((cell) => cell.by_examples?.examples)).toEqual([30, undefined]);
    const told = json.footnotes.filter(({ id }) => id === 'F29' || id === 'F30');
    expect(told.map(({ claims }) => claims)).toEqual([[0], []]);
    expect(told[0]?.text).toMatch(/^The 30 examples of test leave ±0\.\d+ \(95 %\), more than the 0\.015 each way/);
    expect(told[1]?.text).toMatch(/^test\/accuracy: the 30 examples of test leave /);
    const why = await place.call('why', table, 'rnn', 'accuracy', '--runs', runs);
    expect(why.stdout).toMatch(/\nThe 30 examples of test leave ±0\.\d+ \(95 %\), the seeds /);
  }, 30_000);

  test('but not where the data say which examples test', async () => {
    const parts = ['train', 'train', 'test', 'train'];
    file('given.csv', [
      'text,label,part',
      ...Array.from(
        { length: 80 },
        (_, at) => `${at % 3 === 0 ? 'fine food' : 'cold soup'} ${at},${at % 3 === 0 ? 'good' : 'bad'},${parts[at % 4]}`,
      ),
    ]);
    const dataset = 'dataset: {kind: texts, file: given.csv, text: text, target: label, split_column: part}';
    file('given_base.yaml', [readFileSync(base, 'utf8').replace(/^dataset: .*/m, dataset)]);
    const table = tableOf('given', 'base: given_base.yaml');
    const json = JSON.parse(await run(table, '--json')) as ReturnType<typeof tableToJson>;
    expect(json.cells[0]?.by_examples).toMatchObject({ examples: 20, shared: true });
    expect(json.footnotes.filter(({ id }) => id === 'F29' || id === 'F30')).toEqual([]);
  }, 30_000);
});
