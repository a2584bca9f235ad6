import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createEngine } from '../../src/engine/create.js';
import { type Arrays, atOnce, type EngineOptions, type Step } from '../../src/engine/engine.js';
import { improve } from '../../src/engine/compiled.js';
import { topological } from '../../src/engine/graph/make.js';
import { createStreams } from '../../src/random/streams.js';
import type { Prepared } from '../../src/run/prepare.js';
import { stages } from '../../src/stages/registry.js';
import { calls } from '../../src/train/calls.js';
import { drawMasks } from '../../src/train/masks.js';
import { createDataset, pipelineFor } from '../../src/train/pipeline.js';
import { trainingScalars } from '../../src/train/scalars.js';
import { freshStart } from '../../src/train/start.js';
import { evaluateStep, trainStep } from '../../src/train/step.js';
import { planned } from '../support/experiment.js';

/*
 * Sequences of so many steps that a piece of them is compiled, and run as a loop: the same numbers as step by step. 107 steps are two and three
 * pieces of 35, 120 are three of 40.
 */
const folder = mkdtempSync(join(tmpdir(), 'retable-long-'));
afterAll(() => rmSync(folder, { recursive: true }));

const lengths = [107, 60, 3, 106, 40];
const rows = lengths.flatMap((length, s) =>
  Array.from({ length }, (_, t) =>
    [s, t, Math.sin(s + 0.7 * t).toFixed(3), ((s * 7 + t * 3) % 5) - 2, 'abc'.charAt((s + t) % 3), 'ab'.charAt(s % 2)].join(','),
  ),
);
writeFileSync(join(folder, 'data.csv'), ['s,t,x,y,class,whole', ...rows, ''].join('\n'));
writeFileSync(join(folder, 'text.txt'), 'the quick brown fox jumps over the lazy dog and the cat sits on the mat. '.repeat(20));

const csv = 'kind: sequences, file: data.csv, format: csv, sequence: s, order: t, features: [x, y], task: classification';
const perStep = `{${csv}, target: class, target_per: step}`;
const perSequence = `{${csv}, target: whole, target_per: sequence}`;
const text = '{kind: text, file: text.txt, tokens: characters, time_steps: 120}';

const CARRY = { training: 'recurrent_state: carry' };

function document(
  dataset: string,
  model: string,
  {
    readout = 'every',
    hidden = 3,
    training = '',
  }: { readonly readout?: string; readonly hidden?: number; readonly training?: string } = {},
): Prepared {
  const parts = {
    experiment: 'long',
    dataset,
    model: `{hidden_size: ${hidden}, readout: ${readout}, initializer: {kind: uniform, limit: 0.9}, ${model}}`,
    loss: '{kind: cross_entropy}',
    optimizer: '{kind: sgd, learning_rate: 1}',
    metrics: '[{kind: accuracy}]',
    training: `{epochs: 1, batch_size: 2, ${training}}`,
  };
  const file = join(folder, 'experiment.yaml');
  writeFileSync(
    file,
    Object.entries(parts)
      .map(([key, value]) => `${key}: ${value}\n`)
      .join(''),
  );
  return planned(file);
}

/** As it would be without loops. */
const stepByStep = (step: Step): Step => ({ ...step, run: (tf, given, layers) => step.run(tf, given, layers, atOnce) });

const STEPS = 2;

/** Losses and weights of the first steps of training, then what validation measures. */
async function firstSteps(
  { plan, files }: Prepared,
  { kind = 'compiled', threads = 1, cache = null }: Partial<EngineOptions>,
  { perCall = 1, form = (step: Step): Step => step } = {},
): Promise<Arrays> {
  const engine = await createEngine({ kind, device: 'cpu', threads, cache });
  const pipeline = pipelineFor(plan, stages);
  const made: Record<string, Float32Array> = {};
  let state = engine.state(trainStep(plan, pipeline).state, freshStart(plan, files).state);
  for (const step of [trainStep(plan, pipeline, { gradientNorm: true }), evaluateStep(plan, pipeline, 'train')]) {
    const program = await engine.compile(form(step), perCall);
    const masks = (index: number): Arrays => drawMasks(plan, createStreams(plan.seed), perCall, index);
    let done = 0;
    for (const call of calls(createDataset(plan, stages, files).batches('train', 1), step.inputs, perCall, masks)) {
      const scalars = trainingScalars(plan, 1, done, perCall);
      const wanted = Object.fromEntries(step.scalars.map((name) => [name, scalars[name] ?? new Float32Array(perCall).fill(1)]));
      const result = await program.run(state, call.inputs, wanted);
      state.dispose();
      state = result.state;
      for (const [name, values] of Object.entries(result.outputs)) {
        const before = made[`${step.name} ${name}`] ?? new Float32Array();
        made[`${step.name} ${name}`] = Float32Array.from([...before, ...Array.from(values)]);
      }
      done += perCall;
      if (done >= STEPS) break;
    }
    for (const name of Object.keys(step.state)) made[`${step.name} ${name}`] = Float32Array.from(await state.read(name));
  }
  state.dispose();
  await engine.dispose();
  return made;
}

