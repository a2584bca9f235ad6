import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { isPassing, TrackingError } from './errors.js';

export interface RetryPolicy {
  /** Tries after the first one. */
  readonly retries: number;
  /** Seconds before the first retry; each later one waits twice as long. */
  readonly base: number;
  /** The longest wait. */
  readonly most: number;
  /** Seconds for all tries and waits together; a person who says how often has it done so often, however long that takes. */
  readonly within: number;
}

/** Tries again what failed for a passing reason; `work` is told how much time is left. Waits are drawn between half and the whole of their length, so that many clients don't come back at once. */
export async function retrying<T>(policy: RetryPolicy, work: (milliseconds: number) => Promise<T>, signal?: AbortSignal): Promise<T> {
  const end = performance.now() + 1000 * policy.within;
  for (let tried = 0; ; tried++) {
    try {
      return await work(end - performance.now());
    } catch (error) {
      const pause = waitBefore(policy, tried, error);
      if (!isPassing(error) || tried >= policy.retries || performance.now() + pause >= end || signal?.aborted) throw error;
      await wait(pause, undefined, { ...(signal && { signal }), ref: true });
    }
  }
}

/** Milliseconds. */
export function waitBefore({ base, most }: RetryPolicy, tried: number, error: unknown): number {
  const asked = error instanceof TrackingError ? error.retryAfter : undefined;
  const seconds = Math.min(most, base * 2 ** tried);
  const drawn = seconds * (0.5 + randomInt(1001) / 2000);
  return 1000 * Math.max(drawn, Math.min(asked ?? 0, most));
}
