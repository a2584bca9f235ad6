import { formatDuration, plural } from '../diagnostics/numbers.js';
import { Refusal } from '../host/exit.js';
import type { Store } from '../record/layout.js';
import { secondsOfRun } from '../record/works.js';
import { sum } from '../statistics/means.js';
import type { PlannedWork } from './plan-rows.js';
import type { PreparedTable } from './prepare-study.js';
import { readSettled } from './settled.js';

/** What a table may cost in all, with what is on record of it: so many trials, or so much time of its workers together. */
export type Budget = { readonly trials: number } | { readonly seconds: number };

/** `60`, `2h`, `90m`, `1h30m`. */
export function readBudget(text: string): Budget {
  const typed = text.trim();
  const refuse = (message: string): Refusal => new Refusal(message, { help: 'write --budget 60 for sixty trials, or --budget 2h or 90m' });
  if (/^\d+$/.test(typed)) {
    const trials = Number(typed);
    if (trials === 0) throw refuse('a budget of no trials trains nothing');
    if (!Number.isSafeInteger(trials)) throw refuse(`a budget of ${typed} trials is more than anybody trains`);
    return { trials };
  }
  const [, hours, minutes, seconds] = /^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m(?:in)?)?(?:(\d+(?:\.\d+)?)s)?$/i.exec(typed) ?? [];
  if (typed === '' || (hours ?? minutes ?? seconds) === undefined) throw refuse(`${JSON.stringify(text)} is no budget`);
  const total = 3600 * Number(hours ?? 0) + 60 * Number(minutes ?? 0) + Number(seconds ?? 0);
  if (total === 0) throw refuse('a budget of no time trains nothing');
  return { seconds: total };
}

/** `60 trials`, `2 h 0 min of worker time` */
export const describeBudget = (budget: Budget): string =>
  'trials' in budget ? plural(budget.trials, 'trial') : `${formatDuration(budget.seconds)} of worker time`;

/** Twice as much, as it is typed. */
export const twice = (budget: Budget): string =>
  'trials' in budget ? String(2 * budget.trials) : `${Math.ceil((2 * budget.seconds) / 60)}m`;

/** What is on record of a table: what a command that was interrupted has trained counts for the one that is typed again. */
interface Spent {
  readonly trials: number;
  /** Of all workers together, read where it is asked for. */
  readonly seconds: number;
}

export function spentOn(store: Store, prepared: PreparedTable): Spent {
  const settled = readSettled(store, prepared).filter(({ outcome }) => outcome !== 'crashed');
  // Rows that say the same in other words share their runs.
  const runs = Array.from(new Set(settled.map(({ run }) => run)));
  return {
    trials: runs.length,
    get seconds() {
      return sum(runs.map((run) => secondsOfRun(store, run) ?? 0));
    },
  };
}

/** What a budget leaves: of works in their order so many, or all and how long they may take together. */
export function grantedBy(
  budget: Budget,
  spent: Spent,
  left: readonly PlannedWork[],
): { readonly works: readonly PlannedWork[]; readonly seconds?: number } {
  if ('trials' in budget) return { works: left.slice(0, Math.max(0, budget.trials - spent.trials)) };
  const seconds = budget.seconds - spent.seconds;
  return { works: seconds > 0 ? left : [], seconds };
}
