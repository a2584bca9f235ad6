import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { examineTable } from '../../src/study/prepare-study.js';
import type { tablePlanToJson } from '../../src/report/study/table-plan.js';
import type { tableToJson } from '../../src/report/study/table-texts.js';
import { BASE } from '../sweep/documents.js';
import { workplace } from '../support/program.js';

/** Rows whose configuration a sweep selects. */

const place = workplace();
const folder = join(place.folder, 'documents');
for (const each of ['sweeps', 'tables']) mkdirSync(join(folder, each), { recursive: true });
const runs = join(place.folder, 'runs');
writeFileSync(join(folder, 'tiny.yaml'), BASE.replace('train_fraction: 0.8', 'train_fraction: 0.6, validation_fraction: 0.2'));

function sweep(
  name: string,
  lines = 'vary: [{optimizer.learning_rate: [0.001, 0.1]}]\nseeds: 2',
  metric = 'validation/bit_accuracy',
  set = 'set: {training.epochs: 1}\n',
) {
  const file = join(folder, 'sweeps', `${name}.yaml`);
  writeFileSync(file, `sweep: ${name}\nbase: ../tiny.yaml\n${set}${lines}\nselect: {metric: ${metric}}\n`);
  return file;
}
function table(name: string, rows: readonly string[], claims: readonly string[] = [], more = '') {
  const file = join(folder, 'tables', `${name}.yaml`);
  const lines = [
    `table: ${name}`,
    'seeds: 3',
    'columns: {bits: {metric: test/bit_accuracy}}',
    more,
    'rows:',
    ...rows.map((row) => `  ${row}`),
  ];
  writeFileSync(file, `${[...lines, 'claims:', ...claims.map((claim) => `  - ${claim}`)].join('\n')}${claims.length > 0 ? '' : ' []'}\n`);
  return file;
}

const fits = new Ajv({ strictTypes: false }).compile(JSON.parse(readFileSync('schemas/table-result.schema.json', 'utf8')) as object);
async function judged(file: string, ...more: readonly string[]) {
  const { stdout, stderr } = await place.call('judge', file, '--runs', runs, '--json', ...more);
  expect(stdout, stderr).not.toBe('');
  const result = JSON.parse(stdout) as ReturnType<typeof tableToJson>;
  expect(fits(result), JSON.stringify(fits.errors)).toBe(true);
  return result;
}
const planned = async (file: string) =>
  JSON.parse((await place.call('plan', file, '--runs', runs, '--json')).stdout) as ReturnType<typeof tablePlanToJson>;
/** As it would stand on one line. */
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');
const trained = (stderr: string): number => stderr.match(/^trial /gm)?.length ?? 0;

const rates = sweep('rates');
const tuned = table(
  'tuned',
  [
    'best: {label: the best, sweep: ../sweeps/rates.yaml}',
    'longer: {sweep: ../sweeps/rates.yaml, set: {training.epochs: 2}}',
    'plain: {base: ../tiny.yaml, set: {training.epochs: 1}}',
  ],
  ['{cell: [best, bits], at_least: 0.1}', '{higher: [best, bits], than: [plain, bits]}'],
);

