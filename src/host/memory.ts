import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { totalmem } from 'node:os';

/** Bytes; of a container, what it may take. */
export function memoryOfThisMachine(): number {
  const allowed = process.constrainedMemory();
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
}

/** Bytes that nobody uses now. */
export const freeMemory = (): number => process.availableMemory();

/** Largest resident memory of this process so far, in bytes. */
export const largestMemory = (): number => process.resourceUsage().maxRSS * 1024;

/**
 * For a process that idles for days: what is new goes on living in 1 MB, which V8 would let grow to 16 MB and then keep. Gives what sweeps out all
 * that nobody needs any more, which V8 does by itself only when more is asked for.
 */
export function keepHeapSmall(): () => void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
