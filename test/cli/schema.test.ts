import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { shippedSweeps } from '../sweep/documents.js';
import { workplace } from '../support/program.js';
import { VOCABULARY } from '../support/vocabulary.js';
import type { JsonSchema } from '../../src/language/type.js';

const place = workplace();
const file = (name: string): string => join(place.folder, name);
beforeAll(() => cpSync('experiments', file('experiments'), { recursive: true }));

const acceptsOf = (schema: JsonSchema) =>
  new Ajv({ discriminator: true, strict: true, strictRequired: false, strictTypes: false, allowMatchingProperties: true })
    .addVocabulary(VOCABULARY)
    .compile(schema);

async function schemaOf(...words: readonly string[]): Promise<JsonSchema> {
  const { status, stdout, stderr } = await place.callIn(place.folder, 'schema', ...words);
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as JsonSchema;
}

describe('the schema of a sweep over one experiment', () => {
  let made: ReturnType<typeof acceptsOf> | undefined;
  const ofAddition = async () => (made ??= acceptsOf(await schemaOf('sweep', 'experiments/lstm_addition.yaml')));

  test.each(shippedSweeps)('accepts what is shipped: %s', async (sweep) => {
    const accepts = acceptsOf(await schemaOf(sweep));
    expect(accepts(parse(readFileSync(sweep, 'utf8'))), JSON.stringify(accepts.errors)).toBe(true);
  });

  test.each<readonly [what: string, part: Readonly<Record<string, unknown>>, right: boolean]>([
    ['values of a path', { vary: [{ 'model.hidden_size': [16, 32] }] }, true],
    ['a value that the path does not take', { vary: [{ 'model.hidden_size': [16, 0] }] }, false],
    ['a misspelt path', { vary: [{ 'model.hiden_size': [16, 32] }] }, false],
    ['a path of another kind, beside the kind', { vary: [{ 'model.kind': ['gru', 'lstm'], 'model.reset': ['before', 'after'] }] }, true],
    ['a path below a list of another kind', { vary: [{ 'model.layers.0.units': [3] }] }, true],
    ['an item that the list does not have yet', { set: { 'metrics.2.kind': 'accuracy' } }, true],
    ['a schedule', { vary: [{ 'optimizer.learning_rate': [0.1, { kind: 'cosine', from: 0.1, to: 0, over: 5 }] }] }, true],
    ['numbers between two', { vary: [{ 'optimizer.learning_rate': { kind: 'log_uniform', low: 1e-4, high: 0.1 } }] }, true],
    ['whole numbers drawn as others', { vary: [{ 'model.hidden_size': { kind: 'log_uniform', low: 1, high: 64 } }] }, false],
    ['words drawn as numbers', { vary: [{ 'model.readout': { kind: 'range', low: 1, high: 2, step: 1 } }] }, false],
    ['a whole model', { vary: [{ model: [{ kind: 'gru', hidden_size: 8 }] }] }, true],
    ['a whole model with a mistake', { vary: [{ model: [{ kind: 'gru', hiden_size: 8 }] }] }, false],
    ['a value that is set', { set: { 'training.epochs': 5 } }, true],
    ['a value that is set wrongly', { set: { 'training.epochs': 0 } }, false],
    ['a misspelt path to leave out', { exclude: [{ 'model.hiden_size': 16 }] }, false],
  ])('%s', async (_, part, right) => {
    const accepts = await ofAddition();
    const vary = [{ 'training.epochs': [1] }];
    const sweep = { sweep: 's', base: 'experiments/lstm_addition.yaml', vary, select: { metric: 'test/loss' }, ...part };
    expect(accepts(sweep), JSON.stringify(accepts.errors)).toBe(right);
  });

  test('offers the metrics that the experiment records, and the stages of its own modules', async () => {
    cpSync('docs/examples/own-stages', file('own'), { recursive: true });
    writeFileSync(file('own/sweep.yaml'), 'sweep: own\nbase: levels.yaml\n');
    const { stdout, stderr } = await place.run('schema', file('own/sweep.yaml'));
    expect(stderr).not.toContain('error');
    const { properties = {} } = JSON.parse(stdout) as JsonSchema;
    expect(properties['select']?.properties?.['metric']?.examples).toContain('test/loss');
    expect(Object.keys(properties['vary']?.items?.properties ?? {})).toContain('dataset.file');
  });

  test('knows what the sweep sets', async () => {
    writeFileSync(file('set.yaml'), 'sweep: s\nbase: experiments/lstm_addition.yaml\nset:\n  dataset.validation_fraction: 0.1\n');
    const { properties } = await schemaOf('set.yaml');
    expect(properties?.['select']?.properties?.['metric']?.examples).toContain('validation/exact_match');
  });

  test('says the first line of the sweep, and whether a file is still right', async () => {
    writeFileSync(file('s.yaml'), 'sweep: s\nbase: experiments/lstm_addition.yaml\n');
    const write = ['schema', 's.yaml', '--output', 'schemas/s.schema.json'];
    expect((await place.callIn(place.folder, ...write)).stderr).toBe(
      'wrote schemas/s.schema.json\nthe first line of s.yaml for it:\n# yaml-language-server: $schema=schemas/s.schema.json\n',
    );
    expect((await place.callIn(place.folder, ...write, '--check')).status).toBe(0);
    writeFileSync(file('schemas/s.schema.json'), '{}');
    const { status, stderr } = await place.callIn(place.folder, ...write, '--check');
    expect([status, stderr]).toEqual([1, expect.stringContaining('write it with retable schema s.yaml --output schemas/s.schema.json')]);
  });
});

