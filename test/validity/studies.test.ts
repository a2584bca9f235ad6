import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.js';
import { argumentOf } from '../../src/diagnostics/words.js';
import { examine } from '../../src/run/prepare.js';
import { resultTable } from '../../src/report/study/sweep-table.js';
import { summarize } from '../../src/study/proposals/results.js';
import { examineTable } from '../../src/study/prepare-study.js';
import { examineSweep } from '../../src/study/prepare-sweep.js';

/** What a sweep or a table accepts, each of its experiments accepts. */

const folder = mkdtempSync(join(tmpdir(), 'validity-studies-'));
afterAll(() => rmSync(folder, { recursive: true }));
process.env['RETABLE_CACHE'] = 'off';
copyFileSync('experiments/data/airline.csv', join(folder, 'airline.csv'));

const write = (name: string, lines: readonly string[]): string => {
  writeFileSync(join(folder, name), lines.join('\n'));
  return join(folder, name);
};
const experiment = (transform: string, more: readonly string[] = []): readonly string[] => [
  'experiment: tried',
  'dataset:',
  '  {kind: series, file: airline.csv, time: Month, targets: [Passengers], window: 12, split: {test: {from: 1957-01}},',
  `  transform: [{kind: log}, {kind: difference, lag: 12}, ${transform}]}`,
  'model: {kind: lstm, hidden_size: 2}',
  'loss: {kind: mean_squared_error}',
  'optimizer: {kind: adam, learning_rate: 0.01}',
  'training: {epochs: 2, batch_size: 8}',
  ...more,
];
const BASE = write('base.yaml', experiment('{kind: standardize}'));
const LEAKS = write('leaks.yaml', experiment('{kind: standardize, fit_on: all}'));
const OWN = write(
  'own.yaml',
  experiment('{kind: standardize, fit_on: all}', ['accept: [{threat: fitted-on-test, because: its own reason}]']),
);

/** `severity[code] FILE` of what is told. */
const told = (diagnostics: readonly Diagnostic[]): readonly string[] =>
  diagnostics.map(({ severity, code, place }) => `${severity}[${code}] ${place?.file.split(/[\\/]/).at(-1)}:${place?.line}`);

const ACCEPTS = 'accept: [{threat: fitted-on-test, because: as published}]';

let count = 0;
function table(rows: Readonly<Record<string, string>>, more: readonly string[] = [], column = '') {
  const found = examineTable(
    write(`table${++count}.yaml`, [
      'table: t',
      'seeds: 2',
      `columns: {loss: {metric: test/loss${column}}}`,
      `rows: {${Object.entries(rows)
        .map(([row, base]) => `${row}: {base: ${base}}`)
        .join(', ')}}`,
      ...more,
    ]),
    {},
  );
  return 'diagnostics' in found ? { told: told(found.diagnostics) } : { told: told(found.warnings), prepared: found };
}

describe('a table', () => {
  test('without a reason is refused at the line of the experiment', () => {
    expect(table({ right: 'base.yaml', wrong: 'leaks.yaml' })).toEqual({ told: ['error[fitted-on-test] leaks.yaml:4'] });
  });

  test('accepts for all of its rows, and those that have nothing of it are not told', () => {
    const { told: warnings, prepared } = table({ right: 'base.yaml', wrong: 'leaks.yaml' }, [ACCEPTS]);
    expect(warnings).toEqual([]);
    expect(prepared?.rows['wrong']?.plan.accepted).toMatchObject([{ threat: 'fitted-on-test', because: 'as published' }]);
    expect(prepared?.rows['right']?.plan.accepted).toBeUndefined();
  });

  test('has its trials trained by what they are changed to, as the works that they are without', () => {
    const { prepared } = table({ wrong: 'leaks.yaml' }, [ACCEPTS]);
    const [work] = prepared?.works ?? [];
    const trained = examine(LEAKS, { seed: '1', set: (work?.sets ?? []).map(argumentOf) });
    const alone = examine(OWN, { seed: '1' });
    if ('diagnostics' in trained || 'diagnostics' in alone) throw new Error('refused');
    expect(trained.plan.work.key).toBe(work?.work);
    expect(alone.plan.work.key).toBe(work?.work);
  });

  test('leaves the reasons of its experiments, which come first', () => {
    const { prepared } = table({ own: 'own.yaml', wrong: 'leaks.yaml' }, [ACCEPTS]);
    expect(prepared?.rows['own']?.plan.accepted).toMatchObject([{ because: 'its own reason' }]);
  });

  test('is told what it accepts and none of its rows has', () => {
    expect(table({ right: 'base.yaml' }, [ACCEPTS]).told).toEqual([`warning[nothing-to-accept] table${count}.yaml:5`]);
  });

  test('accepts a column of its own', () => {
    expect(table({ right: 'base.yaml' }, [], ', at: best').told).toEqual([`warning[test-selected] table${count}.yaml:3`]);
    const { told: warnings, prepared } = table(
      { right: 'base.yaml' },
      ['accept: [{threat: test-selected, because: as in print}]'],
      ', at: best',
    );
    expect(warnings).toEqual([]);
    expect(prepared?.accepted).toMatchObject([{ threat: 'test-selected', because: 'as in print' }]);
  });
});

