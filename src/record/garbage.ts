import { join } from 'node:path';
import { isSettled, outcomeTag } from './works.js';
import { type Machine, readLivingHolder, takeLease } from './lease.js';
import { listIfThere, type Files } from './files.js';
import { ownFolder, runPlace, stagingFolder, type RunPlace, type Store } from './layout.js';
import { listRuns, readHead, readTag } from './reader.js';

/** What takes space and is of no use to anybody any more. */
interface Garbage {
  readonly kind: 'checkpoints' | 'unfinished' | 'deleted-run';
  readonly path: string;
  readonly bytes: number;
  readonly message: string;
  /** The run that it is in. */
  readonly run?: RunPlace;
}

/** Milliseconds after which what was never finished counts as given up. */
const GIVEN_UP = 3_600_000;

/** Checkpoints of runs that won't go on, what a killed process left half written, and runs that were deleted on MLflow's page. Looks only. */
export function findGarbage(store: Store, machine: Machine, now: number): readonly Garbage[] {
  const settled = listRuns(store).filter(({ status, place }) => isSettled({ status, outcome: readTag(store, place, outcomeTag) }));
  const checkpoints = settled.flatMap(({ place }): readonly Garbage[] => {
    const path = join(ownFolder(place), 'checkpoints');
    const bytes = sizeOf(store.files, path);
    return bytes > 0
      ? [{ kind: 'checkpoints', path, bytes, message: 'the run has come to its end; only --from would go on from it', run: place }]
      : [];
  });
  return [...checkpoints, ...unfinished(store, now), ...deletedRuns(store)].filter(
    ({ run }) => !run || !readLivingHolder(store, run, machine, now),
  );
}

/** Gives the space back; what somebody works on stays. */
export function removeGarbage(store: Store, garbage: readonly Garbage[], machine: Machine, now: number): readonly Garbage[] {
  return garbage.filter(({ path, run }) => {
    const leased = run && takeLease(store, run, machine, now);
    if (leased?.kind === 'held') return false;
    store.files.removeTree(path);
    if (leased && run?.folder !== path) leased.lease.release();
    return true;
  });
}

const unfinished = (store: Store, now: number): readonly Garbage[] =>
  experimentIds(store).flatMap((id) => {
    const folder = stagingFolder(store, id);
    return listIfThere(store.files, folder).flatMap(({ name }): readonly Garbage[] => {
      const path = join(folder, name);
      const isOld = now - (store.files.stat(path)?.modified ?? now) > GIVEN_UP;
      return isOld ? [{ kind: 'unfinished', path, bytes: sizeOf(store.files, path), message: 'a process ended before it was whole' }] : [];
    });
  });

const deletedRuns = (store: Store): readonly Garbage[] =>
  experimentIds(store).flatMap((id) =>
    listIfThere(store.files, join(store.root, id)).flatMap(({ name }): readonly Garbage[] => {
      if (!/^[0-9a-f]{32}$/.test(name)) return [];
      const place = runPlace(store, id, name);
      if (!isDeleted(store, place)) return [];
      const bytes = sizeOf(store.files, place.folder);
      return [{ kind: 'deleted-run', path: place.folder, bytes, message: 'it was deleted on the page of MLflow', run: place }];
    }),
  );

function isDeleted(store: Store, place: RunPlace): boolean {
  try {
    return readHead(store, place).deleted;
  } catch {
    return false;
  }
}

const experimentIds = (store: Store): readonly string[] =>
  listIfThere(store.files, store.root).flatMap(({ name, directory }) => (directory && /^\d{1,18}$/.test(name) ? [name] : []));

/** Bytes of all files below. */
function sizeOf(files: Files, path: string): number {
  const facts = files.stat(path);
  if (!facts) return 0;
  return facts.directory ? listIfThere(files, path).reduce((sum, { name }) => sum + sizeOf(files, join(path, name)), 0) : facts.size;
}
