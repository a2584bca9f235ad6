import { join } from 'node:path';
import { shortNames } from '../planning/name-configuration.js';
import { isPace } from '../planning/recorded.js';
import { isObject, quietly, readIfThere } from '../record/files.js';
import { keyFile, type RunPlace, type Store } from '../record/layout.js';
import type { Machine } from '../record/lease.js';
import { keysBelow, readParameters, readTag } from '../record/reader.js';
import { epochsPerSecondKey } from '../record/works.js';
import { isDerived } from '../record/summary.js';
import { splitKey } from '../run/run-record.js';
import { median } from '../statistics/means.js';
import { describeReplicate } from '../language/replicate.js';
import { MEMBERS, type NamedWork, readMembers } from '../study/members.js';
import { type LiveWork, type Pace, type Progress, progressOf, secondsLeft } from '../study/progress.js';
import { selectValue } from '../study/proposals/results.js';
import type { Followed, Seen } from './follow.js';

/** What a page shows: everything, the runs of an experiment, a sweep or a table by the id of its own run, or runs by their ids. */
export type Subject =
  | { readonly kind: 'all' }
  | { readonly kind: 'experiment'; readonly name: string }
  | { readonly kind: 'study'; readonly id: string }
  | { readonly kind: 'runs'; readonly ids: readonly string[] };

/** A trial, or a run, as a line of the page: plain data, in JSON. What is not finite is text there. */
interface Row {
  /** Tells rows of a page apart, as long as it is open. */
  readonly key: string;
  readonly run: string | null;
  readonly name: string;
  readonly seed: string;
  readonly state: Progress['state'] | 'pruned';
  readonly epoch: number;
  /** Of one that goes on; 0 where it is not known. */
  readonly epochs: number;
  /** Of one at work: until its end. Of a settled one: what it took. */
  readonly seconds: number | null;
  /** Who works on it: `process 4711 on c12`. */
  readonly worker: string;
  /** Milliseconds since 1970; 0 of one that was not begun. */
  readonly started: number;
  /** What it sets apart from the others, by path. */
  readonly set: Readonly<Record<string, string>>;
  /** The metric that is shown, as the study compares it, or at its last epoch. */
  readonly value: number | string | null;
  readonly reason: string;
  /** The end of its log, of one that failed. */
  readonly log: string;
}

/** A sweep or a table among all that is on record. */
interface StudyRow {
  readonly id: string;
  readonly kind: 'sweep' | 'table';
  readonly name: string;
  readonly isAlive: boolean;
  readonly started: number;
}

/** All that a page needs to begin with. */
export interface Snapshot {
  readonly kind: 'all' | 'experiment' | 'sweep' | 'table' | 'runs';
  readonly title: string;
  readonly note: string;
  /** Every metric that can be shown, the ones that tell most first. */
  readonly metrics: readonly string[];
  readonly metric: string;
  readonly better: 'higher' | 'lower';
  readonly unit: string;
  /** Short names of what is set, by path. */
  readonly names: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
  /** `[step, value, step, value, ...]` by the key of a row. */
  readonly points: Readonly<Record<string, Points>>;
  readonly studies: readonly StudyRow[];
  /** Until all is done; null where nothing tells. */
  readonly left: number | null;
  /** How many runs there are that are not shown. */
  readonly hidden: number;
  /** Of a table: its verdicts can be shown. */
  readonly hasVerdicts: boolean;
}

type Points = readonly (number | string)[];

/** What became different since; `more` goes behind what a page has of a curve, `points` in its place. */
interface Change {
  readonly rows: readonly Row[];
  readonly gone: readonly string[];
  readonly more: Readonly<Record<string, Points>>;
  readonly points: Readonly<Record<string, Points>>;
  readonly studies: readonly StudyRow[];
  readonly left: number | null;
}

/** One page's worth of the records, which any number of browsers look at. */
export interface View {
  snapshot(): Snapshot;
  /** After a look at the records: what changed, nothing at all, or so much that a page begins again. */
  change(ids: ReadonlySet<string>): Change | 'again' | undefined;
  shows(id: string): boolean;
}

