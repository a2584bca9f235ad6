import { describe, expect, it } from 'vitest';
import type { ExperimentConfig } from '../../src/language/experiment.js';
import { Type } from '../../src/language/type.js';
import { canonicalJson } from '../../src/planning/canonical-json.js';
import { leaves } from '../../src/planning/leaves.js';
import { planExperiment, type PlanningTools } from '../../src/planning/plan-experiment.js';
import { withEarlierNumerics } from '../../src/planning/work.js';
import { defineStage } from '../../src/stages/stage.js';
import fc from '../support/properties.js';
import { EXECUTION, resolved, STAGES, TOOLS, VALUES } from './fixture.js';

function keyOf(values: ExperimentConfig, tools: PlanningTools = TOOLS, stages = STAGES): string {
  const { plan, problems } = planExperiment(resolved(values), stages, tools);
  expect(problems.filter(({ severity }) => severity !== 'warning')).toEqual([]);
  return plan?.work.key ?? '';
}

/** A copy of plain data with the value at a dotted path replaced. */
function replaced<T>(data: T, path: string, value: unknown): T {
  const copy = structuredClone(data);
  const keys = path.split('.');
  let parent = copy as Record<string, unknown>;
  for (const key of keys.slice(0, -1)) parent = parent[key] as Record<string, unknown>;
  parent[keys.at(-1) ?? ''] = value;
  return copy;
}

const FULL: ExperimentConfig = {
  ...VALUES,
  dataset: { ...VALUES.dataset, file: 'sums.csv' },
  training: { ...VALUES.training, early_stopping: { metric: 'test/loss', patience: 3, minimum_delta: 0.5 } },
  tracking: { uri: 'http://localhost:5000' },
  on_finish: 'true',
  accept: [{ threat: 'too-short', because: 'as published' }],
};

/** Another valid value of every leaf that cannot simply be counted up. */
const OTHER: Readonly<Record<string, unknown>> = {
  experiment: 'other',
  description: 'Other words.',
  use: ['./mine.mjs'],
  'dataset.seed': 2,
  'dataset.train_fraction': 0.7,
  'dataset.file': 'other.csv',
  'metrics.0.kind': 'another_metric',
  'metrics.1.kind': 'a_third_metric',
  'metrics.1.splits.0': 'train',
  'model.readout': 'first',
  'dataset.kind': 'another_dataset',
  'model.kind': 'another_cell',
  'loss.kind': 'another_loss',
  'optimizer.kind': 'another_descent',
  'training.shuffle': true,
  'training.recurrent_state': 'carry',
  'training.keep': 'best',
  'training.early_stopping.metric': 'train/loss',
  'engine.kind': 'eager-js',
  'engine.device': 'webgpu',
  'tracking.uri': 'http://other:5000',
  on_finish: 'false',
  'accept.0.threat': 'test-selected',
  'accept.0.because': 'on purpose',
};

/** The stages, and twins of those in use that differ from them in their kind alone. */
const TWINS = STAGES.flatMap((stage) => {
  const kinds = [...leaves(FULL)].filter(([path, kind]) => path.endsWith('.kind') && kind === stage.kind).map(([path]) => OTHER[path]);
  return [stage, ...kinds.map((kind) => ({ ...stage, kind: String(kind) }))];
});

