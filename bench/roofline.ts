import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { improve } from '../src/engine/compiled.js';
import { arrayOf, type Graph, nameOf, type Shape, sizeOf } from '../src/engine/graph/graph.js';
import { unroll } from '../src/engine/graph/unroll.js';
import { outputName } from '../src/engine/onnx/model.js';
import { writeModel } from '../src/engine/onnx/write.js';
import { stages } from '../src/stages/registry.js';
import { pipelineFor } from '../src/train/pipeline.js';
import { trainStep } from '../src/train/step.js';
import { bench } from './harness.js';
import { type Operation, readOperations } from './optimised-model.js';
import { pace, prepared } from './pace.js';
import { experiment, inScratch } from './product.js';
import { profile } from './profile.js';
import { sgemm } from './sgemm.js';

const LARGE = 1024;
const SECONDS = 1;
const CALLS = 15;

/** What the operations of a training step are for. */
const PARTS = [
  'products, forward',
  'products, backward through time',
  'products, gradients of weights',
  'elementwise, forward',
  'elementwise, backward',
  'joining, cutting, transposing',
  'clipping and optimizer',
] as const;
type Part = (typeof PARTS)[number];

const PRODUCTS: ReadonlySet<string> = new Set(['Gemm', 'FusedGemm', 'MatMul', 'FusedMatMul']);
const MOVES: ReadonlySet<string> = new Set(['Concat', 'Split', 'Slice', 'Transpose', 'Reshape', 'Gather', 'OneHot', 'Cast', 'Expand']);

/** Where every millisecond of a training step of the LSTM goes, as ONNX Runtime's profiler times its operations, against a large product. */
await inScratch(async (folder) => {
  const wanted = prepared({ document: experiment('lstm_time_machine'), threads: 1 });
  const { plan } = wanted;
  const graph = unroll(await improve(trainStep(plan, pipelineFor(plan, stages))), 1);
  const optimised = join(folder, 'optimised.onnx');
  const session = await InferenceSession.create(writeModel(plan.name, graph), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    optimizedModelFilePath: optimised,
    logSeverityLevel: 3,
  });
  await session.release();
  const partOf = sort(readOperations(readFileSync(optimised)));
  const feeds = feedsOf(graph);

  await bench({
    name: 'roofline',
    about:
      'one training step of experiments/lstm_time_machine.yaml, 32 x 35 characters, one thread. "Step" is the product\'s training loop, several ' +
      "steps a call; the parts are what ONNX Runtime's profiler says of the operations of one step, as the runtime optimised it; the rest is what " +
      `the profiler doesn't see: the way from one operation to the next, the call, batches, sums. sgemm: products of ${LARGE} x ${LARGE}.`,
    candidates: [
      { name: 'sgemm', measure: async () => ({ 'GFLOP/s': await sgemm(LARGE, 1, SECONDS) }) },
      {
        name: 'step',
        async measure() {
          const { 'steps/s': rate = Number.NaN } = await pace(wanted, SECONDS);
          const spent = await spend(optimised, feeds, partOf);
          const milliseconds = 1000 / rate;
          const seen = PARTS.reduce((sum, part) => sum + spent[part].milliseconds, 0);
          return {
            'ms a step': milliseconds,
            ...Object.fromEntries(PARTS.map((part) => [`ms, ${part}`, spent[part].milliseconds])),
            'ms, rest': milliseconds - seen,
            ...Object.fromEntries(
              PARTS.filter((part) => spent[part].operations > 0).map((part) => [`GFLOP, ${part}`, spent[part].operations / 1e9]),
            ),
            ...Object.fromEntries(PARTS.map((part) => [`operations, ${part}`, spent[part].count])),
            'GFLOP/s': (rate * PARTS.reduce((sum, part) => sum + spent[part].operations, 0)) / 1e9,
          };
        },
      },
    ],
    figures: [{ label: 'share of sgemm', of: ['step', 'GFLOP/s'], over: ['sgemm', 'GFLOP/s'], atLeast: 0.6 }],
  });
});

interface Spent {
  milliseconds: number;
  /** Floating-point operations of products. */
  operations: number;
  count: number;
}