/** How many of the newest runs are listed where nobody names any, and how many points all curves of a page have at first. */
const MOST = { runs: 300, studies: 50, points: 250_000, curve: 600, log: 20 };

interface Context {
  readonly store: Store;
  readonly machine: Machine;
  readonly followed: Followed;
  /** What is known of the document of a table by the id of its own run; undefined where it isn't known. */
  readonly documentOf: (table: string) => { readonly metric?: string } | undefined;
}

/** What a row is about: a run, or a work that may have none yet. */
interface Item {
  readonly key: string;
  readonly name: string;
  readonly run?: string;
  readonly work?: NamedWork;
}

export function openView(context: Context, subject: Subject, wanted: string | undefined): View {
  const { store, machine, followed } = context;
  let items = itemsOf(context, subject);
  const own = subject.kind === 'study' ? followed.get(subject.id) : undefined;
  let members = stampOfMembers(own);
  const document = own?.study?.kind === 'table' ? context.documentOf(own.run.id) : undefined;
  const select = own?.study?.kind === 'sweep' ? selectionOf(store, own.run.place) : undefined;
  const sample = sampleOf();
  const metrics = metricsOf(store, sample);
  const facts = factsIn(store, sample);
  const metric =
    wanted !== undefined && metrics.includes(wanted) ? wanted : (select?.metric ?? document?.metric ?? usual(metrics, facts.keys));
  const { better, unit } = facts.about(metric);
  const rows = new Map<string, Row>();
  const progress = new Map<string, Progress>();
  /** Of a curve, how many points the pages have. */
  const sent = new Map<string, number>();
  const settings = new Map<string, Readonly<Record<string, string>>>();
  /** The paths in which the rows differ, as the pages know them. */
  let told = '';
  for (const item of items.values()) renew(item);

  return { snapshot, change, shows: (id) => items.has(id) || (subject.kind === 'study' && itemOf(id) !== undefined) };

  function sampleOf(): readonly RunPlace[] {
    const places = [...items.values()].flatMap((item) => runOf(item)?.run.place ?? []);
    return places.length <= 8 ? places : [...places.slice(0, 4), ...places.slice(-4)];
  }

  function runOf(item: Item): Seen | undefined {
    const id = item.run ?? (item.work && followed.attempts(item.work.work)[0]?.id);
    return id === undefined ? undefined : followed.get(id);
  }

  function renew(item: Item): Row {
    const { work } = item;
    const attempts = work ? followed.attempts(work.work) : [followed.tried(item.run ?? '')].flatMap((run) => run ?? []);
    const stands = progressOf(store, attempts, machine, ({ id, place }) => paceOf(id, place));
    const id = 'run' in stands ? stands.run : undefined;
    const seen = id === undefined ? undefined : followed.get(id);
    const points = id === undefined ? undefined : followed.series(id, metric);
    const { state } = work?.pruned === true && stands.state === 'interrupted' ? { state: 'pruned' as const } : stands;
    const hasFailed = state === 'failed' || state === 'diverged';
    const value =
      points && select && state === 'done'
        ? selectValue(
            points.steps.map((step, index) => ({ step, value: points.values[index] ?? Number.NaN })),
            select.at,
            better,
          )
        : points?.values.at(-1);
    const row: Row = {
      key: item.key,
      run: id ?? null,
      name: item.name,
      seed: work ? describeReplicate(work).slice('seed '.length) : (seen && settingOf(seen, 'seed')) || '',
      state,
      epoch: 'epoch' in stands ? stands.epoch : (points?.steps.at(-1) ?? 0),
      epochs: 'epochs' in stands ? finite(stands.epochs) : 0,
      seconds: 'seconds' in stands ? (stands.seconds ?? null) : null,
      worker: stands.state === 'at work' ? `process ${stands.pid} on ${stands.host}` : '',
      started: seen?.run.startTime ?? 0,
      set: setOf(item, seen),
      value: value === undefined ? null : inJson(value),
      reason: 'reason' in stands ? (stands.reason ?? '') : '',
      log: hasFailed && seen ? endOfLog(store, seen.run.place) : '',
    };
    rows.set(item.key, row);
    progress.set(item.key, stands);
    return row;
  }

  function settingOf({ run }: Seen, path: string): string {
    return readIfThere(store.files, keyFile(run.place, 'params', path)) ?? '';
  }

  function setOf({ work, name }: Item, seen: Seen | undefined): Readonly<Record<string, string>> {
    if (work?.set) return Object.fromEntries(Object.entries(work.set).map(([path, value]) => [path, textOf(value)]));
    if (own?.study?.kind === 'table') return { row: name };
    if (subject.kind === 'all' || !seen) return {};
    const { id, place } = seen.run;
    const known = settings.get(id) ?? settingsOf(readParameters(store, place));
    settings.set(id, known);
    return known;
  }

  function paceOf(id: string, place: RunPlace): Pace {
    const epoch = followed.series(id, 'train/loss').steps.at(-1) ?? 0;
    const paces = followed.series(id, epochsPerSecondKey).values;
    const epochs = Number(readIfThere(store.files, keyFile(place, 'params', 'training.epochs')) ?? Number.NaN);
    return { epoch, epochs, ...(paces.length > 0 && { secondsEach: 1 / median(paces) }) };
  }

  function snapshot(): Snapshot {
    const shown = [...rows.values()];
    const varied = variedPaths(shown);
    told = varied.join('\n');
    const each = Math.max(60, Math.min(MOST.curve, Math.floor(MOST.points / Math.max(1, shown.length))));
    sent.clear();
    const points = Object.fromEntries(shown.flatMap((row) => (row.run === null ? [] : [[row.key, curveOf(row, each)]])));
    return {
      kind: own?.study?.kind ?? (subject.kind === 'study' ? 'runs' : subject.kind),
      title: titleOf(subject, own, shown),
      note: own ? (readTag(store, own.run.place, 'mlflow.note.content') ?? '') : '',
      metrics,
      metric,
      better,
      unit,
      names: Object.fromEntries(shortNames(varied)),
      rows: shown.map((row) => withSet(row, varied)),
      points,
      studies: studyRows(),
      left: left(),
      hidden: subject.kind === 'all' ? Math.max(0, trained(followed).length - shown.length) : 0,
      hasVerdicts: document !== undefined,
    };
  }

  function curveOf({ key, run }: Row, most: number): Points {
    const { steps, values } = followed.series(run ?? '', metric);
    sent.set(key, steps.length);
    const stride = Math.max(1, Math.ceil(steps.length / most));
    return steps.flatMap((step, index) =>
      index % stride === 0 || index === steps.length - 1 ? [step, inJson(values[index] ?? Number.NaN)] : [],
    );
  }

  function change(ids: ReadonlySet<string>): Change | 'again' | undefined {
    if (subject.kind === 'study') {
      const now = stampOfMembers(followed.get(subject.id));
      if (now !== members) return begin(now);
    } else if (subject.kind !== 'runs' && [...ids].some((id) => !items.has(id) && belongs(followed.get(id)))) {
      const before = items;
      items = itemsOf(context, subject);
      if (before.size === 0) return begin(members);
    }
    // The first epoch of all says what is measured.
    const isFirst = [...ids].some((id) => (rows.get(itemOf(id)?.key ?? '')?.epoch ?? 0) <= 1);
    if (isFirst && metricsOf(store, sampleOf()).join('\n') !== metrics.join('\n')) return 'again';
    const changed: Row[] = [];
    const more: Record<string, Points> = {};
    const whole: Record<string, Points> = {};
    for (const id of ids) {
      const item = itemOf(id);
      if (!item || !followed.get(item.run ?? id)) continue;
      const before = rows.get(item.key);
      const row = renew(item);
      if (JSON.stringify(before) !== JSON.stringify(row)) changed.push(row);
      if (row.run === null) continue;
      const { steps, values } = followed.series(row.run, metric);
      const had = before?.run === row.run ? (sent.get(item.key) ?? 0) : 0;
      if (steps.length > had && had > 0) {
        more[item.key] = steps.slice(had).flatMap((step, index) => [step, inJson(values[had + index] ?? Number.NaN)]);
        sent.set(item.key, steps.length);
      } else if (steps.length !== had) whole[item.key] = curveOf(row, MOST.curve);
    }
    const gone = [...rows.keys()].filter((key) => !items.has(key) || (subject.kind !== 'study' && !followed.get(key)));
    for (const key of gone) {
      rows.delete(key);
      progress.delete(key);
      items.delete(key);
    }
    const isStudyChanged = [...ids].some((id) => followed.get(id)?.study);
    if (changed.length === 0 && gone.length === 0 && Object.keys(more).length === 0 && !isStudyChanged) return undefined;
    const varied = variedPaths([...rows.values()]);
    if (varied.join('\n') !== told) return 'again';
    return { rows: changed.map((row) => withSet(row, varied)), gone, more, points: whole, studies: studyRows(), left: left() };
  }

  function begin(now: string): 'again' {
    members = now;
    return 'again';
  }

  function belongs(seen: Seen | undefined): boolean {
    return seen !== undefined && !seen.study && (subject.kind !== 'experiment' || seen.run.experiment === subject.name);
  }

  function itemOf(id: string): Item | undefined {
    if (subject.kind !== 'study') return items.get(id);
    const work = followed.workOf(id);
    return work === null ? undefined : items.get(work);
  }

  function stampOfMembers(seen: Seen | undefined): string {
    if (!seen) return '';
    const facts = store.files.stat(join(seen.run.place.folder, 'artifacts', MEMBERS));
    return `${facts?.modified} ${facts?.size}`;
  }

  function studyRows(): readonly StudyRow[] {
    if (subject.kind !== 'all') return [];
    return followed
      .all()
      .filter(({ study }) => study)
      .slice(0, MOST.studies)
      .map(({ run, isAlive, study }) => ({
        id: run.id,
        kind: study?.kind ?? 'sweep',
        name: study?.name ?? '',
        isAlive,
        started: run.startTime,
      }));
  }

  function left(): number | null {
    if (subject.kind !== 'study') return null;
    const works = [...items.values()].flatMap(({ key, work }): readonly LiveWork[] => {
      const stands = progress.get(key);
      return work && stands && work.pruned !== true ? [{ ...work, ...stands }] : [];
    });
    return secondsLeft(works) ?? null;
  }
}

