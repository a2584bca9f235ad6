import { join } from 'node:path';
import { listIfThere } from '../record/files.js';
import { keyFile, runPlace, type Store } from '../record/layout.js';
import { type Machine, readLivingHolder } from '../record/lease.js';
import type { ExperimentInfo } from '../record/meta.js';
import { headOf, listExperiments, newestFirst, parsePoint, readTag, type RunHead, wholeLines, workTag } from '../record/reader.js';
import { studyOfRun, SWEEP_TAG, TABLE_TAG } from '../study/members.js';
import { type TriedRun, triedRun } from '../run/attempt.js';

/** A run on record as it was last seen. */
export interface Seen {
  readonly run: RunHead;
  /** A process works on it. */
  readonly isAlive: boolean;
  /** What a sweep's or a table's own run is called; undefined of a run that trains. */
  readonly study: { readonly kind: 'sweep' | 'table'; readonly name: string } | undefined;
}

/** What a metric came to, epoch by epoch; of an epoch that was trained again, the later value. */
interface Series {
  readonly steps: number[];
  readonly values: number[];
}

interface Follow extends Series {
  /** Bytes that were read. */
  read: number;
}

interface Entry {
  seen: Seen;
  stamp: string;
  tried?: TriedRun;
  work?: string | null;
  /** Of few runs among many: those that somebody looks at. */
  series?: Map<string, Follow>;
}

/**
 * The records of a store, followed while others write them. Folders are listed when something came into them, a run is read when its own
 * fields changed, and of a metric only what was appended: ten thousand runs that have ended cost a few hundred calls a look at most.
 */
export interface Followed {
  /** Looks once; the ids of runs that came, changed or went since the look before. */
  look(): ReadonlySet<string>;
  /** All that count, the newest first. */
  all(): readonly Seen[];
  get(id: string): Seen | undefined;
  tried(id: string): TriedRun | undefined;
  /** Runs at a work, the newest first. */
  attempts(work: string): readonly TriedRun[];
  workOf(id: string): string | null;
  /** Of a metric of a run, from now on as long as the run goes on. */
  series(id: string, key: string): Series;
  /** Forgets metrics of runs that nobody looks at any more. */
  forget(kept: (id: string) => boolean): void;
}

/**
 * How many runs that have ended, and how many that were interrupted, are looked at again a time, and milliseconds between: one may be gone on with,
 * or be put into the trash.
 */
const AT_A_TIME = 60;
const ROUND = 1000;

