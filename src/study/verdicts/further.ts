import { neededSeeds, type PowerQuestion } from '../../statistics/means.js';
import type { Further } from './verdict.js';

/** Beyond this the honest answer is that seeds are not what is missing. */
const MANY = 200;
/** A spread seen in fewer seeds than this is often too small by luck: the number of further ones is rounded up. */
export const TRUSTED = 5;

/** How many more seeds would decide, as a person should read it. `scale` stretches the total, for tests weaker than an interval. */
export function furtherSeeds(question: PowerQuestion, scale = 1): Further {
  const needed = neededSeeds({ ...question, cap: question.n + MANY });
  if (!needed) return 'many';
  const further = Math.ceil(needed.total * scale) - question.n;
  return rounded(further, question.n);
}

export function rounded(further: number, n: number): Further {
  const shown = n < TRUSTED ? 5 * Math.ceil(further / 5) : further;
  return shown > MANY ? 'many' : Math.max(1, shown);
}
