import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ACCEPTABLE } from '../../src/language/threats.js';
import { createStreams } from '../../src/random/streams.js';
import { examine, type Prepared } from '../../src/run/prepare.js';
import { describePlan } from '../../src/report/plan/describe.js';
import { runExperiment } from '../../src/run/run-experiment.js';
import { createDataset } from '../../src/train/pipeline.js';
import { THREATS } from '../../src/validity/threats.js';

/** What is told of forecasts whose error would mean less than it seems to, and what a document accepts of it. */

const folder = mkdtempSync(join(tmpdir(), 'validity-series-'));
afterAll(() => rmSync(folder, { recursive: true }));
process.env['RETABLE_CACHE'] = 'off';

const AIRLINE = readFileSync('experiments/data/airline.csv', 'utf8');
writeFileSync(join(folder, 'airline.csv'), AIRLINE);

const PARTS = {
  file: 'airline.csv',
  time: 'Month',
  targets: '[Passengers]',
  window: '12',
  transform: '[{kind: log}, {kind: difference, lag: 12}, {kind: standardize}]',
  split: '{test: {from: 1957-01}}',
};

let count = 0;
function looked(parts: Readonly<Record<string, string>> = {}, { accept = '' } = {}) {
  const file = join(folder, `d${++count}.yaml`);
  const options = Object.entries({ ...PARTS, ...parts }).flatMap(([key, value]) => (value === '' ? [] : [`  ${key}: ${value}`]));
  writeFileSync(
    file,
    [
      'experiment: tried',
      'dataset:',
      '  kind: series',
      ...options,
      'model: {kind: lstm, hidden_size: 2}',
      'loss: {kind: mean_squared_error}',
      'optimizer: {kind: adam, learning_rate: 0.01}',
      'training: {epochs: 1, batch_size: 8}',
      ...(accept === '' ? [] : [`accept: ${accept}`]),
    ].join('\n'),
  );
  return examine(file, { engine: 'eager-js' });
}

function planned(...given: Parameters<typeof looked>): Prepared {
  const found = looked(...given);
  if ('diagnostics' in found) throw new Error(found.diagnostics.map(({ message }) => message).join('\n'));
  return found;
}

/** `severity[code] line of the document: message` */
function told(...given: Parameters<typeof looked>): readonly string[] {
  const found = looked(...given);
  const diagnostics = 'diagnostics' in found ? found.diagnostics : found.warnings;
  return diagnostics.map(({ severity, code, message, place }) => `${severity}[${code}] ${place?.text.trim().split(':')[0]}: ${message}`);
}

const PUBLISHED = { window: '1', border: 'inside', drop_last_window: '1', transform: '[{kind: min_max, fit_on: all}]' };
const BECAUSE = 'the published procedure does so';
const accepting = (...threats: readonly string[]): { readonly accept: string } => ({
  accept: `[${threats.map((threat) => `{threat: ${threat}, because: ${BECAUSE}}`).join(', ')}]`,
});

test('the series as it is shipped has none of them', () => expect(told()).toEqual([]));

describe('the published procedure', () => {
  test('holds two errors, told in one go', () => {
    expect(told(PUBLISHED)).toEqual([
      'error[test-rows-dropped] drop_last_window: the last forecast of the test is left out, and nothing is wrong with it',
      'warning[outside-the-range-of-train] targets: 21 of 48 test values of "Passengers", transformed, lie outside of what training saw (0 to 0.5965)',
      "error[fitted-on-test] transform: min_max is fitted on all of the data, what tests too: the model is told of values that a forecast can't know",
      'warning[one-step-sequences] window: every sequence has one step, so that a recurrent model has nothing to remember',
    ]);
  });

  test('runs once they are accepted, and its record says why', async () => {
    const prepared = planned(PUBLISHED, accepting('fitted-on-test', 'test-rows-dropped'));
    expect(prepared.warnings.map(({ code }) => code)).toEqual(['outside-the-range-of-train', 'one-step-sequences']);
    expect(prepared.plan.accepted?.map(({ threat }) => threat)).toEqual(['test-rows-dropped', 'fitted-on-test']);
    expect(describePlan(prepared.plan)).toMatch(
      /^accepted {4}test-rows-dropped: the last forecast[^]*Because:\s+the published procedure does so$/m,
    );
    const request = { root: join(folder, 'runs'), fresh: false, observe: () => {}, stopped: () => false };
    const { result, report } = await runExperiment(prepared, request);
    expect(result.outcome).toBe('finished');
    expect(report.parameters.get('accept.0.because')?.value).toBe(BECAUSE);
    expect(report.notes).toContain(
      `Accepted: the last forecast of the test is left out, and nothing is wrong with it (test-rows-dropped). Because: ${BECAUSE}`,
    );
  });
});

