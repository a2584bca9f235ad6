import type { Form } from '../form.js';
import { runPictures } from '../run/run-charts.js';
import { runPage } from '../run/run-page.js';
import { sweepPage, sweepPictures } from '../study/sweep-report.js';
import { tablePage } from '../study/table-page.js';

/** One page that needs nothing else. */
export const html: Form = {
  ending: '.html',
  write: {
    run: async (run) => runPage(run, await runPictures(run)),
    sweep: async (sweep) => sweepPage(sweep, await sweepPictures(sweep)),
    table: tablePage,
  },
};
