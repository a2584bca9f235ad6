import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { plain } from '../diagnostics/numbers.js';
import { listed } from '../diagnostics/words.js';
import { canonicalJson } from '../planning/canonical-json.js';
import { isObject, readIfThere, readJsonIfThere } from '../record/files.js';
import { experimentId, runPlace, type Store } from '../record/layout.js';
import { type CellName, cellsOf } from './claims/claim.js';
import type { ProtocolFacts } from './claims/facts.js';
import type { FrozenProtocol } from './looks.js';
import { TABLES, tableRunId } from './members.js';
import type { PreparedTable } from './prepare-study.js';
import { type CellContent, type contentsOf, type Question, questionOf, selectionOf } from './question.js';
import { seedsOf, splitsOf, stagesOf } from './replicates.js';
import { selectedLabel } from './tuned-rows.js';

/** What a table declares before its verdicts are seen, as its own run keeps it. What only words it, titles and labels and sources, is left out. */
export interface Protocol {
  readonly table: string;
  /** Of stages, those of the last one: at which to stop for now is no part of the plan. */
  readonly seeds: readonly number[];
  readonly stages?: readonly number[];
  readonly folds?: 'all' | readonly number[];
  readonly splits?: readonly number[];
  readonly looks: number;
  readonly columns: Readonly<Record<string, CellContent['column']>>;
  /** Of each row, the digest of what it trains; where a sweep selects that, of what the sweep declares. */
  readonly rows: Readonly<Record<string, string>>;
  /** By row, what a sweep had selected: the configuration by what tells it apart, null where none was selected yet. */
  readonly selected?: Readonly<Record<string, string | null>>;
  readonly claims: readonly FrozenClaim[];
}

interface FrozenClaim extends Question {
  readonly cells: readonly CellName[];
  readonly because?: string;
}

export const PROTOCOL = 'protocol.json';

export function protocolOf({ table: { config }, claims, rows }: PreparedTable, contentOf: ReturnType<typeof contentsOf>): Protocol {
  const [someColumn = ''] = Object.keys(config.columns);
  const [someRow = ''] = Object.keys(config.rows);
  const selected = Object.entries(rows).flatMap(([row, { tuned }]) => (tuned ? [[row, selectedLabel(tuned)] as const] : []));
  const { stages } = stagesOf(config) ?? {};
  const splits = splitsOf(config);
  return {
    table: config.table,
    seeds: stages ? seedsOf({ seeds: { stages } }) : seedsOf(config),
    ...(stages && { stages }),
    ...(config.folds !== undefined && { folds: config.folds }),
    ...(splits && { splits }),
    looks: stages?.length ?? config.looks,
    columns: Object.fromEntries(Object.keys(config.columns).map((column) => [column, contentOf(someRow, column).column])),
    rows: Object.fromEntries(
      Object.keys(config.rows).map((row) => [row, (rows[row] && selectionOf(rows[row])) ?? contentOf(row, someColumn).configuration]),
    ),
    ...(selected.length > 0 && { selected: Object.fromEntries(selected) }),
    claims: claims.map((claim) => ({
      cells: cellsOf(claim),
      ...questionOf(claim),
      ...(claim.because !== undefined && { because: claim.because }),
    })),
  };
}

/** As an artifact: the SHA-256 of this text is what is quoted, so that `sha256sum` gives it again. */
export const protocolText = (protocol: Protocol): string => `${JSON.stringify(protocol, null, 2)}\n`;
export const digestOfText = (text: string): string => createHash('sha256').update(text).digest('hex');

export const protocolFile = (store: Store, table: string): string =>
  join(runPlace(store, experimentId(TABLES), tableRunId(table)).folder, 'artifacts', PROTOCOL);

