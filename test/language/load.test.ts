import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.js';
import type { ResolvedConfig } from '../../src/language/experiment.js';
import { loadExperiment } from '../../src/language/load.js';
import type { Override } from '../../src/language/override.js';
import { writeResolved } from '../../src/language/resolve.js';
import { stages } from '../../src/stages/registry.js';

const file = 'experiments/lstm_addition.yaml';
const text = readFileSync(join(import.meta.dirname, '../..', file), 'utf8');

interface Asked {
  readonly text?: string;
  readonly sets?: readonly string[];
  readonly overrides?: readonly Override[];
}

const load = ({ text: asked = text, sets = [], overrides = [] }: Asked = {}) =>
  loadExperiment({ file, bytes: new TextEncoder().encode(asked), sets, overrides, stages });

function resolved(asked?: Asked): ResolvedConfig {
  const loaded = load(asked);
  if ('diagnostics' in loaded) throw new Error(loaded.diagnostics.map(({ message }) => message).join('\n'));
  return loaded.resolved;
}

function mistakes(asked: Asked): readonly Diagnostic[] {
  const loaded = load(asked);
  return 'diagnostics' in loaded ? loaded.diagnostics : [];
}

describe('a resolved experiment', () => {
  const config = resolved();

  test('has every default, in the order of the schema', () => {
    expect(Object.keys(config.values)).toEqual([
      'experiment',
      'description',
      'seed',
      'dataset',
      'model',
      'loss',
      'optimizer',
      'metrics',
      'training',
      'engine',
    ]);
    expect(config.values.training).toEqual({
      epochs: 50,
      batch_size: 64,
      shuffle: false,
      recurrent_state: 'reset',
      keep: 'last',
      checkpoint_every: 1,
    });
    expect(config.values.engine).toEqual({ kind: 'compiled', device: 'cpu', threads: 1 });
    expect(config.values.dataset).toMatchObject({ kind: 'binary_addition', seed: 'inherit' });
    expect(config.values.optimizer).toMatchObject({ kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 });
    expect(config.values.metrics).toEqual([{ kind: 'exact_match' }, { kind: 'bit_accuracy' }]);
  });

  test('keeps the text that it was read from', () => expect(config).toMatchObject({ kind: 'experiment', file, source: text }));

  test('knows where each leaf came from', () => {
    expect(config.origins.get('model.hidden_size')).toMatchObject({ from: 'file', place: { file, line: 13, column: 16, length: 2 } });
    expect(config.origins.get('metrics.1.kind')).toMatchObject({ from: 'file', place: { line: 23 } });
    expect(config.origins.get('model.initializer.kind')).toMatchObject({ from: 'file', place: { line: 15, column: 23 } });
    expect(config.origins.get('training.recurrent_state')).toEqual({ from: 'default' });
    expect([...config.origins.keys()]).toEqual(leavesOf(config.values));
  });

  test('knows what only steers the execution', () => {
    expect([...config.execution]).toEqual(['experiment', 'description', 'training.checkpoint_every', 'engine.threads']);
  });
});

