import { writeFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { CannotWrite, type Forms, pngOf } from '../../report/forms.js';
import { renderSvg } from '../../report/kit/render.js';
import { runCharts, wholeChart } from '../../report/run/run-charts.js';
import { type Picture, runPage } from '../../report/run/run-page.js';
import type { RunRecord } from '../../report/run/run-record.js';
import { runCsv, runLatex, runMarkdown, runToJson } from '../../report/run/run-texts.js';
import { writeForm } from '../output.js';

interface Shown {
  readonly run: RunRecord;
  /** Where it is written. */
  readonly file: string;
}

const FORMS: Forms<Shown> = {
  '.html': async ({ run }) => runPage(run, await picturesOf(run)),
  '.md': async ({ run, file }) => {
    const pictures = (await picturesOf(run)).map(({ name, svg }) => {
      const beside = `${file.slice(0, -extname(file).length)}.${name}.svg`;
      writeFileSync(beside, svg);
      return { name, file: basename(beside) };
    });
    return runMarkdown(run, pictures);
  },
  '.tex': ({ run }) => runLatex(run),
  '.csv': ({ run }) => runCsv(run),
  '.json': ({ run }) => `${JSON.stringify(runToJson(run), null, 2)}\n`,
  '.svg': ({ run }) => drawn(run),
  '.png': async ({ run }) => pngOf(await drawn(run)),
};

/** A run in the form that the name of the file asks for. */
export const writeRun = (file: string, run: RunRecord): Promise<void> => writeForm(file, FORMS, { run, file });

const picturesOf = (run: RunRecord): Promise<readonly Picture[]> =>
  Promise.all(runCharts(run).map(async ({ name, spec }) => ({ name, svg: await renderSvg(spec) })));

/** All metrics in one picture. */
function drawn(run: RunRecord): Promise<string> {
  const spec = wholeChart(run);
  if (!spec)
    throw new CannotWrite(`run ${run.runId.slice(0, 8)} has recorded no metric, so there is nothing to draw`, 'write an .html or .md');
  return renderSvg(spec);
}
