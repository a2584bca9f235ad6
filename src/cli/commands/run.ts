import { existsSync } from 'node:fs';
import { jsonText } from '../../diagnostics/columns.js';
import { InputError } from '../../diagnostics/diagnostic.js';
import { forShell } from '../../diagnostics/words.js';
import { EXIT } from '../../host/exit.js';
import { runsFolder, shown } from '../../host/folders.js';
import { refuseNewFile, refuseOutput, writeNewFile, writeReport } from '../../host/output.js';
import { listenForStop } from '../../host/stop.js';
import { howTold, type Terminal } from '../../host/terminal.js';
import type { Plan } from '../../planning/plan.js';
import type { RunRecord } from '../../run/run-record.js';
import { describeRun } from '../../report/run/summary.js';
import type { WorkResult } from '../../run/open-run.js';
import { acceptWithWarnings, type Changes, prepare, type Prepared, type Vary } from '../../run/prepare.js';
import { theRun } from '../../run/find-runs.js';
import { recordedDocument } from '../../run/recorded-document.js';
import { openStore } from '../../record/layout.js';
import { runExperiment } from '../../run/run-experiment.js';
import type { StudyEnd } from '../../study/run-study.js';
import type { SettledSweep } from '../../study/run-sweep.js';
import type { JudgedRecords } from '../../study/verdicts.js';
import type { Options, Run } from '../command.js';
import { observeOn, observeRun } from '../observe.js';
import { refuseIdle } from '../options-by-kind.js';
import { schemaLine } from '../schema-line.js';
import { stopTrialsOnSignals } from '../stop-trials.js';
import { changesOf, presentationOf, studyOf, subjectOf } from './requests.js';

/** Does what a document says, or what a run on record was. */
export const run: Run = async ([written = ''], options, terminal) => {
  const file = documentOf(written, options);
  const kind = subjectOf(file, options);
  refuseIdle('run', kind, options);
  await refuseOutput(kind === 'experiment' ? 'run' : kind, options.output);
  const changes = changesOf(options);
  if (options.write !== undefined && changes.vary) return writeSweep(file, options.write, changes.vary, changes, terminal);
  if (kind !== 'experiment') {
    const [{ concludeSweep, concludeTable }, { observeStudy }] = await Promise.all([
      import('../studies.js'),
      import('../observe-study.js'),
    ]);
    const [request, how] = [studyOf(file, options), presentationOf(options)];
    const watching = { observe: observeStudy(terminal), listen: stopTrialsOnSignals(terminal) };
    if (kind === 'sweep') {
      const { runSweep } = await import('../../study/run-sweep.js');
      const end = await runSweep(request, { ...watching, conclude: (settled) => concludeSweep(settled, request.root, how, terminal) });
      return statusOf(end, end.result.results.counts.failed > 0 ? EXIT.failed : EXIT.done, terminal);
    }
    const [{ runTable }, { tableSummary }, { sweepSummary }] = await Promise.all([
      import('../../study/run-table.js'),
      import('../../report/study/table-texts.js'),
      import('../../report/study/sweep-table.js'),
    ]);
    let status: number = EXIT.done;
    const conclude = async (records: JudgedRecords): Promise<string> => {
      status = await concludeTable(records, request.root, how, terminal);
      return tableSummary(records.prepared.table.config, records.judged);
    };
    const ofSweep = async ({ sweep, results }: SettledSweep): Promise<string> => {
      const summary = sweepSummary(sweep, results);
      terminal.err(summary);
      return summary;
    };
    const end = await runTable({ ...request, fresh: options.fresh === true }, { ...watching, conclude, concludeSweep: ofSweep });
    return statusOf(end, status, terminal);
  }
  return train(prepare(file, changes, observeOn(terminal)), options, terminal);
};

/** A file, or the document that a run on record keeps. */
function documentOf(written: string, { runs }: Options): string {
  if (/\.ya?ml$/i.test(written) || existsSync(written)) return written;
  const store = openStore(runsFolder(runs));
  return recordedDocument(store, theRun(store, written));
}

/** Trains an experiment, and tells of it. */
export async function train(prepared: Prepared, options: Options, terminal: Terminal): Promise<number> {
  const { from, track, fresh = false, output } = options;
  const { plan } = prepared;
  const stop = listenForStop(terminal);
  const { result, report } = await runExperiment(prepared, {
    root: runsFolder(options.runs),
    fresh,
    ...(from !== undefined && { from }),
    ...(track !== undefined && { track }),
    observe: observeRun(plan, terminal, stop.off),
    stopped: () => stop.signal !== undefined,
  });
  if (result.repeated) terminal.err('done before: shown, not repeated (--fresh trains again)');
  if (output !== undefined) {
    await writeReport('run', report, output);
    terminal.err(`wrote ${shown(output)}`);
  }
  if (options.json) terminal.data(jsonText(resultToJson(plan, result, report)));
  else terminal.out(describeRun(report, { ...howTold(terminal), sentences: report.warnings }).trimEnd());
  if (result.outcome === 'stopped') {
    terminal.err(`stopped; what was recorded stays. The same command goes on from the last finished epoch`);
    return stop.signal === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted;
  }
  return result.outcome === 'finished' ? EXIT.done : EXIT.failed;
}

/** Writes a sweep that the command line says as a document, by which the same records are found. */
async function writeSweep(file: string, output: string, vary: Vary, changes: Changes, terminal: Terminal): Promise<number> {
  const [{ documentFor }, { examineSweep }] = await Promise.all([import('../../study/vary.js'), import('../../study/prepare-sweep.js')]);
  refuseNewFile(output, '--write');
  acceptWithWarnings(examineSweep(file, changes), observeOn(terminal));
  const text = documentFor(output, file, vary, changes);
  if (typeof text !== 'string') throw new InputError(text.diagnostics);
  writeNewFile(output, `${schemaLine(output, 'sweep')}${text}`);
  terminal.err(`wrote ${shown(output)}`);
  terminal.out(`npx retable run ${forShell(output)}`);
  return EXIT.done;
}

function statusOf({ failed, stopped }: StudyEnd<unknown>, status: number, terminal: Terminal): number {
  if (stopped !== undefined) terminal.err('what was recorded stays. The same command does what is left');
  return failed ? EXIT.failed : (stopped ?? status);
}

/** Counts up when a reader of the JSON would have to change. */
const VERSION = 1;

/** What `run --json` prints; `schemas/run-result.schema.json` describes it. A metric is its last value; what is not finite is text, as in `"NaN"`. */
const resultToJson = (plan: Plan, result: WorkResult, report: RunRecord) => ({
  version: VERSION,
  experiment: plan.name,
  seed: plan.seed,
  work: plan.work.key,
  run: result.runId,
  outcome: result.outcome,
  repeated: result.repeated,
  ...(result.reason !== undefined && { reason: result.reason }),
  metrics: Object.fromEntries([...report.metrics].map(([key, points]) => [key, lastOf(points)])),
  record: report.folder,
});

function lastOf(points: readonly { readonly step: number; readonly value: number }[]) {
  const last = points.at(-1);
  return last && { epoch: last.step, value: Number.isFinite(last.value) ? last.value : String(last.value) };
}
