import { EXIT } from '../../host/exit.js';
import { runsFolder, shown } from '../../host/folders.js';
import { refuseOutput, writeReport } from '../../host/output.js';
import { openStore } from '../../record/layout.js';
import { theRun } from '../../run/find-runs.js';
import { readReport } from '../../run/read-report.js';
import type { Run } from '../command.js';
import { observeOn } from '../observe.js';
import { refuseIdle } from '../options-by-kind.js';
import { changesOf, subjectOf } from './requests.js';

/** A run, a sweep or a table as one HTML page that needs nothing else, or in the form that the name of the file asks for. */
export const run: Run = async ([reference = 'latest'], options, terminal) => {
  const kind = /\.ya?ml$/.test(reference) ? subjectOf(reference, options) : undefined;
  refuseIdle('report', kind === 'sweep' || kind === 'table' ? kind : 'run', options);
  const store = openStore(runsFolder(options.runs));
  const changes = changesOf(options);
  const tell = (file: string): number => (terminal.out(shown(file)), EXIT.done);
  // Of a table it is no look: `judge` is.
  if (kind === 'sweep') {
    await refuseOutput(kind, options.output);
    const { standingOfSweep } = await import('../../study/plan-study.js');
    const { sweepReport } = await import('../../study/sweep-trials.js');

    const { sweep, trials } = standingOfSweep(store, reference, changes, observeOn(terminal));
    const file = options.output ?? `${sweep.sweep.config.sweep}.html`;
    await writeReport(kind, sweepReport(store, sweep, trials), file);
    return tell(file);
  }
  if (kind === 'table') {
    await refuseOutput(kind, options.output);
    const [{ prepareTable }, { judgeRecords }, { tableReport }] = await Promise.all([
      import('../../study/prepare-study.js'),
      import('../../study/verdicts.js'),
      import('../../study/evidence.js'),
    ]);
    const prepared = prepareTable(reference, changes, observeOn(terminal));
    const file = options.output ?? `${prepared.table.config.table}.html`;
    await writeReport(kind, tableReport(store, { prepared, ...judgeRecords(store, prepared) }), file);
    return tell(file);
  }
  await refuseOutput('run', options.output);
  const report = readReport(store, theRun(store, reference));
  const file = options.output ?? `${report.experiment}-${report.runId.slice(0, 8)}.html`;
  await writeReport('run', report, file);
  return tell(file);
};
