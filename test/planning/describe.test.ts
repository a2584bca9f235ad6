import { Ajv } from 'ajv';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ExperimentConfig } from '../../src/language/experiment.js';
import { describeDiff, describeOrigins, describePlan, diffConfigs } from '../../src/report/plan/describe.js';
import { leaves } from '../../src/planning/leaves.js';
import { planExperiment } from '../../src/planning/plan-experiment.js';
import { planToJson } from '../../src/planning/plan-json.js';
import type { Plan } from '../../src/planning/plan.js';
import type { Initializer } from '../../src/stages/stage.js';
import { resolved, STAGES, TOOLS, VALUES } from './fixture.js';

function planned(values: ExperimentConfig = VALUES): Plan {
  const { plan, problems } = planExperiment(resolved(values), STAGES, TOOLS);
  if (!plan) throw new Error(JSON.stringify(problems));
  return plan;
}

describe('describePlan', () => {
  it('tells everything that would be done', () => {
    expect(`\n${describePlan(planned())}`).toBe(`
pairs  pairs.yaml, seed 1
Adding pairs.

data        pairs: seed inherit, examples 1,000, train_fraction 0.8, bits 8
            split  examples   batches  input             target
            train       800  13 of 64  [time 2, bits 8]  [bits 8]
            test        200   4 of 64  [time 2, bits 8]  [bits 8]
            share of test pairs that occur in training:  0.992
              the test measures memory more than generalisation
            chance: test/exact_match 0.00410 (best answer that ignores the input)

model       cell: hidden_size 32, readout last
            parameter  shape   starts as        count
            Wx         8 × 32  uniform ±0.1768    256
            b          32      zeros               32
            Wy         32 × 8  uniform ±0.1768    256
            in all                                544
            output [bits 8]; state h [32]

loss        squares, of outputs read as values
metrics     exact_match   on train, test  higher is better
            bit_accuracy  on test         higher is better
optimizer   descent: learning_rate 0.001, momentum 0; remembers v per parameter
training    50 epochs × 13 steps = 650 steps, batches of 64, in the order of the data
memory      parameters with gradients and optimizer 6.53 kB, a batch 24.6 kB or more, data 96 kB
engine      compiled on cpu, 1 thread
key         2d9d4060b303  equal keys promise equal digits
`);
  });

  it('styles what a terminal can set off, and changes no word of it', () => {
    const styled = describePlan(planned(), {
      style: {
        heading: (text) => `\u001b[1m${text}\u001b[22m`,
        faint: (text) => `\u001b[2m${text}\u001b[22m`,
      },
    });
    expect(styled).toContain('\u001b[1mdata\u001b[22m        pairs');
    expect(styled.replace(/\u001b\[\d+m/g, '')).toBe(describePlan(planned()));
  });

  it.each<[Initializer, string]>([
    [{ kind: 'zeros' }, 'zeros'],
    [{ kind: 'constant', value: 1 }, 'constant 1'],
    [{ kind: 'normal', stddev: 0.01 }, 'normal, sd 0.01'],
    [{ kind: 'orthogonal' }, 'orthogonal'],
    [
      { kind: 'blocks', blocks: [{ kind: 'zeros' }, { kind: 'constant', value: 1 }, { kind: 'zeros' }, { kind: 'zeros' }] },
      'zeros | constant 1 | 2 of zeros',
    ],
  ])('names the start %j', (initializer, words) => {
    const plan = planned();
    const model = { ...plan.model, parameters: [{ name: 'W', shape: [2], initializer }] };
    expect(describePlan({ ...plan, model })).toContain(`W          2      ${words} `);
  });

  it('has a column for tokens where the data are text', () => {
    const plan = planned();
    const text = { examples: 9, batches: 3, batchSize: 3, tokens: 1234 };
    const indices = { shape: [32], axes: ['time'], dtype: 'int32' as const };
    const splits = { train: { ...text, inputs: { input: indices }, target: indices } };
    expect(describePlan({ ...plan, data: { ...plan.data, splits } })).toContain(
      'train         9   3 of 3   1,234  [time 32] int32  [time 32] int32',
    );
  });
});

describe('describeOrigins', () => {
  it('says for every leaf where it came from', () => {
    const place = { file: 'pairs.yaml', line: 7, column: 16, length: 2, text: '  hidden_size: 32' };
    const config = resolved(
      VALUES,
      new Map([
        ['model.hidden_size', { from: 'file', place }],
        ['seed', { from: 'set', place: { file: '--set', line: 1, column: 7, length: 6, text: '--set seed=1' } }],
      ]),
    );
    const lines = describeOrigins(config).trimEnd().split('\n');
    expect(lines).toHaveLength(leaves(VALUES).size);
    expect(lines).toContainEqual(expect.stringMatching(/^model\.hidden_size = 32 +pairs\.yaml:7:16$/));
    expect(lines).toContainEqual(expect.stringMatching(/^seed = 1 +--set seed=1$/));
    expect(lines).toContainEqual(expect.stringMatching(/^model\.kind = "cell" +default$/));
  });
});

describe('planToJson', () => {
  const validate = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(
    JSON.parse(readFileSync('schemas/plan.schema.json', 'utf8')),
  );

  it('is what its schema says', () => {
    const json: unknown = JSON.parse(JSON.stringify(planToJson(planned())));
    validate(json);
    expect(validate.errors).toBeNull();
  });

  it('is so of a plan with threats that are accepted', () => {
    const accepted = [{ threat: 'too-short', because: 'as published', found: 'the test has 6 steps' }];
    const json: unknown = JSON.parse(JSON.stringify(planToJson({ ...planned(), accepted })));
    validate(json);
    expect(validate.errors).toBeNull();
    expect(json).toMatchObject({ accepted });
  });

  it('does not tell where it was made', () => {
    const plan = planned();
    const elsewhere = { ...plan, engine: { ...plan.engine, cache: '/home/someone/.cache' } };
    expect(planToJson(elsewhere)).toEqual(planToJson(plan));
  });
});

describe('diffConfigs', () => {
  const other: ExperimentConfig = {
    ...VALUES,
    engine: { ...VALUES.engine, threads: 2 },
    model: { ...VALUES.model, hidden_size: 64 },
    metrics: [{ kind: 'exact_match' }],
  };

  it('tells what affects the result first', () => {
    expect(diffConfigs(resolved(), resolved(other))).toEqual([
      { path: 'model.hidden_size', left: 32, right: 64, affects: 'result' },
      { path: 'metrics.1.kind', left: 'bit_accuracy', right: undefined, affects: 'result' },
      { path: 'metrics.1.splits.0', left: 'test', right: undefined, affects: 'result' },
      { path: 'engine.threads', left: 1, right: 2, affects: 'execution' },
    ]);
  });

  it('reads as a table', () => {
    expect(`\n${describeDiff(resolved(), { ...resolved(other), file: 'wide.yaml' })}`).toBe(`
affects the result
                      pairs.yaml      wide.yaml
  model.hidden_size   32              64
  metrics.1.kind      "bit_accuracy"  (absent)
  metrics.1.splits.0  "test"          (absent)
affects the execution only
                  pairs.yaml  wide.yaml
  engine.threads  1           2
`);
  });

  it('says when there is nothing to tell', () => {
    expect(describeDiff(resolved(), resolved())).toBe('no difference\n');
  });
});
