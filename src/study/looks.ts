import { join } from 'node:path';
import { canonicalJson } from '../planning/canonical-json.js';
import { isObject, listIfThere, readJsonIfThere } from '../record/files.js';
import { experimentFolder, experimentId, runPlace, type Store } from '../record/layout.js';
import { cellsOf, type Claim } from './claims/claim.js';
import type { Look } from './claims/interim-looks.js';
import { TABLES, tableRunId } from './members.js';

/** What a table's own run keeps of being looked at, `looks.json`. */
export interface LookLog {
  readonly version: 2;
  /** The protocol that was frozen beside it, once there is one. */
  readonly protocol?: FrozenProtocol;
  readonly looks: readonly KeptLook[];
  /** What an earlier version kept and no claim of today's has taken over, see `EarlierLooks`. */
  readonly before?: EarlierLooks;
}

/** When a protocol was frozen, and how it stood then. */
export interface FrozenProtocol {
  /** SHA-256 of `protocol.json`. */
  readonly digest: string;
  /** ISO 8601. */
  readonly at: string;
  /** The command that looked first, or `register`. */
  readonly by: string;
  /** Of one that was registered before the table was looked at: trials then on record, of all, and claims that other tables had looked at. */
  readonly registered?: { readonly done: number; readonly trials: number; readonly seen: number };
}

export interface KeptLook extends Look {
  /** The claim, by `identifyClaim`. */
  readonly claim: string;
  /** The form and the cells of the claim, for people. */
  readonly about: string;
  /** ISO 8601. */
  readonly at: string;
  readonly by: string;
}

/** By claim, the sets of seeds at which a verdict of it was printed; under `DECLARED` the numbers of looks that were declared then, each alone. */
type EarlierLooks = Readonly<Record<string, readonly (readonly number[])[]>>;

const DECLARED = 'declared';
export const LOOKS = 'looks.json';

/** What the own run of a table keeps, from its folder; empty where it was never looked at. */
export function readLog(store: Store, table: string): LookLog {
  return readLogOf(store, tableRunId(table));
}

function readLogOf(store: Store, runId: string): LookLog {
  const { folder } = runPlace(store, experimentId(TABLES), runId);
  const found = readJsonIfThere<LookLog | EarlierLooks>(store.files, join(folder, 'artifacts', LOOKS), isLog) ?? {};
  return isOfToday(found) ? found : { version: 2, looks: [], ...(Object.keys(found).length > 0 && { before: found }) };
}

/** By claim the looks of all tables of a store, each once and the oldest first, whatever became of those tables: what was seen stays seen. */
export function readAllLooks(store: Store): ReadonlyMap<string, readonly KeptLook[]> {
  const all = listIfThere(store.files, experimentFolder(store, experimentId(TABLES)))
    .filter(({ name, directory }) => directory && /^[0-9a-f]{32}$/.test(name))
    .flatMap(({ name }) => readLogOf(store, name).looks)
    .toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const byClaim = new Map<string, Map<string, KeptLook>>();
  for (const look of all) {
    const ofClaim = byClaim.get(look.claim) ?? new Map<string, KeptLook>();
    const key = keyOf(look);
    if (!ofClaim.has(key)) byClaim.set(look.claim, ofClaim.set(key, look));
  }
  return new Map(Array.from(byClaim, ([claim, looks]) => [claim, Array.from(looks.values())]));
}

const isOfToday = (found: LookLog | EarlierLooks): found is LookLog => found['version'] === 2;

const isLog = (value: unknown): boolean =>
  isObject(value) && (value['version'] === 2 ? isLookLog(value) : Object.values(value).every(areSets));

const isLookLog = ({ protocol, looks, before = {} }: Readonly<Record<string, unknown>>): boolean =>
  (protocol === undefined || (isObject(protocol) && typeof protocol['digest'] === 'string' && typeof protocol['at'] === 'string')) &&
  Array.isArray(looks) &&
  looks.every(
    (look) =>
      isObject(look) &&
      typeof look['claim'] === 'string' &&
      typeof look['at'] === 'string' &&
      Array.isArray(look['seeds']) &&
      isObject(look['terms']),
  ) &&
  isObject(before) &&
  Object.values(before).every(areSets);

const areSets = (value: unknown): boolean => Array.isArray(value) && value.every(Array.isArray);

/** As an artifact: a look a line. */
export const logText = ({ version, protocol, before, looks }: LookLog): string =>
  [
    `{"version": ${version},`,
    ...(protocol ? [` "protocol": ${JSON.stringify(protocol)},`] : []),
    ...(before ? [` "before": ${JSON.stringify(before)},`] : []),
    ` "looks": [${looks.map((look) => `\n  ${JSON.stringify(look)}`).join(',')}\n ]}\n`,
  ].join('\n');

/** How a claim is named in a log, for people; an earlier version knew it by this name alone. */
export const aboutOf = (claim: Claim): string => [claim.kind, ...cellsOf(claim).map((name) => name.join('/'))].join(' ');

/** What an earlier version saw of a claim, taken as judged in the way of today: it kept the seeds alone. */
export const earlierLooks = ({ before = {} }: LookLog, claim: Claim, terms: Look['terms']): readonly Look[] =>
  (before[aboutOf(claim)] ?? []).map((seeds) => ({ seeds, terms }));

/** The numbers of looks that were declared when an earlier version printed verdicts. */
export const declaredEarlier = ({ before = {} }: LookLog): readonly number[] => (before[DECLARED] ?? []).flat();

/** Without what claims of today have taken over as looks of their own. */
export function withoutEarlier({ before = {}, ...log }: LookLog, taken: readonly string[]): LookLog {
  const left = Object.entries(before).filter(([about]) => !taken.includes(about));
  return { ...log, ...(left.length > 0 && { before: Object.fromEntries(left) }) };
}

/** Looks that were taken with one more, each once: equal seeds that are judged in an equal way are one look, whenever and wherever it is repeated. */
export function withLook(before: readonly Look[], look: Look): { readonly number: number; readonly counted: readonly Look[] } {
  const counted = Array.from(new Map([...before, look].map((each) => [keyOf(each), each])).values());
  return { number: counted.findIndex((each) => sameLook(each, look)) + 1, counted };
}

export const sameLook = (a: Look, b: Look): boolean => keyOf(a) === keyOf(b);

const keyOf = ({ seeds, terms }: Look): string => canonicalJson([seeds.toSorted((a, b) => a - b), terms]);