describe('--set', () => {
  test('changes a value, and is where it comes from', () => {
    const config = resolved({ sets: ['model.hidden_size=64'] });
    expect(config.values.model['hidden_size']).toBe(64);
    expect(config.origins.get('model.hidden_size')).toEqual({
      from: 'set',
      place: { file: '--set', line: 1, column: 25, length: 2, text: '--set model.hidden_size=64' },
    });
  });

  test.each([
    ['training.shuffle=true', ['training', 'shuffle'], true],
    ['description=a second try', ['description'], 'a second try'],
    ['description="2"', ['description'], '2'],
    ['metrics.0.kind=accuracy', ['metrics', 0, 'kind'], 'accuracy'],
    ['metrics.1.splits=[test]', ['metrics', 1, 'splits'], ['test']],
    ['metrics.2={kind: accuracy}', ['metrics', 2, 'kind'], 'accuracy'],
    ['metrics=[]', ['metrics'], []],
    ['engine.threads=2', ['engine', 'threads'], 2],
    ['model.initializer={kind: uniform, limit: 0.1}', ['model', 'initializer', 'limit'], 0.1],
    ['optimizer.learning_rate=1e-4', ['optimizer', 'learning_rate'], 1e-4],
  ] as const)('%s', (argument, path, value) => {
    const found = path.reduce<unknown>((inner, name) => Reflect.get(Object(inner), name), resolved({ sets: [argument] }).values);
    expect(found).toEqual(value);
  });

  test('the last of several wins', () => expect(resolved({ sets: ['seed=2', 'seed=3'] }).values.seed).toBe(3));

  test('another kind leaves the other options standing, and they are judged as its own', () => {
    const found = mistakes({ sets: ['optimizer.kind=sgd', 'optimizer.momentum=2', 'optimizer.beta1=0.5'] });
    expect(found.map(({ code }) => code)).toEqual(['unknown-key', 'out-of-range']);
    expect(found[0]?.message).toBe('optimizer sgd has no key "beta1"');
    expect(found[0]?.help).toBe('"beta1" belongs to optimizer adam');
  });

  test('can mend a mistake of the file', () => {
    expect(mistakes({ text: text.replace('adam', 'adamm'), sets: ['optimizer.kind=adam'] })).toEqual([]);
  });

  test('a place beyond the argument never comes out', () => {
    for (const argument of ['', '=', '.', '.=', 'a.=1', 'model=', 'model.kind=', 'metrics.0=', 'x={', 'x="', 'x=*y', 'x=!t 1', 'x=- 1']) {
      for (const { place } of mistakes({ sets: [argument] })) {
        expect(place?.text, argument).toBe(`--set ${argument}`);
        expect((place?.column ?? 0) + (place?.length ?? 0), argument).toBeLessThanOrEqual(`--set ${argument}`.length + 2);
      }
    }
  });
});

describe('who wins', () => {
  const environment: Override = { from: 'environment', name: 'RETABLE_SEED', path: 'seed', argument: '5' };
  const flag: Override = { from: 'flag', name: '--seed', path: 'seed', argument: '7' };

  test('the environment beats the file', () => {
    expect(resolved({ overrides: [environment] }).values.seed).toBe(5);
    expect(resolved({ overrides: [environment] }).origins.get('seed')).toMatchObject({
      from: 'environment',
      place: { file: 'RETABLE_SEED', text: 'RETABLE_SEED=5', column: 14 },
    });
  });
  test('--set beats the environment', () => expect(resolved({ overrides: [environment], sets: ['seed=6'] }).values.seed).toBe(6));
  test('a flag beats them all', () => {
    const config = resolved({ overrides: [flag, environment], sets: ['seed=6'] });
    expect(config.values.seed).toBe(7);
    expect(config.origins.get('seed')).toMatchObject({ from: 'flag', place: { text: '--seed 7', column: 8, length: 1 } });
  });
  test('a wrong flag is shown as it was typed', () => {
    const [found] = mistakes({ overrides: [{ ...flag, argument: 'x' }] });
    expect(found).toMatchObject({ code: 'wrong-type', place: { file: '--seed', text: '--seed x', column: 8 } });
  });
});

test('a resolved experiment is written as a document that resolves to itself', () => {
  for (const sets of [[], ['metrics=[]'], ['description="no: # 010"'], ['optimizer.learning_rate=1e-12', 'dataset.seed=3']]) {
    const config = resolved({ sets });
    expect(resolved({ text: writeResolved(config) }).values).toEqual(config.values);
    expect(writeResolved(resolved({ text: writeResolved(config) }))).toBe(writeResolved(config));
  }
});

test('other kinds of documents are known, and refused', () => {
  expect(mistakes({ text: 'sweep: s\nbase: x.yaml\n' }).map(({ code }) => code)).toEqual(['other-document-kind']);
});

function leavesOf(value: unknown, path = ''): readonly string[] {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return entries.length === 0 ? [path] : entries.flatMap(([name, inner]) => leavesOf(inner, path ? `${path}.${name}` : name));
}
