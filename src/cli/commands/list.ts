import { jsonText, visibleWidth } from '../../diagnostics/columns.js';
import { formatCount, localMinuteOf } from '../../diagnostics/numbers.js';
import { listed } from '../../diagnostics/words.js';
import { toCsv } from '../../formats/csv.js';
import { EXIT, Refusal } from '../../host/exit.js';
import { runsFolder, shown } from '../../host/folders.js';
import { type Terminal, styleOf } from '../../host/terminal.js';
import { openStore, type Store } from '../../record/layout.js';
import { listExperiments } from '../../record/reader.js';
import type { RunSummary } from '../../record/summary.js';
import { columnsOf, type PlainTable, terminalTable } from '../../report/kit/tables.js';
import { wordOf } from '../../run/run-record.js';
import { attemptsByWork, statusOf } from '../../run/attempt.js';
import { selectRuns } from '../../run/find-runs.js';
import { columnsNamed, columnsOfAll, columnsThatTell, fittingColumns, type RunColumn } from '../../run/run-columns.js';
import { type NamedWork, readMembers, studyOfRun } from '../../study/members.js';
import type { Options, Run } from '../command.js';

/** The runs on record: sweeps and tables by themselves, then runs with what was varied. The newest first; on a terminal it stands last, beside the prompt. */
export const run: Run = async ([experiment], options, terminal) => {
  const root = runsFolder(options.runs);
  const store = openStore(root);
  const runs = selectRuns(store, experiment, options);
  if (options.json) {
    terminal.data(jsonText(runs.map((run) => toJson(store, run))));
    return EXIT.done;
  }
  if (options.csv) {
    terminal.data(toCsv(csvRows(store, runs, options.columns)));
    return EXIT.done;
  }
  if (runs.length === 0) return tellNone(store, experiment, options, terminal);
  const shownFirst = terminal.isOutTerminal && options.sort === undefined ? runs.toReversed() : runs;
  const of = (kind: 'sweep' | 'table' | 'run') => shownFirst.filter(({ tags }) => (studyOfRun(tags)?.kind ?? 'run') === kind);
  const trained = of('run');
  const style = styleOf(terminal.outColor);
  const { table, without } = runTable(store, trained, options, terminal);
  const tables = [studyTable(store, 'sweep', of('sweep')), studyTable(store, 'table', of('table')), table];
  terminal.out(
    tables
      .filter(({ rows }) => rows.length > 0)
      .map((each) => terminalTable(each, style).join('\n'))
      .join('\n\n'),
  );
  if (without.length > 0) {
    terminal.err(
      `no room for ${listed(without.slice(0, 6), 'and')}${without.length > 6 ? ` and ${without.length - 6} more` : ''}: --columns chooses, --csv has all`,
    );
  }
  return EXIT.done;
};

/** An experiment that nobody has heard of is no empty list. */
function tellNone(store: Store, experiment: string | undefined, { deleted, filter }: Options, terminal: Terminal): number {
  const names = listExperiments(store).map(({ name }) => name);
  const root = shown(store.root);
  if (experiment !== undefined && !names.includes(experiment)) {
    throw new Refusal(`no experiment is called "${experiment}" in ${root}`, {
      help: names.length > 0 ? `experiments there: ${names.join(', ')}` : `there are no runs in ${root} yet`,
    });
  }
  const which = [
    deleted ? 'in the trash ' : '',
    experiment === undefined ? '' : `of ${experiment} `,
    filter === undefined ? '' : 'that match ',
  ];
  terminal.err(`no runs ${which.join('')}in ${root}`);
  return EXIT.done;
}

/** As many columns as the terminal has room for, and the headings of the others. */
function runTable(store: Store, runs: readonly RunSummary[], { columns: named }: Options, terminal: Terminal) {
  const statusOfRun = (run: RunSummary) => statusOf(store, run);
  const all = named === undefined ? columnsThatTell(runs, statusOfRun) : columnsNamed(named, runs, statusOfRun);
  const cells = new Map(all.map((column) => [column, runs.map((run) => column.text(run))]));
  const widthOf = (column: RunColumn): number =>
    [column.heading, ...(cells.get(column) ?? [])].reduce((most, cell) => Math.max(most, visibleWidth(cell)), 0);
  const columns = named === undefined && terminal.isOutTerminal ? fittingColumns(all, widthOf, terminal.outWidth - ID) : all;
  const table: PlainTable = {
    columns: [{ heading: 'run' }, ...columns],
    rows: runs.map(({ id }, row) => [id.slice(0, ID), ...columns.map((column) => cells.get(column)?.[row] ?? '')]),
  };
  return { table, without: all.filter((column) => !columns.includes(column)).map(({ heading }) => heading) };
}

const ID = 8;

function studyTable(store: Store, kind: 'sweep' | 'table', runs: readonly RunSummary[]): PlainTable {
  return {
    columns: columnsOf('run', 'started', kind, 'status', '>trials'),
    rows: runs.map((run) => {
      const members = readMembers(store, run.experiment, run.id);
      return [
        run.id.slice(0, ID),
        localMinuteOf(run.startTime),
        studyOfRun(run.tags)?.name ?? '',
        (kind === 'table' ? unrun(store, run, members) : undefined) ?? wordOf(statusOf(store, run)),
        formatCount(members.length),
      ];
    }),
  };
}

/** What was done with a table of whose trials none has begun; undefined of one that was run. */
function unrun(store: Store, run: RunSummary, members: readonly NamedWork[]): 'registered' | 'judged' | undefined {
  if (statusOf(store, run) !== 'finished' || attemptsByWork(store, new Set(members.map(({ work }) => work))).size > 0) return undefined;
  return members.length > 0 ? 'registered' : 'judged';
}

/** The columns that are named, or all that there are. */
function csvRows(store: Store, runs: readonly RunSummary[], named: string | undefined): readonly (readonly string[])[] {
  const statusOfRun = (run: RunSummary) => statusOf(store, run);
  const columns = named === undefined ? columnsOfAll(runs, statusOfRun) : columnsNamed(named, runs, statusOfRun);
  return [['run', ...columns.map(({ heading }) => heading)], ...runs.map((run) => [run.id, ...columns.map(({ exact }) => exact(run))])];
}

const toJson = (store: Store, run: RunSummary) => ({
  run: run.id,
  kind: studyOfRun(run.tags)?.kind ?? 'run',
  name: run.name,
  experiment: run.experiment,
  status: statusOf(store, run),
  started: new Date(run.startTime).toISOString(),
  ...(run.endTime !== null && { ended: new Date(run.endTime).toISOString() }),
  parameters: run.parameters,
  metrics: Object.fromEntries(Object.entries(run.latest).map(([key, { value }]) => [key, value])),
  record: shown(run.place.folder),
});
