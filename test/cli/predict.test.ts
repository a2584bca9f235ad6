import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type TokensView, wrongView } from '../../src/views/view.js';
import { bin } from '../support/build.js';
import { workplace } from '../support/program.js';

/* A trained model on data: what predict and evaluate say of a run's own test, of other files, and of files that can't be asked about. */

const place = workplace();
const at = (name: string): string => join(place.folder, name);
const write = (name: string, text: string): string => (writeFileSync(at(name), text), at(name));
const retable = (...args: readonly string[]) => place.call(...args, '--runs', at('runs'));

async function json<T>(...args: readonly string[]): Promise<T> {
  const { stdout, stderr, status } = await retable(...args, '--json');
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

interface Trained {
  readonly record: string;
  readonly metrics: Readonly<Record<string, { readonly value: number }>>;
}

interface Said {
  readonly truth: number | null;
  readonly forecast: number;
  readonly naive: number;
}

interface Predicted {
  readonly naive: string;
  readonly predictions: readonly {
    readonly series?: string;
    readonly origin: string;
    readonly time: string;
    readonly ahead: number;
    readonly targets: Readonly<Record<string, Said>>;
  }[];
  readonly notes: readonly string[];
}

interface Evaluated {
  readonly examples: number;
  readonly from: string;
  readonly to: string;
  readonly metrics: readonly { readonly name: string; readonly value: number; readonly baselines: Readonly<Record<string, number>> }[];
  readonly skill: { readonly naive: string };
  readonly findings: readonly string[];
  readonly notes: readonly string[];
}

async function told(...args: readonly string[]): Promise<string> {
  const { status, stderr } = await retable(...args);
  expect(status).not.toBe(0);
  return stderr.replaceAll(place.folder, '').replaceAll(/\b[0-9a-f]{8}\b/g, 'ID');
}

describe('of a series', () => {
  const [heading = '', ...months] = readFileSync('experiments/data/airline.csv', 'utf8').trim().split('\n');
  const file = (name: string, rows: readonly string[]): string => write(name, [heading, ...rows, ''].join('\n'));
  let trained: Trained;

  beforeAll(async () => {
    file('airline.csv', months);
    const document = readFileSync('experiments/airline.yaml', 'utf8').replace('data/airline.csv', 'airline.csv');
    const set = ['training.epochs=2', 'training.batch_size=8', 'dataset.horizon=2', 'engine.kind=eager-js'];
    trained = await json<Trained>('run', write('airline.yaml', document), ...set.flatMap((each) => ['--set', each]));
  }, 60_000);

  it('its test comes out as the record has it, byte for byte, and so do its metrics', async () => {
    const output = at('made/test.csv');
    expect((await retable('predict', 'airline', '--output', output)).stderr).toContain('wrote ');
    expect(readFileSync(output, 'utf8')).toBe(readFileSync(join(trained.record, 'artifacts', 'predictions-test.csv'), 'utf8'));
    const { metrics, from, to, notes } = await json<Evaluated>('evaluate', 'airline');
    expect(metrics.length).toBe(4);
    for (const { name, value } of metrics) expect([name, value]).toEqual([name, trained.metrics[`test/${name}`]?.value]);
    expect([from, to, notes]).toEqual(['1957-01', '1960-12', []]);
  });

  it('its model says in its metadata what has to be done before it and after it', () => {
    const bytes = readFileSync(join(trained.record, 'artifacts', 'model', 'model.onnx')).toString('latin1');
    const [text = '{}'] = /\{"version":1,"experiment":"airline".*?"lost":0,[^{}]*\}\]\}\}\}/.exec(bytes) ?? [];
    const { transforms, ...recipe } = (JSON.parse(text) as { recipe: { transforms: Readonly<Record<string, readonly object[]>> } }).recipe;
    expect(recipe).toMatchObject({
      time: 'Month',
      targets: ['Passengers'],
      features: ['Passengers'],
      known: [],
      window: 12,
      horizon: 2,
      layout: 'steps',
      lost: 12,
    });
    const preprocessing = JSON.parse(readFileSync(join(trained.record, 'artifacts', 'preprocessing.json'), 'utf8')) as {
      readonly transforms: Readonly<Record<string, readonly object[]>>;
    };
    expect(transforms['Passengers']).toMatchObject([
      { kind: 'log', offset: 0, lost: 0, apply: 'log(x[t] + offset)', invert: 'exp(y[t]) - offset' },
      { kind: 'difference', lag: 12, lost: 12, apply: 'x[t] - x[t - lag]', invert: 'y[t] + x[t - lag]' },
      { kind: 'standardize', ...preprocessing.transforms['Passengers']?.[2], lost: 0 },
    ]);
    expect(JSON.parse(text)).toMatchObject({
      inputs: [{ name: 'input', dtype: 'float32', shape: [null, 12, 1], axes: ['batch', 'time', 'features'] }],
      outputs: [{ name: 'output', shape: [null, 2], axes: ['batch', 'outputs'], reading: 'values' }],
    });
  });

  it('a file has a forecast after every window, also after the last one, and says which dates trained', async () => {
    const { predictions, naive, notes } = await json<Predicted>('predict', 'airline', at('airline.csv'));
    // 144 months without 12 for the difference and 11 before the end of the first window, two steps each.
    expect(predictions.length).toBe(2 * (144 - 12 - 11));
    expect(predictions.slice(-3).map(({ origin, time, ahead, targets }) => [origin, time, ahead, targets['Passengers']?.truth])).toEqual([
      ['1960-11', '1961-01', 2, null],
      ['1960-12', '1961-01', 1, null],
      ['1960-12', '1961-02', 2, null],
    ]);
    expect(notes).toEqual([
      expect.stringMatching(/^\d+ of 121 forecasts are about dates that the run was trained on \(1949-01 to 1956-12\); /),
    ]);
    const kept = readFileSync(join(trained.record, 'artifacts', 'predictions-test.csv'), 'utf8')
      .trim()
      .split('\n')
      .slice(1);
    expect(kept.length).toBe(94);
    for (const row of kept) {
      const [origin, time, , truth, forecast, beside] = row.split(',');
      const same = predictions.find((each) => each.origin === origin && each.time === time)?.targets['Passengers'];
      expect(same?.truth).toBe(Number(truth));
      expect(same?.forecast).toBeCloseTo(Number(forecast), 2);
      expect([naive, same?.naive]).toEqual(['drift', Number(beside)]);
    }
  });

  it('is measured on a file over every window that has its answer, beside the naive forecasts', async () => {
    const tail = file('tail.csv', months.slice(-60));
    const { predictions } = await json<Predicted>('predict', 'airline', tail);
    // The last window has one answer of two, and that after the end none: they are predicted, and not measured.
    const pairs = predictions.flatMap(({ origin, targets }) =>
      origin < '1960-11' && targets['Passengers'] ? [targets['Passengers']] : [],
    );
    const { metrics, examples, skill, notes, findings } = await json<Evaluated>('evaluate', 'airline', tail);
    const mean = (of: (each: Said) => number): number => pairs.reduce((sum, each) => sum + of(each), 0) / pairs.length;
    expect(examples).toBe(60 - 12 - 11 - 2);
    expect(pairs.length).toBe(2 * examples);
    const error = metrics.find(({ name }) => name === 'mean_absolute_error');
    expect(error?.value).toBeCloseTo(
      mean(({ truth, forecast }) => Math.abs((truth ?? 0) - forecast)),
      3,
    );
    expect(error?.baselines[skill.naive]).toBeCloseTo(
      mean(({ truth, naive }) => Math.abs((truth ?? 0) - naive)),
      3,
    );
    expect(notes).toEqual([]);
    expect(findings.join(' ')).toContain('file/mean_absolute_error is ');
    const shown = await retable('evaluate', 'airline', tail);
    expect(shown.stdout).toMatch(
      /^35 forecasts of .*tail\.csv, from 1958-01 to 1960-12\n\nmetric +value +mean +drift +persistence +seasonal_naive\n/,
    );
  });

  it('reads a file of another form, and shows the first answers', async () => {
    const other = ['Passengers;Month', ...months.slice(-40).map((row) => row.split(',').toReversed().join(',0;'))];
    const { stdout, stderr } = await retable('predict', 'airline', write('other.csv', `${other.join('\n')}\n`));
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^time +ahead +Passengers +forecast +drift\n1959-09 +1 +463\.00 +\d/);
    expect(await retable('predict', 'airline', at('airline.csv'))).toMatchObject({
      stdout: expect.stringMatching(/\n202 more of 242 answers: --output predictions\.csv writes them all\n$/) as string,
    });
    const lines = at('some.jsonl');
    await retable('predict', 'airline', at('other.csv'), '--output', lines);
    expect(JSON.parse(readFileSync(lines, 'utf8').split('\n')[0] ?? '')).toMatchObject({ origin: '1959-08', time: '1959-09', ahead: 1 });
  });

  it('tells what is odd about a file', async () => {
    const grown = months.slice(-40).map((row, index) => row.replace(/\d+$/, (value) => String(Number(value) * 1.2 ** index)));
    const { notes } = await json<Predicted>('predict', 'airline', file('grown.csv', grown));
    expect(notes).toEqual([
      expect.stringMatching(
        /^28 of 28 values of "Passengers", transformed, lie outside of what training saw \(-\d\.\d+ to \d\.\d+\); a model knows/,
      ),
    ]);
  });

  it('says what it cannot do', async () => {
    const name = 'evaluate';
    expect(await told(name, 'airline', write('renamed.csv', ['Month,Pasengers', ...months].join('\n')))).toBe(
      'error: /renamed.csv: the file has no column "Passengers"\n  help: did you mean "Pasengers"?\n',
    );
    expect(await told(name, 'airline', file('short.csv', months.slice(0, 25)))).toBe(
      'error: /short.csv: the longest series has 25 steps, and a window with its forecast takes 26\n  help: give the rows before them too\n',
    );
    expect(
      await told(
        name,
        'airline',
        file(
          'quarters.csv',
          months.filter((_, index) => index % 3 === 0),
        ),
      ),
    ).toBe(
      'error: /quarters.csv: a step of the file is 3 months, and the run was trained on steps of one month\n  help: give rows that are as far apart: sum them up first, or take their mean\n',
    );
    expect(await told(name, 'airline', file('gap.csv', months.toSpliced(40, 1)))).toBe(
      'error: /gap.csv: line 42: 1 step missing between 1952-04 and 1952-06\n  help: fill it in: data are read as the document of the run says\n',
    );
    expect(await told('predict', 'airline', file('below.csv', months.with(50, '1953-03,-2')))).toBe(
      'error: /below.csv: line 52: "Passengers" is -2, and log can\'t change it: no logarithm of -2\n  help: take such values out: the run was trained with this transform\n',
    );
    expect(await told('predict', 'airline', at('gone.csv'))).toBe('error: "/gone.csv" cannot be read: there is no such file\n');
    expect(await told('predict', 'airline', '--output', at('x.pdf'))).toBe(
      'error: a prediction is written as .csv, .json or .jsonl, and "/x.pdf" is none of them\n',
    );
  });
});

