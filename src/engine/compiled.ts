import { type Engine, EngineError, type EngineOptions, type Program, type Step } from './engine.js';
import type { Graph } from './graph/graph.js';
import { unroll } from './graph/unroll.js';
import { numerics } from './numerics.js';
import { writeModel } from './onnx/write.js';
import { passes } from './passes/index.js';
import { createBuffers } from './runtime/buffers.js';
import { layoutOf } from './runtime/layout.js';
import { createProgram } from './runtime/program.js';
import { openSession, runtimeVersion } from './runtime/session.js';
import { createState } from './runtime/state.js';
import { stepsPerCall } from './steps-per-call.js';

/**
 * The engine that turns a step into one static program:
 *
 *     Step ─record─▶ Graph ─passes─▶ Graph ─unroll─▶ Graph ─writeModel─▶ ONNX ─openSession─▶ Program
 *          one step          better        K steps                          or the cache's
 */
export async function createCompiledEngine(options: EngineOptions): Promise<Engine> {
  const pool = createBuffers();
  const programs = new Set<Program>();

  async function build(step: Step, steps: number): Promise<Program> {
    const graph = unroll(await program(step), steps);
    const session = await openSession(writeModel(step.name, graph), { threads: options.threads });
    return createProgram(step.name, session, layoutOf(graph, steps), pool);
  }

  return {
    kind: 'compiled',
    device: options.device,
    numerics: numerics.compiled,
    facts: { onnxruntime: runtimeVersion(), threads: options.threads },
    state: (specs, values) => createState(specs, values, pool),
    stepsPerCall: async (step) => stepsPerCall(await program(step)),
    async compile(step, steps) {
      if (!Number.isInteger(steps) || steps < 1) throw new EngineError(`${step.name} can't be compiled for ${steps} steps a call`);
      const made = await build(step, steps);
      programs.add(made);
      return made;
    },
    async dispose() {
      for (const made of programs) made.dispose();
    },
  };
}

/** One step as it will run: recorded, and improved by all passes. TensorFlow.js is loaded here, when there is something to record. */
export async function program(step: Step): Promise<Graph> {
  const { record } = await import('./tape/record.js');
  return passes.reduce((graph, pass) => pass.apply(graph), await record(step));
}
