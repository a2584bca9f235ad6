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
}

/** Tries again what failed for a passing reason. Waits are drawn between half and the whole of their length, so that many clients don't come back at once. */
export async function retrying<T>(policy: RetryPolicy, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let tried = 0; ; tried++) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || tried >= policy.retries || signal?.aborted) throw error;
      await wait(waitBefore(policy, tried, error), undefined, { ...(signal && { signal }), ref: true });
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
