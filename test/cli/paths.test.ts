import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { fileFrom, renamedFor } from '../../src/language/resolve.js';
import type { TrialOrder } from '../../src/launch/launcher.js';
import { examineOrder } from '../../src/launch/orders.js';
import { examine, type Prepared } from '../../src/run/prepare.js';
import { examineTable } from '../../src/study/prepare-study.js';
import { examineSweep } from '../../src/study/prepare-sweep.js';
import { ordersOf as ordersOfSweep } from '../../src/study/sweep-trials.js';
import { trialsOf } from '../../src/study/works.js';
import { workplace } from '../support/program.js';

const home = mkdtempSync(join(tmpdir(), 'retable-paths-'));
const began = process.cwd();
afterAll(() => {
  process.chdir(began);
  rmSync(home, { recursive: true, force: true });
});
const at = (...parts: readonly string[]): string => join(home, ...parts);
const write = (path: string, text: string): void => {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
};

/** Every folder holds another `text.txt`, told apart by its length. */
const LENGTHS = { documents: 600, studies: 700, here: 800, 'with blank': 900 } as const;
for (const [folder, length] of Object.entries(LENGTHS)) write(`${folder}/text.txt`, 'abcdef gh'.repeat(length / 9 + 1).slice(0, length));
const module = (scale: number): string => `export default ({ defineStage, Type, tf }) => [
  defineStage({ slot: 'loss', kind: 'scaled', version: 1, summary: 'A loss.', options: Type.Object({}), plan: () => ({ reading: 'values' }),
    create: () => ({ score: (output, target, weight) => ({ sum: tf.mul(${scale}, tf.sum(output)), count: tf.sum(weight) }) }) }),
];`;
for (const [folder, length] of Object.entries(LENGTHS)) write(`${folder}/loss.mjs`, module(length));
const EXPERIMENT = `experiment: e
dataset: {kind: text, file: text.txt, time_steps: 8}
model: {kind: rnn, hidden_size: 4, readout: every}
loss: {kind: cross_entropy}
optimizer: {kind: adam, learning_rate: 0.01}
training: {epochs: 1, batch_size: 4}
`;
write('documents/e.yaml', EXPERIMENT);
write('here/e.yaml', EXPERIMENT);
process.chdir(at('here'));

/** What a person may write for the text of a folder, from the folder `from`. */
const NAMES: readonly (readonly [string, string])[] = [
  ['text.txt', 'itself'],
  ['./text.txt', 'itself'],
  ['../studies/text.txt', 'studies'],
  ['../with blank/text.txt', 'with blank'],
  ['./.././with blank/../studies/text.txt', 'studies'],
  [at('with blank', 'text.txt'), 'with blank'],
  [pathToFileURL(at('with blank', 'text.txt')).href, 'with blank'],
  ['~/studies/text.txt', 'studies'],
];
vi.stubEnv('HOME', home);

type Folder = keyof typeof LENGTHS;
const told = (found: object): string =>
  'diagnostics' in found ? (found.diagnostics as { message: string }[]).map(({ message }) => message).join('; ') : '';
const length = ({ plan }: Prepared): unknown => plan.data.facts.find(({ name }) => name === 'tokens in the text')?.value;
function experiment(file: string, ...set: readonly string[]): Prepared {
  const found = examine(file, { set });
  if ('diagnostics' in found) throw new Error(told(found));
  return found;
}

/** What a worker trains that was started in another folder. */
function trained(order: TrialOrder): Prepared {
  process.chdir(tmpdir());
  try {
    const found = examineOrder({ ...order, base: resolve(at('here'), order.base) });
    if ('diagnostics' in found) throw new Error(told(found));
    expect(found.plan.work.key).toBe(order.work);
    return found;
  } finally {
    process.chdir(at('here'));
  }
}

const launch = { threads: '1', wait: true, failFast: false };

function sweep(text: string, file = 'studies/s.yaml', ...set: readonly string[]): readonly Prepared[] {
  write(file, `sweep: s\nselect: {metric: train/loss}\n${text}`);
  const found = examineSweep(join('..', file), { set });
  if ('diagnostics' in found) throw new Error(told(found));
  const orderOf = ordersOfSweep(found, at('runs'), launch);
  return found.trials.map((trial) => trained(orderOf(trial)));
}

function table(rows: string, ...set: readonly string[]): readonly Prepared[] {
  write('studies/t.yaml', `table: t\nseeds: 1\ncolumns: {l: {metric: train/loss}}\nrows:\n${rows}`);
  const found = examineTable('../studies/t.yaml', { set });
  if ('diagnostics' in found) throw new Error(told(found));
  const { trials, orderOf } = trialsOf(found, found.works, at('runs'), launch);
  return trials.map((trial) => trained(orderOf(trial)));
}

