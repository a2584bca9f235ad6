import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { tablePlanToJson } from '../../src/report/study/table-plan.js';
import type { tableToJson } from '../../src/report/study/table-texts.js';
import { workplace } from '../support/program.js';

/** Rows that nobody trains: what is known of the data without learning, beside what is trained. */

const place = workplace();
const folder = join(place.folder, 'documents');
mkdirSync(folder);
cpSync('experiments/data', join(folder, 'data'), { recursive: true });
const runs = join(place.folder, 'runs');

writeFileSync(
  join(folder, 'airline.yaml'),
  `experiment: airline
dataset:
  kind: series
  file: data/airline.csv
  time: Month
  targets: [Passengers]
  window: 1
  border: inside
  drop_last_window: 1
  transform: [{kind: log}, {kind: standardize}]
  split: {test: {from: 1957-01}}
model: {kind: lstm, hidden_size: 2}
loss: {kind: mean_squared_error}
optimizer: {kind: adam, learning_rate: 0.01}
metrics: [{kind: root_mean_squared_error}, {kind: mean_absolute_error, as: off_by}]
training: {epochs: 1, batch_size: 16}
accept: [{threat: test-rows-dropped, because: the published table does so}]
`,
);
writeFileSync(
  join(folder, 'flags.yaml'),
  `experiment: flags
dataset: {kind: sequences, format: csv, file: flags.csv, sequence: id, order: step, features: [x], target: flag, task: classification, split: {test: 0.3}}
model: {kind: rnn, hidden_size: 2}
loss: {kind: cross_entropy}
optimizer: {kind: adam, learning_rate: 0.01}
metrics: [{kind: accuracy}]
training: {epochs: 1, batch_size: 4}
`,
);

function write(
  name: string,
  rows: readonly string[],
  claims: readonly string[] = [],
  columns = 'test: {metric: test/root_mean_squared_error, digits: 2}',
) {
  const file = join(folder, `${name}.yaml`);
  const lines = [
    `table: ${name}`,
    'seeds: 3',
    `columns: {${columns}}`,
    'rows:',
    ...rows.map((row) => `  ${row}`),
    `claims:${claims.length === 0 ? ' []' : ''}`,
  ];
  writeFileSync(file, `${[...lines, ...claims.map((claim) => `  - {${claim}}`)].join('\n')}\n`);
  return file;
}

const LSTM = 'lstm: {label: LSTM, base: airline.yaml}';
const PERSISTENCE = 'persistence: {base: airline.yaml, baseline: persistence}';
const fits = new Ajv({ strictTypes: false }).compile(JSON.parse(readFileSync('schemas/table-result.schema.json', 'utf8')) as object);