/** What was frozen, and in what the table of today is another one. */
export function protocolFacts(store: Store, frozen: FrozenProtocol, now: Protocol): ProtocolFacts {
  const { at, digest, registered } = frozen;
  const file = protocolFile(store, now.table);
  const then = readJsonIfThere<Protocol>(store.files, file, isProtocol);
  const isWhole = then !== null && digestOfText(readIfThere(store.files, file) ?? '') === digest;
  const since = `the table was ${registered ? 'registered' : 'first looked at'} (${at.slice(0, 10)})`;
  const damage = `${PROTOCOL} in the records is not what was kept when ${since}: its SHA-256 was ${digest.slice(0, 12)}`;
  return {
    ...(registered && { registered: { digest, at, ...registered } }),
    changes: [...(isWhole ? [] : [{ text: `${damage}.`, claims: [] }]), ...(then ? changesOf(then, now, since) : [])],
  };
}

const isProtocol = (value: unknown): boolean =>
  isObject(value) &&
  Array.isArray(value['seeds']) &&
  isObject(value['columns']) &&
  isObject(value['rows']) &&
  Array.isArray(value['claims']) &&
  value['claims'].every(
    (claim) => isObject(claim) && Array.isArray(claim['cells']) && isObject(claim['target']) && isObject(claim['terms']),
  );

type Change = ProtocolFacts['changes'][number];

/** In what a table is another one than it was, with both values. `since`: when that was, in words. */
function changesOf(then: Protocol, now: Protocol, since: string): readonly Change[] {
  const whole = (what: string, before: string, today: string): readonly Change[] =>
    before === today ? [] : [{ text: `${what} are ${today}, were ${before} when ${since}.`, claims: [] }];
  const pairs = pairsOf(then, now);
  const paired = new Set(pairs.map(([before]) => before));
  return [
    ...whole('Seeds', numbersInWords(then.seeds), numbersInWords(now.seeds)),
    ...whole('Stages', stagesInWords(then), stagesInWords(now)),
    ...whole('Folds', foldsInWords(then), foldsInWords(now)),
    ...whole('Splits', then.splits ? numbersInWords(then.splits) : 'left out', now.splits ? numbersInWords(now.splits) : 'left out'),
    ...whole('Declared looks', String(then.looks), String(now.looks)),
    ...changesOfCells(then, now, pairs, since),
    ...pairs.flatMap(([before, today, index]) => changesOfClaim(before, today, since).map((text) => ({ text, claims: [index] }))),
    ...now.claims.flatMap((claim, index) =>
      pairs.some(([, , paired]) => paired === index) ? [] : [{ text: `${nameOf(claim)}: added after ${since}.`, claims: [index] }],
    ),
    ...then.claims.flatMap((claim) => (paired.has(claim) ? [] : [{ text: `${nameOf(claim)}: taken out after ${since}.`, claims: [] }])),
  ];
}

const stagesInWords = ({ stages }: Protocol): string => stages?.join(', ') ?? 'none';

type Pair = readonly [then: FrozenClaim, now: FrozenClaim, index: number];

/** Which claim of today was which one then: the same one first, then one that asks the same, then one of its form about cells of these names. */
function pairsOf(then: Protocol, now: Protocol): readonly Pair[] {
  const contentOf = ({ rows, columns }: Protocol, { cells }: FrozenClaim) => cells.map(([row, column]) => [rows[row], columns[column]]);
  const likenesses: readonly ((protocol: Protocol, claim: FrozenClaim) => unknown)[] = [
    (protocol, claim) => [claim.form, claim.target, claim.terms, contentOf(protocol, claim)],
    (protocol, claim) => [claim.form, claim.target, contentOf(protocol, claim)],
    (_, claim) => [claim.form, claim.target, claim.cells],
    (_, claim) => [claim.form, claim.cells],
  ];
  const left = new Set(then.claims);
  const found = new Map<number, FrozenClaim>();
  for (const likeness of likenesses) {
    for (const [index, claim] of now.claims.entries()) {
      if (found.has(index)) continue;
      const key = canonicalJson(likeness(now, claim) ?? null);
      const before = Array.from(left).find((each) => canonicalJson(likeness(then, each) ?? null) === key);
      if (!before) continue;
      left.delete(before);
      found.set(index, before);
    }
  }
  return now.claims.flatMap((claim, index): readonly Pair[] => {
    const before = found.get(index);
    return before ? [[before, claim, index]] : [];
  });
}

