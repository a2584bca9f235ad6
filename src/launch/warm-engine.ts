import type { Engine, Program, Step } from '../engine/engine.js';

/** How many programs are kept open: those of the newest configurations, with the splits and the leftover steps of each. */
const KEPT = 16;

/**
 * An engine that outlives a training: programs stay open, and a step of the same identity gets the one that is there. Whoever trains may
 * dispose it as ever; nothing happens until `close`.
 */
export function keepWarm(engine: Engine): Engine & { readonly close: () => Promise<void> } {
  const programs = new Map<string, Promise<Program>>();
  const stepsPerCall = new Map<string, Promise<number>>();

  return {
    ...engine,
    stepsPerCall: (step) => remember(stepsPerCall, identify(step), () => engine.stepsPerCall(step)),
    compile: async (step, steps) => {
      const key = identify(step, steps);
      const program = await remember(programs, key, () => engine.compile(step, steps));
      return key === undefined ? program : { ...program, dispose: () => {} };
    },
    dispose: async () => {
      for (const [key, program] of [...programs].slice(0, Math.max(0, programs.size - KEPT))) {
        programs.delete(key);
        (await program).dispose();
      }
    },
    close: () => engine.dispose(),
  };
}

/** Undefined for a step that doesn't say what it is. */
const identify = ({ identity, state, inputs, scalars }: Step, steps = 0): string | undefined =>
  identity === undefined ? undefined : JSON.stringify([identity, state, inputs, scalars, steps]);

/** The newest last. What fails isn't kept. */
function remember<T>(known: Map<string, Promise<T>>, key: string | undefined, make: () => Promise<T>): Promise<T> {
  if (key === undefined) return make();
  const made = known.get(key) ?? make();
  known.delete(key);
  known.set(key, made);
  made.catch(() => known.delete(key));
  return made;
}