describe('a table of numbers that are known', () => {
  const file = write(
    'known',
    [PERSISTENCE, 'three: {label: of three months, base: airline.yaml, baseline: persistence, set: {dataset.window: 3}}'],
    [
      'cell: [persistence, test], published: "48.66"',
      'cell: [three, test], published: "49.02"',
      'lower: [persistence, test], than: [three, test]',
    ],
  );

  it('has a plan that prints them, and nothing to train', async () => {
    const { status, stdout } = await place.call('plan', file, '--runs', runs);
    expect(status).toBe(0);
    expect(stdout).toMatch(/persistence +airline\.yaml +nothing to train +–\n/);
    expect(stdout).toMatch(
      /known without training +value\npersistence +test\/root_mean_squared_error +48\.6641\nof three months +.* +49\.0167\n/,
    );
    expect(stdout).toContain('0 trials: 0 done, 0 left');
    const plan = JSON.parse((await place.call('plan', file, '--runs', runs, '--json')).stdout) as ReturnType<typeof tablePlanToJson>;
    expect(plan.works).toEqual([]);
    expect(plan.cells).toEqual([
      { row: 'persistence', column: 'test', have: [], missing: [], known: expect.closeTo(48.66411, 5) },
      { row: 'three', column: 'test', have: [], missing: [], known: expect.closeTo(49.01669, 5) },
    ]);
  });

  it('is judged before anything ran: to the printed digit, and no look is counted', async () => {
    const { status, stdout } = await place.call('run', file, '--runs', runs, '--json');
    expect(status).toBe(0);
    const result = JSON.parse(stdout) as ReturnType<typeof tableToJson>;
    expect(fits(result), JSON.stringify(fits.errors)).toBe(true);
    expect(result.counts).toMatchObject({ reproduced: 3 });
    expect(result.cells[0]).toMatchObject({ baseline: 'persistence', n: 0, sd: null, interval: null, verdict: 'reproduced' });
    expect(existsSync(runs)).toBe(false);
  });

  it('shows a number, without seeds and spread, in every form', async () => {
    const judged = await place.call('judge', file, '--runs', runs);
    expect(judged.stdout).toMatch(/^persistence +48\.66 +✓ reproduced {2}48\.66\nof three months +49\.02 +✓ reproduced {2}49\.02\n/m);
    expect(judged.stdout).toContain('* Nothing is trained for persistence, of three months (persistence).');
    const written = async (ending: string): Promise<string> => {
      const output = join(place.folder, `known.${ending}`);
      await place.call('judge', file, '--runs', runs, '--output', output);
      return readFileSync(output, 'utf8');
    };
    expect(await written('md')).toContain('| persistence | ✓ 48.66 | ✓ reproduced: 48.66 |');
    expect(await written('tex')).toContain('persistence & 48.66 & $\\checkmark$ & 48.66 \\\\');
    expect(await written('csv')).toMatch(/^known,persistence,test,,,published,(48\.664\d+),\1,,,48\.66,,0,,,,reproduced,/m);
    const page = await written('html');
    expect(page).toContain('48.6641, known');
    expect(page).toContain('persistence: 48.6641, known without training');
    expect(page).not.toContain('n = 0');
    const why = await place.call('why', file, 'persistence', 'test', '--runs', runs);
    expect(why.stdout).toContain('persistence, which learns nothing: known without training, exactly 48.664110');
    expect(why.stdout).toContain('dataset.drop_last_window');
    expect(why.stdout).not.toMatch(/optimizer|mean of 0 seeds|none is finished/);
  });
});

it('a trained row is held against it as against a limit, and has the works that it has alone', async () => {
  const file = write(
    'both',
    [LSTM, PERSISTENCE],
    [
      'lower: [lstm, test], than: [persistence, test]',
      'higher: [lstm, test], than: [persistence, test], of: runs, share: 0.2',
      'cell: [lstm, test], at_most: 48.664110514566204',
    ],
  );
  const alone = write('alone', [LSTM]);
  const keys = async (table: string) =>
    (JSON.parse((await place.call('plan', table, '--runs', runs, '--json')).stdout) as ReturnType<typeof tablePlanToJson>).works.map(
      ({ work }) => work,
    );
  expect(await keys(file)).toEqual(await keys(alone));

  const ended = await place.call('run', file, '--runs', runs, '--workers', '1', '--json');
  const { claims, cells } = JSON.parse(ended.stdout) as ReturnType<typeof tableToJson>;
  expect(cells.map(({ n }) => n)).toEqual([3, 0]);
  expect(claims.map(({ form, verdict }) => [form, verdict])).toEqual([
    ['rank', 'differs'],
    ['rank', 'reproduced'],
    ['limit', 'differs'],
  ]);
  expect(claims[0]?.numbers).toEqual(claims[2]?.numbers);
  expect(claims[0]?.wording).toMatch(/^differs: mean of LSTM \d+, at least \d+ \(97\.5 % sure\); claim lower than persistence \(48\.66\)$/);
  const status = await place.call('status', file, '--runs', runs);
  expect(status.stdout).toContain('both; 3 trials: 3 done');
});

