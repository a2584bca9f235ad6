import { formatCount, formatMeasure } from '../report/numbers.js';
import { type Align, textTable } from '../report/text-table.js';
import { PLAIN, type TextStyle } from '../report/text-style.js';
import { seedsOf } from './document.js';
import type { SweepPlan } from './plan-trials.js';
import { epochsOf, type NextRung } from './prune.js';
import { type Cell, type Counts, nameConfiguration, shortNames, showValue, type SweepResults, type TrialResult } from './results.js';

/** Every trial in a line: what it sets, and what the records say of it. */
export function describeTrials(plan: SweepPlan, results: readonly TrialResult[], style: TextStyle = PLAIN): string {
  const { paths, names } = columnsOf(plan);
  const byIndex = new Map(plan.configurations.map((configuration) => [configuration.index, configuration]));
  const rows = results.map(({ trial, state }) => {
    const assignments = byIndex.get(trial.configuration)?.assignments ?? [];
    return [
      ...paths.map((path) => showValue(assignments.find((assignment) => assignment.path === path)?.value)),
      String(trial.seed),
      state.kind === 'finished' ? 'done' : state.kind === 'needed' ? 'left' : state.kind,
      'run' in state && state.run !== undefined ? style.faint(state.run.slice(0, 8)) : '',
      trial.work.slice(0, 12),
    ];
  });
  const header = [...names, 'seed', 'state', 'run', 'work'].map(style.faint);
  return `${textTable([header, ...rows], [...paths.map((): Align => 'right'), 'right']).join('\n')}\n`;
}

/** The configurations with what their seeds came to, and the best of them. */
export function describeResults(plan: SweepPlan, results: SweepResults, style: TextStyle = PLAIN): string {
  const { paths, names } = columnsOf(plan);
  const rows = results.cells.map((cell) => [
    ...paths.map((path) => showValue(cell.configuration.assignments.find((assignment) => assignment.path === path)?.value)),
    cell.mean === undefined ? '' : formatMeasure(cell.mean),
    cell.sd === undefined ? '' : formatMeasure(cell.sd, 2),
    intervalText(cell),
    String(cell.values.length),
    lostText(cell),
  ]);
  const { metric } = plan.sweep.config.select;
  const header = [...names, metric, 'sd', '95 % interval', 'seeds', ''].map(style.faint);
  const table = textTable(
    [header, ...rows],
    header.map((_, index): Align => (index < header.length - 1 ? 'right' : 'left')),
  );
  return `${[...table, '', ...bestLines(plan, results, style), countLine(plan, results.counts)].join('\n')}\n`;
}

const intervalText = ({ interval }: Cell): string => (interval ? `${formatMeasure(interval[0])} to ${formatMeasure(interval[1])}` : '');

const LOST = ['diverged', 'failed', 'pruned', 'unfinished', 'needed'] as const;

function lostText({ counts, pruned }: Cell): string {
  const lost = LOST.flatMap((kind) => {
    if (kind === 'pruned' || counts[kind] === 0) return [];
    return [`${counts[kind]} ${kind === 'needed' ? 'left' : kind}`];
  });
  return [...(pruned ? [`pruned after epoch ${pruned.epoch}, at ${formatMeasure(pruned.mean)}`] : []), ...lost].join(', ');
}

/** `rung 2 of 3: 5 configurations to epoch 15` */
export const rungLine = ({ number, configurations, epoch }: NextRung, rungs: number): string =>
  `rung ${number + 1} of ${rungs}: ${plural(configurations, 'configuration')} to epoch ${epoch}`;

/** What pruning plans: `rungs  16 configurations to epoch 5, 5 to 15, 1 to 50: 560 epochs in place of 2,400` */
export function rungsLine(plan: SweepPlan, style: TextStyle = PLAIN): string {
  const [first, ...others] = plan.rungs.map(({ configurations, epoch }) => [formatCount(configurations), formatCount(epoch)] as const);
  const { pruned, whole } = epochsOf(plan);
  const steps = [`${first?.[0]} configurations to epoch ${first?.[1]}`, ...others.map(([count, epoch]) => `${count} to ${epoch}`)];
  return `${style.heading('rungs')}  ${steps.join(', ')}: ${formatCount(pruned)} epochs over all seeds in place of ${formatCount(whole)}`;
}

/** The best of many is partly luck: the note says of how many, and how to find out. */
export function bestLines(plan: SweepPlan, { cells, best }: SweepResults, style: TextStyle = PLAIN): readonly string[] {
  if (best?.mean === undefined) return [];
  const { select } = plan.sweep.config;
  const tried = cells.filter(({ counts }) => counts.finished + counts.pruned + counts.diverged > 0).length;
  const name = nameConfiguration(best.configuration.assignments);
  const seeds = seedsOf(plan.sweep.config);
  const next = Math.max(...seeds) + 1;
  return [
    `${style.heading('best')}  ${name}: ${select.metric} ${formatMeasure(best.mean)}${best.interval ? ` (${intervalText(best)})` : ''}`,
    ...(tried > 1
      ? [
          style.faint(
            `      the best of ${formatCount(tried)} that were tried, so in part by luck: new seeds tell, as in --set seeds=[${next},${next + 1},${next + 2}]`,
          ),
        ]
      : []),
  ];
}

/** `48 trials of 16 configurations: 45 done, 2 diverged, 1 left` */
export function countLine({ trials, configurations, repeated }: SweepPlan, counts: Counts): string {
  const parts = [
    `${formatCount(counts.finished)} done`,
    ...LOST.flatMap((kind) => (counts[kind] > 0 ? [`${formatCount(counts[kind])} ${kind === 'needed' ? 'left' : kind}`] : [])),
  ];
  const same = repeated > 0 ? `; ${formatCount(repeated)} more proposed the same work again` : '';
  return `${plural(trials.length, 'trial')} of ${plural(configurations.length, 'configuration')}: ${parts.join(', ')}${same}`;
}

const plural = (count: number, noun: string): string => `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;

function columnsOf({ configurations }: SweepPlan): { readonly paths: readonly string[]; readonly names: readonly string[] } {
  const paths = [...new Set(configurations.flatMap(({ assignments }) => assignments.map(({ path }) => path)))];
  const short = shortNames(paths);
  return { paths, names: paths.map((path) => short.get(path) ?? path) };
}