/** Runs that train, not those of a study itself. */
const trained = (followed: Followed): readonly Seen[] => followed.all().filter(({ study }) => !study);

function itemsOf({ store, followed }: Context, subject: Subject): Map<string, Item> {
  const ofRuns = (all: readonly Seen[]) =>
    new Map(all.map(({ run }): [string, Item] => [run.id, { key: run.id, name: run.experiment, run: run.id }]));
  switch (subject.kind) {
    case 'all': {
      const all = trained(followed);
      return ofRuns(all.filter(({ isAlive }, index) => index < MOST.runs || isAlive));
    }
    case 'experiment':
      return ofRuns(
        trained(followed)
          .filter(({ run }) => run.experiment === subject.name)
          .slice(0, MOST.runs),
      );
    case 'runs':
      return ofRuns(subject.ids.flatMap((id) => followed.get(id) ?? []));
    case 'study': {
      const own = followed.get(subject.id);
      const members = own ? readMembers(store, own.run.experiment, own.run.id) : [];
      return new Map(members.map((work) => [work.work, { key: work.work, name: work.name, work }]));
    }
    default:
      return subject satisfies never;
  }
}

function titleOf(subject: Subject, own: Seen | undefined, rows: readonly Row[]): string {
  switch (subject.kind) {
    case 'all':
      return 'All runs';
    case 'experiment':
      return subject.name;
    case 'study':
      return own?.study?.name ?? 'not begun yet';
    case 'runs':
      return rows.length === 1 && rows[0] ? `${rows[0].name}, seed ${rows[0].seed}` : `${rows.length} runs`;
    default:
      return subject satisfies never;
  }
}

