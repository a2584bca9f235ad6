import { cellsOf } from '../../study/claims/claim.js';
import type { TableConfig } from '../../study/claims/document.js';
import { seedsOf } from '../../study/seeds.js';
import { isUnderTable, type JudgedTable } from '../../study/claims/judge-table.js';
import { viewTable } from './table-view.js';

/** Counts up when a reader of the JSON would have to change. */
const VERSION = 1;

/** What `--json` prints; `schemas/table-result.schema.json` describes it. Ends of an interval that are infinite are null, as JSON has it. */
export function tableToJson(config: TableConfig, judged: JudgedTable) {
  const { counts } = viewTable(config, judged);
  return {
    version: VERSION,
    table: config.table,
    title: config.title ?? null,
    source: config.source ?? null,
    seeds: seedsOf(config),
    cells: judged.cells.map(({ name: [row, column], n, mean, ours, worst, claims }) => ({
      row,
      column,
      n,
      mean: mean ?? null,
      sd: ours?.sd ?? null,
      interval: ours?.interval ?? null,
      verdict: worst ?? null,
      claims,
    })),
    claims: judged.judgements.map(({ claim, verdict }) => ({
      form: claim.kind,
      cells: cellsOf(claim),
      under: isUnderTable(claim),
      source: claim.source ?? null,
      margin: claim.margin ?? null,
      because: claim.because ?? null,
      verdict: verdict.kind,
      reason: verdict.reason ?? null,
      further: verdict.further ?? null,
      wording: verdict.wording,
      numbers: verdict.numbers,
    })),
    footnotes: judged.footnotes,
    counts: { reproduced: 0, differs: 0, inconclusive: 0, not_run: 0, not_claimable: 0, ...counts },
  };
}
