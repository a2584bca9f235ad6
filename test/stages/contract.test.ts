import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { importAll } from '../../src/modules/use-modules.js';
import type { JsonSchema } from '../../src/language/type.js';
import { createStreams } from '../../src/random/streams.js';
import { findStage, stages } from '../../src/stages/registry.js';
import type { Collected, Data, Files, Measured, ModelSpec, Reading, Slot, Slots, Stage } from '../../src/stages/stage.js';
import { MEAN } from '../../src/train/pipeline.js';
import { wrongView } from '../../src/views/view.js';
import { dataBy, dataOf, deepFreeze, noProblem, numbers, someIndices, someNumbers, summedBy, tf, tools, volume } from './support.js';

/** Options that have no default, and the least that a stage must be given of the stages before it. */
const required: Readonly<Record<string, object>> = {
  'dataset/text': { file: 'own.txt', time_steps: 5 },
  'dataset/texts': { file: 'texts.csv', text: 'text', target: 'label' },
  'dataset/tagged': { file: 'tagged.conll' },
  'dataset/sequences': { file: 'own.csv', format: 'csv', sequence: 'id', features: ['x'], target: 'label', task: 'classification' },
  'dataset/series': { file: 'series.csv', time: 't', targets: ['x'], window: 4, horizon: 2, transform: [] },
  'model/rnn': { hidden_size: 3 },
  'model/gru': { hidden_size: 3 },
  'model/lstm': { hidden_size: 3 },
  'model/sequential': {
    layers: [{ kind: 'flatten' }, { kind: 'dense', units: 3, activation: 'linear', use_bias: true, kernel_initializer: 'glorot_uniform' }],
  },
  'loss/quantile': { quantile: 0.9 },
  'metric/pinball': { quantile: 0.9 },
  'metric/coverage': { level: 0.5 },
  'metric/top_k_accuracy': { k: 2 },
  'optimizer/sgd': { learning_rate: 0.1 },
  'optimizer/adam': { learning_rate: 0.1 },
  'optimizer/adamw': { learning_rate: 0.1 },
  'optimizer/rmsprop': { learning_rate: 0.1 },
};

const values = dataOf({ input: [4, 2], target: [3] });
const text = dataOf({ input: [4], target: [4], classes: 5 });
const series: Data = { ...values, outputs: { steps: 3, names: ['load'] }, fitted: { naiveErrors: { load: 0.5 } } };
const [ofValues, ofText] = [modelOf(3), modelOf(4, 5)];
const scores: Readonly<Record<string, { data: Data; model: ModelSpec; reading: Reading }>> = {
  cross_entropy: { data: text, model: ofText, reading: 'class_logits' },
  accuracy: { data: text, model: ofText, reading: 'class_logits' },
  perplexity: { data: text, model: ofText, reading: 'class_logits' },
  mean_absolute_scaled_error: { data: series, model: ofValues, reading: 'values' },
  confusion_matrix: { data: text, model: ofText, reading: 'class_logits' },
  balanced_accuracy: { data: text, model: ofText, reading: 'class_logits' },
  f1: { data: text, model: ofText, reading: 'class_logits' },
  precision: { data: text, model: ofText, reading: 'class_logits' },
  recall: { data: text, model: ofText, reading: 'class_logits' },
  matthews_correlation: { data: text, model: ofText, reading: 'class_logits' },
  area_under_roc: { data: text, model: ofText, reading: 'class_logits' },
  area_under_precision_recall: { data: text, model: ofText, reading: 'class_logits' },
  top_k_accuracy: { data: text, model: ofText, reading: 'class_logits' },
  entity_f1: { data: { ...text, fitted: { classes: ['B-A', 'B-B', 'I-A', 'I-B', 'O'] } }, model: ofText, reading: 'class_logits' },
  log_loss: { data: text, model: ofText, reading: 'class_logits' },
  calibration_error: { data: text, model: ofText, reading: 'class_logits' },
};

