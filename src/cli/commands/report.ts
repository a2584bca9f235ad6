import { openStore } from '../../record/layout.js';
import type { Run } from '../command.js';
import { documentKind } from '../../language/read.js';
import { EXIT } from '../../host/exit.js';
import { runsFolder, shown } from '../../host/folders.js';
import { refuseIdle } from '../options-by-kind.js';
import { refuseOutput, writeReport } from '../../host/output.js';
import { readReport } from '../../run/read-report.js';
import { studyOf } from './requests.js';
import { theRun } from './show.js';

/** A run, a sweep or a table as one HTML page that needs nothing else, or in the form that the name of the file asks for. */
export const run: Run = async ([reference = 'latest'], options, terminal) => {
  const kind = /\.ya?ml$/.test(reference) ? documentKind(reference) : undefined;
  refuseIdle('report', kind === 'sweep' || kind === 'table' ? kind : 'run', options);
  if (kind === 'sweep' || kind === 'table')
    return (await import('../../study/report-study.js')).reportStudy(kind, studyOf(reference, options), options.output, terminal);
  await refuseOutput('run', options.output);
  const store = openStore(runsFolder(options.runs));
  const report = readReport(store, theRun(store, reference));
  const file = options.output ?? `${report.experiment}-${report.runId.slice(0, 8)}.html`;
  await writeReport('run', report, file);
  terminal.out(shown(file));
  return EXIT.done;
};
