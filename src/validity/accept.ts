import type { Problem } from '../diagnostics/diagnostic.js';
import type { ExperimentConfig } from '../language/experiment.js';
import type { Report } from '../stages/stage.js';
import { nothingToAccept } from './messages.js';

/** A threat that was found, and that the document accepts. */
export interface Accepted {
  readonly threat: string;
  readonly because: string;
  /** What was found, in words. */
  readonly found: string;
}

/** As it is told wherever the result is shown. */
export const describeAccepted = ({ threat, because, found }: Accepted): string => `Accepted: ${found} (${threat}). Because: ${because}`;

/** Tells problems on, but for threats that the document accepts: those are kept with its reason. */
export function acceptingThreats({ accept = [] }: Pick<ExperimentConfig, 'accept'>, tell: Report) {
  const accepted: Accepted[] = [];
  return {
    accepted: accepted as readonly Accepted[],
    report(problem: Problem): void {
      const reason = accept.find(({ threat }) => threat === problem.code);
      if (reason) accepted.push({ ...reason, found: problem.message });
      else tell(problem);
    },
    /** Once everything is found: what the document accepts, and nothing of the kind is there. */
    reportUnused(): void {
      for (const [index, { threat }] of accept.entries())
        if (!accepted.some((found) => found.threat === threat)) tell(nothingToAccept(index, threat));
    },
  };
}
