import { join } from 'node:path';
import { forShell } from '../diagnostics/words.js';
import { runsFolder, shown } from '../host/folders.js';
import { optionOf } from '../language/resolve.js';
import { SPEEDS } from '../planning/recorded.js';
import { isObject, readIfThere, readText } from '../record/files.js';
import type { RunPlace, Store } from '../record/layout.js';
import { readRun, type RunHead, type RunRecord as RunContent } from '../record/reader.js';
import { isDerived } from '../record/summary.js';
import { workSeconds } from '../record/works.js';
import type { Levels } from '../train/baselines.js';
import { describeAccepted } from '../validity/accept.js';
import { intervalNotes, readAnswers } from './class-answers.js';
import { continuedElsewhere, keptTag, reasonTag, statusOf } from './attempt.js';
import { readSkills } from './forecasts.js';
import { continuedTag } from './go-on-from.js';
import { type EpochSamples, onOneLine, readBaselines, readSamples, readViews } from './kept-files.js';
import { type RunRecord, type RunStatus, splitKey } from './run-record.js';
import { RESOLVED } from './recorded-document.js';
import { diagnose } from './signatures.js';
import { skillNotes, skillWarnings } from './skill.js';

/** A run as reports take it: from its record alone, so that it can be shown where it was copied to. */
export function readReport(store: Store, head: RunHead): RunRecord {
  const run = readRun(store, head);
  const plan = readJson(store, head, 'plan.json');
  const reason = run.tags[reasonTag];
  const metrics = list(plan['metrics']);
  const data = record(plan['data']);
  const origins = record(plan['origins']);
  const samples = readSamples(store, head.place);
  const views = readViews(store, head.place, metricOrder(data, metrics));
  const seconds = workSeconds(store, head.place);
  const shownByAll = {
    status: statusOf(store, run),
    parameters: new Map(Object.entries(run.parameters).map(([path, value]) => [path, { value, ...originOf(origins[path]) }])),
    metrics: new Map(
      Object.entries(run.metrics)
        .filter(([key]) => !isDerived(key))
        .toSorted(byOrder(metricOrder(data, metrics))),
    ),
    chance: numbersIn(record(data['chance'])),
  };
  const about: RunRecord['about'] = {
    ...SPEEDS,
    ...Object.fromEntries(
      metrics.map((metric) => [
        String(metric['key']),
        {
          better: metric['better'] === 'lower' ? 'lower' : 'higher',
          unit: String(metric['unit'] ?? ''),
          ...(metric['is'] === 'speed' && { is: 'speed' }),
        },
      ]),
    ),
  };
  const skills = readSkills(store, head.place);
  const answers = readAnswers(store, head.place);
  const findings = answers.flatMap((each) => each.findings);
  const kept = keptEpoch(run);
  const baselines = levelsOf(record(data['baselines']), readBaselines(store, head.place));
  const held = { metrics: shownByAll.metrics, baselines, about, ...(kept !== undefined && { kept }) };
  const accepted = list(plan['accepted']).map(({ threat, because, found }) =>
    describeAccepted({ threat: String(threat), because: String(because), found: String(found) }),
  );
  const shows = diagnose({
    ...shownByAll,
    metrics: new Map(Object.entries(underKinds([...shownByAll.metrics], metrics))),
    ...(Array.isArray(data['vocabulary']) && data['vocabulary'].length === data['classes'] && { classes: data['vocabulary'].length }),
    samples: samples.at(-1)?.texts ?? [],
  });
  const aboutData = list(data['facts']).flatMap(({ note }) => (typeof note === 'string' ? [note] : []));
  const reasons = reason === undefined ? [] : [reason];
  const elsewhere = elsewhereNote(run.tags[continuedElsewhere]);
  return {
    ...shownByAll,
    experiment: run.experiment,
    baselines,
    ...(run.tags['mlflow.note.content'] && { description: run.tags['mlflow.note.content'] }),
    runId: run.id,
    about,
    ...(views.length > 0 && { views }),
    ...(kept !== undefined && { kept }),
    notes: [
      ...reasons,
      ...accepted,
      ...skillNotes(held, skills),
      ...findings,
      ...answers.flatMap(intervalNotes),
      ...writtenLast(samples),
      ...shows,
      ...continuedNote(run.tags[continuedTag]),
      ...elsewhere,
      ...earlyNote(run),
      ...(kept === undefined ? [] : [`The weights of epoch ${kept} are kept, the best one.`]),
      ...aboutData,
    ],
    warnings: [
      ...reasons,
      ...accepted,
      ...skillWarnings(held, skills),
      ...findings,
      ...shows,
      ...elsewhere,
      ...earlyNote(run),
      ...(shownByAll.metrics.size > 0 ? aboutData : []),
    ],
    started: run.startTime,
    ...(run.endTime !== null && { ended: run.endTime }),
    ...(seconds !== undefined && { seconds }),
    folder: shown(head.place.folder),
    environment: new Map(readEnvironment(store, head.place)),
    commands: commandsFor(run, shownByAll.status, origins, store),
  };
}

/** What a plan knows of answers without learning, and what was measured of them; where a plan knows a level itself, that one. */
function levelsOf(planned: Plain, measured: Levels): Levels {
  const keys = [...new Set([...Object.keys(planned), ...Object.keys(measured)])];
  return Object.fromEntries(keys.map((key) => [key, { ...measured[key], ...numbersIn(record(planned[key])) }]));
}

/** Split by split as the data has them, the loss first, then the metrics as the document has them. */
const metricOrder = (data: Plain, metrics: readonly Plain[]): readonly string[] =>
  Object.keys(record(data['splits'])).flatMap((split) => [`${split}/loss`, ...metrics.map(({ key }) => `${split}/${String(key)}`)]);

