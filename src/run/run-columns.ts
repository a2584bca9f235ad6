import { formatCount, formatMeasure, localMinuteOf, shortSetting } from '../diagnostics/numbers.js';
import { nearest } from '../diagnostics/words.js';
import { Refusal } from '../host/exit.js';
import { shortNames } from '../planning/name-configuration.js';
import { isPace } from '../planning/recorded.js';
import { isDerived, type RunSummary } from '../record/summary.js';
import { type RunStatus, splitKey, wordOf } from './run-record.js';

/** One column of a list of runs. */
export interface RunColumn {
  readonly heading: string;
  readonly align: 'left' | 'right';
  /** Where there is too little room, the column that matters least goes first. */
  readonly matters: number;
  /** Empty where a run has no such value. */
  readonly text: (run: RunSummary) => string;
  /** With all of its digits, for programs. */
  readonly exact: (run: RunSummary) => string;
}

type StatusOf = (run: RunSummary) => RunStatus;

/** What tells these runs apart: their names and tags where people gave some, what was varied within an experiment, and what was measured. */
export function columnsThatTell(runs: readonly RunSummary[], statusOf: StatusOf): readonly RunColumn[] {
  const varied = variedParameters(runs);
  const names = shortNames(varied);
  return [
    started,
    ...(differ(runs, ({ experiment }) => experiment) ? [experiment] : []),
    ...(runs.some((run) => givenName(run) !== '') ? [name] : []),
    ...tagsOfPeople(runs).map((key) => tag(key)),
    ...varied.map((path) => parameter(path, names.get(path) ?? path)),
    status(statusOf),
    epochs,
    ...measuredKeys(runs).map((key, index) => metric(key, index === 0 ? 85 : 30)),
  ];
}

