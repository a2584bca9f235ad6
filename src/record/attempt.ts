import type { Status } from './meta.js';

/** What is known of one attempt at a work. */
export interface Attempt {
  readonly status: Status;
  /** The tag `retable.outcome`. */
  readonly outcome: string | null;
}

/** What to do about a work: show what there is, go on with an attempt, or begin attempt number `number`. */
export type NextStep<A extends Attempt> =
  | { readonly kind: 'show'; readonly attempt: A }
  | { readonly kind: 'continue'; readonly attempt: A }
  | { readonly kind: 'start'; readonly number: number };

/** The tag that tells how a run ended, and its value for one whose numbers went to infinity: a result like another. */
export const outcomeTag = 'retable.outcome';
export const diverged = 'diverged';

/** Finished and diverged work is settled. */
export const isSettled = ({ status, outcome }: Attempt): boolean => status === 'FINISHED' || (status === 'FAILED' && outcome === diverged);

/** Running the same command again is always right: `attempts` are those at one work, the newest first. */
export function nextStep<A extends Attempt>(attempts: readonly A[], fresh: boolean): NextStep<A> {
  const settled = attempts.find(isSettled);
  const [newest] = attempts;
  if (settled && !fresh) return { kind: 'show', attempt: settled };
  if (newest && !fresh && newest.status !== 'FAILED') return { kind: 'continue', attempt: newest };
  return { kind: 'start', number: attempts.length + 1 };
}
