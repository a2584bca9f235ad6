import { visibleWidth } from '../../diagnostics/columns.js';
import { formatCount, formatMeasure, plural, shortSetting } from '../../diagnostics/numbers.js';
import { forShell, listed } from '../../diagnostics/words.js';
import { shortNames, showValue } from '../../planning/name-configuration.js';
import type { Replicate } from '../../language/replicate.js';
import type { Configuration, SweepPlan } from '../../study/proposals/plan.js';
import type { ObservedEvent, ObservedSweep } from '../../run/observer.js';
import { labelOf, variedPaths } from '../../study/proposals/propose.js';
import { epochsOf, isPruned } from '../../study/proposals/prune.js';
import { type Cell, countStates, type SweepResults, sweepStanding, type TrialResult } from '../../study/proposals/results.js';
import { examplesJson, whichIsWider } from '../../study/by-examples.js';
import { seedsOf } from '../../study/replicates.js';
import { describeAccepted } from '../../validity/accept.js';
import { PLAIN, type PlainColumn, type PlainTable, terminalTable, type TextStyle, type Told } from '../kit/tables.js';
import type { PlanReport } from '../plan/describe.js';

/**
 * The configurations by what they came to, the best first: those that were pruned after those that were not, the later the better, and at the end
 * those that came to no number.
 */
export function rankedCells({ better }: SweepPlan, { cells }: SweepResults): readonly Cell[] {
  const sign = better === 'higher' ? -1 : 1;
  const scoreOf = ({ mean, pruned }: Cell): number => sign * (mean ?? pruned?.mean ?? Number.NaN);
  const [scored, others] = [
    cells.filter((cell) => Number.isFinite(scoreOf(cell))),
    cells.filter((cell) => !Number.isFinite(scoreOf(cell))),
  ];
  return [
    ...scored.toSorted((a, b) => (b.pruned?.epoch ?? Infinity) - (a.pruned?.epoch ?? Infinity) || scoreOf(a) - scoreOf(b)),
    ...others,
  ];
}

/** The configurations with what their seeds came to, the best first and marked. What is the same in all of them is told once, below. */
export function resultTable(plan: SweepPlan, results: SweepResults): PlainTable {
  const { config } = plan.sweep;
  const paths = variedPaths(config).flat();
  const columns = columnsOfPaths(plan, paths);
  const right = (heading: string): PlainColumn => ({ heading, align: 'right' });
  const cells = rankedCells(plan, results);
  const isByExamples = cells.some(({ byExamples }) => byExamples);
  return {
    name: config.sweep,
    ...(config.description !== undefined && { caption: config.description }),
    columns: [
      ...columns,
      ...[config.select.metric, 'sd', '95 % interval', ...(isByExamples ? [BY_EXAMPLES] : []), 'seeds'].map(right),
      { heading: '' },
    ],
    rows: cells.map((cell) => [
      ...valuesOf(cell.configuration, paths).map(shortSetting),
      cell.mean === undefined ? '' : formatMeasure(cell.mean),
      cell.sd === undefined ? '' : formatMeasure(cell.sd, 2),
      intervalText(cell),
      ...(isByExamples ? [cell.byExamples ? `±${formatMeasure(cell.byExamples.half, 2)}` : ''] : []),
      String(cell.values.length),
      [...(cell === results.best ? ['best'] : []), ...lostTexts(cell)].join(', '),
    ]),
    notes: [
      ...bestLines(plan, results).map((line, index) => (index === 0 ? `Best: ${line}.` : `${line[0]?.toUpperCase()}${line.slice(1)}.`)),
      ...exampleLine(plan, results),
      `${countLine(sweepStanding(plan, results.counts))}.`,
      howMeasured(plan),
      ...sameLine(plan),
      ...new Set(plan.accepted?.map(describeAccepted)),
    ],
  };
}

/** Of half the interval that other examples leave a seed. */
const BY_EXAMPLES = 'by examples';

/** Which of both makes the best one less sure, seeds or examples; where runs keep what examples do. */
function exampleLine({ sweep }: SweepPlan, { best }: SweepResults): readonly string[] {
  return best?.byExamples ? [whichIsWider([{ examples: best.byExamples, seeds: best.interval }], sweep.config.select.metric)] : [];
}

