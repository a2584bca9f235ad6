import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Ended, workplace } from '../support/program.js';

const place = workplace();
const runs = join(place.folder, 'runs');
const at = (name: string): string => join(place.folder, name);
const write = (name: string, text: string): string => (writeFileSync(at(name), text), at(name));
const retable = async (...args: readonly string[]): Promise<Ended> => {
  const ended = await place.run(...args, '--runs', runs);
  return { ...ended, stderr: ended.stderr.replaceAll(/^note: this ran the code of .*\n/gm, '') };
};

interface Printed {
  readonly forecasts: readonly {
    readonly series?: string;
    readonly time: string;
    readonly step: number;
    readonly targets: Readonly<
      Record<
        string,
        { readonly forecast: number; readonly interval_80: readonly number[] | null; readonly interval_95: readonly number[] | null }
      >
    >;
  }[];
  readonly residuals: number;
  readonly notes: readonly string[];
}

async function forecasts(...args: readonly string[]): Promise<Printed> {
  const { stdout, stderr, status } = await retable('forecast', ...args, '--json');
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as Printed;
}

async function train(file: string): Promise<{ readonly run: string; readonly record: string }> {
  const { stdout, stderr, status } = await retable('run', file, '--json');
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as { readonly run: string; readonly record: string };
}

/** A model that says of every step ahead what the last step of its window is. */
const LAST = `export default ({ defineStage, Type, tf }) => [defineStage({
  slot: 'model', kind: 'last', version: 1, summary: 'As the last step.', options: Type.Object({}),
  plan: (_, { data }) => ({
    parameters: [{ name: 'w', shape: [1], initializer: { kind: 'constant', value: 1 } }],
    buffers: [], state: {}, masks: [], output: data.splits.train.target,
  }),
  create: (_tools, _options, spec) => ({
    forward: ({ parameters, buffers, state }, { input }) => {
      const [rows, window, columns] = input.shape;
      const last = tf.reshape(tf.slice(input, [0, window - 1, 0], [rows, 1, columns]), [rows, columns]);
      return { output: tf.mul(tf.tile(last, [1, spec.output.shape[0] / columns]), parameters.w), buffers, state };
    },
  }),
})];
`;

const persistent = (name: string, dataset: string): string => `experiment: ${name}
use: [./last.mjs]
dataset:
  kind: series
${dataset
  .split('\n')
  .map((line) => `  ${line}`)
  .join('\n')}
model: {kind: last}
loss: {kind: mean_squared_error}
optimizer: {kind: sgd, learning_rate: 1.0e-30}
metrics: [{kind: mean_absolute_error}]
training: {epochs: 1, batch_size: 4}
`;

const day = (t: number): string => new Date(Date.UTC(2020, 0, 1 + t)).toISOString().slice(0, 10);
const level = (t: number): number => 100 + 3 * t + ([0, 5, -2, 7, 11][t % 5] ?? 0);
const days = (count: number): string => ['day,sold', ...Array.from({ length: count }, (_, t) => `${day(t)},${level(t)}`), ''].join('\n');

