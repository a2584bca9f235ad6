import { writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { Store } from '../../record/layout.js';
import { renderSvg } from '../../report/render.js';
import { tableToCsv } from '../../report/table-csv.js';
import { tableToJson } from '../../report/table-json.js';
import { tableToLatex } from '../../report/table-latex.js';
import { tableToMarkdown } from '../../report/table-markdown.js';
import { tableChart } from '../../report/table-chart.js';
import { type TablePage, tablePage } from '../../report/table-page.js';
import { viewTable } from '../../report/table-view.js';
import type { JudgedTable } from '../../table/judge-table.js';
import { Refusal } from '../exit.js';
import { readEvidence } from './evidence.js';
import type { PreparedTable } from './prepare-table.js';
import type { SettledRun } from './settled.js';

export interface JudgedRecords {
  readonly store: Store;
  readonly prepared: PreparedTable;
  readonly settled: readonly SettledRun[];
  readonly judged: JudgedTable;
}

/** Each form in which a table is written, by the ending of the file. */
const FORMS: Readonly<Record<string, (records: JudgedRecords) => string | Promise<string>>> = {
  '.md': ({ prepared, judged }) => tableToMarkdown(viewTable(prepared.table.config, judged)),
  '.tex': ({ prepared, judged }) => tableToLatex(viewTable(prepared.table.config, judged)),
  '.csv': ({ prepared, judged }) => tableToCsv(viewTable(prepared.table.config, judged)),
  '.json': ({ prepared, judged }) => `${JSON.stringify(tableToJson(prepared.table.config, judged), null, 2)}\n`,
  '.html': (records) => tablePage(withEvidence(records)),
  '.svg': async (records) => renderSvg(tableChart(withEvidence(records))),
};

const withEvidence = ({ store, prepared, settled, judged }: JudgedRecords): TablePage => ({
  config: prepared.table.config,
  judged,
  view: viewTable(prepared.table.config, judged),
  evidence: readEvidence(store, prepared, settled),
});

export async function writeTable(file: string, records: JudgedRecords): Promise<void> {
  const form = FORMS[extname(file)];
  if (!form) return refuseOutput(file);
  writeFileSync(file, await form(records));
}

/** Before anything is trained. */
export function refuseOutput(output: string | undefined): void {
  if (output === undefined || extname(output) in FORMS) return;
  const forms = Object.keys(FORMS);
  throw new Refusal(`a table is written as ${forms.slice(0, -1).join(', ')} or ${forms.at(-1)}, and "${output}" is none of them`);
}
