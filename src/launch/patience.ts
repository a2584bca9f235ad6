import { silenceSeconds } from '../record/lease.js';
import type { Trial, TrialResult } from './protocol.js';

/**
 * The law of drivers: between two looks at a trial that somebody else holds, something must have changed within `silenceSeconds`, else waiting
 * for it ends. Gives what a trial that was found held comes to: undefined while it is worth asking again.
 */
export function createPatience(
  now: () => number = () => performance.now() / 1000,
): (trial: Trial, held: TrialResult) => TrialResult | undefined {
  const seen = new Map<Trial, { readonly sign: string; readonly since: number }>();
  return (trial, held) => {
    const sign = held.sign ?? '';
    const before = seen.get(trial);
    if (before?.sign !== sign) {
      seen.set(trial, { sign, since: now() });
      return undefined;
    }
    const silent = now() - before.since;
    if (silent < silenceSeconds) return undefined;
    const reason = `${held.reason ?? 'another process holds the run'}, which has given no sign of life for ${Math.round(silent / 60)} min: end that process, and run this command again`;
    return { outcome: 'failed', reason, seconds: 0 };
  };
}
