import { type Chart, renderSvg } from '../kit/render.js';
import { curveChart, joinedChart, type Level, type Series, viewChart } from '../kit/chart.js';
import { isSpeed, splitKey, type RunRecord, type RunStatus, viewName, wordOf } from '../../run/run-record.js';

export interface Picture {
  readonly name: string;
  readonly svg: string;
}

interface RunChart {
  /** Of the file: `loss`, `exact_match`. */
  readonly name: string;
  readonly spec: Chart;
}

/** What a forecast looks like; then a picture per metric of a run, the loss first, and what metrics show besides. */
export function runCharts(run: RunRecord): readonly RunChart[] {
  const [ofMetrics, ofTheRun] = [true, false].map((are) => (run.views ?? []).filter(({ key }) => run.metrics.has(key) === are));
  return [...viewCharts(run, ofTheRun), ...curveCharts(run), ...viewCharts(run, ofMetrics)];
}

function viewCharts(run: RunRecord, views: RunRecord['views'] = []): readonly RunChart[] {
  return views.flatMap(({ key, epoch, view }) => {
    if (view.kind === 'text') return [];
    const { split, metric } = splitKey(key);
    const title = `${run.experiment}: ${words(metric)} of ${split}`;
    return [{ name: viewName(key), spec: viewChart(view, title, `${subtitle(run)}, after epoch ${epoch}`) }];
  });
}

/** All splits of a metric in one picture, with the baselines or the chance level as dashed lines. */
function curveCharts(run: RunRecord): readonly RunChart[] {
  const keys = [...run.metrics.keys()].map((key) => ({ key, ...splitKey(key) })).filter(({ metric }) => !isSpeed(run, metric));
  const metrics = [...new Set(keys.map(({ metric }) => metric))].toSorted((a, b) => Number(b === 'loss') - Number(a === 'loss'));
  return metrics.map((metric) => {
    const ofMetric = keys.filter((key) => key.metric === metric);
    const series = ofMetric.map(({ key, split }): Series => ({ name: split, points: run.metrics.get(key) ?? [] }));
    const unit = run.about[metric]?.unit ?? '';
    return {
      name: metric,
      spec: curveChart({
        title: `${run.experiment}: ${words(metric)}`,
        subtitle: subtitle(run),
        measure: measureOf(run, metric, unit),
        unit,
        logarithmic: metric === 'loss' || metric === 'perplexity',
        series,
        levels: levelsOf(run, ofMetric),
      }),
    };
  });
}

/** The pictures of a run, drawn. */
export const runPictures = (run: RunRecord): Promise<readonly Picture[]> =>
  Promise.all(runCharts(run).map(async ({ name, spec }) => ({ name, svg: await renderSvg(spec) })));

/** All metrics of a run in one picture; undefined where none was recorded. */
export const wholeChart = (run: RunRecord): Chart | undefined => joinedChart(runCharts(run).map(({ spec }) => spec));

/** The baselines of the first split that has some, one that measures before one that trains; else the chance of every split. */
function levelsOf(run: RunRecord, keys: readonly { readonly key: string; readonly split: string }[]): readonly Level[] {
  const measuring = keys.toSorted((a, b) => Number(a.split === 'train') - Number(b.split === 'train'));
  const baselines = measuring.map(({ key }) => run.baselines?.[key]).find((levels) => levels !== undefined);
  return baselines ? Object.entries(baselines).map(([name, value]) => ({ name, value })) : chanceLevels(run, keys);
}

/** One line where all splits have about the same level, else one each. */
function chanceLevels(run: RunRecord, keys: readonly { readonly key: string; readonly split: string }[]): readonly Level[] {
  const levels = keys.flatMap(({ key, split }) => {
    const value = run.chance[key];
    return value === undefined ? [] : [{ name: `chance, ${split}`, value }];
  });
  const [only] = levels;
  return levels.length === 1 && only ? [{ name: 'chance', value: only.value }] : levels;
}

/** `exact match (share)`; of the loss, which one it is. */
function measureOf(run: RunRecord, metric: string, unit: string): string {
  const inside = metric === 'loss' ? (run.parameters.get('loss.kind')?.value ?? '') : unit;
  return inside === '' ? words(metric) : `${words(metric)} (${words(inside)})`;
}

const ENDED_EARLY: ReadonlySet<RunStatus> = new Set(['failed', 'killed', 'interrupted', 'diverged']);

function subtitle(run: RunRecord): string {
  const seed = run.parameters.get('seed');
  return [seed && `seed ${seed.value}`, `run ${run.runId.slice(0, 8)}`, ENDED_EARLY.has(run.status) ? wordOf(run.status) : undefined]
    .filter(Boolean)
    .join(', ');
}

const words = (name: string): string => name.replaceAll('_', ' ');
