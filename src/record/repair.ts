import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freeAside, isNameTaken, renewLines, restoreHeader, setAside } from './start.js';
import { type Machine, takeLease } from './lease.js';
import { makeFolders, readText, replaceWhole, writeNew } from './files.js';
import { artifactUri, prepareStore, sharedTemporaryFile, temporaryFile, type RunPlace, type Store } from './layout.js';
import { experimentMeta, formatMeta, parseExperimentMeta, runMeta } from './meta.js';
import { parsePoint, readMetrics, readTag } from './reader.js';
import { verifyStore, type Fault, type FaultKind } from './verify.js';
import { changeMeta } from './writer.js';

export interface Repair {
  readonly fault: Fault;
  readonly mended: boolean;
  /** What was done, or why nothing was and what a person can do. */
  readonly message: string;
}

/** After a store was moved, or runs were copied into it: artifacts are looked for where they lie now. */
export const relocateStore = (store: Store, machine: Machine, now: number): readonly Repair[] =>
  mendAll(
    store,
    verifyStore(store).filter(({ kind }) => kind === 'experiment-moved' || kind === 'run-moved'),
    machine,
    now,
  );

/** Mends what can be mended without a guess; nothing is thrown away: what is taken out lies in the run's `.retable/aside`. */
export const repairStore = (store: Store, machine: Machine, now: number): readonly Repair[] =>
  mendAll(store, verifyStore(store), machine, now);

const mendAll = (store: Store, faults: readonly Fault[], machine: Machine, now: number): readonly Repair[] =>
  faults.map((fault) => {
    const mend = mends[fault.kind];
    if (typeof mend === 'string') return { fault, mended: false, message: mend };
    const leased = fault.run && takeLease(store, fault.run, machine, now);
    if (leased?.kind === 'held') {
      return { fault, mended: false, message: `process ${leased.by.pid} on ${leased.by.host} is working on this run` };
    }
    try {
      return { fault, mended: true, message: mend(store, fault, now) };
    } finally {
      leased?.lease.release();
    }
  });

type Mend = (store: Store, fault: Fault, now: number) => string;

/** What to do about a fault; a text where only a person can. */
const mends: Readonly<Record<FaultKind, Mend | string>> = {
  'store-unreadable': (store, { path }) => {
    const aside = `${path}.aside-${randomUUID().slice(0, 8)}`;
    store.files.rename(path, aside);
    prepareStore(store);
    return `made it again; the file as it was is ${aside}`;
  },
  'store-newer': 'install the retable that made this store, or a newer one',
  'json-senseless': inRun((store, run, { path }) => {
    const aside = setAside(store, run, path);
    restoreHeader(store, run);
    return `${store.files.stat(path) ? 'put back what it was when the run began' : 'put it aside'}; the file as it was is ${aside}`;
  }),
  'weights-cut': inRun(
    (store, run, { path }) => `put it aside: the file is ${setAside(store, run, path)}; retable run FILE --fresh trains them anew`,
  ),
  'root-below-artifacts': 'move the store to a path without a folder named "artifacts"',
  'foreign-folder': 'move this folder out of the store',
  'experiment-unreadable': 'copy the meta.yaml of this experiment from another store that has it; the name in it belongs to the id',
  'run-misnamed': 'rename the folder to what meta.yaml says, or move it out of the store if it is a copy',
  'experiment-moved': (store, { path }) => {
    const info = { ...parseExperimentMeta(readText(store.files, path)), artifactLocation: pathToFileURL(dirname(path)).href };
    replaceWhole(store.files, path, formatMeta(experimentMeta(info)), sharedTemporaryFile(dirname(path)));
    return 'its artifacts are looked for here now';
  },
  'run-moved': inRun((store, run) => {
    changeMeta(store, run, { artifactUri: artifactUri(run) });
    return 'its artifacts are looked for here now';
  }),
  'run-unreadable': inRun((store, run, { path }, now) => {
    if (isNameTaken(store.files, path)) setAside(store, run, path);
    return rebuildMeta(store, run, now);
  }),
  'folder-missing': (store, { path }) => {
    makeFolders(store.files, path);
    return 'made the folder';
  },
  'start-lost': inRun((store, run) => {
    restoreHeader(store, run);
    return 'put it back from the start of the run';
  }),
  'foreign-file': inRun((store, run, { path }) => `moved it to ${setAside(store, run, path)}`),
  'line-torn': inRun((store, run, { path }) => {
    renewLines(store.files, path, temporaryFile(run));
    return 'cut off the part of a line';
  }),
  'line-senseless': inRun((store, run, { path }) => keepLines(store, run, path, wholePoints)),
  'line-doubled': inRun((store, run, { path }) => keepLines(store, run, path, (lines) => [...new Set(lines)])),
};

function inRun(mend: (store: Store, run: RunPlace, fault: Fault, now: number) => string): Mend {
  return (store, fault, now) => {
    if (!fault.run) throw new Error(`${fault.kind} is a fault of a run`);
    return mend(store, fault.run, fault, now);
  };
}

const wholePoints = (lines: readonly string[]): readonly string[] => lines.filter((line) => parsePoint(line) !== null);

/** Keeps some lines of a metric file, and the file as it was aside. A file without lines would break MLflow, so it goes. */
function keepLines(store: Store, run: RunPlace, path: string, choose: (lines: readonly string[]) => readonly string[]): string {
  const text = readText(store.files, path);
  const lines = text.split('\n').slice(0, -1);
  const kept = choose(lines);
  const aside = freeAside(store, run, path);
  writeNew(store.files, aside, text);
  if (kept.length > 0) replaceWhole(store.files, path, kept.map((line) => `${line}\n`).join(''), temporaryFile(run));
  else store.files.remove(path);
  return `kept ${kept.length} of ${lines.length} lines of ${basename(path)}; the file as it was is ${aside}`;
}

/** A run's own fields from what else is recorded of it. How it ended is unknown, so it counts as interrupted, and anyone can go on with it. */
function rebuildMeta(store: Store, run: RunPlace, now: number): string {
  const times = Object.values(readMetrics(store, run)).flatMap((points) => points.map((point) => point.timestamp));
  const info = {
    id: run.runId,
    experimentId: run.experimentId,
    name: readTag(store, run, 'mlflow.runName') ?? run.runId,
    user: readTag(store, run, 'mlflow.user') ?? 'unknown',
    status: 'KILLED',
    startTime: times.reduce((a, b) => Math.min(a, b), now),
    endTime: times.reduce((a, b) => Math.max(a, b), 0) || now,
    artifactUri: artifactUri(run),
    deleted: false,
  } as const;
  replaceWhole(store.files, join(run.folder, 'meta.yaml'), formatMeta(runMeta(info)), temporaryFile(run));
  return 'made it again from tags and metrics; how the run ended is unknown, so it counts as interrupted';
}