/** Rows and columns of one name that hold something else, each once. */
function changesOfCells(then: Protocol, now: Protocol, pairs: readonly Pair[], since: string): readonly Change[] {
  const about = (name: string, part: 0 | 1): readonly number[] =>
    pairs.flatMap(([before, today, index]) =>
      today.cells.some((cell, at) => cell[part] === name && before.cells[at]?.[part] === name) ? [index] : [],
    );
  const told = (name: string, part: 0 | 1, text: string): readonly Change[] => {
    const claims = about(name, part);
    return claims.length === 0 ? [] : [{ text, claims }];
  };
  return [
    ...Object.entries(now.columns).flatMap(([name, column]) => {
      const before = then.columns[name];
      if (before === undefined || canonicalJson(before) === canonicalJson(column)) return [];
      const changed = differing(before, column).map((key) => `${key} ${inWords(column[key])}, took ${key} ${inWords(before[key])}`);
      return told(name, 1, `Column ${name} takes ${listed(changed, 'and')} when ${since}.`);
    }),
    ...Object.entries(now.rows).flatMap(([name, row]) =>
      then.rows[name] === undefined || then.rows[name] === row
        ? []
        : told(name, 0, `Row ${name} has another ${now.selected?.[name] === undefined ? 'configuration' : 'sweep'} than when ${since}.`),
    ),
    ...Object.entries(now.selected ?? {}).flatMap(([name, label]) => {
      const before = then.selected?.[name] ?? null;
      return before === null || label === null || before === label
        ? []
        : told(name, 0, `Row ${name} is ${label}, was ${before} when ${since}: its sweep selects another configuration.`);
    }),
  ];
}

function changesOfClaim(before: FrozenClaim, today: FrozenClaim, since: string): readonly string[] {
  const values = ({ target, terms, because }: FrozenClaim) => ({ ...target, ...terms, because });
  const [was, is] = [values(before), values(today)] as readonly Readonly<Record<string, unknown>>[];
  const name = nameOf(before);
  return differing(was ?? {}, is ?? {}).map((key) =>
    key === 'runs'
      ? `${name}: the runs of its reference are others than when ${since}.`
      : `${name}: ${KEYS[key] ?? key} is ${inWords(is?.[key])}, was ${inWords(was?.[key])} when ${since}.`,
  );
}

const differing = (a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): readonly string[] =>
  Array.from(new Set([...Object.keys(a), ...Object.keys(b)])).filter(
    (key) => canonicalJson(a[key] ?? null) !== canonicalJson(b[key] ?? null),
  );

/** Keys that documents write in another way. */
const KEYS: Readonly<Record<string, string>> = {
  deviceBound: 'device_bound',
  excludesDiverged: 'that diverged seeds are left out',
  diverged: 'the number of diverged runs in its reference',
  printed: 'the unit of its reference',
  because: 'the reason of its margin',
};

/** `[lstm, loss] at_most 0.05`, `[lstm, loss] and [rnn, loss] lower`, in the words of documents. */
function nameOf({ form, cells, target: { published, side, bound, direction } }: FrozenClaim): string {
  const claimed = [form === 'limit' || form === 'rank' ? undefined : form, side ?? direction, published === undefined ? bound : undefined];
  const words = [...claimed, published].filter((part) => part !== undefined).map(inWords);
  return `[${cells.map((cell) => cell.join(', ')).join('] and [')}] ${words.join(' ')}`;
}

function inWords(value: unknown): string {
  if (value === undefined || value === null) return 'left out';
  if (typeof value === 'number') return plain(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? value : canonicalJson(value);
}

const foldsInWords = ({ folds }: Protocol): string =>
  folds === undefined ? 'left out' : typeof folds === 'string' ? folds : numbersInWords(folds);

/** `1 to 5`, `3, 17, 19` */
function numbersInWords(numbers: readonly number[]): string {
  const [first = 1] = numbers;
  const areOneByOne = numbers.length > 2 && numbers.every((each, index) => each === first + index);
  return areOneByOne ? `${first} to ${first + numbers.length - 1}` : numbers.join(', ');
}
