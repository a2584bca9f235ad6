import { formatCount, formatMeasure } from '../report/numbers.js';
import type { SweepPicture } from '../report/sweep-chart.js';
import { bestLines, countLine } from './describe.js';
import { seedsOf } from './document.js';
import type { SweepPlan } from './plan-trials.js';
import { axesOf } from './propose.js';
import { type Cell, shortNames, showValue, type SweepResults } from './results.js';

/** What the picture of a sweep shows: paths that advance together are one axis. */
export function pictureOf(plan: SweepPlan, { cells }: SweepResults): SweepPicture {
  const axes = axesOf(plan.sweep.config).map(({ paths }) => paths.map(({ path }) => path));
  const names = shortNames(axes.flat());
  return {
    title: plan.sweep.config.sweep,
    measure: plan.unit === '' ? plan.sweep.config.select.metric : `${plan.sweep.config.select.metric} (${plan.unit})`,
    better: plan.better,
    axes: axes.map((paths) => paths.map((path) => names.get(path) ?? path).join(', ')),
    cells: cells.map((cell) => ({ at: axes.map((paths) => valueAt(cell, paths)), mean: cell.mean, interval: cell.interval })),
  };
}

function valueAt({ configuration }: Cell, paths: readonly string[]): number | string {
  const values = paths.map((path) => configuration.assignments.find((assignment) => assignment.path === path)?.value);
  const [value] = values;
  return values.length === 1 && typeof value === 'number' ? value : values.map(showValue).join(', ');
}

/** A sweep as Markdown: what was varied, the picture, every configuration, the best with the note of how many were tried. */
export function sweepMarkdown(plan: SweepPlan, results: SweepResults, picture: string): string {
  const { config } = plan.sweep;
  const paths = [...new Set(plan.configurations.flatMap(({ assignments }) => assignments.map(({ path }) => path)))];
  const names = shortNames(paths);
  const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const header = [...paths.map((path) => names.get(path) ?? path), config.select.metric, 'sd', '95 % interval', 'seeds'];
  const lines = results.cells.map((cell) =>
    row([
      ...paths.map((path) => showValue(cell.configuration.assignments.find((assignment) => assignment.path === path)?.value)),
      cell.mean === undefined ? '–' : mark(cell === results.best, formatMeasure(cell.mean)),
      cell.sd === undefined ? '' : formatMeasure(cell.sd, 2),
      cell.interval ? `${formatMeasure(cell.interval[0])} to ${formatMeasure(cell.interval[1])}` : '',
      `${cell.values.length}${cell.counts.diverged > 0 ? `, ${cell.counts.diverged} diverged` : ''}`,
    ]),
  );
  const seeds = seedsOf(config);
  return [
    `# ${config.sweep}`,
    ...(config.description === undefined ? [] : ['', config.description]),
    '',
    `Base: \`${config.base}\`. ${countLine(plan, results.counts)}. Seeds: ${seeds.length > 8 ? formatCount(seeds.length) : seeds.join(', ')}.`,
    `Values are \`${config.select.metric}\`, ${config.select.at === 'last' ? 'after the last epoch' : config.select.at === 'best' ? 'at its best epoch' : `after epoch ${config.select.at}`}; ${plan.better} is better.`,
    '',
    `![${config.select.metric} by ${paths.map((path) => names.get(path) ?? path).join(' and ')}](${picture})`,
    '',
    row(header),
    row(header.map((_, index) => (index < header.length - 2 ? '---:' : '---'))),
    ...lines,
    '',
    ...bestLines(plan, results).map((line, index) => (index === 0 ? line.replace(/^best {2}/, 'Best: ') : line.trim())),
    '',
  ].join('\n');
}

const mark = (isBest: boolean, text: string): string => (isBest ? `**${text}**` : text);