/** Every trial: what it sets, and what the records say of it. */
export function trialTable(plan: SweepPlan, results: readonly TrialResult[]): PlainTable {
  const paths = pathsOf(plan);
  const columns = columnsOfPaths(plan, paths);
  const byIndex = new Map(plan.configurations.map((configuration) => [configuration.index, configuration]));
  return {
    columns: [...columns, ...replicateColumns(plan), ...['state', 'run', 'key'].map((heading) => ({ heading }))],
    rows: results.map(({ trial, state }) => [
      ...valuesOf(byIndex.get(trial.configuration), paths).map(shortSetting),
      ...replicateCells(plan, trial),
      state.kind === 'finished' ? 'done' : state.kind === 'needed' ? 'left' : state.kind,
      'run' in state && state.run !== undefined ? state.run.slice(0, 8) : '',
      trial.work.slice(0, 12),
    ]),
  };
}

/** Results for programs: every digit, a line a configuration. */
export function resultRows(plan: SweepPlan, { cells }: SweepResults): readonly (readonly (string | number | undefined)[])[] {
  const paths = pathsOf(plan);
  const header = [...paths, 'mean', 'sd', 'low', 'high', 'seeds', 'diverged', 'failed', 'pruned_epoch', 'pruned_mean', 'by_examples'];
  const rows = cells.map(({ configuration, mean, sd, interval, values, counts, pruned, byExamples }) => [
    ...valuesOf(configuration, paths),
    ...[
      mean,
      sd,
      interval?.[0],
      interval?.[1],
      values.length,
      counts.diverged,
      counts.failed,
      pruned?.epoch,
      pruned?.mean,
      byExamples?.half,
    ],
  ]);
  return [header, ...rows];
}

/** The seed, and the fold where a sweep names folds. */
const replicateColumns = ({ sweep: { config } }: SweepPlan): readonly PlainColumn[] =>
  ['seed', ...(config.folds === undefined ? [] : ['fold'])].map((heading) => ({ heading, align: 'right' as const }));

const replicateCells = ({ sweep: { config } }: SweepPlan, { seed, fold }: Replicate): readonly string[] =>
  [seed, ...(config.folds === undefined ? [] : [fold ?? ''])].map(String);

const pathsOf = ({ configurations }: SweepPlan): readonly string[] => [
  ...new Set(configurations.flatMap(({ assignments }) => assignments.map(({ path }) => path))),
];

/** Short names of some of the paths, which tell them from all others. */
function columnsOfPaths(plan: SweepPlan, paths: readonly string[]): readonly PlainColumn[] {
  const short = shortNames(pathsOf(plan));
  return paths.map((path) => ({ heading: short.get(path) ?? path, align: 'right' }));
}

/** `In all of them epochs is 50.` */
function sameLine(plan: SweepPlan): readonly string[] {
  const varied = variedPaths(plan.sweep.config).flat();
  const same = pathsOf(plan).filter((path) => !varied.includes(path));
  const names = columnsOfPaths(plan, same);
  const values = valuesOf(plan.configurations[0], same);
  if (same.length === 0) return [];
  return [
    `In all of them ${listed(
      names.map(({ heading }, index) => `${heading} is ${values[index]}`),
      'and',
    )}.`,
  ];
}

const valuesOf = (configuration: Configuration | undefined, paths: readonly string[]): readonly string[] =>
  paths.map((path) => showValue(configuration?.assignments.find((assignment) => assignment.path === path)?.value));

const intervalText = ({ interval }: Cell): string => (interval ? `${formatMeasure(interval[0])} to ${formatMeasure(interval[1])}` : '');

const LOST = ['diverged', 'failed', 'pruned', 'unfinished', 'needed'] as const;