describe('a forecast by a model that is known', () => {
  const COUNT = 80;
  const FILE = 'sales.csv';
  // What is said of the days after t: the last change goes on.
  const said = (t: number, ahead: number): number => level(t) + ahead * (level(t) - level(t - 1));
  let [run, record] = ['', ''];

  beforeAll(async () => {
    write('last.mjs', LAST);
    write(FILE, days(COUNT));
    const dataset = `file: ${FILE}\ntime: day\ntargets: [sold]\nwindow: 3\nhorizon: 2\ntransform: [{kind: difference}, {kind: standardize}]\nsplit: {validation: 0.25, test: 0.1}`;
    ({ run, record } = await train(write('sales.yaml', persistent('sales', dataset))));
  }, 60_000);

  it('undoes the transforms, and names the days after the last one', async () => {
    const { forecasts: made, residuals, notes } = await forecasts('sales');
    expect(made.map(({ time, step }) => [time, step])).toEqual([
      [day(COUNT), 1],
      [day(COUNT + 1), 2],
    ]);
    for (const { step, targets } of made) expect(targets['sold']?.forecast).toBeCloseTo(said(COUNT - 1, step), 3);
    expect([residuals, notes]).toEqual([19, []]);
  });

  it('has intervals of the residuals of the days that validated, a rank of them each', async () => {
    const { forecasts: made } = await forecasts(run.slice(0, 8));
    for (const { step, targets } of made) {
      // 20 of 80 days validate, before 8 that test: the first forecast after the origin 51 begins with them, the last ends with them.
      const residuals = Array.from({ length: 19 }, (_, i) => Math.abs(level(51 + i + step) - said(51 + i, step))).toSorted((a, b) => a - b);
      const { forecast = 0, interval_80: narrow, interval_95: wide } = targets['sold'] ?? {};
      expect((narrow?.[1] ?? 0) - forecast).toBeCloseTo(residuals[16 - 1] ?? 0, 3);
      expect(forecast - (wide?.[0] ?? 0)).toBeCloseTo(residuals[19 - 1] ?? 0, 3);
    }
  });

  it('is a table for a terminal, a CSV and a JSON file', async () => {
    const shown = await retable('forecast', 'latest', '--steps', '1');
    expect(shown.stdout).toMatch(/^time +sold +80 % +95 %\n2020-03-21 +\d+\.\d +\d+\.\d to \d+\.\d +\d+\.\d to \d+\.\d\n$/);
    const csv = at('made/forecast.csv');
    expect((await retable('forecast', 'sales', '--output', csv)).stderr).toContain('wrote ');
    const [heading = '', ...rows] = readFileSync(csv, 'utf8').trim().split('\n');
    expect(heading).toBe('time,step,sold,sold_low_80,sold_high_80,sold_low_95,sold_high_95');
    expect(rows.map((row) => row.split(',').length)).toEqual([7, 7]);
    await retable('forecast', 'sales', '--output', at('forecast.json'));
    expect(JSON.parse(readFileSync(at('forecast.json'), 'utf8'))).toEqual({ ...(await forecasts('sales')), version: 1 });
  });

  it('is drawn behind the last known values, in their unit', async () => {
    for (const ending of ['svg', 'html']) {
      expect((await retable('forecast', 'sales', '--output', at(`forecast.${ending}`))).stderr).toContain('wrote ');
      const drawn = readFileSync(at(`forecast.${ending}`), 'utf8');
      for (const words of ['>2020-03-', 'shaded: intervals of 80 and 95 %, from 19 forecasts of validation', '>sold<'])
        expect(drawn).toContain(words);
    }
  });

  it('goes on with rows that were added, and says so; what validated stays what validated', async () => {
    const before = await forecasts('sales');
    write(FILE, days(COUNT + 7));
    const after = await forecasts('sales');
    write(FILE, days(COUNT));
    expect(after.notes).toEqual([
      expect.stringMatching(/sales\.csv has changed since run [0-9a-f]{8} was trained: it is gone on with as it is now$/),
    ]);
    expect(after.forecasts.map(({ time }) => time)).toEqual([day(COUNT + 7), day(COUNT + 8)]);
    expect(after.forecasts[0]?.targets['sold']?.forecast).toBeCloseTo(said(COUNT + 6, 1), 3);
    const width = ({ forecasts: [first] }: Printed): number => {
      const { forecast = 0, interval_95: [, high = 0] = [] } = (first?.targets['sold'] ?? {}) as {
        forecast?: number;
        interval_95?: number[];
      };
      return high - forecast;
    };
    expect(width(after)).toBeCloseTo(width(before), 3);
  });

  it('takes other data of the same columns, as few as a window takes', async () => {
    const other = write('other.csv', 'sold,day\n5,2031-05-01\n7,2031-05-02\n10,2031-05-03\n16,2031-05-04\n');
    const { forecasts: made, notes } = await forecasts('sales', other);
    expect(
      made.map(({ time, targets }) => [time, Math.round(1000 * (targets['sold']?.forecast ?? 0)), targets['sold']?.interval_80]),
    ).toEqual([
      ['2031-05-05', 22_000, null],
      ['2031-05-06', 28_000, null],
    ]);
    expect(notes).toEqual(['no intervals: the data hold none of the dates that validated in training']);
  });

  it('says what it cannot do', async () => {
    const told = async (...args: readonly string[]): Promise<string> => {
      const { status, stderr } = await retable('forecast', ...args);
      expect(status).not.toBe(0);
      return stderr.replaceAll(place.folder, '').replaceAll(/\b[0-9a-f]{8}\b/g, 'ID');
    };
    expect(await told('sales', '--steps', '3')).toBe(
      'error: run ID forecasts 2 steps at once, and 3 are asked for\n  help: train it for as many: --set dataset.horizon=3\n',
    );
    expect(await told('sales', '--steps', '0')).toBe('error: --steps can\'t be "0"\n  help: give a whole number, at least 1\n');
    expect(await told('nothing')).toContain('error: no run "nothing" in ');
    expect(await told('sales', write('renamed.csv', days(9).replace('sold', 'units')))).toMatch(
      /^error: .*renamed\.csv: the file has no column "sold"\n {2}help: its columns are "day", "units"\n$/,
    );
    expect(await told('sales', at('gone.csv'))).toMatch(/^error: ".*gone\.csv" cannot be read: /);
    expect(await told('sales', write('short.csv', days(3)))).toMatch(
      /short\.csv: the series has 3 steps, and a forecast reads 4\n {2}help: give the rows before them too\n$/,
    );
    expect(await told('sales', '--output', at('x.pdf'))).toBe(
      'error: a forecast is written as .html, .csv, .json, .svg or .png, and "/x.pdf" is none of them\n  help: print the .html of it in a browser\n',
    );
    const weights = join(record, 'artifacts', 'weights.safetensors');
    renameSync(weights, `${weights}.aside`);
    expect(await told('sales')).toBe('error: run ID keeps no weights: it is finished\n');
    renameSync(`${weights}.aside`, weights);
  });
});