describe('a table of which a sweep is not finished', () => {
  it('plans the sweep first, and knows no work of the rows that wait for it', async () => {
    expect((await place.call('check', tuned)).status).toBe(0);
    const { stdout } = await place.call('plan', tuned, '--runs', runs);
    expect(stdout).toMatch(/the best +\.\.\/sweeps\/rates\.yaml: not selected yet +– +1-3\n/);
    expect(stdout).toMatch(
      /rates\.yaml: 4 trials of 2 configurations: 0 done, 4 left; the best of them is then trained for the best and longer\n9 trials: 0 done, 9 left/,
    );
    const plan = await planned(tuned);
    expect(plan.works.map(({ rows, work }) => [rows.join(), work !== null])).toEqual([
      ...[1, 2, 3].map(() => ['best', false]),
      ...[1, 2, 3].map(() => ['longer', false]),
      ...[1, 2, 3].map(() => ['plain', true]),
    ]);
    expect(plan.sweeps).toMatchObject([
      { row: 'best', selected: null, configurations: 2, counts: { needed: 4 } },
      { row: 'longer', set: 'epochs 2' },
    ]);
  });

  it('is judged so: what waits for the sweep is not run, and says why', async () => {
    const { claims, tuned: rows } = await judged(tuned);
    const why = expect.stringMatching(/^not run: the sweep .*rates\.yaml is not finished: 0 of 4 trials done$/) as unknown;
    expect(claims).toMatchObject([
      { verdict: 'not_run', wording: why },
      { verdict: 'not_run', wording: why },
    ]);
    expect(rows).toMatchObject({ best: { selected: null } });
  });

  it('runs no sweep for other rows', async () => {
    const { stderr, stdout } = await place.call('run', tuned, '--runs', runs, '--only', 'plain', '--workers', '1');
    expect(stderr).not.toContain('rates;');
    expect(trained(stderr)).toBe(3);
    expect(flat(stdout)).toMatch(/not run: the sweep .*rates\.yaml is not finished/);
  });

  it('its work is not that of its base, which is on record', async () => {
    const found = await planned(
      table('same', ['best: {sweep: ../sweeps/rates.yaml}', 'base: {base: ../tiny.yaml, set: {training.epochs: 1}}']),
    );
    expect(found.works.map(({ rows, state }) => [rows.join(), state])).toEqual([
      ...[1, 2, 3].map(() => ['best', 'needed']),
      ...[1, 2, 3].map(() => ['base', 'done']),
    ]);
  });
});

describe('run TABLE', () => {
  const changes = async (): Promise<readonly string[]> =>
    (await judged(tuned)).footnotes.flatMap(({ id, text }) => (id === 'F31' ? [text] : []));

  it('registers what the sweep declares, whatever it will select', async () => {
    const { status, stdout } = await place.call('register', tuned, '--runs', runs);
    expect(status).toBe(0);
    expect(stdout).toContain('when 3 of its 9 trials were on record');
  });

  it('runs the sweep, then its best with the seeds of the table', async () => {
    const { status, stderr, stdout } = await place.call('run', tuned, '--runs', runs, '--workers', '1');
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/^rates; 4 trials of 2 configurations: 2 done, 2 left/m);
    expect(stderr).toMatch(/^best learning_rate 0\.\d+: validation\/bit_accuracy/m);
    // Two seeds of the slow rate were trained as the plain row; two seeds of the best were trained in the sweep, three of the plain row before.
    expect(stderr).toMatch(/^tuned; 9 trials: 5 done, 4 left/m);
    expect(stdout).toMatch(/the best +0\.\d+ \(sd 0\.\d+, n 3\)/);
    expect(flat(stdout)).toMatch(
      /the best is learning_rate 0\.\d+, the best of 2 configurations of \S+rates\.yaml by validation\/bit_accuracy/,
    );
    expect(flat(stdout)).toContain('4 trials with 2 seeds, 4 epochs in all; then set: epochs 2.');
    expect(flat(stdout)).toMatch(/the best is the best of 2 configurations, and plain, which it is compared with, is as written/);
    expect(flat(stdout)).toMatch(/the best and longer: seeds 1, 2 also chose their configurations/);
  });

  it('does nothing twice, and reports what was selected', async () => {
    const again = await place.call('run', tuned, '--runs', runs, '--workers', '1');
    expect(again.stderr).toMatch(/^tuned; 9 trials: 9 done, 0 left/m);
    expect(trained(again.stderr)).toBe(0);
    const { tuned: rows } = await judged(tuned);
    expect(rows).toMatchObject({
      best: { selected: expect.stringMatching(/^learning_rate /) as unknown, configurations: 2, seeds: [1, 2] },
    });
    expect(await changes()).toEqual([]);
    const page = join(place.folder, 'tuned.html');
    expect((await place.call('report', tuned, '--runs', runs, '--output', page)).status).toBe(0);
    expect(readFileSync(page, 'utf8')).toMatch(/selected by[\s\S]*learning_rate 0\.\d+, the best of 2 configurations of/);
  });

  it('why tells of every setting who chose it', async () => {
    const { stdout } = await place.call('why', tuned, 'longer', '--runs', runs);
    expect(stdout).toMatch(/optimizer\.learning_rate +0\.\d+ +.*rates\.yaml:4:\d+ \(selected\)\n/);
    expect(stdout).toMatch(/training\.epochs +2 +.*tuned\.yaml:7:\d+\n/);
    expect(stdout).toMatch(/selected by\n {2}learning_rate 0\.\d+, the best of 2/);
    expect((await place.call('why', tuned, 'best', '--runs', runs)).stdout).toMatch(/training\.epochs +1 +.*rates\.yaml:3:\d+\n/);
  });

  it('takes more seeds of the best, and none of the sweep', async () => {
    const { stderr } = await place.call('run', tuned, '--runs', runs, '--workers', '1', '--seeds', '4', '--only', 'best');
    expect(stderr).toMatch(/^tuned; 4 trials: 3 done, 1 left/m);
    expect(trained(stderr)).toBe(1);
  });

  it('a sweep that has grown selects anew, and its row waits for it', async () => {
    sweep('rates', 'vary: [{optimizer.learning_rate: [0.001, 0.1, 0.02]}]\nseeds: 2');
    expect((await judged(tuned)).claims[0]).toMatchObject({
      verdict: 'not_run',
      wording: expect.stringContaining('4 of 6 trials done') as unknown,
    });
    const { stderr } = await place.call('run', tuned, '--runs', runs, '--workers', '1');
    expect(stderr).toMatch(/^rates; 6 trials of 3 configurations: 4 done, 2 left/m);
    expect((await judged(tuned)).tuned).toMatchObject({ best: { configurations: 3 } });
    expect(await changes()).toEqual([expect.stringMatching(/^Row best has another sweep than when the table was registered/)]);
    expect(readFileSync(rates, 'utf8')).toContain('0.02');
  });
});

