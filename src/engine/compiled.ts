import { setImmediate as otherEvents } from 'node:timers/promises';
import { nativeDigits } from './digits.js';
import { directly, type Engine, EngineError, type EngineHooks, type EngineOptions, numerics, type Program, type Step } from './engine.js';
import { flagIn, type Graph, type Node, numberIn, operand, sizeOf } from './graph/graph.js';
import { topological } from './graph/make.js';
import { createBuffers, createState, type Layout, layoutOf } from './runtime/state.js';
import { type Cache, keyOf, openCache } from './runtime/cache.js';
import type { Unlock } from './runtime/lock.js';
import { processorFeatures } from './runtime/processor.js';
import { assertDevice, createProgram, openSession, runtimeVersion, type Session, type SessionOptions } from './runtime/program.js';

interface Right {
  readonly unlock: Unlock;
  /** When nothing more was made of the step. */
  readonly end?: NodeJS.Timeout;
}

/** Milliseconds for which a right is kept in case that more is made. */
const REST = 1000;

/** Bytes of a model that ONNX Runtime takes about two seconds to open: a hundred thousand a second. */
const LARGE = 200_000;

/**
 * The engine that turns a step into one static program:
 *
 *     Step ─record─▶ Graph ─passes─▶ Graph ─unroll─▶ Graph ─writeModel─▶ ONNX ─openSession─▶ Program
 *          one step          better        K steps          │    ▲
 *                                                           ▼    │ as the runtime optimised it
 *                                                           cache
 */
export async function createCompiledEngine(
  options: EngineOptions,
  { within = directly, natively = directly, onCompile }: EngineHooks = {},
): Promise<Engine> {
  const { device, threads } = options;
  if (device !== 'cpu') await assertDevice(device);
  const facts = { onnxruntime: runtimeVersion(), processor: processorFeatures() };
  // What the runtime makes of a model for a GPU is for that very GPU.
  const cache = options.cache === null || device !== 'cpu' ? undefined : openCache(options.cache);
  // The first call finds out what a plan of memory must hold, and the second takes all of that a second time: of a loop, what it keeps of each step.
  const sessionsFor = ({ mostThreads, loops }: Layout): SessionOptions => ({
    device,
    threads: Math.min(threads, mostThreads),
    unplanned: loops,
  });
  const open = (model: Uint8Array, how: SessionOptions): Promise<Session> =>
    model.length < LARGE ? openSession(model, how) : natively(() => openSession(model, how));
  const buffers = createBuffers();
  const programs = new Set<Program>();
  const graphs = new WeakMap<Step, Promise<Graph>>();
  /** By step, the right to make its programs: other processes that want one which isn't there wait. */
  const rights = new Map<string, Right>();

  const graphOf = (step: Step): Promise<Graph> => {
    const known = graphs.get(step);
    if (known) return known;
    onCompile?.();
    const made = improve(step, within);
    graphs.set(step, made);
    return made;
  };

  /** A step without an identity is made anew every time. */
  const keyFor = (step: Step, part: string): string | undefined =>
    step.identity === undefined ? undefined : keyOf({ ...facts, numerics: numerics.compiled, device, ...described(step), part });

  const rightOf = (step: Step): string | undefined => keyFor(step, 'programs');

  /** What one process makes and keeps, and others find. The right to make it is given back a moment after `rest`. */
  async function findOrMake<T>(step: Step, find: () => Promise<T | undefined>, make: () => Promise<T>): Promise<T> {
    const known = await find();
    if (known !== undefined) return known;
    const name = rightOf(step);
    if (!cache || name === undefined) return make();
    const held = rights.get(name);
    if (held) {
      clearTimeout(held.end);
      return make();
    }
    const taken = await cache.findOrTake(name, find, () => within(() => {}));
    if ('found' in taken) return taken.found;
    rights.set(name, { unlock: taken.unlock });
    return make();
  }

  /** Programs of one step are made one after another, for many steps a call and for what is left over: by the process that has recorded it. */
  function rest(step: Step): void {
    const name = rightOf(step);
    const held = name === undefined ? undefined : rights.get(name);
    if (name === undefined || !held) return;
    clearTimeout(held.end);
    rights.set(name, { ...held, end: setTimeout(() => void giveBack(name), REST).unref() });
  }

  async function giveBack(name: string): Promise<void> {
    const held = rights.get(name);
    clearTimeout(held?.end);
    rights.delete(name);
    await held?.unlock();
  }

  async function build(step: Step, steps: number, key: string | undefined): Promise<Program> {
    const one = await graphOf(step);
    const [{ unroll }, { writeModel }] = await Promise.all([import('./graph/unroll.js'), import('./onnx/write.js')]);
    await otherEvents();
    const { layout, model } = within(() => {
      const graph = unroll(one, steps);
      return { layout: layoutOf(graph, steps), model: writeModel(step.name, graph) };
    });
    const sessions = sessionsFor(layout);
    const session = cache && key ? await openAndKeep(cache, key, model, layout, sessions) : await open(model, sessions);
    return createProgram(step.name, session, layout, buffers, natively);
  }

  /** Opens a session and keeps the model as the runtime optimised it: that opens in a third of the time. */
  async function openAndKeep(kept: Cache, key: string, model: Uint8Array, layout: Layout, sessions: SessionOptions): Promise<Session> {
    let session: Session | undefined;
    const optimised = await kept.collect(async (saveTo) => {
      session = await open(model, { ...sessions, saveTo }).catch(() => undefined);
    });
    if (session && optimised) await kept.write(key, { facts: layout, bytes: optimised });
    return session ?? open(model, sessions);
  }

  async function load(step: Step, key: string | undefined): Promise<Program | undefined> {
    const entry = key === undefined ? undefined : await cache?.read(key);
    if (!entry) return undefined;
    const layout = entry.facts as Layout;
    const session = await open(entry.bytes, { ...sessionsFor(layout), optimised: true }).catch(() => undefined);
    return session && createProgram(step.name, session, layout, buffers, natively);
  }

  return {
    kind: 'compiled',
    device,
    numerics: numerics.compiled,
    digits: nativeDigits({ 'onnxruntime-node': facts.onnxruntime }, device),
    state: (specs, values) => createState(specs, values, buffers),
    async stepsPerCall(step) {
      const key = keyFor(step, 'steps a call');
      const find = async (): Promise<number | undefined> => {
        const known = key === undefined ? undefined : (await cache?.read(key))?.facts;
        return typeof known === 'number' ? known : undefined;
      };
      const make = async (): Promise<number> => {
        const steps = stepsPerCall(await graphOf(step));
        if (key !== undefined) await cache?.write(key, { facts: steps, bytes: new Uint8Array() });
        return steps;
      };
      return findOrMake(step, find, make).finally(() => rest(step));
    },
    async compile(step, steps) {
      if (!Number.isInteger(steps) || steps < 1) throw new EngineError(`${step.name} can't be compiled for ${steps} steps a call`);
      const key = keyFor(step, `${steps} steps a call`);
      const program = await findOrMake(
        step,
        () => load(step, key),
        () => build(step, steps, key),
      ).finally(() => rest(step));
      programs.add(program);
      return program;
    },
    async dispose() {
      for (const name of rights.keys()) await giveBack(name);
      for (const program of programs) program.dispose();
      programs.clear();
    },
  };
}

