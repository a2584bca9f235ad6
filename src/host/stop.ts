import { Script } from 'node:vm';
import { codeOfError } from '../diagnostics/diagnostic.js';
import { directly, type EngineKind, type Natively, type Within } from '../engine/engine.js';
import { endNow, EXIT } from './exit.js';
import { outliveTerminal, type Terminal } from './terminal.js';

type StopSignal = 'SIGINT' | 'SIGTERM';

/** Ctrl-C ended work that would not have looked up by itself: a person's endless loop, a program that takes long to make. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/** Who listens in this process. `onBreak` is told of a Ctrl-C that ended synchronous work; without it none does. */
interface Listening {
  readonly onInterrupt?: () => void;
  readonly onTerminate?: () => void;
  readonly onBreak?: () => void;
}
/** As long as nothing is recorded. Where retable is a part of somebody else's program, Ctrl-C is theirs. */
let unheard: Listening = {};
let listening = unheard;

/** For programs of our own: Ctrl-C ends the process also in the middle of synchronous work. */
export const endOnBreak = (): void => void (unheard = listening = { onBreak: () => endNow(EXIT.interrupted) });

/** The first Ctrl-C asks for an orderly end, which comes within about a tenth of a second; the second one ends the process at once. */
export function listenForStop(terminal: Terminal): { readonly signal: StopSignal | undefined; off(): void } {
  outliveTerminal();
  let asked: StopSignal | undefined;
  const onSignal = (signal: StopSignal): void => {
    if (asked) endNow(signal === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted);
    asked = signal;
    terminal.err('stopping after this step; press Ctrl-C again to stop at once');
  };
  const onInterrupt = (): void => onSignal('SIGINT');
  const onTerminate = (): void => onSignal('SIGTERM');
  process.on('SIGINT', onInterrupt);
  const unlisten = listenForTerminate(onTerminate, { onInterrupt, onBreak: () => (asked ??= 'SIGINT') });
  return {
    get signal() {
      return asked;
    },
    /** Whoever asked once may ask again until the process has ended. */
    off() {
      if (asked) return;
      process.off('SIGINT', onInterrupt);
      unlisten();
    },
  };
}

/** Has SIGTERM heard, and end what is `interruptible` at once. */
export function listenForTerminate(onTerminate: () => void, others: Omit<Listening, 'onTerminate'> = {}): () => void {
  listening = { ...others, onTerminate };
  process.on('SIGTERM', onTerminate);
  return () => {
    process.off('SIGTERM', onTerminate);
    listening = unheard;
  };
}

/**
 * Synchronous work of this program that may take long. Node hears a signal between two pieces of work only; Ctrl-C ends this one, from a thread
 * of its own, as an InterruptedError. Nothing of the work runs any more then, no `finally` either.
 *
 * Let other events have their turn before it (`setImmediate`): a signal that came and was not heard yet is lost.
 */
const breakable: Within = (work) => apart(work, false);

/** Work that calls code of a person, which may never come back: `breakable`, and SIGTERM ends the process at once. Its record stays whole. */
export const interruptible: Within = (work) => apart(work, true);

/**
 * A native library that works for seconds: this process hears nothing meanwhile, and nothing can break the call. The system ends the process at the
 * first signal then, and the record stays whole.
 */
export const natively: Natively = async (work) => {
  const { onInterrupt, onTerminate } = listening;
  if (onInterrupt) process.off('SIGINT', onInterrupt);
  if (onTerminate) process.off('SIGTERM', onTerminate);
  try {
    return await work();
  } finally {
    if (onInterrupt) process.on('SIGINT', onInterrupt);
    if (onTerminate) process.on('SIGTERM', onTerminate);
  }
};

/**
 * How an engine calls a step's own code: the compiled one does so while it makes a program, the others at every step, which of ours is short.
 * Nothing more of it is begun once somebody asked to stop.
 */
export function withinEngine(kind: EngineKind, isOwn: boolean, stopped: () => boolean): Within {
  const call = isOwn ? interruptible : kind === 'compiled' ? breakable : directly;
  return (work) => {
    if (stopped()) throw new InterruptedError('stopped');
    return call(work);
  };
}

let isApart = false;

function apart<T>(work: () => T, endsOnTerminate: boolean): T {
  if (isApart) return work();
  const { onBreak, onTerminate } = listening;
  isApart = true;
  if (endsOnTerminate && onTerminate) process.off('SIGTERM', onTerminate);
  try {
    return onBreak ? untilBreak(work, onBreak) : work();
  } finally {
    if (endsOnTerminate && onTerminate) process.on('SIGTERM', onTerminate);
    isApart = false;
  }
}

function untilBreak<T>(work: () => T, onBreak: () => void): T {
  let done: { readonly value: T } | undefined;
  shelf[WORK] = () => (done = { value: work() });
  try {
    CALL.runInThisContext({ breakOnSigint: true, displayErrors: false });
  } catch (error) {
    if (codeOfError(error) !== 'ERR_SCRIPT_EXECUTION_INTERRUPTED') throw error;
    onBreak();
  }
  if (!done) throw new InterruptedError('interrupted');
  return done.value;
}

/** A script reaches by name what is global only. */
const WORK = Symbol.for('retable.work');
const shelf = globalThis as { [WORK]?: () => unknown };
const CALL = new Script("globalThis[Symbol.for('retable.work')]()");
