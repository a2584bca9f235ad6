import type { Form, Written } from '../form.js';
import { planMarkdown } from '../plan/describe.js';
import { type Picture, runPictures } from '../run/run-charts.js';
import { runMarkdown } from '../run/run-page.js';
import { sweepMarkdown, sweepPictures } from '../study/sweep-report.js';
import { tableToMarkdown } from '../study/table-texts.js';
import { viewTable } from '../study/table-view.js';

/** Markdown as GitHub shows it; pictures lie beside it. */
export const markdown: Form = {
  ending: '.md',
  write: {
    plan: planMarkdown,
    run: async (run, name) => withPictures(name, await runPictures(run), (pictures) => runMarkdown(run, pictures)),
    sweep: async (sweep, name) => withPictures(name, await sweepPictures(sweep), (pictures) => sweepMarkdown(sweep, pictures)),
    table: ({ config, judged }) => tableToMarkdown(viewTable(config, judged)),
  },
};

interface Named {
  readonly name: string;
  /** Of the picture, beside the text. */
  readonly file: string;
}

function withPictures(stem: string, pictures: readonly Picture[], text: (pictures: readonly Named[]) => string): Written {
  const named = pictures.map(({ name, svg }) => ({ name, svg, file: `${stem}.${name}.svg` }));
  return { content: text(named), beside: new Map(named.map(({ file, svg }) => [file, svg])) };
}