function lostTexts({ counts, pruned, mute }: Cell): readonly string[] {
  const lost = LOST.flatMap((kind) => {
    if (kind === 'pruned' || counts[kind] === 0) return [];
    return [`${counts[kind]} ${kind === 'needed' ? 'left' : kind}`];
  });
  return [
    ...(mute > 0 ? [`${mute} without a value`] : []),
    ...(pruned ? [`pruned after epoch ${pruned.epoch}, at ${formatMeasure(pruned.mean)}`] : []),
    ...lost,
  ];
}

/** The best of many is partly luck: the second line says of how many, and how to find out. */
function bestLines(plan: SweepPlan, { cells, best }: SweepResults): readonly string[] {
  if (best?.mean === undefined) return [];
  const { select } = plan.sweep.config;
  const tried = cells.filter(({ counts }) => counts.finished + counts.pruned + counts.diverged > 0).length;
  const next = seedsOf(plan.sweep.config).reduce((a, b) => Math.max(a, b), 0) + 1;
  const interval = best.interval ? ` (${intervalText(best)})` : '';
  return [
    `${labelOf(plan.sweep.config)(best.configuration.assignments)}: ${select.metric} ${formatMeasure(best.mean)}${interval}`,
    ...(tried > 1
      ? [
          `the best of ${formatCount(tried)} is partly luck; check it on new seeds: --seeds ${forShell(`[${next},${next + 1},${next + 2}]`)}`,
        ]
      : []),
  ];
}

/** `48 trials of 16 configurations: 45 done, 2 diverged, 1 left` */
export function countLine({ trials, configurations, later, repeated, counts }: ObservedSweep): string {
  const parts = [
    `${formatCount(counts.finished)} done`,
    ...LOST.flatMap((kind) => (counts[kind] > 0 ? [`${formatCount(counts[kind])} ${kind === 'needed' ? 'left' : kind}`] : [])),
  ];
  const same = repeated > 0 ? `; ${formatCount(repeated)} more were proposed twice` : '';
  const more = later > 0 ? `; ${plural(later, 'configuration')} more will be proposed, each round when the one before is settled` : '';
  return `${plural(trials, 'trial')} of ${plural(configurations, 'configuration')}: ${parts.join(', ')}${same}${more}`;
}

/** `Values are test/exact_match after the last epoch; higher is better.` */
function howMeasured({ sweep, better }: SweepPlan): string {
  const { metric, at } = sweep.config.select;
  const when = at === 'last' ? 'after the last epoch' : at === 'best' ? 'at its best epoch' : `after epoch ${at}`;
  const over = sweep.config.folds === undefined ? 'seeds' : 'the folds of a seed, then over seeds,';
  return `Values are ${metric} ${when}, the mean over ${over} with Student's interval; ${better} is better.`;
}

/** Every trial in a line. */
export const describeTrials = (plan: SweepPlan, results: readonly TrialResult[], { style, width }: Told = { style: PLAIN }): string =>
  `${terminalTable(trialTable(plan, results), style, width).join('\n')}\n`;

/** The configurations in a line each, and the best of them. */
export function describeResults(plan: SweepPlan, results: SweepResults, { style, width }: Told = { style: PLAIN }): string {
  const [best, note] = bestLines(plan, results);
  const lines = [
    ...terminalTable(narrowTable(resultTable(plan, results), width), style, width),
    '',
    ...(best === undefined ? [] : [`${style.heading('best')}  ${best}`]),
    ...(note === undefined ? [] : [style.faint(`      ${note}`)]),
    ...exampleLine(plan, results),
    ...sameLine(plan),
    countLine(sweepStanding(plan, results.counts)),
  ];
  return `${lines.join('\n')}\n`;
}

/** Where there is no room, without the standard deviation, for the interval says as much; then without what a line below tells of the best. */
function narrowTable(table: PlainTable, width = Infinity): PlainTable {
  return ['sd', BY_EXAMPLES].reduce((narrowed, dropped) => {
    const at = narrowed.columns.findIndex(({ heading }) => heading === dropped);
    if (at === -1 || terminalTable(narrowed, PLAIN).every((line) => visibleWidth(line) <= width)) return narrowed;
    return { ...narrowed, columns: narrowed.columns.toSpliced(at, 1), rows: narrowed.rows.map((row) => row.toSpliced(at, 1)) };
  }, table);
}

