import { formatMeasure } from '../../diagnostics/numbers.js';
import { shortNames } from '../../planning/name-configuration.js';
import { isSpeed, type RunRecord, splitKey, wordOf } from '../../run/run-record.js';
import { curveChart, joinedChart } from '../kit/chart.js';
import { gallery, html, htmlTable, pageText } from '../kit/html.js';
import { type Chart, renderSvg } from '../kit/render.js';
import type { PlainTable } from '../kit/tables.js';

/** Runs that are to be seen beside each other. */
export type Overlay = readonly RunRecord[];

/** All curves of a metric in one picture, for each metric that several of the runs have; then in what the runs differ, and how they ended. */
export async function overlayPage(runs: Overlay): Promise<string> {
  const charts = overlayCharts(runs);
  const pictures = await Promise.all(charts.map(async ({ spec }) => ({ svg: await renderSvg(spec) })));
  return pageText({
    title: titleOf(runs),
    lead: [html`<p class="faint">${runs.length} runs</p>`],
    sections: [
      ...(pictures.length === 0 ? [] : [{ title: 'Curves', content: [gallery(pictures)] }]),
      { title: 'In what they differ, and how they ended', content: [htmlTable(overlayTable(runs), 'The runs')] },
    ],
  });
}

/** All metrics in one picture; undefined where no run recorded one. */
export const overlayChart = (runs: Overlay): Chart | undefined => joinedChart(overlayCharts(runs).map(({ spec }) => spec));

function overlayCharts(runs: Overlay): readonly { readonly name: string; readonly spec: Chart }[] {
  const labels = labelsOf(runs);
  return keysOf(runs).map((key) => {
    const { split, metric } = splitKey(key);
    const words = metric.replaceAll('_', ' ');
    const unit = runs.find((run) => run.about[metric])?.about[metric]?.unit ?? '';
    return {
      name: key,
      spec: curveChart({
        title: `${titleOf(runs)}: ${words} of ${split}`,
        measure: unit === '' ? words : `${words} (${unit.replaceAll('_', ' ')})`,
        unit,
        logarithmic: metric === 'loss' || metric === 'perplexity',
        series: runs.flatMap((run, index) => {
          const points = run.metrics.get(key);
          return points ? [{ name: labels[index] ?? '', points }] : [];
        }),
      }),
    };
  });
}

const titleOf = (runs: Overlay): string => [...new Set(runs.map(({ experiment }) => experiment))].join(', ');

/** What was measured, of the splits that measure before what was trained on. */
function keysOf(runs: Overlay): readonly string[] {
  const keys = [...new Set(runs.flatMap((run) => [...run.metrics.keys()].filter((key) => !isSpeed(run, splitKey(key).metric))))];
  const trained = (key: string): number => Number(splitKey(key).split === 'train');
  return keys.toSorted((a, b) => trained(a) - trained(b));
}

/** Parameters that are not the same in all of them. */
function differing(runs: Overlay): readonly string[] {
  const paths = [...new Set(runs.flatMap(({ parameters }) => [...parameters.keys()]))];
  const valueOf = (run: RunRecord, path: string): string | undefined => run.parameters.get(path)?.value;
  return paths.filter((path) => path !== 'description' && runs.some((run) => valueOf(run, path) !== valueOf(runs[0] ?? run, path)));
}

/** A run by what tells it from the others, the id where that does not. */
function labelsOf(runs: Overlay): readonly string[] {
  const paths = differing(runs);
  const names = shortNames(paths);
  const labels = runs.map((run) =>
    paths
      .flatMap((path) => {
        const value = run.parameters.get(path)?.value;
        return value === undefined ? [] : [`${names.get(path) ?? path} ${value}`];
      })
      .join(', '),
  );
  // The end of a curve has room for a few words.
  const isTold = (label: string): boolean => label !== '' && label.length <= 28 && labels.filter((other) => other === label).length === 1;
  return labels.every(isTold) ? labels : runs.map(({ runId }) => runId.slice(0, 8));
}

function overlayTable(runs: Overlay): PlainTable {
  const paths = differing(runs);
  const names = shortNames(paths);
  const keys = keysOf(runs);
  return {
    columns: [
      { heading: 'run' },
      ...(new Set(runs.map(({ experiment }) => experiment)).size > 1 ? [{ heading: 'experiment' }] : []),
      ...paths.map((path) => ({ heading: names.get(path) ?? path, align: 'right' as const })),
      { heading: 'status' },
      ...keys.map((key) => ({ heading: key, align: 'right' as const })),
    ],
    rows: runs.map((run) => [
      run.runId.slice(0, 8),
      ...(new Set(runs.map(({ experiment }) => experiment)).size > 1 ? [run.experiment] : []),
      ...paths.map((path) => run.parameters.get(path)?.value ?? ''),
      wordOf(run.status),
      ...keys.map((key) => {
        const last = run.metrics.get(key)?.at(-1);
        return last ? formatMeasure(last.value) : '';
      }),
    ]),
  };
}