describe('accept', () => {
  test('takes all that is known before a run begins', () => {
    // A margin is chosen, and not accepted; with one class nothing can be trained.
    const others: readonly string[] = ['zone-holds-chance', 'zone-holds-everything', 'one-class'];
    const found = THREATS.filter(({ phase, code }) => phase !== 'run' && !others.includes(code));
    expect(found.map(({ code }) => code)).toEqual(ACCEPTABLE);
    expect(new Set(THREATS.map(({ code }) => code)).size).toBe(THREATS.length);
  });

  const raw = { transform: '' };

  test('changes no work', () => {
    const keys = [
      planned(raw),
      planned(raw, accepting('outside-the-range-of-train')),
      planned(raw, { accept: '[{threat: outside-the-range-of-train, because: another reason}]' }),
    ].map(({ plan }) => plan.work.key);
    expect(new Set(keys).size).toBe(1);
  });

  test('one of two leaves the other an error', () => {
    expect(told(PUBLISHED, accepting('fitted-on-test', 'outside-the-range-of-train', 'one-step-sequences'))).toEqual([
      expect.stringMatching(/^error\[test-rows-dropped\]/),
    ]);
  });

  test('of a threat that is not there is told', () => {
    expect(told({}, accepting('too-short'))).toEqual([
      'warning[nothing-to-accept] accept: "too-short" is accepted, and nothing of the kind was found',
    ]);
  });

  test('of a threat that nobody knows is a mistake', () => {
    expect(looked({}, accepting('fited-on-test'))).toMatchObject({
      diagnostics: [{ severity: 'error', code: 'unknown-word', help: 'did you mean "fitted-on-test"?' }],
    });
  });

  test('needs a reason', () => {
    expect(told({}, { accept: '[{threat: too-short}]' })).toEqual([expect.stringMatching(/^error\[missing-key\]/)]);
    expect(told({}, { accept: '[{threat: too-short, because: ""}]' })).toEqual([expect.stringMatching(/^error\[/)]);
  });
});

describe('fitted-on-test', () => {
  test.each(['min_max', 'standardize', 'robust', 'clip'])('%s', (kind) => {
    expect(told({ transform: `[{kind: log}, {kind: difference, lag: 12}, {kind: ${kind}, fit_on: all}]` })).toEqual([
      expect.stringMatching(/^error\[fitted-on-test\] transform/),
    ]);
  });
  test('not where nothing but training is there', () => {
    expect(told({ transform: '[{kind: min_max, fit_on: all}]', split: '{}' })).toEqual([]);
  });
});

describe('test-rows-dropped', () => {
  test('counts them', () => expect(told({ drop_last_window: '3' })[0]).toMatch(/the last 3 forecasts of the test are left out/));
  test('not where nothing tests', () => expect(told({ drop_last_window: '1', split: '{validation: 0.2}' })).toEqual([]));
});

describe('outside-the-range-of-train', () => {
  const outside = (transform: string): readonly string[] =>
    told({ transform }).map((text) => /\] (.*): (\d+ of \d+)/.exec(text)?.slice(1).join(' ') ?? text);
  test.each<[string, readonly string[]]>([
    ['', ['targets 21 of 48']],
    ['[{kind: min_max}]', ['targets 21 of 48']],
    ['[{kind: difference}]', ['targets 13 of 48']],
    ['[{kind: log}, {kind: difference, lag: 12}]', []],
  ])('after %j', (transform, counts) => expect(outside(transform)).toEqual(counts));
});

test('outside-the-range-of-train: not what chance brings with few values', () => {
  const { normal } = createStreams(5).stream('few');
  const outsideByChance: string[] = [];
  for (let time = 0; time < 100; time++) {
    const rows = Array.from({ length: 30 }, (_, t) => `${t},${normal().toFixed(3)}`);
    writeFileSync(join(folder, 'few.csv'), ['t,y', ...rows].join('\n'));
    const parts = { file: 'few.csv', time: 't', targets: '[y]', window: '4', transform: '', split: '{test: 0.3}', season: '1' };
    outsideByChance.push(...told(parts));
  }
  expect(outsideByChance.length).toBeLessThanOrEqual(6);
});

describe('too-short', () => {
  test('a test of ten months, with seasons of twelve', () => {
    expect(told({ split: '{test: {from: 1960-03}}' })).toEqual([
      'warning[too-short] split: the test has 10 steps, and a season 12: it says nothing of the rest of a season',
    ]);
  });
  test('not of twelve, nor where a season is said to be shorter', () => {
    expect(told({ split: '{test: {from: 1960-01}}' })).toEqual([]);
    expect(told({ split: '{test: {from: 1960-03}}', season: '4' })).toEqual([]);
  });
});

