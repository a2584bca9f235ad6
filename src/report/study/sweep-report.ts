import { shortNames, showValue } from '../../planning/name-configuration.js';
import type { SweepPlan } from '../../study/proposals/plan.js';
import { variedPaths } from '../../study/proposals/propose.js';
import type { Cell, SweepResults } from '../../study/proposals/results.js';
import type { SweepReport } from '../../study/sweep-trials.js';
import { curveChart, type Series } from '../kit/chart.js';
import { commandList, factTable, folded, gallery, html, htmlTable, pageText, preformatted } from '../kit/html.js';
import { renderSvg } from '../kit/render.js';
import { markdownBlock, markdownPicture, markdownTable, markdownText } from '../kit/tables.js';
import type { Picture } from '../run/run-charts.js';
import { axesChart, parallelChart } from './sweep-axes-chart.js';
import { sweepChart, type SweepPicture } from './sweep-chart.js';
import { rankedCells, resultTable, trialTable } from './sweep-table.js';

/** The metric by what was varied; and how it went, where there are epochs to show. */
export async function sweepPictures({ plan, trials, results, curveOf }: SweepReport): Promise<readonly Picture[]> {
  const curves = leaders(plan, results).map((cell) => ({
    cell,
    seeds: trials.flatMap((result) => {
      const curve = result.trial.configuration === cell.configuration.index ? curveOf(result) : undefined;
      return curve ? [curve] : [];
    }),
  }));
  const isShown = curves.some(({ seeds }) => seeds.some((points) => points.length > 1));
  const picture = pictureOf(plan, results);
  const measured = picture.cells.filter(({ mean }) => mean !== undefined).length;
  return [
    { name: 'results', svg: await renderSvg(sweepChart(picture)) },
    ...(picture.axes.length > 1 && measured > 3 ? [{ name: 'axes', svg: await renderSvg(axesChart(picture)) }] : []),
    ...(picture.axes.length > 2 && measured > 3 ? [{ name: 'parallel', svg: await renderSvg(parallelChart(picture)) }] : []),
    ...(isShown ? [{ name: 'curves', svg: await renderSvg(curvesOf(plan, results, curves)) }] : []),
  ];
}

/** What the picture of a sweep shows: paths that advance together are one axis. */
export function pictureOf(plan: SweepPlan, { cells }: SweepResults): SweepPicture {
  const axes = variedPaths(plan.sweep.config);
  const names = shortNames(axes.flat());
  return {
    title: plan.sweep.config.sweep,
    measure: measureOf(plan),
    better: plan.better,
    range: plan.range,
    axes: axes.map((paths) => paths.map((path) => names.get(path) ?? path).join(', ')),
    cells: cells.map((cell) => ({
      at: axes.map((paths) => valueAt(cell, paths)),
      mean: cell.mean,
      interval: cell.interval,
      lost: lostWord(cell),
    })),
  };
}

const lostWord = ({ pruned, counts }: Cell): string =>
  pruned ? 'pruned' : counts.diverged > 0 ? 'diverged' : counts.failed > 0 ? 'failed' : '–';

const measureOf = ({ sweep, unit }: SweepPlan): string =>
  unit === '' ? sweep.config.select.metric : `${sweep.config.select.metric} (${unit})`;

function valueAt({ configuration }: Cell, paths: readonly string[]): number | string {
  const values = paths.map((path) => configuration.assignments.find((assignment) => assignment.path === path)?.value);
  const [value] = values;
  return values.length === 1 && typeof value === 'number' ? value : values.map(showValue).join(', ');
}

/** How many curves can be told apart. */
const MOST_CURVES = 6;

/** The configurations whose curves are worth looking at, the best first. */
const leaders = (plan: SweepPlan, results: SweepResults): readonly Cell[] =>
  rankedCells(plan, results)
    .filter(({ mean, pruned }) => Number.isFinite(mean ?? pruned?.mean))
    .slice(0, MOST_CURVES);

type Points = readonly { readonly step: number; readonly value: number }[];

/** How the metric went, configuration by configuration: the mean over seeds, and around it the lowest and the highest seed. */
export const curvesOf = (
  plan: SweepPlan,
  results: SweepResults,
  curves: readonly { readonly cell: Cell; readonly seeds: readonly Points[] }[],
) =>
  curveChart({
    title: `${plan.sweep.config.sweep} by ${pictureOf(plan, results).axes.join(', ')}`,
    subtitle: `${plan.sweep.config.select.metric}: mean over seeds, with the range of the seeds; ${plan.better} is better`,
    measure: measureOf(plan),
    ...(plan.unit !== '' && { unit: plan.unit }),
    series: curves.map(({ cell, seeds }) =>
      seriesOf(
        variedPaths(plan.sweep.config)
          .map((paths) => String(valueAt(cell, paths)))
          .join(', '),
        seeds,
      ),
    ),
  });