it('a sweep of which nothing came to a number selects nothing', async () => {
  sweep('wild', 'vary: [{optimizer: [{kind: sgd, learning_rate: 1e30}]}]');
  const file = table('wild', ['wild: {sweep: ../sweeps/wild.yaml}'], ['{cell: [wild, bits], at_least: 0.1}']);
  const { status, stdout, stderr } = await place.call('run', file, '--runs', runs, '--workers', '1');
  expect(status, stderr).toBe(0);
  expect(flat(stdout)).toMatch(
    /Nothing has run for wild: the sweep \S+wild\.yaml selects nothing: none of its configurations came to a number\./,
  );
  const { stdout: why } = await place.call('why', file, 'wild', '--runs', runs);
  expect(why).toMatch(/optimizer\.learning_rate +not selected yet +.*wild\.yaml\n/);
});

it('a sweep that was stopped goes on with the next run, and so does its table', async () => {
  sweep('long', 'vary: [{optimizer.learning_rate: [0.003, 0.004], training.epochs: [2, 40]}]', 'validation/bit_accuracy', '');
  const file = table('long', ['long: {sweep: ../sweeps/long.yaml}'], ['{cell: [long, bits], at_least: 0.1}']);
  const command = ['run', file, '--runs', runs, '--workers', '1', '--seeds', '1'];
  const begun = place.start(command);
  await begun.said(/^trial 1\/2 /m);
  begun.child.kill('SIGTERM');
  const stopped = await begun.ended;
  expect(stopped.status).toBe(143);
  expect(stopped.stderr).toContain('long; 1 trial: 0 done, 1 left');
  expect(flat(stopped.stdout)).toMatch(/Nothing has run for long: the sweep \S+long\.yaml is not finished: 1 of 2 trials done\./);
  const status = await place.call('status', file, '--runs', runs);
  expect(status.stdout).toMatch(/^long; 2 trials: 1 done, 1 (interrupted|left)/);
  const ended = await place.call(...command);
  expect(ended.status, ended.stderr).toBe(0);
  expect(ended.stderr).toMatch(/^long; 2 trials of 2 configurations: 1 done, 1 (unfinished|left)/m);
  expect(ended.stderr).toContain('long; 1 trial: 1 done, 0 left');
  expect(ended.stdout).toContain('1 inconclusive');
});