describe('of several series and targets', () => {
  const day = (t: number): string => new Date(Date.UTC(2021, 4, 1 + t)).toISOString().slice(0, 10);
  const row = (shop: string, t: number): string =>
    `${shop},${day(t)},${100 + ((t * 7) % 13)},${50 + ((t * 5) % 11)},${t % 7},${(t * 3) % 5}`;
  const shops = (counts: Readonly<Record<string, number>>): string =>
    [
      'shop,day,sold,left,weekday,visits',
      ...Object.entries(counts).flatMap(([shop, count]) => Array.from({ length: count }, (_, t) => row(shop, t))),
      '',
    ].join('\n');
  const document = (name: string, more: string): string => `experiment: ${name}
dataset:
  kind: series
  file: shops.csv
  time: day
  series: shop
  targets: [sold, left]
  features: [visits]
  known: [weekday]
  window: 4
  horizon: 3
  transform: [{kind: min_max}]
  split: {test: 0.2}
model: {kind: gru, hidden_size: 3}
loss: {kind: mean_squared_error}
optimizer: {kind: adam, learning_rate: 0.01}
metrics: [{kind: mean_absolute_error}]
training: {epochs: 1, batch_size: 4${more}}
engine: {kind: eager-js}
`;

  beforeAll(async () => {
    write('shops.csv', shops({ Ulm: 40, Bonn: 30 }));
    await json('run', write('shops.yaml', document('shops', '')));
  }, 60_000);

  it('needs no columns of what nobody reads, and says which series are too short', async () => {
    const rows = shops({ Kiel: 12, Ulm: 3 }).split('\n');
    const without = rows.map((each) => (each === '' ? '' : each.split(',').toSpliced(2, 2).join(',')));
    const { predictions, notes } = await json<Predicted>('predict', 'shops', write('without.csv', without.join('\n')));
    // What is known in advance has to be there: the last three days have nothing to read beyond the end.
    expect(predictions.length).toBe(3 * (12 - 3 - 3));
    expect(predictions.at(-1)).toMatchObject({
      series: 'Kiel',
      origin: day(8),
      time: day(11),
      ahead: 3,
      targets: { sold: { truth: null } },
    });
    expect(notes[0]).toBe('1 of 2 series has too few steps in a row for a forecast: "Ulm"');
    expect(await told('evaluate', 'shops', at('without.csv'))).toContain('/without.csv: the file has no column "sold"');
  });

  it('a forecast of a model that carries its state has read all windows before', async () => {
    write('daily.csv', shops({ Ulm: 24 }));
    const carried = document('carried', ', recurrent_state: carry, shuffle: false')
      .replace('shops.csv', 'daily.csv')
      .replace(/ {2}known.*\n/, '')
      .replace('window: 4', 'window: 1')
      .replace('batch_size: 4', 'batch_size: 1');
    await json('run', write('carried.yaml', carried));
    const { forecasts } = await json<{
      forecasts: readonly { time: string; targets: Readonly<Record<string, { forecast: number }>> }[];
    }>('forecast', 'carried');
    const { predictions } = await json<Predicted>('predict', 'carried', at('daily.csv'));
    const last = predictions.slice(-3);
    expect(last.map(({ time }) => time)).toEqual([day(24), day(25), day(26)]);
    expect(forecasts.map(({ time, targets }) => [time, targets['sold']?.forecast.toPrecision(6)])).toEqual(
      last.map(({ time, targets }) => [time, targets['sold']?.forecast.toPrecision(6)]),
    );
    // The last window by itself is another answer: there is a state.
    write('daily.csv', shops({ Ulm: 24 }).split('\n').toSpliced(1, 23).join('\n'));
    const { predictions: alone } = await json<Predicted>('predict', 'carried', at('daily.csv'));
    expect(alone[0]?.targets['sold']?.forecast).not.toBeCloseTo(last[0]?.targets['sold']?.forecast ?? 0, 5);
  }, 60_000);
});