/** What a sweep compares, as its own run has it. */
function selectionOf(store: Store, place: RunPlace) {
  const { 'select.metric': metric = '', 'select.at': at = 'last' } = readParameters(store, place);
  const when: 'last' | 'best' | number = at === 'last' || at === 'best' ? at : Number(at);
  return metric === '' ? undefined : { metric, at: when };
}

/** What measures how well, before what measures how fast; of what the machine did, nothing. */
function metricsOf(store: Store, places: readonly RunPlace[]): readonly string[] {
  const keys = new Set(places.flatMap(({ folder }) => keysBelow(store, join(folder, 'metrics')).filter((key) => !isDerived(key))));
  return [...keys].toSorted((a, b) => Number(isPace(a)) - Number(isPace(b)) || (a < b ? -1 : 1));
}

/** The first metric of the document on what was not trained on, else the loss there. */
function usual(metrics: readonly string[], keys: readonly string[]): string {
  const apart = metrics.filter((key) => splitKey(key).split !== 'train' && !isPace(key));
  const isFirst = (key: string): boolean => keys[0] !== undefined && splitKey(key).metric === keys[0];
  return apart.find(isFirst) ?? apart[0] ?? 'train/loss';
}

/** What plans on record say of metrics. */
function factsIn(store: Store, places: readonly RunPlace[]) {
  const found = new Map<string, { readonly better: 'higher' | 'lower'; readonly unit: string }>();
  for (const { folder } of places) {
    quietly(() => {
      const plan: unknown = JSON.parse(readIfThere(store.files, join(folder, 'artifacts', 'plan.json')) ?? '{}');
      const metrics = isObject(plan) && Array.isArray(plan['metrics']) ? (plan['metrics'] as readonly unknown[]) : [];
      for (const each of metrics) {
        if (!isObject(each) || typeof each['key'] !== 'string') continue;
        const unit = typeof each['unit'] === 'string' ? each['unit'] : '';
        found.set(each['key'], { better: each['better'] === 'lower' ? 'lower' : 'higher', unit });
      }
    });
    if (found.size > 0) break;
  }
  return {
    keys: [...found.keys()],
    about: (key: string) => found.get(splitKey(key).metric) ?? { better: isPace(key) ? ('higher' as const) : ('lower' as const), unit: '' },
  };
}

