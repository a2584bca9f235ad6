import { jsonText } from '../../diagnostics/columns.js';
import { isPace } from '../../planning/recorded.js';
import { openStore, type Store } from '../../record/layout.js';
import { isDerived, type RunSummary } from '../../record/summary.js';
import { formatMeasure, shortSetting } from '../../diagnostics/numbers.js';
import { wordOf } from '../../run/run-record.js';
import { textTable } from '../../report/kit/tables.js';
import { toCsv } from '../../formats/csv.js';
import { howTold } from '../../host/terminal.js';
import type { Run } from '../command.js';
import { EXIT, Refusal } from '../../host/exit.js';
import { runsFolder, shown } from '../../host/folders.js';
import { refuseOutput } from '../../host/output.js';
import { writeOverlay } from './report.js';
import { refuseIdle } from '../options-by-kind.js';
import { statusOf } from '../../run/attempt.js';
import { isExperiment, runsToCompare } from '../../run/find-runs.js';

interface Row {
  readonly kind: 'run' | 'parameter' | 'metric';
  readonly name: string;
  /** One a run; undefined where it has none. */
  readonly values: readonly (string | number | undefined)[];
}

/** Runs side by side: in what they differ. */
export const run: Run = async (references, options, terminal) => {
  const store = openStore(runsFolder(options.runs));
  const [name = '', ...more] = references;
  const isNamed = references.length > 0 && (more.length > 0 || !isExperiment(store, name));
  refuseIdle('compare', isNamed ? 'named' : 'all', options);
  await refuseOutput('comparison', options.output);
  const all = runsToCompare(store, references, options);
  const runs = references.length === 0 && options.filter === undefined ? all.slice(0, 2) : all;
  if (runs.length < 2) throw new Refusal('two runs or more can be compared', { help: 'npx retable list shows all runs' });
  if (options.output !== undefined) {
    await writeOverlay(store, runs, options.output);
    terminal.err(`wrote ${shown(options.output)}`);
  }
  const rows = rowsOf(store, runs).filter(({ values }) => options.all === true || values.some((value) => !Object.is(value, values[0])));

  if (options.json) {
    const plain = (kind: Row['kind']) =>
      Object.fromEntries(rows.filter((row) => row.kind === kind).map(({ name, values }) => [name, values]));
    terminal.data(jsonText({ runs: runs.map(({ id }) => id), parameters: plain('parameter'), metrics: plain('metric') }));
    return EXIT.done;
  }
  if (options.csv) {
    terminal.data(
      toCsv([['', ...runs.map(({ id }) => id)], ...rows.map(({ name, values }) => [name, ...values.map((value) => String(value ?? ''))])]),
    );
    return EXIT.done;
  }
  const { bold, dim } = terminal.outColor;
  const heading = (text: string): readonly string[] => [dim(text)];
  const part = (kind: Row['kind'], title: string): readonly (readonly string[])[] => {
    const of = rows.filter((row) => row.kind === kind);
    return of.length === 0
      ? []
      : [...(title === '' ? [] : [heading(title)]), ...of.map(({ name, values }) => [name, ...values.map(shownValue)])];
  };
  const lines = textTable(
    [
      ['', ...runs.map(({ id }) => bold(id.slice(0, 8)))],
      ...part('run', ''),
      ...part('parameter', 'parameters'),
      ...part('metric', 'last values'),
    ],
    ['left', ...runs.map(() => 'right' as const)],
    howTold(terminal).width,
  );
  terminal.out(lines.join('\n'));
  if (!rows.some(({ kind }) => kind === 'parameter')) terminal.err('no parameter differs');
  return EXIT.done;
};

function rowsOf(store: Store, runs: readonly RunSummary[]): readonly Row[] {
  const names = (of: (run: RunSummary) => object): readonly string[] =>
    [...new Set(runs.flatMap((run) => Object.keys(of(run))))].toSorted();
  return [
    { kind: 'run', name: 'experiment', values: runs.map(({ experiment }) => experiment) },
    { kind: 'run', name: 'status', values: runs.map((run) => wordOf(statusOf(store, run))) },
    ...names((run) => run.parameters).map((name): Row => ({ kind: 'parameter', name, values: runs.map((run) => run.parameters[name]) })),
    ...names((run) => run.latest)
      .filter((name) => !isDerived(name) && !isPace(name))
      .map((name): Row => ({ kind: 'metric', name, values: runs.map((run) => run.latest[name]?.value) })),
  ];
}

const shownValue = (value: string | number | undefined): string =>
  value === undefined ? '' : typeof value === 'number' ? formatMeasure(value) : shortSetting(value.replaceAll('\n', ' '));
