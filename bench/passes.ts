import { InferenceSession, Tensor } from 'onnxruntime-node';
import { arrayOf, type Graph, nameOf, sizeOf } from '../src/engine/graph/graph.js';
import { topological } from '../src/engine/graph/make.js';
import { unroll } from '../src/engine/graph/unroll.js';
import { outputName } from '../src/engine/onnx/model.js';
import { writeModel } from '../src/engine/onnx/write.js';
import { passes } from '../src/engine/passes/index.js';
import { record } from '../src/engine/tape/record.js';
import { type Net, nets } from './nets.js';

/**
 * What each pass is worth: `node bench/run.mjs passes NET [STEPS [THREADS [ROUNDS [MILLISECONDS [LAST]]]]]`.
 *
 * The graph after each pass is a stage; stages take turns in one process, because the machine changes from minute to minute. STEPS steps run
 * in a call. Outputs of every stage are compared with those of the recorded graph. LAST: only so many of the last stages are measured.
 */
const [name = 'lstm', ...numbers] = process.argv.slice(2);
const [steps = 1, threads = 1, rounds = 5, milliseconds = 400, last = passes.length] = numbers.map(Number);

interface Stage {
  readonly label: string;
  readonly graph: Graph;
  readonly nodes: number;
  readonly passTime: number;
  readonly sessionTime: number;
  readonly difference: number;
  readonly session: InferenceSession;
  readonly times: number[];
  feeds: Record<string, Tensor>;
}

async function main(): Promise<void> {
  const net = nets[name]?.();
  if (!net) throw new Error(`one of ${Object.keys(nets).join(', ')}`);
  const began = performance.now();
  const recorded = await record(net.step);
  console.log(`${name}: recorded in ${(performance.now() - began).toFixed(0)} ms; ${steps} steps a call, ${threads} threads`);

  const stages = [await createStage(net, 'as recorded', recorded, 0, undefined)];
  let graph = recorded;
  for (const pass of passes) {
    const start = performance.now();
    graph = pass.apply(graph);
    stages.push(await createStage(net, pass.name, graph, performance.now() - start, stages[0]));
  }
  const measured = stages.slice(-last - 1);
  for (const stage of measured) for (let i = 0; i < 3; i++) await call(net, stage, i);
  for (let round = 0; round < rounds; round++) for (const stage of measured) await measure(net, stage);

  console.log(
    `| after | nodes | best ${net.unit} | median | session ms | pass ms | difference |\n| --- | --- | --- | --- | --- | --- | --- |`,
  );
  for (const { label, nodes, times, sessionTime, passTime, difference } of measured) {
    const [best, median] = [0, 0.5].map((part) => rate(net, times, part));
    console.log(
      `| ${label} | ${nodes} | ${best} | ${median} | ${sessionTime.toFixed(0)} | ${passTime.toFixed(0)} | ${difference.toExponential(1)} |`,
    );
  }
}

async function createStage(net: Net, label: string, one: Graph, passTime: number, first: Stage | undefined): Promise<Stage> {
  const graph = unroll(one, steps);
  const bytes = writeModel(name, graph);
  const start = performance.now();
  const session = await InferenceSession.create(bytes, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  const sessionTime = performance.now() - start;
  const stage = {
    label,
    graph,
    nodes: topological(graph).filter(({ op }) => op !== 'Input' && op !== 'Constant').length,
    passTime,
    sessionTime,
    session,
    times: [],
    feeds: feedsOf(net, graph),
    difference: 0,
  };
  return first ? { ...stage, difference: await compare(net, first, stage) } : stage;
}

async function measure(net: Net, stage: Stage): Promise<void> {
  const end = performance.now() + milliseconds;
  for (let i = 0; performance.now() < end; i++) stage.times.push(await call(net, stage, i));
}

async function call(net: Net, stage: Stage, index: number): Promise<number> {
  Object.assign(stage.feeds, inputsOf(net, stage.graph, index));
  const start = performance.now();
  const results = await stage.session.run(stage.feeds);
  const time = performance.now() - start;
  for (const feed of Object.keys(stage.feeds)) stage.feeds[feed] = results[outputName(feed)] ?? stage.feeds[feed] ?? raise(feed);
  return time;
}

function feedsOf(net: Net, graph: Graph): Record<string, Tensor> {
  const feeds = inputsOf(net, graph, 0);
  for (const input of graph.inputs) {
    const feed = nameOf(input);
    if (feed.startsWith('scalar/')) feeds[feed] = new Tensor('float32', new Float32Array(steps).fill(0.001), [steps]);
    if (!feed.startsWith('state/')) continue;
    const members = graph.packed.get(feed) ?? [{ name: feed, shape: input.shape }];
    feeds[feed] = new Tensor(
      'float32',
      Float32Array.from(members.flatMap((member) => initial(member.name, sizeOf(member.shape)))),
      input.shape,
    );
  }
  return feeds;
}

/** Small numbers of either sign, the same in every stage; second moments are positive. */
function initial(member: string, size: number): readonly number[] {
  let seed = [...member].reduce((hash, letter) => Math.imul(hash, 31) + letter.charCodeAt(0), 7) >>> 0;
  return Array.from({ length: size }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const value = seed / 2 ** 32 - 0.5;
    if (member === 'state/step') return 3;
    return member.startsWith('state/v ') ? Math.abs(value) * 0.01 : value * 0.16;
  });
}

function inputsOf(net: Net, graph: Graph, index: number): Record<string, Tensor> {
  const each = Array.from({ length: steps }, (_, step) => net.inputs(index * steps + step));
  return Object.fromEntries(
    graph.inputs
      .filter((input) => nameOf(input).startsWith('input/'))
      .map((input) => {
        const data = arrayOf(input.dtype, sizeOf(input.shape));
        for (const [step, arrays] of each.entries()) data.set(arrays[nameOf(input).slice(6)] ?? [], (step * data.length) / steps);
        return [nameOf(input), new Tensor(input.dtype, data, input.shape)];
      }),
  );
}

/** The largest difference of two stages' outputs after one call, as a part of each tensor's largest value. */
async function compare(net: Net, wanted: Stage, got: Stage): Promise<number> {
  const [a, b] = [await outputsOf(net, wanted), await outputsOf(net, got)];
  const differences = [...a].map(([output, values]) => {
    const others = b.get(output) ?? raise(output);
    const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-30);
    return values.reduce((most, value, i) => Math.max(most, Math.abs(value - (others[i] ?? NaN))), 0) / scale;
  });
  return Math.max(...differences);
}

async function outputsOf(net: Net, { graph, session }: Pick<Stage, 'graph' | 'session'>): Promise<ReadonlyMap<string, readonly number[]>> {
  const results = await session.run(feedsOf(net, graph));
  return new Map(
    [...graph.outputs.keys()].flatMap((output): [string, readonly number[]][] => {
      const values = Array.from((results[outputName(output)] ?? raise(output)).data as Float32Array);
      const members = graph.packed.get(output);
      if (!members) return [[output, values]];
      let begin = 0;
      return members.map((member) => [member.name, values.slice(begin, (begin += sizeOf(member.shape)))]);
    }),
  );
}

function rate(net: Net, times: readonly number[], part: number): number {
  const sorted = [...times].toSorted((a, b) => a - b);
  return Math.round((net.unitsPerStep * steps * 1000) / (sorted[Math.floor((sorted.length - 1) * part)] ?? NaN));
}

function raise(what: string): never {
  throw new Error(`no ${what}`);
}

await main();