it.each([
  [
    'a name that is nearly right',
    'p: {base: airline.yaml, baseline: persistance}',
    /p: \{.*\n.*\n.*did you mean "persistence"\? there are mean, seasonal_naive, persistence and drift/,
  ],
  [
    'a name of nothing',
    'p: {base: airline.yaml, baseline: arima}',
    /:5:37: error\[unknown-baseline\]: the data of \S*airline\.yaml have no answer "arima" that needs no learning\n.*\n.*\n.*help: there are mean, /,
  ],
  [
    'a metric that is not known',
    'p: {base: airline.yaml, baseline: drift}',
    /error\[not-known\]: "drift" is not known as train\/loss\n.*\n.*\n.*help: known without training are train\/mean_absolute_error, .*train\/r2.* and train\/off_by\n/,
    'loss: {metric: train/loss}',
  ],
])('is refused at its place: %s', async (_, row, expected, columns = 'test: {metric: test/root_mean_squared_error}') => {
  const { status, stdout, stderr } = await place.call('check', write('wrong', [row], [], columns));
  expect(status).toBe(2);
  expect(stdout + stderr).toMatch(expected);
});

it('a column without a number of it stays empty, and a claim about that cell is a mistake', async () => {
  const columns = 'test: {metric: test/root_mean_squared_error}, loss: {metric: train/loss}, named: {metric: test/off_by, at: 1}';
  const judged = await place.call('judge', write('columns', [PERSISTENCE], [], columns), '--runs', runs);
  expect(judged.stdout).toMatch(/^persistence +48\.66 +– +40\.67 *$/m);
  const claimed = await place.call('check', write('claimed', [PERSISTENCE], ['cell: [persistence, loss], published: "0.1"'], columns));
  expect(claimed.status).toBe(2);
  expect(claimed.stdout + claimed.stderr).toMatch(
    /claimed\.yaml:7:12: error\[not-known\]: the row "persistence" has no number in the column "loss": train\/loss is not known without training/,
  );
});

it('a number that hangs on the seed is no known number, until the data have a seed of their own', async () => {
  const rows = Array.from({ length: 30 }, (_, id) => `${id},1,${id % 7},${id % 3 === 0 ? 'yes' : 'no'}`);
  writeFileSync(join(folder, 'flags.csv'), `id,step,x,flag\n${rows.join('\n')}\n`);
  const columns = 'accuracy: {metric: test/accuracy}';
  const varies = await place.call('check', write('varies', ['c: {base: flags.yaml, baseline: chance}'], [], columns));
  expect(varies.stdout + varies.stderr).toMatch(
    /error\[baseline-varies\]: "chance" is not one number: test\/accuracy is 0\.\d+ with one seed of the table and 0\.\d+ with another/,
  );
  const fixed = await place.call('check', write('fixed', ['c: {base: flags.yaml, baseline: chance, set: {dataset.seed: 1}}'], [], columns));
  expect(fixed.stdout + fixed.stderr).toContain('ok');
});

it('over folds it is the mean of theirs, as a trained result is', async () => {
  writeFileSync(
    join(folder, 'folds.yaml'),
    readFileSync(join(folder, 'airline.yaml'), 'utf8').replace(
      'split: {test: {from: 1957-01}}',
      'split: {test: 0.09}\n  folds: {count: 3}',
    ),
  );
  const known = async (folds: string): Promise<number> => {
    const file = write('over_folds', ['p: {base: folds.yaml, baseline: persistence}']);
    writeFileSync(file, `folds: ${folds}\n${readFileSync(file, 'utf8')}`);
    const { stdout, stderr } = await place.call('plan', file, '--runs', runs, '--json');
    expect(stderr).toBe('');
    return (JSON.parse(stdout) as ReturnType<typeof tablePlanToJson>).cells[0]?.known ?? Number.NaN;
  };
  const each = [await known('[1]'), await known('[2]'), await known('[3]')];
  expect(new Set(each).size).toBe(3);
  expect(await known('all')).toBeCloseTo(each.reduce((a, b) => a + b, 0) / 3, 10);
});
