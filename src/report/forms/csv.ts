import type { Form } from '../form.js';
import { toCsv } from '../kit/csv.js';
import { runCsv } from '../run/run-texts.js';
import { resultRows } from '../study/sweep-table.js';
import { tableToCsv } from '../study/table-csv.js';

/** Every number with all of its digits, for spreadsheets and statistics. */
export const csv: Form = {
  ending: '.csv',
  write: {
    run: runCsv,
    sweep: ({ plan, results }) => `${toCsv(resultRows(plan, results))}\n`,
    table: ({ view }) => tableToCsv(view),
  },
};
