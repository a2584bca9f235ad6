import type { Form } from '../form.js';
import { latexTable } from '../kit/latex.js';
import { runLatex } from '../run/run-page.js';
import { resultTable } from '../study/sweep-table.js';
import { tableToLatex } from '../study/table-latex.js';
import { viewTable } from '../study/table-view.js';

/** A table for a thesis, to be put into a document with `\input`. */
export const latex: Form = {
  ending: '.tex',
  write: {
    run: (run, _, wishes) => runLatex(run, wishes),
    sweep: ({ plan, results }, _, wishes) => latexTable(resultTable(plan, results), wishes),
    table: ({ config, judged }, _, wishes) => tableToLatex(viewTable(config, judged), wishes),
  },
};