it('of several series there is a row each, from its own end on; without validation there are no intervals', async () => {
  write('last.mjs', LAST);
  const rows = (name: string, count: number, scale: number): readonly string[] =>
    Array.from({ length: count }, (_, t) => `${name},${day(t)},${scale * level(t)},${t}`);
  write('shops.csv', ['shop,day,sold,visits', ...rows('Ulm', 20, 1), ...rows('Bonn', 18, 10), ''].join('\n'));
  const dataset = 'file: shops.csv\ntime: day\ntargets: [sold, visits]\nseries: shop\nwindow: 2\nhorizon: 2\nsplit: {test: 0.2}';
  await train(write('shops.yaml', persistent('shops', dataset)));
  const { forecasts: made, notes } = await forecasts('shops');
  expect(made.map(({ series, time, targets }) => [series, time, targets['sold']?.forecast, targets['visits']?.forecast])).toEqual([
    ['Ulm', day(20), level(19), 19],
    ['Bonn', day(18), 10 * level(17), 17],
    ['Ulm', day(21), level(19), 19],
    ['Bonn', day(19), 10 * level(17), 17],
  ]);
  expect(made[0]?.targets['sold']?.interval_80).toBeNull();
  expect(notes).toEqual(['no intervals: nothing validates, and residuals of what trains would be too small']);
  const { stdout } = await retable('forecast', 'shops');
  expect(stdout).toMatch(/^series +time +sold +visits\n/);
}, 60_000);