/** Names and prose are no settings, nor is what is repeated. */
const settingsOf = (parameters: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(parameters).filter(([path]) => !['experiment', 'description', 'seed', 'fold'].includes(path)));

/** In what the rows differ. */
function variedPaths(rows: readonly Row[]): readonly string[] {
  const values = new Map<string, Set<string>>();
  for (const { set } of rows) for (const [path, value] of Object.entries(set)) values.set(path, (values.get(path) ?? new Set()).add(value));
  return [...values].flatMap(([path, found]) => (found.size > 1 ? [path] : []));
}

const withSet = (row: Row, varied: readonly string[]): Row => ({
  ...row,
  set: Object.fromEntries(varied.flatMap((path) => (row.set[path] === undefined ? [] : [[path, row.set[path]]]))),
});

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
const inJson = (value: number): number | string => (Number.isFinite(value) ? value : String(value));
const finite = (value: number): number => (Number.isFinite(value) ? value : 0);

function endOfLog(store: Store, { folder }: RunPlace): string {
  const file = join(folder, '.retable', 'log.txt');
  const size = store.files.stat(file)?.size ?? 0;
  const most = 8192;
  if (size === 0) return '';
  const text = Buffer.from(store.files.readFrom(file, Math.max(0, size - most), most)).toString('utf8');
  return text.trimEnd().split('\n').slice(-MOST.log).join('\n');
}

/** Reads what a page asks for; undefined for what is no subject. */
export function subjectOf(text: string): Subject | undefined {
  if (text === '' || text === 'all') return { kind: 'all' };
  const [kind = '', ...rest] = text.split('/');
  const name = rest.join('/');
  if (kind === 'experiment' && name !== '') return { kind: 'experiment', name };
  if (kind === 'study' && /^[0-9a-f]{32}$/.test(name)) return { kind: 'study', id: name };
  if (kind === 'runs' && /^[0-9a-f]{32}(,[0-9a-f]{32}){0,299}$/.test(name)) return { kind: 'runs', ids: name.split(',') };
  return undefined;
}

export const subjectText = (subject: Subject): string => {
  switch (subject.kind) {
    case 'all':
      return '';
    case 'experiment':
      return `experiment/${subject.name}`;
    case 'study':
      return `study/${subject.id}`;
    case 'runs':
      return `runs/${subject.ids.join(',')}`;
    default:
      return subject satisfies never;
  }
};