const personal: Readonly<Record<string, string>> = {
  'own.txt': 'To be, or not to be, that is the question. '.repeat(10),
  'series.csv': ['t,x', ...Array.from({ length: 60 }, (_, i) => `${2000 + i},${(i * 7) % 11}`)].join('\n'),
  'texts.csv': ['text,label', ...Array.from({ length: 60 }, (_, i) => `${i % 7} of ${i} and ${i + 1},${i % 2 ? 'odd' : 'even'}`)].join(
    '\n',
  ),
  'tagged.conll': Array.from({ length: 60 }, (_, i) =>
    ['one', 'two', 'six'].map((word, at) => `${at === 0 ? word : word + String(i)} ${i % 2 ? 'odd' : 'even'}\n`).join(''),
  ).join('\n'),
  'own.csv': ['id,x,label', ...Array.from({ length: 100 }, (_, i) => `s${i % 40},${i},${i % 2 ? 'odd' : 'even'}`)].join('\n'),
};

/** What the package holds is read from there. */
const files: Files = {
  read: (path) => (isAbsolute(path) ? readFileSync(path) : new TextEncoder().encode(personal[path])),
};

/** What a stage is planned from. */
const upstream: { readonly [S in Slot]: (kind: string) => Slots[S]['upstream'] } = {
  dataset: (kind) => {
    const stage = findStage(stages, 'dataset', kind);
    if (!stage) throw new Error(`there is no dataset ${kind}`);
    return dataBy(stage, defaults('dataset', kind), { files, batchSize: 8, shuffle: true }).upstream;
  },
  model: () => ({ data: values }),
  loss: (kind) => scores[kind] ?? { data: values, model: ofValues },
  metric: (kind) => {
    const { data, model, reading } = scores[kind] ?? { data: values, model: ofValues, reading: 'values' };
    return { data, model, loss: { reading } };
  },
  optimizer: () => ({ model: ofValues }),
  transform: () => ({}),
};

test('every slot has a stage, and no kind is there twice in one', () => {
  expect(new Set(stages.map(({ slot }) => slot))).toEqual(new Set(Object.keys(upstream)));
  const names = stages.map(({ slot, kind }) => `${slot}/${kind}`);
  expect(new Set(names).size).toBe(names.length);
});

test('stages are found by slot and kind', () => {
  for (const stage of stages) expect(findStage(stages, stage.slot, stage.kind)).toBe(stage);
  expect(findStage(stages, 'loss', 'lstm')).toBeUndefined();
});

describe.each(stages.map((stage) => [`${stage.slot}/${stage.kind}`, stage] as const))('%s', (_, stage) => {
  test('has a snake_case kind, a version, and a sentence that says what it is', () => {
    expect(stage.kind).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
    expect(stage.version).toBeGreaterThanOrEqual(1);
    expect(stage.summary).toMatch(/^[A-Z].*\.$/);
  });

  test('says of every option what it means', () => {
    for (const [path, schema] of leaves(stage.options)) expect(schema.description, path).toMatch(/\S/);
    for (const name of Object.keys(stage.options.properties)) expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
  });

  test('accepts its own defaults', () => expect(() => defaults(stage.slot, stage.kind)).not.toThrow());

  test('plans purely: nothing given is changed, and twice gives the same, without a problem', () => {
    const options = deepFreeze(defaults(stage.slot, stage.kind));
    const given = deepFreeze(upstream[stage.slot](stage.kind));
    const spec = stage.plan(options, given, noProblem);
    expect(stage.plan(options, given, noProblem)).toEqual(spec);
    expect(structuredClone(spec)).toEqual(spec);
  });
});

describe.each(ofSlot('model').map((stage) => [stage.kind, stage] as const))('model %s', (kind, stage) => {
  const spec = stage.plan(defaults('model', kind), { data: values }, noProblem);

  test('names every parameter once, and gives the planned output', () => {
    const names = spec.parameters.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(spec.output.shape).toEqual([3]);
    expect(spec.output.axes).toHaveLength(spec.output.shape.length);
  });
});

