import { setImmediate as otherEvents } from 'node:timers/promises';
import { mostRuns, stepsPerCall, stepsThatFit } from './cost.js';
import { nativeDigits } from './digits.js';
import {
  directly,
  type Engine,
  EngineError,
  type EngineHooks,
  type EngineOptions,
  numerics,
  type Program,
  type SharedProgram,
  type Step,
} from './engine.js';
import type { Graph } from './graph/graph.js';
import { createBuffers, createState, type Layout, layoutOf } from './runtime/state.js';
import { type Cache, keyOf, openCache } from './runtime/cache.js';
import type { Unlock } from './runtime/lock.js';
import { processorFeatures } from './runtime/processor.js';
import {
  assertDevice,
  createProgram,
  createSharedProgram,
  openSession,
  runtimeVersion,
  type Session,
  type SessionOptions,
} from './runtime/program.js';

interface Opened {
  readonly session: Session;
  readonly layout: Layout;
}

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
  // What `sideBySide` says of digits was seen with the kernels of these processors, on one thread.
  const mayShare = device === 'cpu' && threads === 1 && /^x64 .*\bavx2 .*\bfma\b/.test(facts.processor);
  const buffers = createBuffers();
  const programs = new Set<Program | SharedProgram>();
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

  async function build(step: Step, steps: number, runs: number, key: string | undefined): Promise<Opened> {
    const one = await graphOf(step);
    const [{ unroll }, { sideBySide }, { writeModel }] = await Promise.all([
      import('./graph/unroll.js'),
      import('./graph/side-by-side.js'),
      import('./onnx/write.js'),
    ]);
    await otherEvents();
    const { layout, model } = within(() => {
      const graph = unroll(one, steps);
      return { layout: layoutOf(graph, steps), model: writeModel(step.name, runs === 1 ? graph : sideBySide(graph, runs)) };
    });
    const sessions = sessionsFor(layout);
    const session = cache && key ? await openAndKeep(cache, key, model, layout, sessions) : await open(model, sessions);
    return { session, layout };
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

  async function load(key: string | undefined): Promise<Opened | undefined> {
    const entry = key === undefined ? undefined : await cache?.read(key);
    if (!entry) return undefined;
    const layout = entry.facts as Layout;
    const session = await open(entry.bytes, { ...sessionsFor(layout), optimised: true }).catch(() => undefined);
    return session && { session, layout };
  }

  /** The layout is that of one run. */
  async function opened(step: Step, steps: number, runs: number): Promise<Opened> {
    if (!Number.isInteger(steps) || steps < 1) throw new EngineError(`${step.name} can't be compiled for ${steps} steps a call`);
    const key = keyFor(step, `${steps} steps a call${runs === 1 ? '' : `, ${runs} runs`}`);
    return findOrMake(
      step,
      () => load(key),
      () => build(step, steps, runs, key),
    ).finally(() => rest(step));
  }

  /** A number that is a function of the step alone. */
  async function numberOf(step: Step, what: string, count: (graph: Graph) => number): Promise<number> {
    const key = keyFor(step, what);
    const find = async (): Promise<number | undefined> => {
      const known = key === undefined ? undefined : (await cache?.read(key))?.facts;
      return typeof known === 'number' ? known : undefined;
    };
    const make = async (): Promise<number> => {
      const number = count(await graphOf(step));
      if (key !== undefined) await cache?.write(key, { facts: number, bytes: new Uint8Array() });
      return number;
    };
    return findOrMake(step, find, make).finally(() => rest(step));
  }

  return {
    kind: 'compiled',
    device,
    numerics: numerics.compiled,
    digits: nativeDigits({ 'onnxruntime-node': facts.onnxruntime }, device),
    state: (specs, values) => createState(specs, values, buffers),
    stepsPerCall: async (step, batches) => stepsPerCall(await numberOf(step, 'steps that fit a call', stepsThatFit), batches),
    async compile(step, steps) {
      const { session, layout } = await opened(step, steps, 1);
      const program = createProgram(step.name, session, layout, buffers, natively);
      programs.add(program);
      return program;
    },
    ...(mayShare && {
      mostRuns: (step) => numberOf(step, 'runs a call', mostRuns),
      async compileShared(step, steps, runs) {
        const { session, layout } = await opened(step, steps, runs);
        const program = createSharedProgram(step.name, session, layout, runs, buffers);
        programs.add(program);
        return program;
      },
    }),
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