describe('the work key', () => {
  const sameFile: PlanningTools = { ...TOOLS, files: { read: () => new TextEncoder().encode('the same content') } };
  const affectsNothing = new Set(['experiment', 'description', 'use', 'dataset.file', ...EXECUTION]);

  it.each([...leaves(FULL)])('changes with %s exactly if it affects the result', (path, value) => {
    const changed = replaced(FULL, path, path in OTHER ? OTHER[path] : typeof value === 'number' ? value + 1 : undefined);
    expect(changed).not.toEqual(FULL);
    const same = keyOf(changed, sameFile, TWINS) === keyOf(FULL, sameFile, TWINS);
    expect(same).toBe(affectsNothing.has(path));
  });

  it('depends on what a file holds, not on its path', () => {
    expect(keyOf(FULL, TOOLS)).not.toBe(keyOf({ ...FULL, dataset: { ...FULL.dataset, file: 'other.csv' } }, TOOLS));
    expect(keyOf(FULL, sameFile)).toBe(keyOf({ ...FULL, dataset: { ...FULL.dataset, file: 'other.csv' } }, sameFile));
  });

  it('knows an inherited data seed and the same seed written out as one', () => {
    expect(keyOf({ ...VALUES, dataset: { ...VALUES.dataset, seed: 1 } })).toBe(keyOf(VALUES));
  });

  it('is known as the engine counted its numerics then, the newest first', () => {
    const at = (compiled: number) => planExperiment(resolved(VALUES), STAGES, { ...TOOLS, numerics: { ...TOOLS.numerics, compiled } }).plan;
    const { work } = at(3) ?? {};
    expect(work && withEarlierNumerics(work)).toEqual([3, 2, 1].map((numerics) => ({ key: at(numerics)?.work.key, numerics })));
  });

  it('is not known by a count under which the numbers were wrong', () => {
    const engine = { kind: 'eager-wasm', device: 'cpu', threads: 1 } as const;
    const at = (count: number) =>
      planExperiment(resolved({ ...VALUES, engine }), STAGES, { ...TOOLS, numerics: { ...TOOLS.numerics, 'eager-wasm': count } }).plan;
    const { work } = at(3) ?? {};
    expect(work && withEarlierNumerics(work)).toEqual([3, 2].map((numerics) => ({ key: at(numerics)?.work.key, numerics })));
  });

  it("changes with a stage's version, the engine's numerics and a person's modules", () => {
    const newer = STAGES.map((stage) => (stage.slot === 'loss' ? defineStage({ ...stage, version: 2 }) : stage));
    expect(keyOf(VALUES, TOOLS, newer)).not.toBe(keyOf(VALUES));
    expect(keyOf(VALUES, { ...TOOLS, numerics: { ...TOOLS.numerics, compiled: 2 } })).not.toBe(keyOf(VALUES));
    expect(keyOf(VALUES, { ...TOOLS, modules: 'ab' })).not.toBe(keyOf(VALUES));
  });

  it('does not change with the version of what is not used', () => {
    const newer = STAGES.map((stage) => (stage.kind === 'log_score' ? { ...stage, version: 2 } : stage));
    expect(keyOf(VALUES, { ...TOOLS, numerics: { ...TOOLS.numerics, 'eager-js': 2 } }, newer)).toBe(keyOf(VALUES));
  });

  it('does not change with the order of keys', () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .map(([key, child]) => [key, reversed(child)])
          .toReversed(),
      );
    };
    expect(keyOf(reversed(FULL) as ExperimentConfig)).toBe(keyOf(FULL));
  });

  it('is pinned: a change here makes every recorded run another work', () => {
    const { plan } = planExperiment(resolved(), STAGES, TOOLS);
    expect(plan?.work.ingredients).toMatchInlineSnapshot(`
      {
        "config": {
          "dataset.bits": 8,
          "dataset.examples": 1000,
          "dataset.kind": "pairs",
          "dataset.seed": 1,
          "dataset.train_fraction": 0.8,
          "loss.kind": "squares",
          "metrics.0.kind": "exact_match",
          "metrics.1.kind": "bit_accuracy",
          "metrics.1.splits.0": "test",
          "model.hidden_size": 32,
          "model.kind": "cell",
          "model.readout": "last",
          "optimizer.kind": "descent",
          "optimizer.learning_rate": 0.001,
          "optimizer.momentum": 0,
          "training.batch_size": 64,
          "training.epochs": 50,
          "training.keep": "last",
          "training.recurrent_state": "reset",
          "training.shuffle": false,
        },
        "dataset": "digest of {"examples":1000,"train_fraction":0.8,"bits":8} 1",
        "engine": {
          "device": "cpu",
          "kind": "compiled",
          "numerics": 1,
        },
        "format": 1,
        "seed": 1,
        "stages": {
          "dataset": "pairs@1",
          "loss": "squares@1",
          "metrics.0": "exact_match@1",
          "metrics.1": "bit_accuracy@1",
          "model": "cell@1",
          "optimizer": "descent@3",
        },
      }
    `);
    expect(plan?.work.key).toMatchInlineSnapshot(`"2d9d4060b3038384f38fc4e93dd930aa825e8bcf9a48ef4f2923d168fa5da1ec"`);
  });
});

describe('canonicalJson', () => {
  it.each([
    [{ b: 1, a: [true, null, 'x'] }, '{"a":[true,null,"x"],"b":1}'],
    [{ rate: Number('1e-3'), left: undefined }, '{"rate":0.001}'],
    [-0, '0'],
    [1e21, '1e+21'],
    ['\u2028"', '"\u2028\\""'],
  ])('%j', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it.each([[Number.NaN], [Number.POSITIVE_INFINITY], [() => 1]])('refuses %s', (value) => {
    expect(() => canonicalJson({ value })).toThrow(TypeError);
  });

  it('reads back as the same data', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

it('names of files are no part of the key, however deep they stand in the options of a stage', () => {
  const parts = Type.Array(Type.Object({ file: Type.String({ path: true }), weight: Type.Number() }));
  const stages = STAGES.map((stage) =>
    stage.slot === 'dataset' ? { ...stage, options: Type.Object({ ...stage.options.properties, parts }) } : stage,
  );
  const key = (...files: readonly string[]): string =>
    keyOf(
      { ...VALUES, dataset: { ...VALUES.dataset, file: 'sums.csv', parts: files.map((file, weight) => ({ file, weight })) } },
      TOOLS,
      stages,
    );
  expect(key('a.csv', 'b.csv')).toBe(key('elsewhere/c.csv', 'd.csv'));
  expect(key('a.csv', 'b.csv')).not.toBe(key('a.csv'));
});