/** A person's own stages, as a document brings them. */
const imported = importAll([{ written: 'stages.mjs', file: resolve('docs/examples/own-stages/stages.mjs') }], stages);
const withOwn: readonly Stage[] = 'stages' in imported ? imported.stages : [];
const ownUpstream: Slots['metric']['upstream'] = {
  data: dataOf({ input: [4], target: [1] }),
  model: modelOf(1),
  loss: { reading: 'values' },
};

test('the own stages of the documentation are held to the laws of metrics too', () => {
  expect(withOwn.filter((stage) => !stages.includes(stage)).map(({ slot, kind }) => `${slot} ${kind}`)).toContain('metric within');
});

describe.each(ofSlot('metric', withOwn).map((stage) => [stage.kind, stage] as const))('metric %s', (kind, stage) => {
  const isOurs = stages.some((one) => one === (stage as Stage));
  const given = isOurs ? upstream.metric(kind) : ownUpstream;
  const options = isOurs ? defaults('metric', kind) : { distance: 0.1 };
  const spec = stage.plan(options, given, noProblem);
  const metric = stage.create(tools, options, spec, given);
  const { classes } = given.data;
  const { target: to } = given.data.splits['train'] ?? { target: { shape: [] } };
  const outputs = someNumbers('output', [6, ...given.model.output.shape]);
  const targets = classes === undefined ? someNumbers('target', [6, ...to.shape]) : someIndices('target', [6, ...to.shape], classes);
  const sums = (from: number, count: number, weight: tf.Tensor): Readonly<Record<string, tf.Tensor>> =>
    summedBy(metric)(tf.slice(outputs, from, count), tf.slice(targets, from, count), weight);
  const numbersOf = (made: Readonly<Record<string, tf.Tensor>>): readonly number[] => Object.values(made).flatMap(numbers);

  test('says what its value is: direction, unit and whether digits are equal', () => {
    expect(['higher', 'lower']).toContain(spec.better);
    expect([typeof spec.unit, typeof spec.deterministic]).toEqual(['string', 'boolean']);
  });

  test.skipIf(spec.collects)('adds up what it announced, each of its shape', () => {
    const shapes = Object.entries(sums(0, 6, tf.ones([6]))).map(([name, { shape }]) => [name, shape]);
    expect(Object.fromEntries(shapes)).toEqual(spec.accumulates ?? MEAN);
  });

  test.skipIf(spec.collects)('what has weight 0 adds nothing, and batches add up', () => {
    const whole = numbersOf(sums(0, 6, tf.tensor([1, 1, 1, 0, 1, 0])));
    const parts = [numbersOf(sums(0, 3, tf.ones([3]))), numbersOf(sums(4, 1, tf.ones([1])))];
    expect(whole.map((sum, at) => sum - parts.reduce((total, part) => total + (part[at] ?? 0), 0))).toEqual(
      whole.map(() => expect.closeTo(0, 4)),
    );
  });

  test.runIf(spec.collects)('what has weight 0 counts for nothing, whatever it holds', () => {
    const [output, target] = [numbers(outputs), numbers(targets)];
    const kept = collectedOf(output, target, [1, 1, 1, 0, 1, 0]);
    const shouted = (all: readonly number[]) => all.map((value, at) => ([3, 5].includes(Math.floor((6 * at) / all.length)) ? 1e6 : value));
    // One that calibrates is handed a split beside, which is the same here.
    const evaluate = (split: Collected) => metric.evaluate?.(split, kept);
    expect(valueOf(evaluate(kept))).not.toBeNaN();
    expect(evaluate(collectedOf(shouted(output), shouted(target), [1, 1, 1, 0, 1, 0]))).toEqual(evaluate(kept));
    expect(valueOf(evaluate(collectedOf(output, target, [1, 1, 1, 1, 1, 1])))).not.toBe(valueOf(evaluate(kept)));
  });

  test('comes to one number in its range, with a view that can be drawn', () => {
    const split = collectedOf(numbers(outputs), numbers(targets), [1, 1, 1, 1, 1, 1]);
    const measured = metric.evaluate ? metric.evaluate(split, split) : finishedOf(sums(0, 6, tf.ones([6])));
    const { value, view } = typeof measured === 'number' ? { value: measured, view: undefined } : { view: undefined, ...measured };
    const { least = spec.unit === 'share' ? 0 : -Infinity, most = spec.unit === 'share' ? 1 : Infinity } = spec;
    expect(value).toBeGreaterThanOrEqual(least);
    expect(value).toBeLessThanOrEqual(most);
    if (view) expect(wrongView(view)).toBeUndefined();
  });

  function finishedOf(added: Readonly<Record<string, tf.Tensor>>): Measured {
    const totals = Object.fromEntries(Object.entries(added).map(([name, sum]) => [name, Float64Array.from(numbers(sum))]));
    if (metric.accumulate) return metric.finish(totals);
    return metric.score ? metric.finish({ sum: totals['sum']?.[0] ?? Number.NaN, count: totals['count']?.[0] ?? Number.NaN }) : Number.NaN;
  }

  function collectedOf(output: readonly number[], target: readonly number[], weight: readonly number[]): Collected {
    return {
      output: { shape: outputs.shape, values: Float32Array.from(output) },
      target: { shape: targets.shape, values: classes === undefined ? Float32Array.from(target) : Int32Array.from(target) },
      weight: { shape: [6], values: Float32Array.from(weight) },
    };
  }
});

