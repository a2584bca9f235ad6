import { InferenceSession, Tensor } from 'onnxruntime-node';
import { type Graph, nameOf, type Node, sizeOf, type TypedArray } from '../src/engine/graph/graph.js';
import { topological } from '../src/engine/graph/make.js';
import { unroll } from '../src/engine/graph/unroll.js';
import { outputName } from '../src/engine/onnx/model.js';
import { writeModel } from '../src/engine/onnx/write.js';
import { passes } from '../src/engine/passes/index.js';
import { record } from '../src/engine/tape/record.js';
import { describeMachine, thisMachine } from './machine.js';
import { netOf } from './nets.js';
import { inScratch } from './product.js';
import { leastTime, profile } from './profile.js';

/**
 * What each pass is worth: `node bench/run.mjs passes NET [STEPS [THREADS [ROUNDS [MILLISECONDS [LAST]]]]]`.
 *
 * The graph after each pass is a stage; stages take turns in one process, because the machine changes from minute to minute. STEPS steps run
 * in a call. "Profile" adds up the least time of each operation in some calls, which is steady on a loaded machine too. Outputs of every stage
 * are compared with those of the recorded graph. LAST: only so many of the last stages are measured.
 */
const [name = 'lstm', ...numbers] = process.argv.slice(2);
const [steps = 1, threads = 1, rounds = 5, milliseconds = 400, last = passes.length] = numbers.map(Number);
/** Calls that a profile is taken of in a round. */
const CALLS = 10;

interface Stage {
  readonly label: string;
  readonly nodes: number;
  readonly passTime: number;
  readonly sessionTime: number;
  readonly difference: number;
  readonly model: Uint8Array;
  readonly session: InferenceSession;
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** Milliseconds a call. */
  readonly times: number[];
  readonly profiles: number[];
}

type Values = ReadonlyMap<string, TypedArray>;

await inScratch(async (folder) => {
  const net = netOf(name, folder);
  const began = performance.now();
  const recorded = await record(net.step);
  console.log(describeMachine(thisMachine()));
  console.log(`${name}: recorded in ${(performance.now() - began).toFixed(0)} ms; ${steps} steps a call, threads: ${threads}`);

  const values: Values = new Map([
    ...Object.entries(net.state).map(([member, array]) => [`state/${member}`, array] as const),
    ...Object.entries(net.inputs(steps)).map(([member, array]) => [`input/${member}`, array] as const),
    ...net.step.scalars.map((member) => [`scalar/${member}`, new Float32Array(steps).fill(0.001)] as const),
  ]);
  const first = await createStage('as recorded', recorded, 0, values);
  const stages = [first.stage];
  let graph = recorded;
  for (const pass of passes) {
    const start = performance.now();
    graph = pass.apply(graph);
    stages.push((await createStage(pass.name, graph, performance.now() - start, values, first.made)).stage);
  }
  const measured = stages.slice(-last - 1);
  for (const { session, feeds } of measured) for (let i = 0; i < 3; i++) await session.run(feeds);
  for (let round = 0; round < rounds; round++) for (const stage of measured) await measure(stage);

  console.log('| after | nodes | profile, ms a step | best | median | session ms | pass ms | difference |');
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const { label, nodes, profiles, times, sessionTime, passTime, difference } of measured) {
    const sorted = times.toSorted((a, b) => a - b);
    const milliseconds = [Math.min(...profiles), sorted[0] ?? NaN, sorted[Math.floor(sorted.length / 2)] ?? NaN];
    const cells = milliseconds.map((each) => (each / steps).toPrecision(3));
    console.log(`| ${[label, nodes, ...cells, sessionTime.toFixed(0), passTime.toFixed(0), difference.toExponential(1)].join(' | ')} |`);
  }
});

async function createStage(
  label: string,
  one: Graph,
  passTime: number,
  values: Values,
  wanted?: Values,
): Promise<{ readonly stage: Stage; readonly made: Values }> {
  const graph = unroll(one, steps);
  const model = writeModel(name, graph);
  const start = performance.now();
  const session = await InferenceSession.create(model, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  const sessionTime = performance.now() - start;
  const feeds = Object.fromEntries(graph.inputs.map((input) => [nameOf(input), tensorOf(graph, input, values)]));
  const made = outputsOf(graph, await session.run(feeds));
  const stage: Stage = {
    label,
    nodes: topological(graph).filter(({ op }) => op !== 'Input' && op !== 'Constant').length,
    passTime,
    sessionTime,
    difference: wanted ? differenceOf(wanted, made) : 0,
    model,
    session,
    feeds,
    times: [],
    profiles: [],
  };
  return { stage, made };
}

async function measure({ session, model, feeds, times, profiles }: Stage): Promise<void> {
  const end = performance.now() + milliseconds;
  do {
    const start = performance.now();
    await session.run(feeds);
    times.push(performance.now() - start);
  } while (performance.now() < end);
  profiles.push(leastTime(await profile(model, feeds, { calls: CALLS, threads })));
}

function tensorOf(graph: Graph, input: Node, values: Values): Tensor {
  const members = graph.packed.get(nameOf(input)) ?? [{ name: nameOf(input), shape: input.shape }];
  const parts = members.map((member) => values.get(member.name) ?? raise(member.name));
  const [first = raise(nameOf(input))] = parts;
  return new Tensor(input.dtype, parts.length === 1 ? first : Float32Array.from(parts.flatMap((part) => [...part])), input.shape);
}

function outputsOf(graph: Graph, results: InferenceSession.ReturnType): Values {
  return new Map(
    [...graph.outputs].flatMap(([output, { shape }]) => {
      const data = (results[outputName(output)] ?? raise(output)).data as TypedArray;
      let begin = 0;
      return (graph.packed.get(output) ?? [{ name: output, shape }]).map((member) => {
        begin += sizeOf(member.shape);
        return [member.name, data.slice(begin - sizeOf(member.shape), begin)] as const;
      });
    }),
  );
}

/** The largest difference, as a part of each tensor's largest value. */
function differenceOf(wanted: Values, got: Values): number {
  const differences = [...wanted].map(([output, values]) => {
    const others = got.get(output) ?? raise(output);
    let [scale, most] = [1e-30, 0];
    for (const [i, value] of values.entries()) {
      scale = Math.max(scale, Math.abs(value));
      most = Math.max(most, Math.abs(value - (others[i] ?? NaN)));
    }
    return most / scale;
  });
  return Math.max(...differences);
}

function raise(what: string): never {
  throw new Error(`no ${what}`);
}