/** One step as it will run: recorded, and improved by all passes. TensorFlow.js and the passes are loaded here, when there is something to record. */
export async function improve(step: Step, within = directly): Promise<Graph> {
  const [{ record }, { passes }, { improveAll }] = await Promise.all([
    import('./tape/record.js'),
    import('./passes/index.js'),
    import('./passes/split-loops.js'),
  ]);
  await otherEvents();
  const recorded = await record(step, within);
  return within(() => improveAll(recorded, passes));
}

/** What a step says of itself: two steps that say the same are the same program. */
const described = ({ identity, state, inputs, scalars }: Step): Readonly<Record<string, unknown>> => ({ identity, state, inputs, scalars });

/** A call should end within this, so that signals, the heartbeat and the live line get their turn. Seconds. */
const CALL = 0.1;
/** What a slow core of today does: assumed, not measured, so that every machine makes the same program. */
const MULTIPLY_ADDS_A_SECOND = 1e10;
const ELEMENTS_A_SECOND = 5e8;
const SECONDS_A_NODE = 5e-6;
/** Making a session grows faster than the program. */
const MOST_NODES = 4000;
/** Beyond ten the cost of a call is spread thin enough. */
const MOST_STEPS = 10;

/** How many steps of a program a call should take: a function of the program alone. */
export function stepsPerCall(graph: Graph): number {
  const bounds = [MOST_STEPS, Math.floor(CALL / Math.max(secondsOf(graph), 1e-9)), Math.floor(MOST_NODES / Math.max(countNodes(graph), 1))];
  return Math.max(1, Math.min(...bounds));
}

const operationsOf = (graph: Graph): readonly Node[] => topological(graph).filter(({ op }) => op !== 'Input' && op !== 'Constant');

/** Operations in a program. A loop's body is in it once, however often it runs. */
const countNodes = (graph: Graph): number => operationsOf(graph).reduce((sum, { body }) => sum + 1 + (body ? countNodes(body) : 0), 0);

const secondsOf = (graph: Graph): number => operationsOf(graph).reduce((sum, node) => sum + secondsOfNode(node), 0);

const secondsOfNode = (node: Node): number =>
  SECONDS_A_NODE +
  multiplyAdds(node) / MULTIPLY_ADDS_A_SECOND +
  sizeOf(node.shape) / ELEMENTS_A_SECOND +
  (node.body ? numberIn(node.attributes, 'trips') * secondsOf(node.body) : 0);

/** Of products and convolutions; all else is counted by its elements. */
function multiplyAdds(node: Node): number {
  switch (node.op) {
    case 'Gemm':
      return sizeOf(node.shape) * (operand(node).shape[flagIn(node.attributes, 'transposeA') ? 0 : 1] ?? 1);
    case 'MatMul':
      return sizeOf(node.shape) * (operand(node).shape.at(-1) ?? 1);
    case 'Conv':
      return sizeOf(node.shape) * sizeOf(operand(node, 1).shape.slice(1));
    case 'ConvTranspose':
      return sizeOf(operand(node).shape) * sizeOf(operand(node, 1).shape.slice(1));
    case 'Einsum':
      return node.inputs.reduce((product, { shape }) => product * sizeOf(shape), 1) ** 0.5 * sizeOf(node.shape) ** 0.5;
    default:
      return 0;
  }
}
