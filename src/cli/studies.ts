import { jsonText } from '../diagnostics/columns.js';
import { EXIT } from '../host/exit.js';
import { shown } from '../host/folders.js';
import { writeReport } from '../host/output.js';
import { type Colors, howTold, styleOf, type Terminal } from '../host/terminal.js';
import { openStore } from '../record/layout.js';
import type { PlanReport } from '../report/plan/describe.js';
import {
  countLine,
  describeResults,
  describeTrials,
  rungsLine,
  sweepPlanReport,
  sweepSummary,
  sweepToJson,
} from '../report/study/sweep-table.js';
import { describeTablePlan, tablePlanReport, tablePlanToJson } from '../report/study/table-plan.js';
import { describeTable, type TableStyle, tableToJson } from '../report/study/table-texts.js';
import { viewTable } from '../report/study/table-view.js';
import { tableReport } from '../study/evidence.js';
import { planSweep, planTableFile } from '../study/plan-study.js';
import { isPruned } from '../study/proposals/prune.js';
import { countStates, sweepStanding } from '../study/proposals/results.js';
import type { StudyRequest } from '../study/run-study.js';
import type { SettledSweep } from '../study/run-sweep.js';
import { sweepReport } from '../study/sweep-trials.js';
import type { JudgedRecords } from '../study/verdicts.js';
import type { VerdictKind } from '../study/verdicts/verdict.js';
import type { Presentation } from './commands/requests.js';
import { observeOn } from './observe.js';

/** Writes what came of a sweep where that is asked for, and prints it; gives it in a line. */
export async function concludeSweep(
  { sweep, trials, results }: SettledSweep,
  root: string,
  { output, json }: Presentation,
  terminal: Terminal,
): Promise<string> {
  if (output !== undefined) {
    await writeReport('sweep', sweepReport(openStore(root), sweep, trials), output);
    terminal.err(`wrote ${shown(output)}`);
  }
  if (json) terminal.data(jsonText(sweepToJson(sweep, trials, results)));
  else terminal.out(describeResults(sweep, results, howTold(terminal)).trimEnd());
  return sweepSummary(sweep, results);
}

/** Writes the verdicts of a table where that is asked for, and prints them; gives the exit status that they make. */
export async function concludeTable(
  records: JudgedRecords,
  root: string,
  { output, json, reasons, strict }: Presentation,
  terminal: Terminal,
): Promise<number> {
  const { prepared, judged } = records;
  const { config } = prepared.table;
  if (output !== undefined) {
    await writeReport('table', tableReport(openStore(root), records), output);
    terminal.err(`wrote ${output}`);
  }
  const told = { style: tableStyle(terminal.outColor), width: terminal.outWidth, reasons };
  if (json) terminal.data(jsonText(tableToJson(config, judged)));
  else terminal.out(describeTable(viewTable(config, judged), told).trimEnd());
  const failing: readonly VerdictKind[] = strict ? ['differs', 'inconclusive', 'not_run'] : ['differs'];
  return judged.judgements.some(({ verdict }) => failing.includes(verdict.kind)) ? EXIT.differs : EXIT.done;
}

export const tableStyle = (colors: Colors): TableStyle => ({
  ...styleOf(colors),
  verdict: (kind, text) =>
    ({ reproduced: colors.green, differs: colors.red, inconclusive: colors.yellow, not_run: colors.dim, not_claimable: colors.dim })[kind](
      text,
    ),
});

/** A planned sweep or table as text, to be written, and as data. */
export async function plannedStudy(
  kind: 'sweep' | 'table',
  request: StudyRequest,
  measure: boolean,
  terminal: Terminal,
): Promise<{ readonly text: string; readonly report: PlanReport; readonly json: object }> {
  const style = styleOf(terminal.outColor);
  const measuredLine = (told: string | undefined): readonly string[] =>
    told === undefined ? [] : [`${style.heading('measured')}  ${told}`];
  if (kind === 'sweep') {
    const { sweep, trials, results, measured, told } = await planSweep(request, measure, observeOn(terminal));
    const json = { ...sweepToJson(sweep, trials, results), ...(measured && { measured }) };
    const rungs = isPruned(sweep) ? [rungsLine(sweep, style)] : [];
    const lines = [
      describeTrials(sweep, trials, howTold(terminal)),
      countLine(sweepStanding(sweep, countStates(trials))),
      ...rungs,
      ...measuredLine(told),
    ];
    return { text: lines.join('\n'), report: sweepPlanReport(sweep, trials, told, json), json };
  }
  const { told, measured, ...table } = await planTableFile(request, measure, observeOn(terminal));
  const json = { ...tablePlanToJson(table), ...(measured && { measured }) };
  return {
    text: [describeTablePlan(table, howTold(terminal)), ...measuredLine(told)].join('\n'),
    report: tablePlanReport(table, told, json),
    json,
  };
}
