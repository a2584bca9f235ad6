import { writeFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { readIfThere } from '../../record/files.js';
import { keyFile, type Store } from '../../record/layout.js';
import { parsePoints } from '../../record/series.js';
import { latexTable } from '../../report/latex.js';
import { renderPng, renderSvg } from '../../report/render.js';
import type { Picture } from '../../report/run-page.js';
import { sweepChart } from '../../report/sweep-chart.js';
import { sweepPage } from '../../report/sweep-page.js';
import { curvesOf, leaders, pictureOf, sweepMarkdown } from '../../sweep/report.js';
import { resultRows, resultTable, trialTable } from '../../sweep/result-table.js';
import { showValue, summarize, type SweepResults, type TrialResult } from '../../sweep/results.js';
import { sweepToJson } from '../../sweep/results-json.js';
import { attemptsByWork } from '../work/attempt.js';
import { toCsv } from '../../report/csv.js';
import { Refusal } from '../exit.js';
import type { PreparedSweep } from './prepare-sweep.js';

/** A sweep with what its trials came to. */
export interface SweepRecords {
  readonly store: Store;
  readonly sweep: PreparedSweep;
  readonly trials: readonly TrialResult[];
}

/** A sweep as text or a picture; what stands beside the file is written on the way. */
type Form = (records: SweepRecords & { readonly results: SweepResults; readonly file: string }) => Promise<string | Uint8Array>;

/** Each form in which a sweep is written, by the ending of the file. */
const FORMS: Readonly<Record<string, Form>> = {
  '.html': async (records) => {
    const { sweep, trials, results } = records;
    const { config, doc } = sweep.sweep;
    return sweepPage({
      title: config.sweep,
      ...(config.description !== undefined && { description: config.description }),
      results: resultTable(sweep, results),
      pictures: await picturesOf(records),
      facts: factsOf(sweep),
      trials: trialTable(sweep, trials),
      commands: [
        { command: `npx run ${sweep.file}`, does: 'what is left of it; what is done is shown' },
        { command: `npx retable plan ${sweep.file}`, does: 'every trial, and whether it is done' },
      ],
      file: sweep.file,
      text: doc.text,
    });
  },
  '.md': async (records) => {
    const { sweep, results, file } = records;
    const pictures = await picturesOf(records);
    const files = pictures.map(({ name, svg }) => {
      const beside = `${file.replace(/\.md$/, '')}.${name}.svg`;
      writeFileSync(beside, svg);
      return basename(beside);
    });
    return sweepMarkdown(sweep, results, files);
  },
  '.tex': async ({ sweep, results }) => latexTable(resultTable(sweep, results)),
  '.csv': async ({ sweep, results }) => `${toCsv(resultRows(sweep, results))}\n`,
  '.json': async ({ sweep, trials, results }) => `${JSON.stringify(sweepToJson(sweep, trials, results), null, 2)}\n`,
  '.svg': async ({ sweep, results }) => renderSvg(sweepChart(pictureOf(sweep, results))),
  '.png': async ({ sweep, results }) => {
    const png = await renderPng(await renderSvg(sweepChart(pictureOf(sweep, results))));
    if (!png) throw new Refusal('PNG pictures need the optional package @resvg/resvg-js', { help: 'install it, or write an .svg' });
    return png;
  },
};

export async function writeSweep(file: string, records: SweepRecords): Promise<void> {
  const form = FORMS[extname(file)];
  if (!form) return refuseOutput(file);
  writeFileSync(file, await form({ ...records, results: summarize(records.sweep, records.trials), file }));
}

/** Before anything is trained. */
export function refuseOutput(output: string | undefined): void {
  if (output === undefined || extname(output) in FORMS) return;
  const forms = Object.keys(FORMS);
  throw new Refusal(`a sweep is written as ${forms.slice(0, -1).join(', ')} or ${forms.at(-1)}, and "${output}" is none of them`);
}

/** The metric by what was varied; and how it went, where there are epochs to show. */
async function picturesOf({
  store,
  sweep,
  trials,
  results,
}: SweepRecords & { readonly results: SweepResults }): Promise<readonly Picture[]> {
  const runs = attemptsByWork(store, new Set(sweep.trials.map(({ work }) => work)));
  const curves = leaders(sweep, results).map((cell) => ({
    cell,
    seeds: trials.flatMap(({ trial, state }) => {
      if (trial.configuration !== cell.configuration.index || (state.kind !== 'finished' && state.kind !== 'pruned')) return [];
      const run = runs.get(trial.work)?.find(({ id }) => id === state.run);
      const text = run && readIfThere(store.files, keyFile(run.place, 'metrics', sweep.sweep.config.select.metric));
      return text ? [parsePoints(text)] : [];
    }),
  }));
  const isShown = curves.some(({ seeds }) => seeds.some((points) => points.length > 1));
  return [
    { name: 'results', svg: await renderSvg(sweepChart(pictureOf(sweep, results))) },
    ...(isShown ? [{ name: 'curves', svg: await renderSvg(curvesOf(sweep, results, curves)) }] : []),
  ];
}

/** As the document says it. */
function factsOf({ base, sweep: { config } }: PreparedSweep): readonly (readonly [string, string])[] {
  return [
    ['base', base],
    ...config.vary.flatMap((axis) => Object.entries(axis).map(([path, values]) => [path, showValue(values)] as const)),
    ...(config.exclude.length > 0 ? [['exclude', showValue(config.exclude)] as const] : []),
    ['search', showValue(config.search)],
    ['seeds', showValue(config.seeds)],
    ['select', showValue(config.select)],
    ...(config.prune ? [['prune', showValue(config.prune)] as const] : []),
  ];
}