describe('a sweep', () => {
  const sweep = (vary: string, more: readonly string[] = []) => {
    const found = examineSweep(
      write(`sweep${++count}.yaml`, ['sweep: s', 'base: base.yaml', `vary: [{${vary}}]`, 'select: {metric: train/loss}', ...more]),
      {},
    );
    return told('diagnostics' in found ? found.diagnostics : found.warnings);
  };
  const dropped = 'dataset.drop_last_window: [0, 1]';

  test('that selects, or prunes, by a test is told where it says so, and may say why', () => {
    const by = (metric: string, more: readonly string[] = []) => {
      const document = ['sweep: s', 'base: base.yaml', 'vary: [{model.hidden_size: [2, 3]}]', `select: {metric: ${metric}}`, ...more];
      const found = examineSweep(write(`by${++count}.yaml`, document), {});
      if ('diagnostics' in found) throw new Error('refused');
      return {
        told: told(found.warnings),
        messages: found.warnings.map(({ message }) => message),
        notes: resultTable(found, summarize(found, [])).notes,
      };
    };
    expect(by('test/loss')).toMatchObject({
      told: [`warning[test-selected] by${count}.yaml:4`],
      messages: ['"test/loss" decides which one is the best: results on this test are no longer results on unseen data'],
    });
    const [pruned] = by('test/loss', ['prune: {kind: successive_halving, first: 1, factor: 2}']).messages;
    expect(pruned).toContain('decides which configurations go on, and which one is the best');
    expect(by('train/loss').told).toEqual([]);
    const accepted = by('test/loss', ['accept: [{threat: test-selected, because: there is no other data}]']);
    expect(accepted.told).toEqual([]);
    expect(accepted.notes).toContainEqual(expect.stringMatching(/Accepted: .*decides which one is the best.*there is no other data/));
  });

  test('without a reason is refused where it says what leads there', () => {
    expect(sweep(dropped)).toEqual([`error[test-rows-dropped] sweep${count}.yaml:3`]);
  });
  test('accepts for all of its trials', () => {
    expect(sweep(dropped, ['accept: [{threat: test-rows-dropped, because: to see what it changes}]'])).toEqual([]);
  });
  test('says so under its results', () => {
    const found = examineSweep(
      write('told.yaml', [
        'sweep: s',
        'base: base.yaml',
        `vary: [{${dropped}}]`,
        'select: {metric: train/loss}',
        'accept: [{threat: test-rows-dropped, because: to see what it changes}]',
      ]),
      {},
    );
    if ('diagnostics' in found) throw new Error('refused');
    expect(resultTable(found, summarize(found, [])).notes).toContain(
      'Accepted: the last forecast of the test is left out, and nothing is wrong with it (test-rows-dropped). Because: to see what it changes',
    );
  });
  test('is told what it accepts and none of its trials has', () => {
    const accept = 'accept: [{threat: test-rows-dropped, because: to see what it changes}]';
    expect(sweep('model.hidden_size: [2, 3]', [accept])).toEqual([`warning[nothing-to-accept] sweep${count}.yaml:5`]);
  });
  test('keeps what its base accepts', () => {
    writeFileSync(
      BASE,
      experiment('{kind: standardize, fit_on: all}', ['accept: [{threat: fitted-on-test, because: its own}]']).join('\n'),
    );
    expect(sweep(dropped, ['accept: [{threat: test-rows-dropped, because: to see what it changes}]'])).toEqual([]);
    expect(sweep('dataset.transform.2.fit_on: [train, all]')).toEqual([]);
  });
});