describe('of sequences', () => {
  const kinds = ['rest', 'run', 'walk'];
  const rows = (names: readonly number[], label = (kind: string): string => kind): string => {
    const steps = names.flatMap((name) =>
      Array.from(
        { length: 3 + (name % 3) },
        (_, t) => `s${name},${t},${(name % 3) * 2 + Math.sin(name + t)},${label(kinds[name % 3] ?? '')}`,
      ),
    );
    return ['id,t,speed,kind', ...steps, ''].join('\n');
  };
  let record = '';
  const upTo = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, index) => from + index);

  beforeAll(async () => {
    write('moves.csv', rows(upTo(0, 24)));
    const text = `experiment: moves
dataset: {kind: sequences, file: moves.csv, format: csv, sequence: id, order: t, features: [speed], target: kind, task: classification, split: {test: 0.25}}
model: {kind: gru, hidden_size: 6}
loss: {kind: cross_entropy}
optimizer: {kind: adam, learning_rate: 0.05}
metrics: [{kind: accuracy}, {kind: confusion_matrix}]
training: {epochs: 8, batch_size: 4}
engine: {kind: eager-js}
`;
    record = (await json<Trained>('run', write('moves.yaml', text))).record;
  }, 60_000);

  it('the exported model has the scales and the names of the classes', () => {
    const bytes = readFileSync(join(record, 'artifacts', 'model', 'model.onnx')).toString('latin1');
    const kept = JSON.parse(readFileSync(join(record, 'artifacts', 'preprocessing.json'), 'utf8')) as Readonly<Record<string, unknown>>;
    const scales = { means: kept['means'], deviations: kept['deviations'], formula: '(x - mean) / deviation' };
    const recipe = { features: ['speed'], ...scales, target: 'kind', task: 'classification', target_per: 'sequence', classes: kinds };
    expect(bytes).toContain(`"recipe":${JSON.stringify(recipe)}`);
  });

  interface Answered {
    readonly predictions: readonly {
      readonly sequence: string;
      readonly truth: string | null;
      readonly prediction: string;
      readonly probabilities: Readonly<Record<string, number>>;
    }[];
    readonly notes: readonly string[];
  }

  it('its test comes out as the record has it, byte for byte, and the accuracy follows from it', async () => {
    const output = at('moves-test.csv');
    await retable('predict', 'moves', '--output', output);
    const kept = readFileSync(join(record, 'artifacts', 'predictions-test.csv'), 'utf8');
    expect(readFileSync(output, 'utf8')).toBe(kept);
    const [head, ...answers] = kept
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    expect(head).toEqual(['sequence', 'truth', 'prediction', ...kinds.map((kind) => `probability of ${kind}`)]);
    const { metrics } = await json<Evaluated>('evaluate', 'moves');
    const right = answers.filter(([, truth, prediction]) => truth === prediction).length;
    expect([answers.length, metrics.find(({ name }) => name === 'accuracy')?.value]).toEqual([6, right / 6]);
  });

  it('answers have the names of classes, with probabilities', async () => {
    const { predictions, notes } = await json<Answered>('predict', 'moves', write('new.csv', rows([101, 102])));
    expect(predictions.map(({ sequence, truth }) => [sequence, truth])).toEqual([
      ['s101', 'walk'],
      ['s102', 'rest'],
    ]);
    for (const { prediction, probabilities } of predictions) {
      expect(Object.keys(probabilities)).toEqual(kinds);
      expect(Object.values(probabilities).reduce((a, b) => a + b)).toBeCloseTo(1, 6);
      expect(probabilities[prediction]).toBe(Math.max(...Object.values(probabilities)));
    }
    expect(notes).toEqual([]);
    const { metrics, examples } = await json<Evaluated>('evaluate', 'moves', at('new.csv'));
    const right = predictions.filter(({ truth, prediction }) => truth === prediction).length;
    expect([examples, metrics.find(({ name }) => name === 'accuracy')?.value]).toEqual([2, right / 2]);
  });

  it('data may be piped in, and are called so', async () => {
    const through = (command: string, input: string) => {
      const args = [bin('retable'), command, 'moves', '-', '--runs', at('runs'), ...(command === 'predict' ? ['--json'] : [])];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { input, encoding: 'utf8' });
      return { status, stdout, stderr };
    };
    const { predictions } = await json<Answered>('predict', 'moves', write('piped.csv', rows([101, 102])));
    const piped = through('predict', rows([101, 102]));
    expect(JSON.parse(piped.stdout)).toMatchObject({ file: 'standard input', predictions });
    expect(through('evaluate', rows([101, 102])).stdout).toContain('2 sequences of standard input');
    expect(through('predict', '')).toMatchObject({ status: 2, stderr: expect.stringContaining('error: standard input: ') as string });
  });

  it('labels need not be there to be predicted, and have to be known to be measured', async () => {
    const bare = rows([101, 102]).replaceAll(/,\w*$/gm, '');
    const { predictions } = await json<Answered>('predict', 'moves', write('bare.csv', bare));
    expect(predictions.map(({ truth }) => truth)).toEqual([null, null]);
    const odd = write(
      'odd.csv',
      rows([101, 102], (kind) => kind.replace('walk', 'wlak')),
    );
    expect((await json<Answered>('predict', 'moves', odd)).notes).toEqual([
      'line 2: the run was not trained on the class "wlak"; did you mean "walk"?',
    ]);
    expect(await told('evaluate', 'moves', odd)).toBe(
      'error: /odd.csv: line 2: the run was not trained on the class "wlak"\n  help: did you mean "walk"? no answer to rows of other classes can be right: take them out\n',
    );
  });

  it('tells what trained, and what lies outside of it', async () => {
    const { predictions } = await json<Answered>('predict', 'moves');
    const tested = new Set(predictions.map(({ sequence }) => sequence));
    const trained = upTo(0, 24).filter((name) => !tested.has(`s${name}`));
    const some = write('some.csv', rows([...trained.slice(0, 4), 101]));
    expect((await json<Answered>('predict', 'moves', some)).notes).toEqual([
      expect.stringMatching(/^4 of 5 sequences are among those that the run was trained on; /),
    ]);
    const fast = rows([101, 102, 104]).replaceAll(/,-?\d\.\d+,/g, ',99.5,');
    expect((await json<Answered>('predict', 'moves', write('fast.csv', fast))).notes).toEqual([
      expect.stringMatching(/^\d+ of \d+ values of "speed" lie outside of what training saw \(-\d.* to \d.*\); /),
    ]);
  });
});

