import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createEngine } from '../../engine/create.js';
import { type Device, EngineError, type EngineKind, type Step } from '../../engine/engine.js';
import type { Finding } from '../../host/finding.js';
import { packageRoot } from '../../version.js';

/** Whether an engine is there is found out by computing with it: 1.5 squared. */
export async function tryEngine(kind: EngineKind, device: Device): Promise<Finding> {
  const part = enginePart(kind, device);
  const needed = kind === 'compiled' && device === 'cpu';
  try {
    const engine = await createEngine({ kind, device, threads: 1, cache: null });
    const program = await engine.compile(SQUARE, 1);
    const given = engine.state({}, {});
    const { state, outputs } = await program.run(given, { x: Float32Array.of(1.5) }, {});
    for (const made of [given, state, program]) made.dispose();
    await engine.dispose();
    const usable = outputs['y']?.[0] === 2.25;
    const version = Object.values(engine.digits.libraries)[0] ?? '';
    const advice = usable ? (KNOWN[kind] ?? '') : 'it computes wrong numbers: install again';
    return { part, present: true, usable, version, advice, needed };
  } catch (error) {
    const { message, help, code } = error instanceof EngineError ? error : { message: String(error), help: undefined, code: undefined };
    return {
      part,
      present: code === 'unusable' || code === 'other-device',
      usable: false,
      version: '',
      advice: help ? `${message}: ${help}` : message,
      needed,
    };
  }
}

const SQUARE: Step = {
  name: 'a square',
  state: {},
  inputs: { x: { shape: [1], dtype: 'float32' } },
  scalars: [],
  run: (tf, { inputs }) => ({ state: {}, outputs: { y: tf.square(inputs['x'] ?? tf.zeros([1])) } }),
};

/** What there is to know of an engine that works. */
const KNOWN: Partial<Readonly<Record<EngineKind, string>>> = {
  'eager-wasm': 'one thread, whatever engine.threads says',
  'eager-js': 'one thread, whatever engine.threads says; slow: for comparison',
};

/** Tries an engine in a process of its own: drivers of GPUs write on stderr what nobody asked for, and a broken one ends the process that loads it. */
export function tryEngineApart(kind: EngineKind, device: Device): Promise<Finding> {
  const program = fileURLToPath(new URL('dist/cli/doctor/engine-tried.js', packageRoot));
  const child = fork(program, [kind, device], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  return new Promise((resolve) => {
    child.once('message', (found) => resolve(found as Finding));
    child.once('exit', (status, signal) =>
      resolve({
        part: enginePart(kind, device),
        present: true,
        usable: false,
        version: '',
        advice: `its driver ended the process that loaded it (${signal ?? `status ${status}`}); use engine.device: cpu`,
        needed: false,
      }),
    );
  });
}

const enginePart = (kind: EngineKind, device: Device): string => `engine ${kind}, ${device}`;
