import { jsonText } from '../diagnostics/columns.js';
import { RecordError } from '../record/files.js';
import type { Store } from '../record/layout.js';
import { countLine, describeTable, type TableStyle, tableToJson } from '../report/study/table-texts.js';
import { viewTable } from '../report/study/table-view.js';
import type { JudgedTable } from './claims/judge-table.js';
import type { VerdictKind } from './verdicts/verdict.js';
import { EXIT } from '../host/exit.js';
import { machineHere } from '../host/is-running.js';
import { refuseOutput } from '../host/output.js';
import type { Presentation } from './request.js';
import { styleOf } from '../host/style.js';
import type { Colors, Terminal } from '../host/terminal.js';
import type { PreparedTable } from './prepare-table.js';
import { openOwnRun, type OwnRun, type OwnRunStart, TABLES, tableRunId } from './own-run.js';
import { judgeRecords, keepLooks, type SeenLooks } from './verdicts.js';
import { writeTable } from './write-table.js';

/** What a table's own run is begun with. */
export const ownRunOf = ({ table: { config, doc }, file }: PreparedTable): OwnRunStart => ({
  experiment: TABLES,
  runId: tableRunId(config.table),
  runName: config.table,
  parameters: { table: config.table },
  tags: { 'retable.table': config.table },
  file,
  text: doc.text,
  note: config.description ?? config.title,
});

/** Judges from the records, keeps that it was looked at, and prints: the end of `run TABLE`, and all of `judge TABLE`. */
export async function showVerdicts(
  store: Store,
  prepared: PreparedTable,
  how: Presentation,
  terminal: Terminal,
  opened?: OwnRun,
): Promise<{ readonly status: number; readonly summary: string }> {
  await refuseOutput('table', how.output);
  const { judged, settled, seen, interimLooks } = judgeRecords(store, prepared);
  if (JSON.stringify(interimLooks) !== JSON.stringify(seen)) await count(store, prepared, interimLooks, terminal, opened);
  if (how.output !== undefined) {
    await writeTable(how.output, { store, prepared, settled, judged });
    terminal.err(`wrote ${how.output}`);
  }
  print(prepared, judged, how, terminal);
  return { status: statusOf(judged, how.strict), summary: countLine(viewTable(prepared.table.config, judged)) };
}

/** Seeds are added to what was seen: without this, the chance of an error would grow with every look. */
async function count(
  store: Store,
  prepared: PreparedTable,
  interimLooks: SeenLooks,
  terminal: Terminal,
  opened: OwnRun | undefined,
): Promise<void> {
  if (opened) return keepLooks(opened, interimLooks);
  try {
    const own = await openOwnRun(store, ownRunOf(prepared), machineHere());
    if (own) keepLooks(own, interimLooks);
    own?.finish('FINISHED');
    if (!own) terminal.err('another process runs this table, so this look is not counted');
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    terminal.err(`this look is not counted: ${error.message}`);
  }
}

function print({ table }: PreparedTable, judged: JudgedTable, how: Presentation, terminal: Terminal): void {
  const view = viewTable(table.config, judged);
  if (how.json) terminal.out(jsonText(tableToJson(table.config, judged)));
  else {
    terminal.out(describeTable(view, { style: tableStyle(terminal.outColor), width: terminal.outWidth, reasons: how.reasons }).trimEnd());
  }
}

function statusOf({ judgements }: JudgedTable, strict: boolean): number {
  const failing: readonly VerdictKind[] = strict ? ['differs', 'inconclusive', 'not_run'] : ['differs'];
  return judgements.some(({ verdict }) => failing.includes(verdict.kind)) ? EXIT.differs : EXIT.done;
}

export const tableStyle = (colors: Colors): TableStyle => ({
  ...styleOf(colors),
  verdict: (kind, text) =>
    ({ reproduced: colors.green, differs: colors.red, inconclusive: colors.yellow, not_run: colors.dim, not_claimable: colors.dim })[kind](
      text,
    ),
});
