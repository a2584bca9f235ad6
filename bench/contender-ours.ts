import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { examine } from '../src/cli/prepare.js';
import { createEngine } from '../src/engine/create.js';
import type { Engine } from '../src/engine/engine.js';
import { stages } from '../src/stages/registry.js';
import { createDataset, createFinishers, pipelineFor } from '../src/train/pipeline.js';
import { freshStart } from '../src/train/start.js';
import { train } from '../src/train/train.js';

/**
 * Our side of a comparison, asked as contender.ts says: the product's own planning, engine and training loop, without a record.
 *
 *     {document, set, engine, threads, seconds}   {"steps/s", "tokens/s"} of training steps that go on for about so long
 *     {document, batches: FILE}                   writes an epoch's batches, [[inputs, targets], ...], each as rows of numbers
 *     {sgemm: N, threads, seconds}                {"GFLOP/s"} of products of two matrices of N x N on our engine
 */
interface Request {
  readonly document?: string;
  readonly set?: readonly string[];
  readonly engine?: string;
  readonly threads?: number;
  readonly seconds?: number;
  readonly batches?: string;
  readonly sgemm?: number;
}

const cache = process.env['RETABLE_CACHE'] ?? null;

async function main(): Promise<void> {
  console.log(JSON.stringify({}));
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await answer(JSON.parse(line) as Request)));
  }
}

async function answer(request: Request): Promise<Readonly<Record<string, number>>> {
  if (request.sgemm !== undefined) return multiply(request.sgemm, request.threads ?? 1, request.seconds ?? 1);
  const experiment = prepared(request);
  if (request.batches === undefined) return measure(experiment, request.seconds ?? 1);
  writeFileSync(request.batches, JSON.stringify(batchesOf(experiment)));
  return {};
}

type Experiment = ReturnType<typeof prepared>;

function prepared({ document = '', set = [], engine, threads = 1 }: Request) {
  const examined = examine(document, { set, threads: String(threads), ...(engine !== undefined && { engine }) });
  if ('diagnostics' in examined) throw new Error(examined.diagnostics.map(({ message }) => message).join('\n'));
  return examined;
}

/** From the end of the first call on: batches, calls, sums, and what else the loop does but record, sample and keep checkpoints. */
async function measure({ plan, files }: Experiment, seconds: number): Promise<Readonly<Record<string, number>>> {
  const engine = await createEngine(plan.engine);
  const { stepsPerEpoch, epochs } = plan.training;
  let first: { readonly at: number; readonly steps: number } | undefined;
  let last = { at: 0, steps: 0 };
  const outcome = await train({
    plan,
    pipeline: pipelineFor(plan, stages),
    finishers: createFinishers(plan, stages),
    dataset: createDataset(plan, stages, files),
    engine,
    start: freshStart(plan),
    until: epochs,
    stopped: () => first !== undefined && last.steps > first.steps && last.at - first.at > 1000 * seconds,
    onProgress({ epoch, step }) {
      last = { at: performance.now(), steps: (epoch - 1) * stepsPerEpoch + step };
      first ??= last;
    },
    onEpoch: () => {},
    onCheckpoint: () => {},
  });
  await engine.dispose();
  if (outcome.kind === 'diverged') throw new Error(`${plan.name} diverged`);
  const rate = (1000 * (last.steps - (first?.steps ?? 0))) / (last.at - (first?.at ?? 0));
  const { examples = 0, tokens = 0 } = plan.data.splits['train'] ?? {};
  return { 'steps/s': rate, [tokens ? 'tokens/s' : 'examples/s']: (rate * (tokens || examples)) / stepsPerEpoch };
}

function batchesOf({ plan, files }: Experiment): unknown {
  const { batchSize } = plan.training;
  const rows = (numbers: ArrayLike<number>): number[][] => {
    const length = numbers.length / batchSize;
    return Array.from({ length: batchSize }, (_, row) => Array.from({ length }, (_, i) => numbers[row * length + i] ?? 0));
  };
  return Array.from(createDataset(plan, stages, files).batches('train', 1), ({ input, target }) => [rows(input), rows(target)]);
}

const CHAIN = 8;

/** A chain of products of a matrix with one whose numbers keep its size: y B B B ... */
async function multiply(size: number, threads: number, seconds: number): Promise<Readonly<Record<string, number>>> {
  const engine: Engine = await createEngine({ kind: 'compiled', device: 'cpu', threads, cache });
  const spec = { shape: [size, size], dtype: 'float32' } as const;
  const program = await engine.compile(
    {
      name: 'sgemm',
      identity: `sgemm ${size}`,
      state: { y: spec, B: spec },
      inputs: {},
      scalars: [],
      run(tf, { state: { y, B } }) {
        if (!y || !B) throw new Error('no matrices');
        let product = y;
        for (let i = 0; i < CHAIN; i++) product = tf.matMul(product, B);
        return { state: { y: product }, outputs: {} };
      },
    },
    1,
  );
  const spread = Float32Array.from({ length: size * size }, (_, i) => (2 * Math.sin(i * i)) / Math.sqrt(2 * size));
  let state = engine.state({ y: spec, B: spec }, { y: spread, B: spread });
  let [calls, began] = [-1, performance.now()];
  while (calls < 0 || performance.now() - began < 1000 * seconds) {
    const { state: next } = await program.run(state, {}, {});
    state.dispose();
    state = next;
    if (++calls === 0) began = performance.now();
  }
  const taken = (performance.now() - began) / 1000;
  state.dispose();
  await engine.dispose();
  return { 'GFLOP/s': (calls * CHAIN * 2 * size ** 3) / taken / 1e9 };
}

await main();
