import { join } from 'node:path';
import { isObject, readJsonIfThere } from '../record/json.js';
import { experimentId, runPlace, type Store } from '../record/layout.js';
import type { NamedWork } from './live-works.js';

/** The artifact of a sweep's or a table's own run that lists its works: it can be asked about where its documents are not. */
export const MEMBERS = 'members.json';

/** One line a work, so that two versions can be compared. */
export const formatMembers = (members: readonly object[]): string => `[\n${members.map((each) => JSON.stringify(each)).join(',\n')}\n]\n`;

/** Of the run of this id; none where it has kept no list. */
export function readMembers(store: Store, experiment: string, runId: string): readonly NamedWork[] {
  const { folder } = runPlace(store, experimentId(experiment), runId);
  const members = readJsonIfThere<readonly Member[]>(store.files, join(folder, 'artifacts', MEMBERS), areMembers) ?? [];
  return members.map(({ configuration, seed, work }) => ({ name: configuration, seed, work }));
}

interface Member {
  readonly configuration: string;
  readonly seed: number;
  readonly work: string;
}

const areMembers = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((each) => isObject(each) && typeof each['work'] === 'string' && typeof each['configuration'] === 'string');
