import { plural } from '../../diagnostics/numbers.js';
import { listed } from '../../diagnostics/words.js';
import { type ForecastReport, SHARES } from '../../run/forecast-report.js';
import type { SeriesView } from '../../views/view.js';
import { joinedChart, viewChart } from '../kit/chart.js';
import { gallery, html, htmlTable, pageText } from '../kit/html.js';
import { type Chart, renderSvg } from '../kit/render.js';
import { forecastTable } from './forecast.js';
import type { Picture } from './run-charts.js';

/** Pictures of one report: series by series, and of each its targets. */
const MOST_PICTURES = 6;

/** A picture for each series and target: what is known last, and behind it the forecast with its intervals. */
function forecastCharts(report: ForecastReport): readonly Chart[] {
  const { experiment, run, epoch, targets, forecasts } = report;
  const series = [...new Set(forecasts.map((forecast) => forecast.series))];
  const all = series.flatMap((of) => targets.map((_, target) => ({ of, target })));
  const leftOut = all.length > MOST_PICTURES ? [`the first ${MOST_PICTURES} of ${all.length} pictures`] : [];
  return all.slice(0, MOST_PICTURES).map(({ of, target }) => {
    const view = viewOf(report, of, target);
    const note = [...leftOut, view.note ?? ''].join('; ');
    return viewChart({ ...view, note }, `${experiment}: forecast of ${view.y}`, `run ${run.slice(0, 8)}, after epoch ${epoch}`);
  });
}

/** The pictures of a forecast, drawn. */
export const forecastPictures = (report: ForecastReport): Promise<readonly Picture[]> =>
  Promise.all(forecastCharts(report).map(async (spec, index) => ({ name: `forecast_${index + 1}`, svg: await renderSvg(spec) })));

/** All pictures of a forecast in one. */
export async function forecastPicture(report: ForecastReport): Promise<string> {
  const joined = joinedChart(forecastCharts(report));
  if (!joined) throw new Error('a forecast says something of a target at least');
  return renderSvg(joined);
}

function viewOf({ targets, forecasts, known, residuals }: ForecastReport, series: string | undefined, target: number): SeriesView {
  const ahead = forecasts.filter((forecast) => forecast.series === series);
  const { times = [], values = [] } = known.find((before) => before.series === series) ?? {};
  const before = values[target] ?? [];
  const name = targets[target] ?? '';
  // The forecast begins where the known values end, so that a single step is a line too.
  const nothing = before.slice(1).map(() => Number.NaN);
  const behind = (of: (value: NonNullable<(typeof ahead)[number]['values'][number]>) => number): number[] => [
    ...nothing,
    ...before.slice(-1),
    ...ahead.map(({ values: all }) => of(all[target] ?? { value: Number.NaN, reach: {} })),
  ];
  const shares = SHARES.filter((share) => ahead.some(({ values: all }) => all[target]?.reach[share] !== undefined));
  return {
    kind: 'series',
    x: 'time',
    y: series === undefined ? name : `${name} of ${series}`,
    at: [...times, ...ahead.map(({ time }) => time)],
    lines: [
      { name: 'truth', values: [...before, ...ahead.map(() => Number.NaN)] },
      { name: 'forecast', values: behind(({ value }) => value) },
    ],
    bands: shares.map((share) => ({
      name: `${share} %`,
      low: behind(({ value, reach }) => value - (reach[share] ?? Number.NaN)),
      high: behind(({ value, reach }) => value + (reach[share] ?? Number.NaN)),
    })),
    note:
      shares.length === 0
        ? 'no intervals'
        : `shaded: intervals of ${listed(
            shares.map((share) => String(share)),
            'and',
          )} %, from ${plural(residuals, 'forecast')} of validation`,
  };
}

/** A forecast as one page that needs nothing else. */
export function forecastPage(report: ForecastReport, pictures: readonly Picture[]): string {
  const { experiment, run, epoch, file, notes } = report;
  return pageText({
    title: `${experiment}: forecast`,
    lead: [
      html`<p class="faint">What run <code>${run}</code> says after the end of <code>${file}</code>; weights of epoch ${epoch}.</p>`,
      html`${notes.map((note) => html`<p class="note">${note}</p>`)}`,
    ],
    sections: [
      { title: 'Pictures', content: [gallery(pictures)] },
      { title: 'Values', content: [htmlTable(forecastTable(report), 'Values')] },
    ],
  });
}
