import { writeFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { forShell } from '../../diagnostics/shell.js';
import { readIfThere } from '../../record/files.js';
import { keyFile, type Store } from '../../record/layout.js';
import { parsePoints } from '../../record/series.js';
import { type Forms, pngOf } from '../../report/forms.js';
import { latexTable } from '../../report/kit/latex.js';
import { renderSvg } from '../../report/kit/render.js';
import type { Picture } from '../../report/run/run-page.js';
import { sweepChart } from '../../report/study/sweep-chart.js';
import { sweepPage } from '../../report/study/sweep-page.js';
import { curvesOf, leaders, pictureOf, sweepMarkdown } from '../../report/study/sweep-markdown.js';
import { resultRows, resultTable, trialTable } from '../../report/study/sweep-table.js';
import { showValue, summarize, type SweepResults, type TrialResult } from '../../sweep/results.js';
import { sweepToJson } from '../../report/study/sweep-json.js';
import { attemptsByWork } from '../work/attempt.js';
import { toCsv } from '../../report/kit/csv.js';
import { writeForm } from '../output.js';
import type { PreparedSweep } from './prepare-sweep.js';

/** A sweep with what its trials came to. */
export interface SweepRecords {
  readonly store: Store;
  readonly sweep: PreparedSweep;
  readonly trials: readonly TrialResult[];
}

interface Shown extends SweepRecords {
  readonly results: SweepResults;
  /** Where it is written. */
  readonly file: string;
}

const FORMS: Forms<Shown> = {
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
        { command: `npx run ${forShell(sweep.file)}`, does: 'what is left of it; what is done is shown' },
        { command: `npx retable plan ${forShell(sweep.file)}`, does: 'every trial, and whether it is done' },
      ],
      file: sweep.file,
      text: doc.text,
    });
  },
  '.md': async (records) => {
    const { sweep, results, file } = records;
    const pictures = await picturesOf(records);
    const files = pictures.map(({ name, svg }) => {
      const beside = `${file.slice(0, -extname(file).length)}.${name}.svg`;
      writeFileSync(beside, svg);
      return basename(beside);
    });
    return sweepMarkdown(sweep, results, files);
  },
  '.tex': async ({ sweep, results }) => latexTable(resultTable(sweep, results)),
  '.csv': async ({ sweep, results }) => `${toCsv(resultRows(sweep, results))}\n`,
  '.json': async ({ sweep, trials, results }) => `${JSON.stringify(sweepToJson(sweep, trials, results), null, 2)}\n`,
  '.svg': (records) => drawn(records),
  '.png': async (records) => pngOf(await drawn(records)),
};

const drawn = ({ sweep, results }: Shown): Promise<string> => renderSvg(sweepChart(pictureOf(sweep, results)));

export const writeSweep = (file: string, records: SweepRecords): Promise<void> =>
  writeForm(file, FORMS, { ...records, results: summarize(records.sweep, records.trials), file });

/** The metric by what was varied; and how it went, where there are epochs to show. */
async function picturesOf({ store, sweep, trials, results }: Shown): Promise<readonly Picture[]> {
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
