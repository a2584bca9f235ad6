import { writeFileSync } from 'node:fs';
import { openStore } from '../../record/layout.js';
import { renderSvg } from '../../report/render.js';
import { runCharts } from '../../report/run-charts.js';
import { runPage } from '../../report/run-page.js';
import type { Run } from '../command.js';
import { documentKind } from '../document-kind.js';
import { EXIT } from '../exit.js';
import { runsFolder, shown } from '../folders.js';
import { readReport } from '../work/read-report.js';
import { theRun } from './show.js';

/** One run or one table as one HTML page that needs nothing else; a sweep as Markdown with a picture. */
export const run: Run = async ([reference = 'latest'], options, terminal) => {
  const kind = /\.ya?ml$/.test(reference) ? documentKind(reference) : undefined;
  if (kind === 'sweep') return (await import('../sweep/report-sweep.js')).reportSweep(reference, options, terminal);
  if (kind === 'table') return (await import('../table/report-table.js')).reportTable(reference, options, terminal);
  const store = openStore(runsFolder(options.runs));
  const report = readReport(store, theRun(store, reference));
  const pictures = await Promise.all(runCharts(report).map(async ({ name, spec }) => ({ name, svg: await renderSvg(spec) })));
  const file = options.output ?? `${report.experiment}-${report.runId.slice(0, 8)}.html`;
  writeFileSync(file, runPage(report, pictures));
  terminal.out(shown(file));
  return EXIT.done;
};
