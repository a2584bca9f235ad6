import { jsonText } from '../../diagnostics/columns.js';
import { formatMeasure, minuteOf } from '../../diagnostics/numbers.js';
import { EXIT } from '../../host/exit.js';
import { runsFolder, shown } from '../../host/folders.js';
import { isPace } from '../../planning/recorded.js';
import { openStore, type Store } from '../../record/layout.js';
import { isDerived, type RunSummary } from '../../record/summary.js';
import { textTable } from '../../report/kit/tables.js';
import { toCsv } from '../../formats/csv.js';
import { splitKey, wordOf } from '../../run/run-record.js';
import { statusOf } from '../../run/attempt.js';
import { selectRuns } from '../../run/find-runs.js';
import type { Run } from '../command.js';

/** The runs on record, the newest first. */
export const run: Run = async ([experiment], options, terminal) => {
  const root = runsFolder(options.runs);
  const store = openStore(root);
  const runs = selectRuns(store, experiment, options);
  if (options.json) {
    terminal.out(jsonText(runs.map((run) => toJson(store, run))));
    return EXIT.done;
  }
  if (options.csv) {
    terminal.out(toCsv(csvRows(store, runs)));
    return EXIT.done;
  }
  if (runs.length === 0) {
    const which = [
      options.deleted ? 'in the trash ' : '',
      experiment === undefined ? '' : `of ${experiment} `,
      options.filter === undefined ? '' : 'that match ',
    ].join('');
    terminal.err(`no runs ${which}in ${shown(root)}`);
    return EXIT.done;
  }
  const faint = terminal.outColor.dim;
  const rows = runs.map((run) => [
    run.id.slice(0, 8),
    minuteOf(run.startTime),
    run.experiment,
    run.parameters['seed'] ?? '',
    wordOf(statusOf(store, run)),
    String(epochsOf(run)),
    lastMetrics(run),
  ]);
  const header = ['run', 'started (UTC)', 'experiment', 'seed', 'status', 'epochs', 'last values'].map(faint);
  terminal.out(textTable([header, ...rows], ['left', 'left', 'left', 'right', 'left', 'right']).join('\n'));
  return EXIT.done;
};

const epochsOf = ({ latest }: RunSummary): number =>
  Object.entries(latest).reduce((most, [key, { step }]) => (isDerived(key) ? most : Math.max(most, step)), 0);

const lastMetrics = ({ latest }: RunSummary): string =>
  Object.entries(latest)
    .filter(([key]) => splitKey(key).split !== 'train' && !isDerived(key) && !isPace(key))
    .map(([key, { value }]) => `${key} ${formatMeasure(value)}`)
    .join('  ');

/** A column for each parameter and metric that any of the runs has. */
function csvRows(store: Store, runs: readonly RunSummary[]): readonly (readonly string[])[] {
  const keysOf = (part: 'parameters' | 'latest'): readonly string[] =>
    [...new Set(runs.flatMap((run) => Object.keys(run[part])))].toSorted();
  const parameters = keysOf('parameters');
  const metrics = keysOf('latest');
  const time = (milliseconds: number | null): string => (milliseconds === null ? '' : new Date(milliseconds).toISOString());
  return [
    [
      'run',
      'experiment',
      'status',
      'started',
      'ended',
      ...parameters.map((key) => `params.${key}`),
      ...metrics.map((key) => `metrics.${key}`),
    ],
    ...runs.map((run) => [
      run.id,
      run.experiment,
      statusOf(store, run),
      time(run.startTime),
      time(run.endTime),
      ...parameters.map((key) => run.parameters[key] ?? ''),
      ...metrics.map((key) => String(run.latest[key]?.value ?? '')),
    ]),
  ];
}

const toJson = (store: Store, run: RunSummary) => ({
  run: run.id,
  experiment: run.experiment,
  status: statusOf(store, run),
  started: new Date(run.startTime).toISOString(),
  ...(run.endTime !== null && { ended: new Date(run.endTime).toISOString() }),
  parameters: run.parameters,
  metrics: Object.fromEntries(Object.entries(run.latest).map(([key, { value }]) => [key, value])),
  record: shown(run.place.folder),
});