/** Columns by the names that a person gives: a column's own, a parameter's or its last part, a metric's, a tag's. */
export function columnsNamed(words: string, runs: readonly RunSummary[], statusOf: StatusOf): readonly RunColumn[] {
  const parameters = keysOf(runs, 'parameters');
  const known = new Map<string, RunColumn>([
    ...keysOf(runs, 'tags').map((key) => [key, tag(key)] as const),
    ...[...shortNames(parameters)].map(([path, short]) => [short, parameter(path, short)] as const),
    ...parameters.map((path) => [path, parameter(path, path)] as const),
    ...keysOf(runs, 'latest').map((key) => [key, metric(key)] as const),
    ...[started, ended, experiment, name, status(statusOf), epochs, note].map((column) => [column.heading, column] as const),
  ]);
  return words.split(',').map((written) => {
    const word = written.trim().replace(/^(?:params|metrics|tags|attributes)\.|`/g, '');
    const column = known.get(word);
    if (column) return column;
    const guess = nearest(word, [...known.keys()]);
    throw new Refusal(`--columns: no run of these has "${word}"`, {
      help: guess === undefined ? 'retable list --csv prints every column that there is' : `did you mean "${guess}"?`,
    });
  });
}

/** Every parameter and metric that any of the runs has, by the names that filters know. */
export const columnsOfAll = (runs: readonly RunSummary[], statusOf: StatusOf): readonly RunColumn[] => [
  experiment,
  status(statusOf),
  started,
  ended,
  ...keysOf(runs, 'parameters').map((path) => parameter(path, `params.${path}`)),
  ...keysOf(runs, 'latest').map((key) => ({ ...metric(key), heading: `metrics.${key}` })),
];

/** The columns that fit into so much room beside the first one. */
export function fittingColumns(columns: readonly RunColumn[], widthOf: (column: RunColumn) => number, room: number): readonly RunColumn[] {
  if (columns.length < 2 || columns.reduce((sum, column) => sum + 2 + widthOf(column), 0) <= room) return columns;
  const least = columns.reduce((a, b) => (b.matters <= a.matters ? b : a));
  return fittingColumns(
    columns.filter((column) => column !== least),
    widthOf,
    room,
  );
}

/** The name that a person gave to a run, here or on MLflow's page; empty where it bears the one that it began with. */
const givenName = ({ name: written, experiment: of, parameters }: RunSummary): string =>
  written.startsWith(of) && written.endsWith(`seed ${parameters['seed'] ?? ''}`) ? '' : written;

/** Epochs that are done, of those that were asked for. */
function epochsOf({ latest, parameters }: RunSummary): string {
  const done = Object.entries(latest).reduce((most, [key, { step }]) => (isDerived(key) ? most : Math.max(most, step)), 0);
  const all = parameters['training.epochs'];
  return all === undefined ? formatCount(done) : `${formatCount(done)}/${formatCount(Number(all))}`;
}

const started: RunColumn = {
  heading: 'started',
  align: 'left',
  matters: 50,
  text: ({ startTime }) => localMinuteOf(startTime),
  exact: ({ startTime }) => new Date(startTime).toISOString(),
};
const ended: RunColumn = {
  heading: 'ended',
  align: 'left',
  matters: 50,
  text: ({ endTime }) => (endTime === null ? '' : localMinuteOf(endTime)),
  exact: ({ endTime }) => (endTime === null ? '' : new Date(endTime).toISOString()),
};
const said = (heading: string, matters: number, text: RunColumn['text']): RunColumn => ({
  heading,
  align: 'left',
  matters,
  text,
  exact: text,
});
const experiment = said('experiment', 60, (run) => run.experiment);
const name = said('name', 90, givenName);
const note = said('note', 45, ({ tags }) => oneLine(tags['mlflow.note.content'] ?? ''));
const status = (statusOf: StatusOf): RunColumn => ({
  ...said('status', 100, (run) => wordOf(statusOf(run))),
  exact: statusOf,
});
const epochs: RunColumn = { ...said('epochs', 40, epochsOf), align: 'right' };
const tag = (key: string): RunColumn => said(key, 70, ({ tags }) => oneLine(tags[key] ?? ''));
const parameter = (path: string, heading: string): RunColumn => ({
  heading,
  align: 'right',
  matters: 80,
  text: ({ parameters }) => shortSetting(oneLine(parameters[path] ?? '')),
  exact: ({ parameters }) => parameters[path] ?? '',
});
const metric = (key: string, matters = 30): RunColumn => ({
  heading: key,
  align: 'right',
  matters,
  text: ({ latest }) => (latest[key] === undefined ? '' : formatMeasure(latest[key].value)),
  exact: ({ latest }) => String(latest[key]?.value ?? ''),
});

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

const differ = (runs: readonly RunSummary[], of: (run: RunSummary) => string | undefined): boolean =>
  runs.some((run) => of(run) !== (runs[0] && of(runs[0])));

const keysOf = (runs: readonly RunSummary[], part: 'parameters' | 'latest' | 'tags'): readonly string[] => {
  const keys = new Set<string>();
  for (const run of runs) for (const key in run[part]) keys.add(key);
  return [...keys].toSorted();
};

/** Said elsewhere in a list, or in words that are no setting. */
const NO_SETTINGS: ReadonlySet<string> = new Set(['description', 'training.epochs', 'engine.threads']);

/** Parameters in which runs of one experiment differ, the seed last: that another experiment has other keys varies nothing. */
function variedParameters(runs: readonly RunSummary[]): readonly string[] {
  const varied = new Set<string>();
  const first = new Map<string, RunSummary>();
  for (const run of runs) {
    const other = first.get(run.experiment);
    if (!other) {
      first.set(run.experiment, run);
      continue;
    }
    for (const key in run.parameters) if (run.parameters[key] !== other.parameters[key]) varied.add(key);
    for (const key in other.parameters) if (!(key in run.parameters)) varied.add(key);
  }
  return [...varied]
    .filter((key) => !NO_SETTINGS.has(key))
    .toSorted((a, b) => Number(a === 'seed') - Number(b === 'seed') || (a < b ? -1 : 1));
}

/** Tags that were set by a person, not by retable or MLflow. */
const tagsOfPeople = (runs: readonly RunSummary[]): readonly string[] =>
  keysOf(runs, 'tags').filter((key) => !/^(?:mlflow|retable)\./.test(key));

/** Of the splits that measure; of train where nothing else was measured. */
function measuredKeys(runs: readonly RunSummary[]): readonly string[] {
  const results = keysOf(runs, 'latest').filter((key) => !isDerived(key) && !isPace(key));
  const measuring = results.filter((key) => splitKey(key).split !== 'train');
  return measuring.length > 0 ? measuring : results;
}
