import type { Store } from '../../record/layout.js';
import { type Forms, pngOf } from '../../report/forms.js';
import { renderSvg } from '../../report/kit/render.js';
import { tableToCsv } from '../../report/study/table-csv.js';
import { tableToJson } from '../../report/study/table-json.js';
import { tableToLatex } from '../../report/study/table-latex.js';
import { tableToMarkdown } from '../../report/study/table-markdown.js';
import { tableChart } from '../../report/study/table-chart.js';
import { type TablePage, tablePage } from '../../report/study/table-page.js';
import { viewTable } from '../../report/study/table-view.js';
import type { JudgedTable } from '../../table/judge-table.js';
import { writeForm } from '../output.js';
import { readEvidence } from './evidence.js';
import type { PreparedTable } from './prepare-table.js';
import type { SettledRun } from './settled.js';

export interface JudgedRecords {
  readonly store: Store;
  readonly prepared: PreparedTable;
  readonly settled: readonly SettledRun[];
  readonly judged: JudgedTable;
}

const FORMS: Forms<JudgedRecords> = {
  '.html': (records) => tablePage(withEvidence(records)),
  '.md': ({ prepared, judged }) => tableToMarkdown(viewTable(prepared.table.config, judged)),
  '.tex': ({ prepared, judged }) => tableToLatex(viewTable(prepared.table.config, judged)),
  '.csv': ({ prepared, judged }) => tableToCsv(viewTable(prepared.table.config, judged)),
  '.json': ({ prepared, judged }) => `${JSON.stringify(tableToJson(prepared.table.config, judged), null, 2)}\n`,
  '.svg': (records) => drawn(records),
  '.png': async (records) => pngOf(await drawn(records)),
};

const drawn = (records: JudgedRecords): Promise<string> => renderSvg(tableChart(withEvidence(records)));

const withEvidence = ({ store, prepared, settled, judged }: JudgedRecords): TablePage => ({
  config: prepared.table.config,
  judged,
  view: viewTable(prepared.table.config, judged),
  evidence: readEvidence(store, prepared, settled),
});

export const writeTable = (file: string, records: JudgedRecords): Promise<void> => writeForm(file, FORMS, records);