/** Epochs that every seed has come to. */
function seriesOf(name: string, seeds: readonly Points[]): Series {
  const byEpoch = new Map<number, number[]>();
  for (const { step, value } of seeds.flat()) byEpoch.set(step, [...(byEpoch.get(step) ?? []), value]);
  const whole = [...byEpoch].filter(([, values]) => values.length === seeds.length).toSorted(([a], [b]) => a - b);
  const points = whole.map(([step, values]) => ({ step, value: values.reduce((sum, value) => sum + value, 0) / values.length }));
  const band = whole.map(([step, values]) => ({
    step,
    low: values.reduce((a, b) => Math.min(a, b), Infinity),
    high: values.reduce((a, b) => Math.max(a, b), -Infinity),
  }));
  return { name, points, ...(seeds.length > 1 && { band: band.filter(({ low, high }) => Number.isFinite(low) && Number.isFinite(high)) }) };
}

/** A sweep as Markdown: what it is about, its pictures, every configuration with the best in bold, and what to make of it. */
export function sweepMarkdown({ plan, results }: SweepReport, pictures: readonly { readonly file: string }[]): string {
  const { config } = plan.sweep;
  const table = resultTable(plan, results);
  const best = results.best && rankedCells(plan, results).indexOf(results.best);
  const mean = table.columns.findIndex(({ heading }) => heading === config.select.metric);
  const lines = markdownTable(table).map((line, index) => (index - 2 === best ? emphasized(line, mean) : line));
  return [
    `# ${markdownText(config.sweep)}`,
    ...(config.description === undefined ? [] : ['', markdownBlock(config.description)]),
    ...pictures.flatMap(({ file }) => ['', markdownPicture(config.select.metric, file)]),
    '',
    ...lines,
    ...(table.notes ?? []).flatMap((note) => ['', markdownBlock(note)]),
    '',
  ].join('\n');
}

/** One cell of a line in bold. */
const emphasized = (line: string, column: number): string =>
  line
    .split(' | ')
    .map((cell, index) => (index !== column ? cell : index === 0 ? cell.replace(/^(\| )(.*)$/, '$1**$2**') : `**${cell}**`))
    .join(' | ');

/** A sweep as one page that needs nothing else. */
export function sweepPage(report: SweepReport, pictures: readonly Picture[]): string {
  const { plan, file, typed } = report;
  const { config, doc } = plan.sweep;
  const results = resultTable(plan, report.results);
  const trials = trialTable(plan, report.trials);
  return pageText({
    title: config.sweep,
    lead: config.description === undefined ? [] : [html`<p>${config.description}</p>`],
    sections: [
      {
        title: 'Results',
        content: [
          html`<div class="note">${(results.notes ?? []).map((note) => html`<p>${note}</p>`)}</div>`,
          htmlTable(results, 'Results'),
        ],
      },
      ...(pictures.length === 0 ? [] : [{ title: 'Pictures', content: [gallery(pictures)] }]),
      { title: 'What was varied', content: [factTable(factsOf(report), 'What was varied')] },
      { title: 'Trials', content: [folded(`All ${trials.rows.length}, with their runs`, htmlTable(trials, 'Trials'))] },
      { title: 'To repeat it', content: [commandList(commandsOf(typed))] },
      { title: 'The document', content: [html`<p class="faint"><code>${file}</code></p>`, preformatted('The document', doc.text)] },
    ],
  });
}

const commandsOf = (typed: string) => [
  { command: `npx run ${typed}`, does: 'what is left of it; what is done is shown' },
  { command: `npx retable plan ${typed}`, does: 'every trial, and whether it is done' },
];

/** As the document says it. */
function factsOf({ base, plan }: SweepReport): readonly (readonly [string, string])[] {
  const { config } = plan.sweep;
  return [
    ['base', base],
    ...config.vary.flatMap((axis) => Object.entries(axis).map(([path, values]) => [path, showValue(values)] as const)),
    ...Object.entries(config.set ?? {}).map(([path, value]) => [path, showValue(value)] as const),
    ...(config.exclude.length > 0 ? [['exclude', showValue(config.exclude)] as const] : []),
    ['search', showValue(config.search)],
    ['seeds', showValue(config.seeds)],
    ['select', showValue(config.select)],
    ...(config.prune ? [['prune', showValue(config.prune)] as const] : []),
  ];
}