/** The largest distance of any number from what is expected, as a share of max(1, |value|). */
function apart(expected: Arrays, got: Arrays): number {
  expect(Object.keys(got)).toEqual(Object.keys(expected));
  const distances = Object.entries(expected).flatMap(([name, values]) =>
    Array.from(values, (value, i) => Math.abs(value - (got[name]?.[i] ?? NaN)) / Math.max(1, Math.abs(value))),
  );
  return distances.reduce((most, each) => (each <= most ? most : each), 0);
}

const loopsIn = async (step: Step): Promise<number> => topological(await improve(step)).filter(({ op }) => op === 'Scan').length;

const cases: readonly (readonly [what: string, document: () => Prepared])[] = [
  ['lstm', () => document(text, 'kind: lstm')],
  ['lstm of a truncated gradient', () => document(text, 'kind: lstm, gradient: truncated')],
  ['lstm, its state carried on', () => document(text, 'kind: lstm, recurrent_activation: hard_sigmoid', CARRY)],
  ['lstm, sequences filled up, their last state read', () => document(perSequence, 'kind: lstm', { readout: 'last' })],
  ['gru, sequences filled up', () => document(perStep, 'kind: gru')],
  ['gru that resets after the product, in both directions', () => document(perStep, 'kind: gru, reset: after, bidirectional: true')],
  ['rnn of two layers, dropped between', () => document(perStep, 'kind: rnn, num_layers: 2, dropout: 0.4')],
  ['lstm of tf.layers, in both directions', () => document(perStep, 'kind: lstm, implementation: builtin, bidirectional: true')],
  ['gru of tf.layers, two layers', () => document(text, 'kind: gru, implementation: builtin, num_layers: 2')],
  ['rnn of tf.layers, words looked up', () => document(text, 'kind: rnn, implementation: builtin, embedding: {size: 2}')],
];

describe('a loop gives the numbers of a program without one', () => {
  test.each(cases)('%s', { timeout: 60_000 }, async (_, document) => {
    const prepared = document();
    expect(await loopsIn(trainStep(prepared.plan, pipelineFor(prepared.plan, stages)))).toBeGreaterThan(1);
    const looped = await firstSteps(prepared, {});
    expect(apart(await firstSteps(prepared, { kind: 'eager-js' }), looped)).toBeLessThan(1e-6);
  });

  test('and of the same program step by step', { timeout: 60_000 }, async () => {
    const prepared = document(perStep, 'kind: lstm');
    const looped = await firstSteps(prepared, {});
    expect(apart(await firstSteps(prepared, {}, { form: stepByStep }), looped)).toBeLessThan(1e-6);
    expect(await loopsIn(stepByStep(trainStep(prepared.plan, pipelineFor(prepared.plan, stages))))).toBe(0);
  });

  test('and the same digits on two threads, by two steps a call, and out of the cache', { timeout: 60_000 }, async () => {
    for (const [hidden, model] of [
      [64, 'kind: lstm'],
      [3, 'kind: gru, implementation: builtin, num_layers: 2'],
    ] as const) {
      const prepared = document(text, model, { hidden, ...CARRY });
      const expected = await firstSteps(prepared, {});
      expect(await firstSteps(prepared, { threads: 2 })).toEqual(expected);
      expect(await firstSteps(prepared, {}, { perCall: 2 })).toEqual(expected);
      for (const _ of ['made', 'kept']) expect(await firstSteps(prepared, { cache: folder })).toEqual(expected);
    }
  });
});
