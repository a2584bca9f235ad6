import type { RunRecord } from '../../run/run-record.js';
import type { Form } from '../form.js';
import { planPage } from '../plan/plan-page.js';
import { forecastPage, forecastPictures } from '../run/forecast-page.js';
import { overlayPage } from '../run/overlay.js';
import { runPictures } from '../run/run-charts.js';
import { runPage } from '../run/run-page.js';
import { sweepPage, sweepPictures } from '../study/sweep-report.js';
import { tablePage } from '../study/table-page.js';

/** One page that needs nothing else. */
export const html: Form = {
  ending: '.html',
  write: {
    plan: planPage,
    run: async (run) => runPage(run, await runPictures(withoutTokens(run))),
    comparison: overlayPage,
    sweep: async (sweep) => sweepPage(sweep, await sweepPictures(sweep)),
    table: tablePage,
    forecast: async (forecast) => forecastPage(forecast, await forecastPictures(forecast)),
  },
};

/** A page shows texts with their weights as texts, which fit its width. */
const withoutTokens = (run: RunRecord): RunRecord => ({ ...run, views: (run.views ?? []).filter(({ view }) => view.kind !== 'tokens') });
