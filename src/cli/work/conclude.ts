import { join } from 'node:path';
import { readText } from '../../record/files.js';
import type { Store } from '../../record/layout.js';
import type { RunWriter } from '../../record/writer.js';
import { runCharts } from '../../report/run-charts.js';
import { renderPng, renderSvg } from '../../report/render.js';
import { parseRunMeta } from '../../record/meta.js';
import { readReport } from './read-report.js';

/** The pictures of a run, drawn from its record: `plots/NAME.svg` and `.png`. Says what could not be drawn. */
export async function drawPlots(store: Store, writer: RunWriter): Promise<readonly string[]> {
  const info = parseRunMeta(readText(store.files, join(writer.run.folder, 'meta.yaml')));
  const report = readReport(store, { ...info, experiment: '', place: writer.run });
  const notes: string[] = [];
  for (const { name, spec } of runCharts(report)) {
    const svg = await renderSvg(spec);
    writer.artifact(`plots/${name}.svg`, svg);
    const png = await renderPng(svg);
    if (png) writer.artifact(`plots/${name}.png`, png);
    else notes.push('no PNG pictures: the optional package @resvg/resvg-js is not installed');
  }
  return [...new Set(notes)];
}
