import { formatCount } from '../../../diagnostics/numbers.js';
import type { Problem } from '../../../diagnostics/diagnostic.js';
import type { Report } from '../../stage.js';

/** Tells the first few of many mistakes, and with the last of them how many more there are. `end` must be called when all are known. */
interface FewReport extends Report {
  readonly end: () => void;
}

const MOST_TOLD = 5;

/** A file that is wrong in one place is often wrong in a thousand. */
export function few(report: Report): FewReport {
  const told: Problem[] = [];
  let more = 0;
  const tell = (problem: Problem): void => {
    if (told.length < MOST_TOLD) told.push(problem);
    else more += 1;
  };
  const end = (): void => {
    for (const [i, problem] of told.entries()) {
      const isLast = i === told.length - 1 && more > 0;
      report(isLast ? { ...problem, message: `${problem.message}; and ${formatCount(more)} more such mistakes` } : problem);
    }
  };
  return Object.assign(tell, { end });
}