describe.each(NAMES)('%s', (written, owner) => {
  const lengthFrom = (folder: Folder): number => LENGTHS[owner === 'itself' ? folder : (owner as Folder)];
  const quoted = JSON.stringify(written);

  it('in a document counts from its folder', () => {
    write('documents/named.yaml', EXPERIMENT.replace('text.txt', quoted));
    expect(length(experiment('../documents/named.yaml'))).toBe(lengthFrom('documents'));
    expect(experiment('../documents/named.yaml').resolved.values.dataset['file']).toBe(written);
  });

  it('in --set counts from where the person stands', () => {
    expect(length(experiment('../documents/e.yaml', `dataset.file=${quoted}`))).toBe(lengthFrom('here'));
    expect(length(experiment('e.yaml', `dataset={kind: text, file: ${quoted}, time_steps: 8}`))).toBe(lengthFrom('here'));
  });

  it('in a sweep counts from its folder, and from where the person stands in its --set', () => {
    const vary = `vary: [{dataset.file: [${quoted}]}]\n`;
    const whole = `vary: [{dataset: [{kind: text, file: ${quoted}, time_steps: 8}]}]\n`;
    const choice = `vary: [{dataset.file: {kind: choice, values: [${quoted}]}}]\nsearch: {kind: random, trials: 1}\n`;
    for (const axes of [vary, whole, choice])
      expect(sweep(`base: ../documents/e.yaml\n${axes}`).map(length)).toEqual([lengthFrom('studies')]);
    const own = sweep(`base: ../documents/e.yaml\n${vary}`, 'studies/s.yaml', `vary=[{dataset.file: [${quoted}]}]`);
    expect(own.map(length)).toEqual([lengthFrom('here')]);
  });

  it('in a row of a table counts from its folder, and from where the person stands in its --set', () => {
    const row = `  a: {base: ../documents/e.yaml, set: {dataset.file: ${quoted}}}\n`;
    expect(table(row).map(length)).toEqual([lengthFrom('studies')]);
    expect(table(row, `rows.a.set={dataset.file: ${quoted}}`).map(length)).toEqual([lengthFrom('here')]);
  });

  it('is no part of the key of a work', () => {
    write('documents/copy.yaml', EXPERIMENT.replace('text.txt', at(owner === 'itself' ? 'here' : owner, 'text.txt')));
    expect(experiment('e.yaml', `dataset.file=${quoted}`).plan.work.key).toBe(experiment('../documents/copy.yaml').plan.work.key);
  });
});

describe('a base', () => {
  const vary = 'vary: [{model.hidden_size: [2]}]\n';
  it.each([
    ['../documents/e.yaml', 600],
    [at('documents', 'e.yaml'), 600],
    [pathToFileURL(at('documents', 'e.yaml')).href, 600],
    ['~/documents/e.yaml', 600],
    ['../here/e.yaml', 800],
  ])('%s', (base, wanted) => {
    expect(sweep(`base: ${JSON.stringify(base)}\n${vary}`).map(length)).toEqual([wanted]);
    expect(table(`  a: {base: ${JSON.stringify(base)}}\n`).map(length)).toEqual([wanted]);
  });

  it('in --set counts from where the person stands', () => {
    expect(sweep(`base: nowhere.yaml\n${vary}`, 'studies/s.yaml', 'base=e.yaml').map(length)).toEqual([800]);
    expect(table('  a: {base: nowhere.yaml}\n', 'rows.a.base=e.yaml').map(length)).toEqual([800]);
  });

  it('that is another sweep or a table is told at its place', () => {
    write('studies/inner.yaml', `sweep: inner\nbase: ../documents/e.yaml\n${vary}select: {metric: train/loss}\n`);
    expect(() => sweep(`base: inner.yaml\n${vary}`)).toThrow('../studies/inner.yaml is a sweep, and a sweep varies an experiment');
  });
});

describe('modules of a person’s own', () => {
  const key = (found: Prepared): string => found.plan.work.key;
  const scaled = 'loss: {kind: scaled}';
  const of = (folder: string): string => {
    write(
      `${folder}/own.yaml`,
      `${EXPERIMENT.replace('loss: {kind: cross_entropy}', scaled).replace('text.txt', at('here', 'text.txt'))}use: [./loss.mjs]\n`,
    );
    return key(experiment(`../${folder}/own.yaml`));
  };
  const data = `dataset.file=${at('here', 'text.txt')}`;

  it('count like other paths, wherever they are named, and each configuration has its own', () => {
    expect(key(experiment('../documents/e.yaml', 'use=[loss.mjs]', 'loss={kind: scaled}', data))).toBe(of('here'));
    const both = `vary:\n  - {use: [[loss.mjs], ["../with blank/loss.mjs"]], loss: [{kind: scaled}, {kind: scaled}]}\n  - dataset.file: [${at('here', 'text.txt')}]\n`;
    expect(sweep(`base: ../documents/e.yaml\n${both}`).map(key)).toEqual([of('studies'), of('with blank')]);
    const set = (path: string): string => `{use: [${JSON.stringify(path)}], loss: {kind: scaled}, dataset.file: ${at('here', 'text.txt')}}`;
    const rows = ['loss.mjs', '~/with blank/loss.mjs'].map((path, row) => `  r${row}: {base: ../documents/e.yaml, set: ${set(path)}}\n`);
    expect(table(rows.join('')).map(key)).toEqual([of('studies'), of('with blank')]);
  });

  it('that are missing are told at their place', () => {
    const found = examine('../documents/e.yaml', { set: ['use=[los.mjs]'] });
    expect(told(found)).toBe('there is no module los.mjs');
  });
});