it('a dataset of a person is asked through its own encode, and told where that gives something else', async () => {
  const module = (answers: string): string => `export default ({ defineStage, Type }) => {
  const read = (files, file) => new TextDecoder().decode(files.read(file)).trim().split(/\\s+/).map(Number);
  const split = (count) => ({
    examples: count, batches: Math.ceil(count / 4), batchSize: 4,
    inputs: { input: { shape: [2, 1], axes: ['time', 'features'], dtype: 'float32' } },
    target: { shape: [1], axes: ['outputs'], dtype: 'float32' },
  });
  function* batches(all) {
    for (let first = 0; first + 2 < all.length; first += 4) {
      const rows = [0, 1, 2, 3].map((row) => (first + row + 2 < all.length ? all.slice(first + row, first + row + 3) : undefined));
      yield {
        inputs: { input: Float32Array.from(rows.flatMap((row = [0, 0]) => row.slice(0, 2))) },
        target: Float32Array.from(rows.map((row = [0, 0, 0]) => row[2])),
        weight: Float32Array.from(rows.map((row) => (row ? 1 : 0))),
      };
    }
  }
  return [defineStage({
    slot: 'dataset', kind: 'walk', version: 1, summary: 'A walk.',
    options: Type.Object({ file: Type.String({ path: true, description: 'Numbers.' }) }),
    look: ({ file }, { files }) => ({ digest: String(read(files, file).length), facts: [], content: {} }),
    fit: () => ({}),
    plan: () => ({ splits: { train: split(10), test: split(10) }, independent: true, chance: {} }),
    create: ({ files }, { file }) => ({ batches: () => batches(read(files, file)) }),
    encode({ file }, { files, name }) {
      const all = read(files, file);
      return ${answers};
    },
  })];
};
`;
  const good =
    '{ split: split(all.length - 2), dataset: { batches: () => batches(all), rows: () => all.slice(2).map((_, at) => ({ series: name + at, times: [] })) } }';
  const train = async (name: string, answers: string): Promise<void> => {
    write(`${name}.mjs`, module(answers));
    write('walk.txt', Array.from({ length: 12 }, (_, t) => t % 4).join('\n'));
    write(
      `${name}.yaml`,
      `experiment: ${name}
use: [./${name}.mjs]
dataset: {kind: walk, file: walk.txt}
model: {kind: rnn, hidden_size: 2}
loss: {kind: mean_squared_error}
optimizer: {kind: adam, learning_rate: 0.01}
metrics: [{kind: mean_absolute_error}]
training: {epochs: 1, batch_size: 4}
engine: {kind: eager-js}
`,
    );
    const { status, stderr } = await place.run('run', at(`${name}.yaml`), '--runs', at('runs'));
    expect(status, stderr).toBe(0);
  };
  await train('walk', good);
  write('steps.txt', '1 2 3 4 5 6 7 8');
  const { stdout } = await place.run('predict', 'walk', at('steps.txt'), '--json', '--runs', at('runs'));
  const { predictions } = JSON.parse(stdout) as { predictions: readonly { sequence: string; truth: number }[] };
  expect(predictions.map(({ sequence, truth }) => [sequence, truth])).toEqual(
    Array.from({ length: 6 }, (_, index) => [`file${index}`, index + 3]),
  );
  const { metrics } = JSON.parse(
    (await place.run('evaluate', 'walk', at('steps.txt'), '--json', '--runs', at('runs'))).stdout,
  ) as Evaluated;
  expect(metrics.map(({ name }) => name)).toEqual(['loss', 'mean_absolute_error']);

  await train('odd', '{ split: split(12), dataset: { batches: () => batches(all) } }');
  const odd = await place.run('evaluate', 'odd', at('steps.txt'), '--runs', at('runs'));
  expect(odd.status).not.toBe(0);
  expect(odd.stderr).toContain('/odd.mjs fails in batches: it gives 2 batches of file in epoch 1, and plan announced 3');
}, 120_000);

