import type { Form } from '../form.js';
import { latexTable } from '../kit/tables.js';
import { runLatex } from '../run/run-page.js';
import { resultTable } from '../study/sweep-table.js';
import { tableToLatex } from '../study/table-texts.js';
import { viewTable } from '../study/table-view.js';

/** A table for a thesis, to be put into a document with `\input`. */
export const latex: Form = {
  ending: '.tex',
  write: {
    run: runLatex,
    sweep: ({ plan, results }) => latexTable(resultTable(plan, results)),
    table: ({ config, judged }) => tableToLatex(viewTable(config, judged)),
  },
};