describe('sees-the-answer', () => {
  const { normal } = createStreams(1).stream('numbers');
  const y = Array.from({ length: 120 }, () => Number(normal().toFixed(4)));
  const at = (step: number): number | string => y[step] ?? y[step - 120 + 1] ?? 0;
  const columns = { y: 0, same: 0, next: 1, in4: 4, before: -1, before3: -3 };
  const rows = y.map((_, t) => [t, ...Object.values(columns).map((lead) => at(t + lead)), normal()].join(','));
  writeFileSync(join(folder, 'columns.csv'), [['t', ...Object.keys(columns), 'noise'].join(','), ...rows].join('\n'));
  const of = (more: Readonly<Record<string, string>>): readonly string[] =>
    told({ file: 'columns.csv', time: 't', targets: '[y]', window: '4', transform: '', split: '{test: 0.2}', season: '1', ...more }).map(
      (text) => text.replace(/, and the model.*/, ''),
    );

  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    [
      'a feature that is the next value',
      { features: '[y, noise, next]' },
      ['warning[sees-the-answer] features: "next" equals the target "y" 1 step later'],
    ],
    [
      'the value after the next three, in a window of four',
      { features: '[in4]' },
      ['warning[sees-the-answer] features: "in4" equals the target "y" 4 steps later'],
    ],
    ['not in a window that ends before it is the answer', { features: '[in4]', window: '3' }, []],
    ['not a value that is known by then', { features: '[y, same, before, noise]' }, []],
    [
      'known: the target by another name',
      { known: '[same]' },
      ['warning[sees-the-answer] known: "same" equals the target "y" of the same step'],
    ],
    [
      'known: the value before, where two steps are forecast',
      { known: '[before]', horizon: '2' },
      ['warning[sees-the-answer] known: "before" equals the target "y" 1 step before'],
    ],
    ['known: not the value before of a forecast of one step', { known: '[before, noise]' }, []],
    ['known: not a value from before all that is forecast', { known: '[before3]', horizon: '3' }, []],
  ])('%s', (_, parts, expected) => expect(of(parts)).toEqual(expected));
});

describe('percentage-near-zero', () => {
  const { find } = THREATS.find(({ code }) => code === 'percentage-near-zero') ?? {};
  const values = Array.from({ length: 60 }, (_, t) => `${t},${t % 7 === 0 ? 0 : 100 + t}`);
  writeFileSync(join(folder, 'zeros.csv'), ['t,y', ...values].join('\n'));
  const found = (parts: Readonly<Record<string, string>>, metric: Readonly<Record<string, unknown>>): readonly string[] => {
    const { plan } = planned(parts);
    const codes: string[] = [];
    const metrics = [{ kind: 'mean_absolute_error' }, { kind: 'mean_absolute_percentage_error', ...metric }];
    find?.({ values: { ...plan.config.values, metrics }, data: plan.data, model: plan.model, transforms: [] }, ({ code, path, message }) =>
      codes.push(`${code} ${path.join('.')}: ${message.split(' are')[0]}`),
    );
    return codes;
  };
  const zeros = { file: 'zeros.csv', time: 't', targets: '[y]', transform: '', split: '{test: 0.5}', season: '1' };

  test('is told of each split that is measured', () => {
    expect(found(zeros, { splits: ['test'] })).toEqual(['percentage-near-zero metrics.1.kind: 4 values of test']);
    expect(found(zeros, { kind: 'symmetric_mean_absolute_percentage_error' })).toHaveLength(2);
  });
  test('not of other metrics, nor of values that stay away from 0', () => {
    expect(found(zeros, { kind: 'root_mean_squared_error' })).toEqual([]);
    expect(found({}, {})).toEqual([]);
  });
});

/** What one of two libraries does by default, and what a series can't do: a step that tests is read by a window that trains. */
test.each(
  ['reach', 'inside'].flatMap((border) => [1, 3].flatMap((horizon) => ['', '[known]'].map((known) => [border, horizon, known] as const))),
)('no window that trains holds a step of the test: border %s, horizon %d, known %j', (border, horizon, known) => {
  const rows = Array.from({ length: 50 }, (_, t) => `${t},${t},${t}`);
  writeFileSync(join(folder, 'steps.csv'), ['t,y,known', ...rows].join('\n'));
  const { plan, stages, files } = planned(
    {
      file: 'steps.csv',
      time: 't',
      targets: '[y]',
      transform: '',
      window: '4',
      season: '1',
      split: '{test: 0.2}',
      border,
      horizon: String(horizon),
      ...(known !== '' && { known }),
    },
    known === '' ? {} : accepting('sees-the-answer', 'outside-the-range-of-train'),
  );
  const dataset = createDataset(plan, stages, files);
  const read = [...dataset.batches('train', 1)].flatMap(({ inputs, target }) => [...inputs.input, ...target]);
  const tested = [...dataset.batches('test', 1)].flatMap(({ target, weight }) =>
    [...target].filter((_, at) => weight[Math.floor(at / horizon)]),
  );
  expect(Math.max(...read)).toBeLessThan(Math.min(...tested));
});