/** Series by the kinds of their metrics, whatever a document calls them. */
const underKinds = <T>(series: readonly (readonly [string, T])[], metrics: readonly Plain[]): Readonly<Record<string, T>> => {
  const kinds = new Map(metrics.map(({ key, kind }) => [String(key), String(kind)]));
  return Object.fromEntries(
    series.map(([key, points]) => {
      const { split, metric } = splitKey(key);
      return [split === '' ? key : `${split}/${kinds.get(metric) ?? metric}`, points];
    }),
  );
};

const continuedNote = (from: string | undefined): readonly string[] =>
  from === undefined ? [] : [`Its first epochs are those of run ${from.slice(0, 8)}, which it goes on from.`];

const elsewhereNote = (tag: string | undefined): readonly string[] =>
  tag === undefined ? [] : [`Its epochs were not all computed alike: it went on ${tag}, on another processor or with other software.`];

function earlyNote({ status, parameters, metrics }: Pick<RunContent, 'status' | 'parameters' | 'metrics'>): readonly string[] {
  const [last, epochs] = [metrics['train/loss']?.at(-1)?.step, parameters['training.epochs']];
  if (status !== 'FINISHED' || last === undefined || String(last) === epochs) return [];
  const [watched, patience] = [parameters['training.early_stopping.metric'], parameters['training.early_stopping.patience']];
  return [`Stopped early, after epoch ${last} of ${epochs}: ${watched} had not become better for ${patience} epochs.`];
}

function keptEpoch({ tags, metrics }: Pick<RunContent, 'tags' | 'metrics'>): number | undefined {
  const [kept, last] = [tags[keptTag], metrics['train/loss']?.at(-1)?.step];
  return kept === undefined || last === undefined || kept === String(last) ? undefined : Number(kept);
}

/** What the order doesn't name comes last, by name. */
const byOrder =
  (order: readonly string[]) =>
  ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => {
    const rank = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length);
    return rank(a) - rank(b) || (a < b ? -1 : 1);
  };

const numbersIn = (values: Plain): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));

const originOf = (origin: unknown) => (typeof origin === 'string' && origin !== 'default' ? { origin } : {});

/** What to do next: a run that has not come to its end is gone on with first, by the command that began it. */
function commandsFor(run: RunContent, status: RunStatus, origins: Plain, { root }: Store): RunRecord['commands'] {
  const id = run.id.slice(0, 8);
  const source = run.tags['mlflow.source.name'];
  const runs = root === runsFolder(undefined) ? '' : ` --runs ${forShell(shown(root))}`;
  const look = [
    { command: `npx retable show ${id}${runs}`, does: 'show this summary' },
    { command: `npx retable report ${id}${runs}`, does: 'one HTML page with curves, configuration and environment' },
  ];
  if (source === undefined) return look;
  const isOfRecord = source.endsWith(RESOLVED);
  const again = isOfRecord
    ? `npx retable run ${id}`
    : ['npx run', forShell(source), ...optionsOf(origins), `--seed ${run.parameters['seed'] ?? 1}`].join(' ');
  switch (status) {
    case 'finished':
    case 'diverged':
      return [...look, { command: `${again} --fresh${runs}`, does: 'train again from scratch, as a new run' }];
    case 'failed':
      return [{ command: again + runs, does: 'train it again, as a new run' }, ...look];
    case 'killed':
    case 'interrupted':
      return [{ command: `npx retable resume ${id}${runs}`, does: 'go on where it stopped' }, ...look];
    case 'running':
      return [{ command: again + runs, does: 'say which process trains it' }, ...look];
    default:
      return status satisfies never;
  }
}

/** The options that a run was begun with besides its seed, a wide `--set` before one inside of it: the later one counts. */
function optionsOf(origins: Plain): readonly string[] {
  const options = Object.values(origins).flatMap((origin) => (typeof origin === 'string' ? (optionOf(origin) ?? []) : []));
  const depth = ({ argument }: { readonly argument: string }): number => argument.split('=', 1).join().split('.').length;
  return [
    ...new Set(
      options
        .filter(({ flag }) => flag !== '--seed')
        .toSorted((a, b) => depth(a) - depth(b))
        .map(({ flag, argument }) => `${flag} ${forShell(argument)}`),
    ),
  ];
}

function readJson(store: Store, { place }: RunHead, artifact: string): Plain {
  try {
    return record(JSON.parse(readText(store.files, join(place.folder, 'artifacts', artifact))));
  } catch {
    return {}; // a foreign run, or one that died before it was written
  }
}

type Plain = Readonly<Record<string, unknown>>;

const record = (value: unknown): Plain => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Plain) : {});
const list = (value: unknown): readonly Plain[] => (Array.isArray(value) ? value.map(record) : []);

/** What a model of text wrote last, after the first two of its prefixes. */
const writtenLast = (samples: readonly EpochSamples[]): readonly string[] => {
  const last = samples.at(-1);
  return (last?.texts.slice(0, 2) ?? []).map((text) => `After epoch ${last?.epoch} it writes: ${onOneLine(text)}`);
};

/** Where a run was made, as its record has it: facts by name, versions by package. Nothing of a run whose record doesn't say. */
export function readEnvironment(store: Store, { folder }: RunPlace): readonly (readonly [name: string, value: string])[] {
  const text = readIfThere(store.files, join(folder, 'artifacts', 'environment.json'));
  return Object.entries(text === null ? {} : parse(text)).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).map(([key, version]) => [key, String(version)] as const)
      : [[name.replaceAll('_', ' '), String(value)] as const],
  );
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const kept: unknown = JSON.parse(text);
    return isObject(kept) ? kept : {};
  } catch {
    return {}; // torn by a crash
  }
}
