import { isDeepStrictEqual } from 'node:util';
import type { Problem } from '../diagnostics/diagnostic.js';
import type { ResolvedConfig } from '../language/experiment.js';
import { type Replicate, withReplicate } from '../language/replicate.js';
import type { Stage } from '../stages/stage.js';
import { lookAtData } from './look-at-data.js';
import { planExperiment, type PlanningTools } from './plan-experiment.js';
import type { Plan, Work } from './plan.js';
import { useStage } from './use-stage.js';
import { withSeed } from './work.js';

type Planned = ReturnType<typeof planExperiment>;

interface PlannedReplicate extends Pick<Planned, 'problems'> {
  /** Undefined where one of the problems is an error. */
  readonly work: Work | undefined;
  /** The whole plan, made where it was not. */
  readonly plan: () => Plan | undefined;
}

/**
 * The works of one configuration, replicate by replicate. The first of each fold is planned. Of the others only the data are looked at: a stage plans
 * from its options and from what the data are, so where another seed draws data of the same content (names, shapes, numbers of examples) the rest of the
 * plan is the same, and so is what is wrong with it. A person's own modules may hang on more, and weights to begin with are matched to the data's
 * digest: these are planned each time.
 */
export function planReplicates(
  config: ResolvedConfig,
  stages: readonly Stage[],
  tools: PlanningTools,
): (replicate: Replicate) => PlannedReplicate {
  const firstOfFold = new Map<number | undefined, Planned>();
  return (replicate) => {
    const replicated = withReplicate(config, replicate);
    const first = firstOfFold.get(replicate.fold);
    const work = first?.plan && workAs(first.plan, replicated, stages, tools);
    if (work) return { work, problems: first.problems, plan: () => planExperiment(replicated, stages, tools).plan };
    const { plan, problems } = planExperiment(replicated, stages, tools);
    if (!first) firstOfFold.set(replicate.fold, { plan, problems });
    return { work: plan?.work, problems, plan: () => plan };
  };
}

/** The work of a plan with another seed; undefined where all of it has to be planned again. */
function workAs(
  { work, facts, initialWeights }: Plan,
  { values }: ResolvedConfig,
  stages: readonly Stage[],
  { modules, files, factsCache }: PlanningTools,
): Work | undefined {
  if (modules !== undefined || initialWeights) return undefined;
  const problems: Problem[] = [];
  const report = (problem: Problem): void => void problems.push(problem);
  const dataset = useStage(stages, report)('dataset', values.dataset, ['dataset']);
  const found = dataset && lookAtData(dataset, values, files, report, factsCache);
  if (!found || problems.length > 0) return undefined;
  const isAlike = found.digest === facts.digest || isDeepStrictEqual(found.content, facts.content);
  return isAlike ? withSeed(work, values, found.digest) : undefined;
}
