import { describe, expect, it } from 'vitest';
import type { ExperimentConfig } from '../../src/language/experiment.js';
import { planExperiment, type PlanningTools } from '../../src/planning/plan-experiment.js';
import type { DataSpec, Stage } from '../../src/stages/stage.js';
import { resolved, STAGES, TOOLS, VALUES } from './fixture.js';

const plan = (values: ExperimentConfig, tools: PlanningTools = TOOLS) => planExperiment(resolved(values), STAGES, tools);

/** `code path`, `~` in front of a warning: what a test of problems compares. */
const told = (values: ExperimentConfig, tools?: PlanningTools): readonly string[] =>
  plan(values, tools).problems.map(({ code, path, severity }) => `${severity === 'warning' ? '~' : ''}${code} ${path.join('.')}`);

const SLOW = { code: 'slow', path: [], message: 'this will take a while', severity: 'warning' } as const;

describe('planExperiment', () => {
  it('plans what fits, without a problem', () => {
    const { plan: planned, problems } = plan(VALUES);
    expect(problems).toEqual([]);
    expect(planned).toMatchObject({
      name: 'pairs',
      seed: 1,
      training: { epochs: 50, batchSize: 64, stepsPerEpoch: 13, totalSteps: 650 },
      parameterCount: 8 * 32 + 32 + 32 * 8,
      metrics: [
        { key: 'exact_match', splits: ['train', 'test'] },
        { key: 'bit_accuracy', splits: ['test'] },
      ],
      engine: { kind: 'compiled', device: 'cpu', threads: 1, cache: null },
    });
  });

  it('is pure: the same config gives an equal plan', () => {
    expect(plan(VALUES)).toEqual(plan(structuredClone(VALUES)));
  });

  it('hands each stage its own options alone', () => {
    const digest = (seed: unknown) => plan({ ...VALUES, dataset: { ...VALUES.dataset, seed } }).plan?.facts.digest;
    expect(digest('inherit')).toBe('digest of {"examples":1000,"train_fraction":0.8,"bits":8} 1');
    expect(digest(7)).toBe('digest of {"examples":1000,"train_fraction":0.8,"bits":8} 7');
  });

  it('tells the problems of all stages and rules in one go, each at its place in the document', () => {
    const values: ExperimentConfig = {
      ...VALUES,
      model: { ...VALUES.model, readout: 'every' },
      metrics: [{ kind: 'exact_match', splits: ['test', 'tset'] }, { kind: 'log_score' }, { kind: 'exact_match' }],
      optimizer: { kind: 'decent', learning_rate: 1 },
      training: { ...VALUES.training, batch_size: 801, early_stopping: { metric: 'test/exact', patience: 1, minimum_delta: 0 } },
    };
    expect(plan(values).plan).toBeUndefined();
    expect(told(values)).toEqual([
      'unknown-kind optimizer.kind',
      'shape-mismatch model.readout',
      'reading metrics.1.kind',
      'unknown-split metrics.0.splits.1',
      'batch-larger-than-data training.batch_size',
      'unknown-metric training.early_stopping.metric',
    ]);
  });

  const training = VALUES.training;
  it.each<[string, Partial<ExperimentConfig>, readonly string[]]>([
    ['a split without an example', { dataset: { ...VALUES.dataset, train_fraction: 1 } }, ['empty-split dataset']],
    ['a batch of all training data', { training: { ...training, batch_size: 800 } }, []],
    ['a batch larger by one', { training: { ...training, batch_size: 801 } }, ['batch-larger-than-data training.batch_size']],
    ['one metric on two splits, one by one', { metrics: ['train', 'test'].map((split) => ({ kind: 'exact_match', splits: [split] })) }, []],
    ['stopping by the loss', { training: { ...training, early_stopping: { metric: 'train/loss', patience: 1, minimum_delta: 0 } } }, []],
    [
      'stopping by the test',
      { training: { ...training, early_stopping: { metric: 'test/loss', patience: 1, minimum_delta: 0 } } },
      ['~test-selected training.early_stopping.metric'],
    ],
    [
      'samples of numbers',
      { training: { ...training, samples: { every: 1, prefixes: ['a'], length: 1, temperature: 1 } } },
      ['samples-without-text training.samples'],
    ],
  ])('%s', (_, change, problems) => {
    expect(told({ ...VALUES, ...change })).toEqual(problems);
  });

  it.each([
    [3, 8, ['samples-of-other-answers training.samples']],
    [8, 8, []],
    // The loss has said it then.
    [3, 2, []],
  ])('samples of a text of %d tokens, with answers of %d kinds', (tokens, classes, problems) => {
    const ofText = STAGES.map((stage) =>
      stage.slot === 'dataset'
        ? {
            ...stage,
            fit: () => ({ vocabulary: Array.from({ length: tokens }, (_, i) => String(i)) }),
            plan: (...given: Parameters<typeof stage.plan>) => ({ ...(stage.plan(...given) as DataSpec), classes }),
          }
        : stage,
    ) as readonly Stage[];
    const values = { ...VALUES, training: { ...training, samples: { every: 1, prefixes: ['0'], length: 1, temperature: 1 } } };
    expect(planExperiment(resolved(values), ofText, TOOLS).problems.map(({ code, path }) => `${code} ${path.join('.')}`)).toEqual(problems);
  });

  it('plans in spite of a warning', () => {
    const warned = STAGES.map((stage) =>
      stage.slot === 'loss'
        ? { ...stage, plan: (...[, , report]: Parameters<typeof stage.plan>) => (report(SLOW), { reading: 'values' as const }) }
        : stage,
    );
    const { plan: planned, problems } = planExperiment(resolved(), warned, TOOLS);
    expect(planned).toBeDefined();
    expect(problems).toEqual([{ ...SLOW, path: ['loss'] }]);
  });

  it('checks the rest of the document when the data cannot be read', () => {
    const values = { ...VALUES, dataset: { ...VALUES.dataset, file: 'missing.csv' }, loss: { kind: 'cubes' } };
    const files = {
      read() {
        throw new Error('no such file');
      },
    };
    expect(told(values, { ...TOOLS, files })).toEqual(['unknown-kind loss.kind', 'unreadable-file dataset.file']);
  });

  it('does not hide a fault of a stage behind a problem of the document', () => {
    const files = { read: () => new Uint8Array() };
    const broken = STAGES.map((stage) =>
      stage.slot === 'dataset'
        ? {
            ...stage,
            look: () => {
              throw new TypeError('a bug');
            },
          }
        : stage,
    );
    expect(() => planExperiment(resolved(), broken, { ...TOOLS, files })).toThrow('a bug');
  });
});
