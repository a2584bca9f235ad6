import { setArgument } from '../../diagnostics/words.js';
import { formatCount, formatMeasure, plural } from '../../diagnostics/numbers.js';
import type { PlainColumn, PlainTable } from '../kit/plain-table.js';
import { seedsOf } from '../../study/seeds.js';
import type { Configuration, SweepPlan } from '../../study/proposals/plan.js';
import { type Cell, type Counts, type SweepResults, type TrialResult } from '../../study/proposals/results.js';
import { nameConfiguration, shortNames, showValue } from '../../planning/name-configuration.js';

/** The configurations with what their seeds came to. */
export function resultTable(plan: SweepPlan, results: SweepResults): PlainTable {
  const { config } = plan.sweep;
  const { paths, columns } = axisColumns(plan);
  const right = (heading: string): PlainColumn => ({ heading, align: 'right' });
  return {
    name: config.sweep,
    ...(config.description !== undefined && { caption: config.description }),
    columns: [...columns, ...[config.select.metric, 'sd', '95 % interval', 'seeds'].map(right), { heading: '' }],
    rows: results.cells.map((cell) => [
      ...valuesOf(cell.configuration, paths),
      cell.mean === undefined ? '' : formatMeasure(cell.mean),
      cell.sd === undefined ? '' : formatMeasure(cell.sd, 2),
      intervalText(cell),
      String(cell.values.length),
      lostText(cell),
    ]),
    notes: [
      ...bestLines(plan, results).map((line, index) => (index === 0 ? `Best: ${line}` : `It is ${line}.`)),
      `${countLine(plan, results.counts)}.`,
      howMeasured(plan),
    ],
  };
}

/** Every trial: what it sets, and what the records say of it. */
export function trialTable(plan: SweepPlan, results: readonly TrialResult[]): PlainTable {
  const { paths, columns } = axisColumns(plan);
  const byIndex = new Map(plan.configurations.map((configuration) => [configuration.index, configuration]));
  return {
    columns: [...columns, { heading: 'seed', align: 'right' }, ...['state', 'run', 'work'].map((heading) => ({ heading }))],
    rows: results.map(({ trial, state }) => [
      ...valuesOf(byIndex.get(trial.configuration), paths),
      String(trial.seed),
      state.kind === 'finished' ? 'done' : state.kind === 'needed' ? 'left' : state.kind,
      'run' in state && state.run !== undefined ? state.run.slice(0, 8) : '',
      trial.work.slice(0, 12),
    ]),
  };
}

/** Results for programs: every digit, a line a configuration. */
export function resultRows(plan: SweepPlan, { cells }: SweepResults): readonly (readonly (string | number | undefined)[])[] {
  const { paths } = axisColumns(plan);
  const header = [...paths, 'mean', 'sd', 'low', 'high', 'seeds', 'diverged', 'failed', 'pruned_epoch', 'pruned_mean'];
  const rows = cells.map(({ configuration, mean, sd, interval, values, counts, pruned }) => [
    ...valuesOf(configuration, paths),
    ...[mean, sd, interval?.[0], interval?.[1], values.length, counts.diverged, counts.failed, pruned?.epoch, pruned?.mean],
  ]);
  return [header, ...rows];
}

function axisColumns({ configurations }: SweepPlan): { readonly paths: readonly string[]; readonly columns: readonly PlainColumn[] } {
  const paths = [...new Set(configurations.flatMap(({ assignments }) => assignments.map(({ path }) => path)))];
  const short = shortNames(paths);
  return { paths, columns: paths.map((path) => ({ heading: short.get(path) ?? path, align: 'right' })) };
}

const valuesOf = (configuration: Configuration | undefined, paths: readonly string[]): readonly string[] =>
  paths.map((path) => showValue(configuration?.assignments.find((assignment) => assignment.path === path)?.value));

const intervalText = ({ interval }: Cell): string => (interval ? `${formatMeasure(interval[0])} to ${formatMeasure(interval[1])}` : '');

const LOST = ['diverged', 'failed', 'pruned', 'unfinished', 'needed'] as const;

function lostText({ counts, pruned, values }: Cell): string {
  const mute = counts.finished - values.length;
  const lost = LOST.flatMap((kind) => {
    if (kind === 'pruned' || counts[kind] === 0) return [];
    return [`${counts[kind]} ${kind === 'needed' ? 'left' : kind}`];
  });
  return [
    ...(mute > 0 ? [`${mute} without a value`] : []),
    ...(pruned ? [`pruned after epoch ${pruned.epoch}, at ${formatMeasure(pruned.mean)}`] : []),
    ...lost,
  ].join(', ');
}

/** The best of many is partly luck: the second line says of how many, and how to find out. */
export function bestLines(plan: SweepPlan, { cells, best }: SweepResults): readonly string[] {
  if (best?.mean === undefined) return [];
  const { select } = plan.sweep.config;
  const tried = cells.filter(({ counts }) => counts.finished + counts.pruned + counts.diverged > 0).length;
  const next = seedsOf(plan.sweep.config).reduce((a, b) => Math.max(a, b), 0) + 1;
  const interval = best.interval ? ` (${intervalText(best)})` : '';
  return [
    `${nameConfiguration(best.configuration.assignments)}: ${select.metric} ${formatMeasure(best.mean)}${interval}`,
    ...(tried > 1
      ? [
          `the best of ${formatCount(tried)} that were tried, so in part by luck: new seeds tell, as in ${setArgument(`seeds=[${next},${next + 1},${next + 2}]`)}`,
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

/** `Values are test/exact_match after the last epoch; higher is better.` */
function howMeasured({ sweep, better }: SweepPlan): string {
  const { metric, at } = sweep.config.select;
  const when = at === 'last' ? 'after the last epoch' : at === 'best' ? 'at its best epoch' : `after epoch ${at}`;
  return `Values are ${metric} ${when}, the mean over seeds with Student's interval; ${better} is better.`;
}