const valueOf = (measured: Measured | undefined): number | undefined => (typeof measured === 'object' ? measured.value : measured);

describe.each(ofSlot('dataset').map((stage) => [stage.kind, stage] as const))('dataset %s', (kind, stage) => {
  const given = upstream.dataset(kind);
  const options = defaults('dataset', kind);
  const spec = stage.plan(options, given, noProblem);
  const create = (seed: number) => stage.create({ ...given, files, streams: createStreams(seed) }, options, spec, given);
  const dataset = create(1);
  const splits = Object.entries(spec.splits);

  test('every fact has a key of its own, whatever it is called in print', () => {
    const keys = [...given.facts.facts, ...(spec.facts ?? [])].map(({ key }) => key);
    for (const key of keys) expect(key).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('what is fitted is plain data, the same whenever it is asked for', () => {
    expect(structuredClone(given.fitted)).toEqual(given.fitted);
    expect(stage.fit?.(options, { facts: deepFreeze(given.facts), transforms: [], request: given.request }) ?? {}).toEqual(given.fitted);
  });

  test('train comes first, and axes are named', () => {
    expect(splits[0]?.[0]).toBe('train');
    for (const [, { inputs, target }] of splits) {
      expect(Object.keys(inputs)).toContain('input');
      for (const { shape, axes } of [...Object.values(inputs), target]) expect(axes).toHaveLength(shape.length);
    }
  });

  test.each(splits)('%s: as many batches as planned, of the planned sizes and types, all examples in them', (name, split) => {
    let [batches, counted] = [0, 0];
    for (const batch of dataset.batches(name, 1)) {
      batches++;
      counted += batch.weight.reduce((a, b) => a + b, 0);
      expect([batch.target.length, batch.weight.length]).toEqual([volume(split.target.shape), 1].map((size) => size * split.batchSize));
      expect(dtype(batch.target)).toBe(split.target.dtype);
      expect(Object.keys(batch.inputs)).toEqual(Object.keys(split.inputs));
      for (const [input, spec] of Object.entries(split.inputs)) {
        expect(batch.inputs[input]).toHaveLength(volume(spec.shape) * split.batchSize);
        expect(dtype(batch.inputs[input] ?? new Int32Array())).toBe(spec.dtype);
      }
    }
    expect([batches, counted]).toEqual([split.batches, split.examples]);
  });

  test('same seed and epoch, same numbers; another seed, others', () => {
    const first = (from: typeof dataset, epoch: number) => [...take(from.batches('train', epoch), 2)];
    const again = first(create(1), 2);
    expect(first(dataset, 2)).toEqual(again);
    expect(first(dataset, 1)).not.toEqual(again);
    expect(first(create(2), 2)).not.toEqual(again);
  });

  test('what its seed draws besides the order is said, and nothing else', () => {
    const { upstream: unshuffled } = dataBy(stage, options, { files, batchSize: 8, shuffle: false });
    const planned = stage.plan(options, unshuffled, noProblem);
    const drawn = (seed: number) => stage.create({ ...unshuffled, files, streams: createStreams(seed) }, options, planned, unshuffled);
    const [one, other] = [1, 2].map((seed) => [...take(drawn(seed).batches('train', 1), 2)]);
    expect(stage.draws?.(options) ?? []).toHaveLength(isDeepStrictEqual(one, other) ? 0 : 1);
  });

  test('answers without learning are numbers of the size of what is answered, and do not look at the target', () => {
    for (const [name, split] of splits) {
      const numbersPerRow = volume(split.target.shape) * (split.target.dtype === 'int32' ? (spec.classes ?? 1) : 1);
      for (const [baseline, answer] of Object.entries(dataset.baselines?.(name) ?? {})) {
        for (const batch of take(dataset.batches(name, 1), 2)) {
          const given = answer(batch);
          expect(given, baseline).toHaveLength(numbersPerRow * split.batchSize);
          expect(given.every(Number.isFinite)).toBe(true);
          expect(answer({ ...batch, target: batch.target.map(() => 0) })).toEqual(given);
        }
      }
    }
  });

  test('a split that repeats has the same numbers in every epoch, and train, which is shuffled, does not', () => {
    expect(dataset.repeats?.('train') ?? false).toBe(false);
    for (const name of Object.keys(spec.splits).filter((split) => dataset.repeats?.(split)))
      expect([...take(dataset.batches(name, 2), 3)]).toEqual([...take(dataset.batches(name, 1), 3)]);
  });
  test('a split that is not there is refused', () => expect(() => [...dataset.batches('validation_7', 1)]).toThrow(/validation_7/));
});

// ------------------------------------------------------------------------------------------------ what the table needs

/** The options that a person gets who writes no more than must be. */
function defaults(slot: Slot, kind: string): Record<string, unknown> {
  const stage = findStage(stages, slot, kind);
  const options = structuredClone(required[`${slot}/${kind}`] ?? {}) as Record<string, unknown>;
  const ajv = new Ajv({ strict: false, useDefaults: true, discriminator: true });
  if (!stage || !ajv.validate(stage.options, options)) throw new Error(`${slot}/${kind}: ${ajv.errorsText()}`);
  return options;
}

function* leaves(schema: JsonSchema, path = ''): Iterable<readonly [string, JsonSchema]> {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (name === 'kind' && property.enum) continue;
    yield [`${path}${name}`, property];
    for (const part of [property, ...(property.oneOf ?? []), ...(property.anyOf ?? [])]) yield* leaves(part, `${path}${name}.`);
  }
}

function ofSlot<S extends Slot>(slot: S, all: readonly Stage[] = stages): readonly Stage<S>[] {
  return all.filter((stage) => stage.slot === slot).flatMap(({ kind }) => findStage(all, slot, kind) ?? []);
}

function modelOf(...shape: number[]): ModelSpec {
  return { parameters: [], buffers: [], state: {}, masks: [], output: { shape, axes: shape.map(() => 'outputs'), dtype: 'float32' } };
}

function* take<T>(items: Iterable<T>, count: number): Iterable<T> {
  let taken = 0;
  for (const item of items) {
    if (taken++ === count) return;
    yield item;
  }
}

const dtype = (array: Float32Array | Int32Array): string => (array instanceof Int32Array ? 'int32' : 'float32');