describe('what is wrong is said where it stands', () => {
  const mistakes = (rows: readonly string[], more?: string) => {
    const found = examineTable(table('wrong', rows, [], more), {});
    const all = 'diagnostics' in found ? found.diagnostics : found.warnings;
    return all.map(({ code, severity, place: at }) => `${at?.file.split('/').at(-1)}:${at?.line}:${at?.column} ${severity} ${code}`);
  };
  const plain = 'plain: {base: ../tiny.yaml}';
  rmSync(join(folder, 'sweeps', 'none.yaml'), { force: true });
  sweep('bad', 'vary: [{optimizer.learning_rat: [0.1]}]');
  sweep('ok');
  sweep('on_test', undefined, 'test/bit_accuracy');
  sweep(
    'on_test_on_purpose',
    `vary: [{optimizer.learning_rate: [0.1, 0.2]}]\naccept: [{threat: test-selected, because: as published}]`,
    'test/bit_accuracy',
  );

  it.each<[string, readonly string[], readonly string[], string?]>([
    ['no base and no sweep', ['a: {label: A}', plain], ['wrong.yaml:6:3 error row-without-base']],
    ['a base and a sweep', ['a: {base: ../tiny.yaml, sweep: ../sweeps/ok.yaml}'], ['wrong.yaml:6:27 error base-and-sweep']],
    ['a baseline', ['a: {sweep: ../sweeps/ok.yaml, baseline: chance}'], ['wrong.yaml:6:33 error baseline-of-sweep']],
    ['no such sweep', ['a: {sweep: ../sweeps/none.yaml}'], ['wrong.yaml:6:14 error sweep-unreadable']],
    ['an experiment', ['a: {sweep: ../tiny.yaml}'], ['wrong.yaml:6:14 error other-document-kind']],
    ['a sweep as base', ['a: {base: ../sweeps/ok.yaml}'], ['wrong.yaml:6:13 error other-document-kind']],
    ['a mistake in the sweep', ['a: {sweep: ../sweeps/bad.yaml}'], ['bad.yaml:4:9 error unknown-key']],
    [
      'what is selected is set',
      ['a: {sweep: ../sweeps/ok.yaml, set: {optimizer.learning_rate: 1}}'],
      ['wrong.yaml:6:39 error selected-is-set'],
    ],
    ['test data that choose', ['a: {sweep: ../sweeps/on_test.yaml}'], ['on_test.yaml:6:18 warning test-selected']],
    ['which the sweep accepts', ['a: {sweep: ../sweeps/on_test_on_purpose.yaml}'], []],
    ['which the table accepts', ['a: {sweep: ../sweeps/on_test.yaml}'], [], 'accept: [{threat: test-selected, because: as published}]'],
    ['nothing', ['a: {sweep: ../sweeps/ok.yaml, set: {training.epochs: 3}}', plain], []],
  ])('%s', (_, rows, expected, more) => expect(mistakes(rows, more)).toEqual(expected));

  it('test data that choose are told under the table, with the reason that the sweep has', async () => {
    const file = table('chosen', ['a: {sweep: ../sweeps/on_test_on_purpose.yaml}']);
    const { footnotes } = await judged(file);
    expect(footnotes.map(({ text }) => text)).toContain(
      'Row a chose its configuration on test data (test/bit_accuracy after the last epoch).',
    );
    expect(footnotes.map(({ text }) => text).find((text) => text.includes('test-selected'))).toMatch(/Accepted: as published\./);
  });
});
