import { readdirSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import type { Arrays, Step } from '../../../src/engine/engine.js';
import { type Graph, nameOf, sizeOf } from '../../../src/engine/graph/graph.js';
import { outputName } from '../../../src/engine/onnx/model.js';
import { passes } from '../../../src/engine/passes/index.js';
import { improveAll } from '../../../src/engine/passes/split-loops.js';
import { record } from '../../../src/engine/tape/record.js';
import { createStreams } from '../../../src/random/streams.js';
import { stages } from '../../../src/stages/registry.js';
import { calls } from '../../../src/train/calls.js';
import { drawMasks } from '../../../src/train/masks.js';
import { createDataset, pipelineFor } from '../../../src/train/pipeline.js';
import { freshStart } from '../../../src/train/start.js';
import { evaluateStep, trainStep } from '../../../src/train/step.js';
import { planned } from '../../support/experiment.js';
import { numbers } from '../steps/addition.js';
import { print } from '../graph/print.js';
import { writeInDouble } from '../graph/write-in-double.js';
import { packInputs, unpackOutputs } from '../graph/interpret.js';

/*
 * The passes' law on every program of every shipped experiment, at its own sizes and on its own data: outputs within 1e-6 of each tensor's largest
 * value, computed in double precision, so that what is left is a mistake and not rounding.
 *
 * All passes at once; with RETABLE_LAW=passes also what each leaves, which takes minutes.
 */
const each = process.env['RETABLE_LAW'] === 'passes';

/** How many programs each pass changed. */
const firings = new Map(passes.map(({ name }) => [name, 0]));

describe.each(readdirSync('experiments').filter((file) => file.endsWith('.yaml')))('%s', (document) => {
  test('keeps the outputs of its programs', { timeout: each ? 600_000 : 120_000 }, async () => {
    for (const { step, inputs } of programsOf(document)) {
      const recorded = await record(step);
      const raw = improveAll(recorded, []);
      if (raw !== recorded) {
        // Pieces of a long sequence are improved before they are parted into steps forwards and backwards: test/engine/passes/loops.test.ts looks at each pass.
        expect(worst(await run(raw, inputs), await run(improveAll(recorded, passes), inputs)), step.name).toBeLessThan(1e-6);
        continue;
      }
      const wanted = await run(raw, inputs);
      let [graph, text] = [raw, print(raw)];
      for (const pass of passes) {
        const before = text;
        graph = pass.apply(graph);
        text = print(graph);
        if (text === before) continue;
        firings.set(pass.name, (firings.get(pass.name) ?? 0) + 1);
        if (each) expect(worst(wanted, await run(graph, inputs)), `${step.name} after ${pass.name}`).toBeLessThan(1e-6);
      }
      expect(worst(wanted, await run(graph, inputs)), step.name).toBeLessThan(1e-6);
    }
  });
});

test('how many of the programs each pass changed: none is there for nothing', () => {
  for (const [name, programs] of firings) expect(programs, name).toBeGreaterThan(0);
  expect([...firings].map(([name, programs]) => `${name} ${programs}`)).toMatchInlineSnapshot(`
    [
      "batch-to-gemm 47",
      "flatten-sums 52",
      "sum-of-joins 1",
      "batch-products 3",
      "slice-operands 7",
      "sum-of-products 52",
      "join-left-factors 17",
      "hoist-addend 2",
      "bias-row 42",
      "gemm-addend 53",
      "share-factors 14",
      "subtract 4",
      "layout 22",
      "cut-right-factors 4",
      "flat-state 20",
      "nest-slices 7",
      "pretranspose-weights 20",
      "add-apart 11",
    ]
  `);
});

/** The training step and the measurement of every split, each with a batch of its data. */
function programsOf(document: string): readonly { readonly step: Step; readonly inputs: ReadonlyMap<string, readonly number[]> }[] {
  const { plan, files } = planned(`experiments/${document}`);
  const dataset = createDataset(plan, stages, files);
  const pipeline = pipelineFor(plan, stages);
  const known = freshStart(plan).state;
  const steps = [
    { split: 'train', step: trainStep(plan, pipeline) },
    ...Object.keys(plan.data.splits).map((split) => ({ split, step: evaluateStep(plan, pipeline, split) })),
  ];
  return steps.map(({ split, step }) => {
    const [batch] = calls(dataset.batches(split, 1), step.inputs, 1, () => drawMasks(plan, createStreams(plan.seed), 1, 0));
    return { step, inputs: feeds(step, known, batch?.inputs ?? {}) };
  });
}

/** State as it starts; what starts as zeros as small numbers, for zeros hide mistakes. */
function feeds(step: Step, known: Arrays, batch: Arrays): ReadonlyMap<string, readonly number[]> {
  const state = Object.entries(step.state).map(([name, { shape }], i): [string, readonly number[]] => {
    const values = known[name];
    const start = values?.some((value) => value !== 0) ? values : numbers(sizeOf(shape), i, 0.1).map(Math.abs);
    return [`state/${name}`, Array.from(start)];
  });
  return new Map([
    ...state,
    ...Object.entries(batch).map(([name, values]): [string, readonly number[]] => [`input/${name}`, Array.from(values)]),
    ...step.scalars.map((name): [string, readonly number[]] => [`scalar/${name}`, [0.5]]),
  ]);
}

async function run(graph: Graph, given: ReadonlyMap<string, readonly number[]>): Promise<ReadonlyMap<string, readonly number[]>> {
  const session = await InferenceSession.create(writeInDouble(graph), {
    intraOpNumThreads: 1,
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: 3,
  });
  const inputs = packInputs(graph, given);
  const tensors = graph.inputs.map((node) => {
    const values = inputs.get(nameOf(node)) ?? [];
    const tensor =
      node.dtype === 'int32'
        ? new Tensor('int32', Int32Array.from(values), node.shape)
        : new Tensor('float64', Float64Array.from(values), node.shape);
    return [nameOf(node), tensor] as const;
  });
  try {
    const made = await session.run(Object.fromEntries(tensors));
    const outputs = [...graph.outputs.keys()].map((name) => [name, Array.from(made[outputName(name)]?.data as Float64Array)] as const);
    return unpackOutputs(graph, new Map(outputs));
  } finally {
    await session.release();
  }
}

/** The largest difference, as a part of its tensor's largest value; infinite where outputs are missing or of other sizes. */
function worst(wanted: ReadonlyMap<string, readonly number[]>, got: ReadonlyMap<string, readonly number[]>): number {
  if (got.size !== wanted.size) return Infinity;
  let most = 0;
  for (const [name, values] of wanted) {
    const others = got.get(name) ?? [];
    if (others.length !== values.length) return Infinity;
    const scale = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-30);
    for (const [i, value] of values.entries()) most = Math.max(most, Math.abs(value - (others[i] ?? NaN)) / scale);
  }
  return Number.isNaN(most) ? Infinity : most;
}