describe('what is no schema', () => {
  beforeAll(() => {
    writeFileSync(file('without.yaml'), 'sweep: x\nvary: []\n');
    writeFileSync(file('lost.yaml'), 'sweep: x\nbase: experimnts/lstm_addition.yaml\n');
    writeFileSync(file('table.yaml'), 'sweep: x\nbase: experiments/tables/addition.yaml\n');
    writeFileSync(file('wrong.yaml'), readFileSync('experiments/lstm_addition.yaml', 'utf8').replace('hidden_size', 'hiden_size'));
    writeFileSync(file('set_wrong.yaml'), 'sweep: s\nbase: experiments/lstm_addition.yaml\nset:\n  training.epochs: 0\n');
    writeFileSync(file('over_wrong.yaml'), 'sweep: x\nbase: wrong.yaml\n');
  });

  test.each<readonly [words: readonly string[], told: string]>([
    [['nowhere.yaml'], 'there is no file nowhere.yaml'],
    [['swep'], 'did you mean "sweep"?'],
    [['without.yaml'], 'without.yaml:1:1: error[missing-key]: a sweep needs "base"'],
    [['lost.yaml'], 'lost.yaml:2:7: error[base-unreadable]: the base cannot be read'],
    [['table.yaml'], 'table.yaml:2:7: error[other-document-kind]: experiments/tables/addition.yaml is a table'],
    [['over_wrong.yaml'], 'did you mean "hidden_size"?'],
    [['set_wrong.yaml'], 'set_wrong.yaml:4:20: error[out-of-range]'],
    [['sweep', 'nowhere.yaml'], 'there is no file nowhere.yaml'],
    [['sweep', 'wrong.yaml'], 'wrong.yaml:13:3: error[unknown-key]'],
    [['sweep', 'experiments/tables/addition.yaml'], 'this is a table, and an experiment is needed here'],
    [['table', 'experiments/lstm_addition.yaml'], 'only a sweep varies an experiment'],
    [['experiments/lstm_addition.yaml', 'wrong.yaml'], 'retable schema sweep wrong.yaml'],
  ])('%j says %s', async (words, told) => {
    const { status, stdout, stderr } = await place.callIn(place.folder, 'schema', ...words);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(told);
  });
});