it('what is known in advance is read up to the end of the forecast, from rows without targets', async () => {
  write('last.mjs', LAST);
  const row = (t: number): string => `${day(t)},${t < 30 ? level(t) : ''},${t % 7}`;
  const sold = (count: number): string => ['day,sold,holiday', ...Array.from({ length: count }, (_, t) => row(t)), ''].join('\n');
  write('known.csv', sold(32));
  // The answer takes the holiday's place: what a step of the window holds of it is that of two steps later.
  const module = LAST.replace('[0, window - 1, 0], [rows, 1, columns]', '[0, window - 1, 1], [rows, 1, 1]').replaceAll(
    '[rows, columns]',
    '[rows, 1]',
  );
  write('holiday.mjs', module.replace('spec.output.shape[0] / columns', 'spec.output.shape[0]').replaceAll("'last'", "'holiday'"));
  const dataset = 'file: known.csv\ntime: day\ntargets: [sold]\nknown: [holiday]\nwindow: 3\nhorizon: 2\nmissing: drop\nsplit: {test: 0.2}';
  const document = persistent('known', dataset).replace('last.mjs', 'holiday.mjs').replace('{kind: last}', '{kind: holiday}');
  await train(write('known.yaml', document));
  const { forecasts: made } = await forecasts('known');
  expect(made.map(({ time, targets }) => [time, targets['sold']?.forecast])).toEqual([
    [day(30), 31 % 7],
    [day(31), 31 % 7],
  ]);
  const { status, stderr } = await retable('forecast', 'known', write('unknown.csv', sold(31)));
  expect([status, stderr]).toEqual([
    2,
    expect.stringContaining('"holiday" is known in advance, and the series has none for the 2 steps after its end'),
  ]);
}, 60_000);

it('days of trading go on after a weekend, whatever holidays were before', async () => {
  write('last.mjs', LAST);
  const trading = Array.from({ length: 60 }, (_, t) => day(t)).filter(
    (text) => ![0, 6].includes(new Date(text).getUTCDay()) && text !== '2020-01-20',
  );
  const until = trading.filter((text) => text <= '2020-02-21');
  write('close.csv', ['Date,Close', ...until.map((text, t) => `${text},${t}`), ''].join('\n'));
  const dataset = 'file: close.csv\ntime: Date\ntargets: [Close]\nwindow: 2\nhorizon: 3\nsplit: {test: 0.2}';
  await train(write('close.yaml', persistent('close', dataset)));
  const { forecasts: made } = await forecasts('close');
  expect(made.map(({ time }) => time)).toEqual(['2020-02-24', '2020-02-25', '2020-02-26']);
}, 60_000);

it('what is said month by month of a test comes to the error that the run recorded', async () => {
  const [heading = '', ...rows] = readFileSync('experiments/data/airline.csv', 'utf8').trim().split('\n');
  write('airline.csv', [heading, ...rows, ''].join('\n'));
  write('airline.yaml', readFileSync('experiments/airline.yaml', 'utf8').replace('data/airline.csv', 'airline.csv'));
  const set = ['training.epochs=2', 'dataset.split={test: {from: 1960-09}}', 'training.batch_size=8'].flatMap((each) => ['--set', each]);
  const { stdout, stderr } = await retable('run', at('airline.yaml'), ...set, '--json');
  const { metrics } = JSON.parse(stdout) as { readonly metrics: Readonly<Record<string, { readonly value: number }>> };
  const errors: number[] = [];
  for (const [index, row] of [...rows.entries()].slice(-4)) {
    const [month = '', value] = row.split(',');
    const { forecasts: made } = await forecasts('airline', write('until.csv', [heading, ...rows.slice(0, index), ''].join('\n')));
    expect(made[0]?.time).toBe(month);
    errors.push(Math.abs((made[0]?.targets['Passengers']?.forecast ?? 0) - Number(value)));
  }
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  expect(mean, stderr).toBeCloseTo(metrics['test/mean_absolute_error']?.value ?? 0, 2);
}, 60_000);

it('a run that answers something else is told apart', async () => {
  const set = ['dataset.examples=32', 'dataset.bits=4', 'training.epochs=1', 'training.batch_size=8'].flatMap((each) => ['--set', each]);
  await retable('run', 'experiments/lstm_addition.yaml', ...set);
  const { status, stderr } = await retable('forecast', 'lstm_addition');
  expect([status, stderr]).toEqual([
    2,
    'error: lstm_addition is no forecast: its dataset is binary_addition\n  help: what can be gone on with is trained on a dataset of kind series\n',
  ]);
  rmSync(runs, { recursive: true });
}, 60_000);