it('a run on generated data is told apart', async () => {
  const set = ['dataset.examples=32', 'dataset.bits=4', 'training.epochs=1', 'training.batch_size=8', 'engine.kind=eager-js'];
  await retable('run', 'experiments/lstm_addition.yaml', ...set.flatMap((each) => ['--set', each]));
  for (const name of ['predict', 'evaluate'])
    expect(await told(name, 'lstm_addition')).toBe(
      "error: run ID can't be asked about other data: its dataset is binary_addition\n  help: what can be is trained on files: series, sequences, texts, tagged sentences, text; or on a dataset of your own that gives encode\n",
    );
}, 60_000);

describe('of texts and of tagged sentences', () => {
  const words = ['good', 'great', 'fine', 'bad', 'poor', 'dull'];
  const review = (i: number): string => `the ${words[(i * 7) % 6] ?? ''} film ${i % 5} of ${i}, ${words[(i * 5 + 1) % 6] ?? ''}`;
  const reviews = Array.from({ length: 60 }, (_, i) => `"${review(i)}",${(i * 7) % 6 < 3 ? 'up' : 'down'}`);
  const tags = Array.from({ length: 40 }, (_, i) => [
    `the O`,
    `${i % 2 ? 'Ann' : 'Bob'} B-PER`,
    ...(i % 3 ? [`Li${i} I-PER`] : []),
    'ran O',
    '',
  ]);
  let trained: Readonly<Record<string, Trained>> = {};
  const artifact = (name: string, file: string): string => readFileSync(join(trained[name]?.record ?? '', 'artifacts', file), 'utf8');

  beforeAll(async () => {
    write('reviews.csv', ['review,stars', ...reviews, ''].join('\n'));
    write('names.conll', tags.flat().join('\n'));
    const rest = `loss: {kind: cross_entropy}
optimizer: {kind: adam, learning_rate: 0.05}
training: {epochs: 3, batch_size: 8}
engine: {kind: eager-js}
`;
    const document = `experiment: reviews
dataset: {kind: texts, file: reviews.csv, text: review, target: stars, split: {validation: 0.2, test: 0.25}}
model: {kind: gru, hidden_size: 4, readout: attention}
metrics: [{kind: accuracy}, {kind: f1}, {kind: area_under_roc}]
${rest}`;
    const named = `experiment: names
dataset: {kind: tagged, file: names.conll, words: 0, target: 1, split: {test: 0.3}}
model: {kind: gru, hidden_size: 4, readout: every}
metrics: [{kind: accuracy}, {kind: entity_f1}]
${rest}`;
    trained = {
      reviews: await json<Trained>('run', write('reviews.yaml', document)),
      names: await json<Trained>('run', write('names.yaml', named)),
    };
  }, 60_000);

  it.each(['reviews', 'names'])('the test of %s comes out as the record has it, byte for byte, and so do its metrics', async (name) => {
    const output = at(`made/${name}.csv`);
    await retable('predict', name, '--output', output);
    const run = trained[name] ?? { record: '', metrics: {} };
    expect(readFileSync(output, 'utf8')).toBe(artifact(name, 'predictions-test.csv'));
    const { metrics } = await json<Evaluated>('evaluate', name);
    expect(metrics.length).toBeGreaterThan(2);
    for (const { name: metric, value } of metrics) expect([metric, value]).toEqual([metric, run.metrics[`test/${metric}`]?.value]);
    expect(metrics.flatMap(({ baselines }) => Object.keys(baselines))).toContain(name === 'reviews' ? 'naive_bayes' : 'tag_of_token');
  });

  it('the models are exported, though their texts are of several lengths', () => {
    for (const name of ['reviews', 'names']) expect(artifact(name, 'model/model.onnx').length).toBeGreaterThan(1000);
  });

  it('a model that attends shows which words counted, as it reads them', () => {
    for (const split of ['validation', 'test']) {
      const { view } = JSON.parse(artifact('reviews', `views/${split}/attention.json`)) as { view: TokensView };
      expect(wrongView(view)).toBeUndefined();
      expect(view.rows.length).toBeGreaterThan(4);
      for (const { name, note, tokens, weights } of view.rows) {
        const [, text = '', truth, said] =
          new RegExp(`^${name},"([^"]*)",(\\w+),(\\w+),`, 'm').exec(artifact('reviews', `predictions-${split}.csv`)) ?? [];
        expect(note).toMatch(
          truth === said ? new RegExp(`^${said} \\(\\d+ %\\), which is right$`) : new RegExp(`^${said} .*, right is ${truth}$`),
        );
        const words = text.match(/\w+|,/g) ?? [];
        expect(tokens.map((token, at) => (token === '<unk>' ? words[at] : token))).toEqual(words);
        expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 2);
      }
    }
    expect(artifact('reviews', 'plots/attention.test.svg')).toContain('attention of test');
  });

  it('an answer stands beside its text, and beside its word', () => {
    const lines = artifact('reviews', 'predictions-validation.csv').split('\n');
    expect(lines[0]).toBe('sequence,text,truth,prediction,probability of down,probability of up');
    expect(lines[1]).toMatch(/^line \d+,"the \w+ film \d of \d+, \w+",(?:up|down),(?:up|down),0?\.\d+,0?\.\d+$/);
  });

  it('a batch of another size gives the same answers within 1e-6', async () => {
    const [first = ''] = artifact('reviews', 'predictions-test.csv').split('\n').slice(1);
    const [, text = '', probability = ''] = /^line \d+,("[^"]+"),\w+,\w+,([\d.e-]+),/.exec(first) ?? [];
    interface Answered {
      readonly predictions: readonly { readonly probabilities: Readonly<Record<string, number>> }[];
    }
    const { predictions } = await json<Answered>('predict', 'reviews', write('one.csv', `review\n${text}\n`));
    expect(predictions).toHaveLength(1);
    expect(predictions[0]?.probabilities['down']).toBeCloseTo(Number(probability), 6);
  });

  it('files that lack something are told', async () => {
    expect(await told('predict', 'reviews', write('other.csv', 'text\nhello\n'))).toContain('no column is called "review"');
    expect(await told('evaluate', 'reviews', write('other.csv', 'review\nhello\n'))).toContain('no column is called "stars"');
    expect(await told('evaluate', 'names', write('words.conll', 'the\nend\n'))).toContain('the file has 1 column');
  });
});

