import type { SweepReport } from '../../study/sweep-trials.js';
import { CannotWrite, type Form } from '../form.js';
import { renderPng, renderSvg } from '../kit/render.js';
import type { PlanReport } from '../plan/describe.js';
import { planChart } from '../plan/plan-page.js';
import { forecastPicture } from '../run/forecast-page.js';
import { overlayChart, type Overlay } from '../run/overlay.js';
import { wholeChart } from '../run/run-charts.js';
import type { RunRecord } from '../../run/run-record.js';
import { sweepChart } from '../study/sweep-chart.js';
import { pictureOf } from '../study/sweep-report.js';
import { tablePicture } from '../study/table-picture.js';

/** All metrics of a run in one picture. */
function ofRun(run: RunRecord): Promise<string> {
  const spec = wholeChart(run);
  if (!spec)
    throw new CannotWrite(`run ${run.runId.slice(0, 8)} has recorded no metric, so there is nothing to draw`, 'write an .html or .md');
  return renderSvg(spec);
}

function ofRuns(runs: Overlay): Promise<string> {
  const spec = overlayChart(runs);
  if (!spec) throw new CannotWrite('none of these runs has recorded a metric, so there is nothing to draw', 'write an .html');
  return renderSvg(spec);
}

function ofPlan(plan: PlanReport): Promise<string> {
  const spec = planChart(plan);
  if (!spec) throw new CannotWrite(`${plan.name} has no folds, and a plan has no other picture`, 'write an .html or .md');
  return renderSvg(spec);
}

const ofSweep = ({ plan, results }: SweepReport): Promise<string> => renderSvg(sweepChart(pictureOf(plan, results)));

/** One drawn picture. */
export const svg: Form = {
  ending: '.svg',
  write: { plan: ofPlan, run: ofRun, comparison: ofRuns, sweep: ofSweep, table: tablePicture, forecast: forecastPicture },
};

/** The drawn picture as dots. */
export const png: Form = {
  ending: '.png',
  write: {
    plan: async (plan) => dots(await ofPlan(plan)),
    run: async (run) => dots(await ofRun(run)),
    comparison: async (runs) => dots(await ofRuns(runs)),
    sweep: async (sweep) => dots(await ofSweep(sweep)),
    table: async (table) => dots(tablePicture(table)),
    forecast: async (forecast) => dots(await forecastPicture(forecast)),
  },
};

async function dots(drawn: string): Promise<Uint8Array> {
  const found = await renderPng(drawn);
  if (!found) throw new CannotWrite('PNG pictures need the optional package @resvg/resvg-js', 'install it, or write an .svg');
  return found;
}