/** What a sweep came to: `best learning_rate 0.01: test/loss 0.1200; 48 trials of 16 configurations: 48 done` */
export function sweepSummary(plan: SweepPlan, results: SweepResults): string {
  const [best] = bestLines(plan, results);
  return [...(best === undefined ? [] : [`best ${best}`]), countLine(sweepStanding(plan, results.counts))].join('; ');
}

/** `rung 2 of 3: 5 configurations to epoch 15`; `round 3 of 9: 8 configurations`, and where each of both stands. */
export function rungLine({ number, rungs, configurations, epoch, round, bracket }: Extract<ObservedEvent, { kind: 'rung' }>): string {
  const where = [
    ...(round ? [`round ${round.number} of ${round.rounds}`] : []),
    ...(bracket ? [`bracket ${bracket.number} of ${bracket.brackets}`] : []),
    ...(rungs > 1 || !round ? [`rung ${number} of ${rungs}`] : []),
  ];
  return `${where.join(', ')}: ${plural(configurations, 'configuration')}${rungs > 1 || !round ? ` to epoch ${epoch}` : ''}`;
}

/** What pruning plans: `rungs  16 configurations to epoch 5, 5 to 15, 1 to 50: 560 epochs in place of 2,400` */
export const rungsLine = (plan: SweepPlan, style: TextStyle = PLAIN): string => `${style.heading('rungs')}  ${rungsText(plan)}`;

function rungsText(plan: SweepPlan): string {
  const { pruned, whole } = epochsOf(plan);
  const steps = plan.brackets.map(({ rungs }) => {
    const [first, ...others] = rungs.map(({ configurations, epoch }) => [configurations, formatCount(epoch)] as const);
    return [
      `${plural(first?.[0] ?? 0, 'configuration')} to epoch ${first?.[1]}`,
      ...others.map(([count, epoch]) => `${formatCount(count)} to ${epoch}`),
    ].join(', ');
  });
  return `${steps.join('; ')}: ${formatCount(pruned)} epochs over all seeds in place of ${formatCount(whole)}`;
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
    `${countLine(sweepStanding(plan, countStates(results)))}.`,
    ...(isPruned(plan) ? [`${rungsText(plan)}.`] : []),
    ...(measured === undefined ? [] : [`Measured: ${measured}.`]),
  ],
  sections: [{ title: 'trials', content: [trialTable(plan, results)] }],
  json,
});

/** Counts up when a reader of the JSON would have to change. */
const VERSION = 1;

/** What `run`, `plan` and `status` of a sweep print with `--json`. What is not finite is text, as in `"NaN"`. */
export function sweepToJson(plan: SweepPlan, results: readonly TrialResult[], { cells, best, counts }: SweepResults) {
  const { sweep, select } = plan.sweep.config;
  return {
    version: VERSION,
    sweep,
    experiment: plan.experiment,
    metric: select.metric,
    better: plan.better,
    counts,
    ...(plan.later > 0 && { later: plan.later }),
    configurations: cells.map(({ configuration, mean, sd, interval, values, pruned, byExamples }) => ({
      number: configuration.index,
      set: Object.fromEntries(configuration.assignments.map(({ path, value }) => [path, value])),
      seeds: values.length,
      ...(mean !== undefined && { mean }),
      ...(sd !== undefined && { sd, interval }),
      ...(pruned && { pruned }),
      ...(byExamples && { by_examples: examplesJson(byExamples) }),
    })),
    ...(best && { best: best.configuration.index }),
    trials: results.map(({ trial, state }) => {
      const { kind, ...about } = state;
      const value = 'value' in about ? about.value : undefined;
      return {
        configuration: trial.configuration,
        seed: trial.seed,
        ...(trial.fold !== undefined && { fold: trial.fold }),
        work: trial.work,
        state: kind,
        ...('run' in about && about.run !== undefined && { run: about.run }),
        ...(value !== undefined && { value: Number.isFinite(value) ? value : String(value) }),
        ...('epoch' in about && { epoch: about.epoch }),
        ...('reason' in about && { reason: about.reason }),
      };
    }),
  };
}