describe('of a text', () => {
  beforeAll(async () => {
    write('song.txt', 'row row row your boat, gently down the stream.\n'.repeat(30));
    const document = `experiment: song
dataset: {kind: text, file: song.txt, time_steps: 12, validation: 0.2}
model: {kind: gru, hidden_size: 12, readout: every}
loss: {kind: cross_entropy}
optimizer: {kind: adam, learning_rate: 0.03}
metrics: [{kind: perplexity}]
training: {epochs: 3, batch_size: 8, shuffle: true}
engine: {kind: eager-js}
`;
    await json('run', write('song.yaml', document));
  }, 60_000);

  it('what comes next is a table of tokens for each line, the likeliest first', async () => {
    interface Next {
      readonly predictions: readonly {
        readonly sequence: string;
        readonly text: string;
        readonly rank: number;
        readonly token: string;
        readonly probability: number;
      }[];
      readonly notes: readonly string[];
    }
    const { predictions, notes } = await json<Next>('predict', 'song', write('begun.txt', 'row ro\n\nyour B'));
    const first = predictions.filter(({ sequence }) => sequence === 'line 1');
    expect(first.map(({ rank }) => rank)).toEqual(first.map((_, at) => at + 1));
    expect(first.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 6);
    expect(first.map(({ probability }) => probability)).toEqual(first.map(({ probability }) => probability).toSorted((a, b) => b - a));
    expect(new Set(predictions.map(({ sequence, text }) => `${sequence}: ${text}`))).toEqual(new Set(['line 1: row ro', 'line 3: your B']));
    expect(notes).toEqual(['"B" never occurred in training, and is read as <unk>']);
    const samples = await json<{ readonly samples: readonly { readonly text: string }[] }>(
      'sample',
      'song',
      '--prefix',
      'row ro',
      '--length',
      '1',
      '--temperature',
      '0',
    );
    expect(samples.samples[0]?.text).toBe(`row ro${first[0]?.token}`);
  });

  it('another text is measured by the vocabulary of this one, also a short one', async () => {
    const { metrics, examples } = await json<Evaluated>('evaluate', 'song', write('other.txt', 'row your boat down the stream\n'));
    expect([examples, metrics.map(({ name }) => name)]).toEqual([2, ['loss', 'perplexity']]);
    const [loss, perplexity] = metrics.map(({ value }) => value);
    expect(Math.exp(loss ?? 0)).toBeCloseTo(perplexity ?? 0, 5);
  });

  it('what validated is measured as it was, where it is given whole', async () => {
    const tokens = readFileSync(at('song.txt'), 'utf8');
    const { metrics } = await json<Evaluated>(
      'evaluate',
      'song',
      write('held.txt', tokens.slice(tokens.length - Math.round(0.2 * tokens.length))),
    );
    const run = await json<{ readonly metrics: Readonly<Record<string, { readonly last: number }>> }>('show', 'song');
    expect(JSON.stringify(run.metrics['validation/perplexity'])).toContain(String(metrics[1]?.value));
  });

  it('nothing to read is told', async () => {
    expect(await told('predict', 'song')).toBe(
      'error: what should run ID read?\n  help: name a file with a beginning on each line, or pipe one in: retable predict ID -\n',
    );
    expect(await told('predict', 'song', write('empty.txt', '\n\n'))).toContain('empty.txt holds no text');
    expect(await told('evaluate', 'song', write('one.txt', 'r'))).toContain('a text of 1 token has none to predict');
  });
});
