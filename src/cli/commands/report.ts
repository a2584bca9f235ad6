import { extname } from 'node:path';
import { forShell } from '../../diagnostics/words.js';
import { EXIT, Refusal } from '../../host/exit.js';
import { runsFolder, shown } from '../../host/folders.js';
import { refuseOutput, writeReport } from '../../host/output.js';
import { openStore, type Store } from '../../record/layout.js';
import { runsToCompare, theRun } from '../../run/find-runs.js';
import { readReport } from '../../run/read-report.js';
import type { Options, Run } from '../command.js';
import type { Wishes } from '../../report/kit/latex.js';
import type { Terminal } from '../../host/terminal.js';
import type { RunHead } from '../../record/reader.js';
import { observeOn } from '../observe.js';
import { flagOf } from '../flags.js';
import { refuseIdle } from '../options-by-kind.js';
import { changesOf, subjectOf } from './requests.js';

/** A run, a sweep or a table as one HTML page that needs nothing else, or in the form that the name of the file asks for. */
export const run: Run = async ([reference = 'latest', ...more], options, terminal) => {
  if (more.length > 0 || options.filter !== undefined) return reportTogether([reference, ...more], options, terminal);
  const kind = /\.ya?ml$/.test(reference) ? subjectOf(reference, options) : undefined;
  refuseIdle('report', kind === 'sweep' || kind === 'table' ? kind : 'run', options);
  const store = openStore(runsFolder(options.runs));
  const changes = changesOf(options);
  const wishes = wishesOf(options);
  const tell = (file: string): number => (terminal.out(shown(file)), EXIT.done);
  if (kind === 'sweep') {
    await refuseOutput(kind, options.output);
    const { standingOfSweep } = await import('../../study/plan-study.js');
    const { sweepReport } = await import('../../study/sweep-trials.js');

    const { sweep, trials } = standingOfSweep(store, reference, changes, observeOn(terminal));
    const file = options.output ?? `${sweep.sweep.config.sweep}.html`;
    await writeReport(kind, sweepReport(store, sweep, trials), file, wishes);
    return tell(file);
  }
  if (kind === 'table') {
    await refuseOutput(kind, options.output);
    const [{ prepareTable }, { lookAtTable }, { tableReport }] = await Promise.all([
      import('../../study/prepare-study.js'),
      import('../../study/verdicts.js'),
      import('../../study/evidence.js'),
    ]);
    const prepared = prepareTable(reference, changes, observeOn(terminal), store);
    const file = options.output ?? `${prepared.table.config.table}.html`;
    await writeReport(kind, tableReport(store, await lookAtTable(store, prepared, 'report', observeOn(terminal))), file, wishes);
    return tell(file);
  }
  await refuseOutput('run', options.output);
  const report = readReport(store, theRun(store, reference));
  const file = options.output ?? `${report.experiment}-${report.runId.slice(0, 8)}.html`;
  await writeReport('run', report, file, wishes);
  return tell(file);
};

/** What is asked of a table of LaTeX; other forms have neither. */
function wishesOf({ caption, label, output = '' }: Options): Wishes {
  for (const [name, text] of Object.entries({ caption, label })) {
    if (text === undefined) continue;
    const flag = flagOf(name === 'caption' ? 'caption' : 'label');
    if (extname(output).toLowerCase() !== '.tex')
      throw new Refusal(`${flag} is for a table of LaTeX, and ${JSON.stringify(output)} is none`, {
        help: 'name a file that ends in .tex',
      });
    if (text.trim() === '') throw new Refusal(`${flag} is empty`, { help: 'leave it out: the table has one by itself' });
  }
  if (label !== undefined && !/^[\w:./+*-]+$/.test(label)) {
    throw new Refusal(`--label ${JSON.stringify(label)} is no name that \\ref can call`, {
      help: 'letters, digits and : . / - _ + *, such as tab:results',
    });
  }
  return { ...(caption !== undefined && { caption }), ...(label !== undefined && { label }) };
}

/** Curves of several runs in one picture a metric: of those that are named, or that the filter lets through. */
async function reportTogether(references: readonly string[], options: Options, terminal: Terminal): Promise<number> {
  const document = references.find((each) => /\.ya?ml$/.test(each));
  if (document !== undefined) {
    throw new Refusal(`${shown(document)} is a document, and several runs are reported by their names`, {
      help: `npx retable report ${forShell(document)} reports it by itself`,
    });
  }
  refuseIdle('report', 'run', options);
  await refuseOutput('comparison', options.output);
  wishesOf(options);
  const store = openStore(runsFolder(options.runs));
  const named = options.filter !== undefined && references.join() === 'latest' ? [] : references;
  const runs = runsToCompare(store, named, options);
  const file = options.output ?? `${[...new Set(runs.map(({ experiment }) => experiment))].slice(0, 3).join('-') || 'runs'}-compared.html`;
  await writeOverlay(store, runs, file);
  terminal.out(shown(file));
  return EXIT.done;
}

/** Of more curves, the words at their ends crowd, and each colour stands for several. */
const MOST_RUNS = 12;

export async function writeOverlay(store: Store, runs: readonly RunHead[], file: string): Promise<void> {
  if (runs.length < 2 || runs.length > MOST_RUNS) {
    throw new Refusal(`2 to ${MOST_RUNS} runs can be drawn together, and these are ${runs.length}`, {
      help:
        runs.length < 2 ? 'npx retable list shows all runs' : 'name some of them, or choose with --filter; a sweep has a report of its own',
    });
  }
  await writeReport(
    'comparison',
    runs.map((head) => readReport(store, head)),
    file,
  );
}
