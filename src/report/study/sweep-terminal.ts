import { formatCount, plural } from '../../diagnostics/numbers.js';
import type { PlanReport } from '../plan/plan-report.js';
import { PLAIN, type TextStyle } from '../kit/text-style.js';
import { terminalTable } from '../kit/text-table.js';
import type { SweepPlan } from '../../study/proposals/plan.js';
import { epochsOf, type NextRung } from '../../study/proposals/prune.js';
import { bestLines, countLine, resultTable, trialTable } from './sweep-table.js';
import { countStates, type SweepResults, type TrialResult } from '../../study/proposals/results.js';

/** Every trial in a line. */
export const describeTrials = (plan: SweepPlan, results: readonly TrialResult[], style: TextStyle = PLAIN): string =>
  `${terminalTable(trialTable(plan, results), style).join('\n')}\n`;

/** The configurations in a line each, and the best of them. */
export function describeResults(plan: SweepPlan, results: SweepResults, style: TextStyle = PLAIN): string {
  const [best, note] = bestLines(plan, results);
  const lines = [
    ...terminalTable(resultTable(plan, results), style),
    '',
    ...(best === undefined ? [] : [`${style.heading('best')}  ${best}`]),
    ...(note === undefined ? [] : [style.faint(`      ${note}`)]),
    countLine(plan, results.counts),
  ];
  return `${lines.join('\n')}\n`;
}

/** `rung 2 of 3: 5 configurations to epoch 15` */
export const rungLine = ({ number, configurations, epoch }: NextRung, rungs: number): string =>
  `rung ${number + 1} of ${rungs}: ${plural(configurations, 'configuration')} to epoch ${epoch}`;

/** What pruning plans: `rungs  16 configurations to epoch 5, 5 to 15, 1 to 50: 560 epochs in place of 2,400` */
export const rungsLine = (plan: SweepPlan, style: TextStyle = PLAIN): string => `${style.heading('rungs')}  ${rungsText(plan)}`;

function rungsText(plan: SweepPlan): string {
  const [first, ...others] = plan.rungs.map(({ configurations, epoch }) => [formatCount(configurations), formatCount(epoch)] as const);
  const { pruned, whole } = epochsOf(plan);
  const steps = [`${first?.[0]} configurations to epoch ${first?.[1]}`, ...others.map(([count, epoch]) => `${count} to ${epoch}`)];
  return `${steps.join(', ')}: ${formatCount(pruned)} epochs over all seeds in place of ${formatCount(whole)}`;
}

/** The plan of a sweep to be written, with what a moment of training told. */
export const sweepPlanReport = (
  plan: SweepPlan,
  results: readonly TrialResult[],
  measured: string | undefined,
  json: object,
): PlanReport => ({
  name: plan.sweep.config.sweep,
  ...(plan.sweep.config.description !== undefined && { description: plan.sweep.config.description }),
  lead: [
    `${countLine(plan, countStates(results))}.`,
    ...(plan.rungs.length > 1 ? [`${rungsText(plan)}.`] : []),
    ...(measured === undefined ? [] : [`Measured: ${measured}.`]),
  ],
  sections: [{ title: 'trials', content: [trialTable(plan, results)] }],
  json,
});