it('a text of the command line and the same text of the table are two files', () => {
  const rows = ['a', 'b'].map((row) => `  ${row}: {base: ../documents/e.yaml, set: {dataset.file: text.txt}}\n`).join('');
  expect(table(rows).map(length)).toEqual([LENGTHS.studies]);
  expect(table(rows, 'rows.b.set={dataset.file: text.txt}').map(length)).toEqual([LENGTHS.studies, LENGTHS.here]);
});

it('references count from the table, and in --set from where the person stands', () => {
  write('studies/ref#1.json', '{"runs": [1, 2, 3]}');
  write('here/ref#1.json', '{"runs": [7, 8, 9]}');
  write(
    'studies/t.yaml',
    `table: t\nseeds: 1\ncolumns: {l: {metric: train/loss}}\nrows: {a: {base: ../documents/e.yaml}}\nclaims: [{cell: [a, l], reference: "ref#1.json#/runs"}]\n`,
  );
  const runs = (...set: readonly string[]) => {
    const found = examineTable('../studies/t.yaml', { set });
    return 'diagnostics' in found ? told(found) : found.claims.map((claim) => ('runs' in claim ? claim.runs : []));
  };
  expect(runs()).toEqual([[1, 2, 3]]);
  expect(runs('claims.0.reference=ref#1.json#/runs')).toEqual([[7, 8, 9]]);
});

it('links and folders that are links are followed', () => {
  symlinkSync(at('documents'), at('link'));
  symlinkSync(at('with blank', 'text.txt'), at('here', 'linked.txt'));
  expect(length(experiment('../link/e.yaml'))).toBe(LENGTHS.documents);
  expect(length(experiment('../link/e.yaml', 'dataset.file=linked.txt'))).toBe(LENGTHS['with blank']);
  expect(sweep('base: ../link/e.yaml\nvary: [{dataset.file: [../link/text.txt]}]\n').map(length)).toEqual([LENGTHS.documents]);
});

describe('a path that leads to nothing', () => {
  const diagnosed = (found: object) =>
    ('diagnostics' in found ? (found.diagnostics as { message: string; help?: string; place?: { file: string } }[]) : []).map(
      ({ message, help, place }) => [place?.file, message, help],
    );
  const counts = 'a path counts from the folder of the file that it is written in, and one in --set from the folder that you are in';

  it('is shown at its place, as it would be opened', () => {
    expect(diagnosed(examine('../documents/e.yaml', { set: ['dataset.file=gone.txt'] }))).toEqual([
      ['--set', '"../here/gone.txt" cannot be read: there is no such file', counts],
    ]);
    write('studies/s.yaml', 'sweep: s\nbase: ../documents/e.yaml\nselect: {metric: train/loss}\nvary: [{dataset.file: [gone.txt]}]\n');
    expect(diagnosed(examineSweep('../studies/s.yaml', {}))).toEqual([
      ['../studies/s.yaml', '"../studies/gone.txt" cannot be read: there is no such file', counts],
    ]);
  });

  it.each([
    ['..\\studies\\text.txt', 'write "/" between folders, and not "\\"'],
    ['https://example.org/text.txt', 'a path names a file of this machine: download it first'],
  ])('%s', (path, help) => {
    expect(diagnosed(examine('e.yaml', { set: [`dataset.file=${path}`] }))[0]?.[2]).toBe(help);
  });
});

it('another folder’s name of a file leads back to it', () => {
  for (const [written] of NAMES)
    expect(resolve(fileFrom('../documents', renamedFor('../documents', 'a/b', written))), written).toBe(resolve(fileFrom('a/b', written)));
  expect(renamedFor('documents', 'studies', 'a.json#/x//y/../z')).toBe('../studies/a.json#/x//y/../z');
  expect(renamedFor('documents', 'documents', './a.txt')).toBe('./a.txt');
});

describe('what is recorded', () => {
  const place = workplace();
  it('means the same files from anywhere, and is the same work', async () => {
    copyFileSync(at('documents', 'e.yaml'), join(place.folder, 'e.yaml'));
    copyFileSync(at('studies', 'text.txt'), join(place.folder, 'other.txt'));
    const runs = join(place.folder, 'runs');
    process.chdir(began);
    await place.run('run', join(place.folder, 'e.yaml'), '--set', `dataset.file=${join(place.folder, 'other.txt')}`, '--runs', runs);
    process.chdir(at('here'));
    const file = readdirSync(runs, { recursive: true, encoding: 'utf8' }).find((each) => each.endsWith('config.resolved.yaml')) ?? '';
    const record = join(runs, dirname(dirname(file)));
    expect(readFileSync(join(record, 'params', 'dataset.file'), 'utf8')).toContain('other.txt');
    expect(experiment(join(runs, file)).plan.work.key).toBe(readFileSync(join(record, 'tags', 'retable.work'), 'utf8'));
  });
});