/** What each part takes in one step, the mean of some calls. */
async function spend(
  model: string,
  feeds: Readonly<Record<string, Tensor>>,
  partOf: (operation: string) => Part,
): Promise<Readonly<Record<Part, Spent>>> {
  const spent = Object.fromEntries(PARTS.map((part) => [part, { milliseconds: 0, operations: 0, count: 0 }])) as Record<Part, Spent>;
  for (const { operation, microseconds, op, inputs, outputs } of await profile(model, feeds, {
    calls: CALLS,
    threads: 1,
    optimised: true,
  })) {
    const part = spent[partOf(operation)];
    part.milliseconds += microseconds / 1000 / CALLS;
    part.count += 1 / CALLS;
    if (PRODUCTS.has(op)) part.operations += operationsOf(inputs, outputs) / CALLS;
  }
  return spent;
}

/** Of [m, k] x [k, n], either of them transposed: 2 m k n. */
function operationsOf([left = []]: readonly Shape[], [made = []]: readonly Shape[]): number {
  return (2 * sizeOf(left) * sizeOf(made)) / (made.at(-2) ?? 1);
}

/**
 * Forward is what the loss is made of. Of the other products, those that a further product needs carry the gradient back through time, the last
 * ones make gradients of weights; what follows on these belongs to the optimizer.
 */
function sort(operations: readonly Operation[]): (operation: string) => Part {
  const maker = new Map(operations.flatMap((operation) => operation.outputs.map((output) => [output, operation] as const)));
  const makersOf = ({ inputs }: Operation): readonly Operation[] => inputs.flatMap((input) => maker.get(input) ?? []);
  const isProduct = ({ op }: Operation): boolean => PRODUCTS.has(op);
  const loss = operations.filter(({ outputs }) => outputs.some((output) => output.startsWith(outputName('output/'))));
  const forward = reach(loss, makersOf);
  const needed = reach(operations.filter(isProduct).flatMap(makersOf), makersOf);
  const weightGradients = operations.filter((each) => isProduct(each) && !forward.has(each) && !needed.has(each));
  const update = reachedFrom(weightGradients, operations, makersOf);
  const parts = new Map(
    operations.map((each): [string, Part] => {
      if (isProduct(each)) {
        if (forward.has(each)) return [each.name, 'products, forward'];
        return [each.name, needed.has(each) ? 'products, backward through time' : 'products, gradients of weights'];
      }
      if (update.has(each)) return [each.name, 'clipping and optimizer'];
      if (MOVES.has(each.op)) return [each.name, 'joining, cutting, transposing'];
      return [each.name, forward.has(each) ? 'elementwise, forward' : 'elementwise, backward'];
    }),
  );
  return (operation) => {
    const part = parts.get(operation);
    if (!part) throw new Error(`the profile knows an operation that the model doesn't: ${operation}`);
    return part;
  };
}

/** Operations and all that they need. */
function reach(from: readonly Operation[], makersOf: (operation: Operation) => readonly Operation[]): ReadonlySet<Operation> {
  const found = new Set(from);
  for (const operation of found) for (const maker of makersOf(operation)) found.add(maker);
  return found;
}

/** What needs one of them, itself not counted; operations stand in an order in which they can run. */
function reachedFrom(
  from: readonly Operation[],
  operations: readonly Operation[],
  makersOf: (operation: Operation) => readonly Operation[],
): ReadonlySet<Operation> {
  const [starts, found] = [new Set(from), new Set<Operation>()];
  for (const operation of operations) {
    if (makersOf(operation).some((maker) => starts.has(maker) || found.has(maker))) found.add(operation);
  }
  return found;
}

/** Small numbers for state, ones for other floats, letters for text: what they are changes no time. */
function feedsOf(graph: Graph): Readonly<Record<string, Tensor>> {
  return Object.fromEntries(
    graph.inputs.map((input) => {
      const data = arrayOf(input.dtype, sizeOf(input.shape));
      const isState = nameOf(input).startsWith('state/');
      for (let i = 0; i < data.length; i++) data[i] = input.dtype === 'int32' ? (i * 7) % 28 : isState ? 0.05 * Math.sin(i * i) : 1;
      return [nameOf(input), new Tensor(input.dtype, data, input.shape)];
    }),
  );
}
