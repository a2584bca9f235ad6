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