export function follow(store: Store, machine: Machine, now: () => number = Date.now): Followed {
  const { files } = store;
  const entries = new Map<string, Entry>();
  const folders = new Map<string, { experiment: ExperimentInfo; modified: number }>();
  const byWork = new Map<string, Set<string>>();
  let hasWorks = false;
  let root = 0;
  const open = new Set<string>();
  let ended: readonly string[] = [];
  let rounded = 0;
  let turn = 0;
  let openTurn = 0;
  let sorted: readonly Seen[] | undefined;

  const stampOf = (folder: string): string => {
    const meta = files.stat(join(folder, 'meta.yaml'));
    return `${meta?.modified} ${meta?.size}`;
  };
  /** What may go on at any time; the run of a study itself is opened again whenever its document is run. */
  const isOpen = ({ seen: { run, study } }: Entry): boolean => study !== undefined || !['FINISHED', 'FAILED'].includes(run.status);
  const aliveOf = (run: RunHead): boolean => run.status === 'RUNNING' && readLivingHolder(store, run.place, machine, now()) !== null;
  /** What is changed within the resolution of a disk's clock shows no other time: it is looked at again. */
  const isRecent = (modified: number): boolean => Math.abs(now() - modified) < 3000;

  return { look, all, get: (id) => entries.get(id)?.seen, tried, attempts, workOf, series, forget };

  function look(): ReadonlySet<string> {
    const changed = new Set<string>();
    lookForExperiments(changed);
    for (const folder of folders.values()) lookForRuns(folder, changed);
    for (const id of open) if (entries.get(id)?.seen.isAlive) lookAt(id, changed);
    if (Math.abs(now() - rounded) >= ROUND) {
      rounded = now();
      openTurn = some([...open], openTurn, (id) => lookAt(id, changed));
      turn = some(ended, turn, (id) => lookAt(id, changed));
    }
    if (changed.size > 0) {
      sorted = undefined;
      sort(changed);
    }
    return changed;
  }

  /** Runs that may go on are looked at apart from those that have ended. */
  function sort(changed: ReadonlySet<string>): void {
    for (const id of changed) {
      const entry = entries.get(id);
      if (entry && isOpen(entry)) open.add(id);
      else open.delete(id);
    }
    ended = [...entries.keys()].filter((id) => !open.has(id));
  }

  function lookForExperiments(changed: Set<string>): void {
    const modified = files.stat(store.root)?.modified ?? 0;
    if (modified === root && !isRecent(modified)) return;
    root = modified;
    const found = listExperiments(store);
    const ids = new Set(found.map(({ id }) => id));
    for (const id of folders.keys()) if (!ids.has(id)) folders.delete(id);
    for (const [id, { seen }] of entries) {
      if (ids.has(seen.run.place.experimentId)) continue;
      changed.add(id);
      drop(id);
    }
    for (const experiment of found) folders.set(experiment.id, { modified: -1, ...folders.get(experiment.id), experiment });
  }

  function lookForRuns(folder: { experiment: ExperimentInfo; modified: number }, changed: Set<string>): void {
    const path = join(store.root, folder.experiment.id);
    const modified = files.stat(path)?.modified ?? 0;
    if (modified === folder.modified && !isRecent(modified)) return;
    folder.modified = modified;
    for (const { name, directory } of listIfThere(files, path)) {
      if (!directory || !/^[0-9a-f]{32}$/.test(name) || entries.has(name)) continue;
      const place = runPlace(store, folder.experiment.id, name);
      const stamp = stampOf(place.folder);
      const run = headOf(store, folder.experiment, place);
      if (!run) continue;
      entries.set(name, { seen: { run, isAlive: aliveOf(run), study: studyOf(run) }, stamp });
      if (hasWorks) remember(name);
      changed.add(name);
    }
  }

  function studyOf({ place }: RunHead): Seen['study'] {
    // To look whether a file is there costs a tenth of opening one that is not.
    const told = (tag: string): string | undefined =>
      files.stat(keyFile(place, 'tags', tag)) ? (readTag(store, place, tag) ?? undefined) : undefined;
    return studyOfRun({ [SWEEP_TAG]: told(SWEEP_TAG), [TABLE_TAG]: told(TABLE_TAG) });
  }

  function lookAt(id: string, changed: Set<string>): void {
    const entry = entries.get(id);
    if (!entry) return;
    const { seen } = entry;
    const { place } = seen.run;
    const stamp = stampOf(place.folder);
    let { run } = seen;
    if (stamp !== entry.stamp) {
      entry.stamp = stamp;
      const experiment = folders.get(place.experimentId)?.experiment;
      const found = experiment && headOf(store, experiment, place);
      changed.add(id);
      if (!found) return drop(id);
      run = found;
      delete entry.tried;
    }
    const isAlive = aliveOf(run);
    if (run === seen.run && isAlive === seen.isAlive && !isAlive) return;
    // Also once more after its end: its last epoch was written before.
    for (const [key, series] of entry.series ?? []) if (readOn(run, key, series)) changed.add(id);
    if (run === seen.run && isAlive === seen.isAlive) return;
    entry.seen = { ...seen, run, isAlive };
    changed.add(id);
  }

  function drop(id: string): void {
    const work = entries.get(id)?.work;
    entries.delete(id);
    if (work) byWork.get(work)?.delete(id);
  }

  function all(): readonly Seen[] {
    return (sorted ??= Array.from(entries.values(), ({ seen }) => seen).toSorted((a, b) => newestFirst(a.run, b.run)));
  }

  function tried(id: string): TriedRun | undefined {
    const entry = entries.get(id);
    return entry && (entry.tried ??= triedRun(store, entry.seen.run));
  }

  function remember(id: string): void {
    const work = workOf(id);
    if (work !== null) byWork.set(work, (byWork.get(work) ?? new Set()).add(id));
  }

  function workOf(id: string): string | null {
    const entry = entries.get(id);
    if (!entry) return null;
    return (entry.work ??= readTag(store, entry.seen.run.place, workTag));
  }

  function attempts(work: string): readonly TriedRun[] {
    if (!hasWorks) for (const id of entries.keys()) remember(id);
    hasWorks = true;
    return [...(byWork.get(work) ?? [])].flatMap((id) => tried(id) ?? []).toSorted(newestFirst);
  }

  function series(id: string, key: string): Series {
    const entry = entries.get(id);
    if (!entry) return { steps: [], values: [] };
    const known = entry.series?.get(key);
    if (known) return known;
    const fresh: Follow = { steps: [], values: [], read: 0 };
    (entry.series ??= new Map()).set(key, fresh);
    readOn(entry.seen.run, key, fresh);
    return fresh;
  }

  function readOn({ place }: RunHead, key: string, series: Follow): boolean {
    const file = keyFile(place, 'metrics', key);
    const facts = files.stat(file);
    const size = facts?.file ? facts.size : 0;
    if (size === series.read) return false;
    if (size < series.read) clear(series);
    const bytes = files.readFrom(file, series.read, size - series.read);
    const whole = wholeLines(bytes);
    series.read += whole;
    for (const line of Buffer.from(bytes.subarray(0, whole)).toString('utf8').split('\n')) {
      const point = parsePoint(line);
      if (point) put(series, point.step, point.value);
    }
    return whole > 0;
  }

  function forget(kept: (id: string) => boolean): void {
    for (const [id, entry] of entries) if (!entry.seen.isAlive && !kept(id)) delete entry.series;
  }
}

function clear(series: Follow): void {
  series.read = 0;
  series.steps.length = 0;
  series.values.length = 0;
}

function put({ steps, values }: Follow, step: number, value: number): void {
  while (steps.length > 0 && (steps.at(-1) ?? 0) >= step) {
    steps.pop();
    values.pop();
  }
  steps.push(step);
  values.push(value);
}

/** The next ones of a list, round and round; gives where to go on. */
function some(ids: readonly string[], from: number, look: (id: string) => void): number {
  const count = Math.min(AT_A_TIME, ids.length);
  for (let i = 0; i < count; i++) look(ids[(from + i) % ids.length] as string);
  return ids.length === 0 ? 0 : (from + count) % ids.length;
}
