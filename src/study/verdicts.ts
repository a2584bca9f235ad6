import { machineHere } from '../host/is-running.js';
import { canonicalJson } from '../planning/canonical-json.js';
import { factsOfMetric, roleOf } from '../planning/recorded.js';
import { RecordError } from '../record/files.js';
import type { Store } from '../record/layout.js';
import type { Observer } from '../run/observer.js';
import { type CellName, cellsOf, type Claim } from './claims/claim.js';
import type { TableConfig } from './claims/document.js';
import type { RowFacts } from './claims/facts.js';
import { expectedBy, foresee, type Foresight } from './claims/foresee.js';
import { type InterimLooks, type Look, SEEDS_OF_SPLITS } from './claims/interim-looks.js';
import { type JudgedTable, judgeTable } from './claims/judge-table.js';
import { cellNames, cellRuns, type SettledWork } from './claims/plan-table.js';
import { type CellRuns, seriesOf } from './claims/samples.js';
import { askedSeeds, withSeeds } from './claims/stages.js';
import {
  aboutOf,
  declaredEarlier,
  earlierLooks,
  type KeptLook,
  type LookLog,
  LOOKS,
  logText,
  readAllLooks,
  readLog,
  sameLook,
  withLook,
  withoutEarlier,
} from './looks.js';
import { TABLE_TAG, tableRunId, TABLES } from './members.js';
import { withAllSeeds } from './on-record.js';
import { openOwnRun, type OwnRun, type OwnRunStart } from './own-run.js';
import type { PlannedRow } from './plan-rows.js';
import { knownNumber, type PreparedTable } from './prepare-study.js';
import { digestOfText, PROTOCOL, type Protocol, protocolFacts, protocolOf, protocolText } from './protocol.js';
import { contentsOf, identifyClaim, questionOf } from './question.js';
import { tuningOf } from './tuned-rows.js';
import { firstSeeds, seedsOf as allSeedsOf, stagesOf } from './replicates.js';
import { readOlder, readSettled, type SettledRun, TODAY } from './settled.js';

export interface Verdicts {
  readonly judged: JudgedTable;
  /** The runs that were judged. */
  readonly settled: readonly SettledRun[];
  /** What is kept of it once these verdicts are printed. */
  readonly kept: (by: string, now: Date) => KeptLooks;
}

/** `judgeRecords` of one moment, once it is asked for and no more than once. */
export function judgingOnce(store: Store, prepared: PreparedTable): () => Verdicts {
  let found: Verdicts | undefined;
  return () => (found ??= judgeRecords(store, prepared));
}

/** Nothing, where all of it was seen before. */
interface KeptLooks {
  readonly log?: LookLog;
  /** The text of the protocol, where this is the first look. */
  readonly protocol?: string;
}

/** The whole table, from what the records say of it and from where it was looked at before. */
export function judgeRecords(store: Store, prepared: PreparedTable): Verdicts {
  const settled = readSettled(store, prepared);
  const all = withAllSeeds(store, prepared);
  const more = all ? { prepared: all, settled: [...settled, ...readSettled(store, all)] } : undefined;
  return { settled, ...judge(store, prepared, [...settled, ...readOlder(store, prepared, settled)], more) };
}

/** `more`: the table with all seeds on record, where it does not ask for all of them. */
function judge(
  store: Store,
  prepared: PreparedTable,
  settled: readonly SettledWork[],
  more: { readonly prepared: PreparedTable; readonly settled: readonly SettledWork[] } | undefined,
): Pick<Verdicts, 'judged' | 'kept'> {
  const { table, claims, rows } = prepared;
  const { config } = table;
  const stages = stagesOf(config);
  const runs = new Map(cellNames(config).map((name) => [name.join('\n'), runsOf(prepared, name, settled)]));
  const cell = (name: CellName): CellRuns => {
    const found = runs.get(name.join('\n'));
    if (!found) throw new Error(`the table has no cell ${name.join(', ')}`);
    return stages ? askedSeeds(found, stages) : found;
  };
  const log = readLog(store, config.table);
  const contentOf = contentsOf(prepared);
  const looks = new Map(looksOf(store, prepared, log, contentOf, (claim) => seedsOf(cellsOf(claim).map(cell))));
  const interimLooks = (claim: Claim): InterimLooks => {
    const { before, look } = looks.get(claim) ?? { before: [], look: { seeds: [], terms: {} } };
    return { declared: stages?.stages.length ?? config.looks, ...withLook(before, look), ...(stages && { stages: stages.stages }) };
  };
  const larger = new Map(
    cellNames(config).flatMap((name) => {
      // Where none that is asked for has run, there is nothing yet that others could be held against.
      const asked = settledSeeds(cell(name)).length;
      const all = more && asked > 0 ? runsOf(more.prepared, name, more.settled) : undefined;
      return all && settledSeeds(all).length > asked ? [[name.join('\n'), all] as const] : [];
    }),
  );
  const protocol = protocolOf(prepared, contentOf);
  const judged = judgeTable({
    names: cellNames(config),
    columns: config.columns,
    cell,
    claims,
    interimLooks,
    ...(stages && { stages }),
    declaredBefore: declaredEarlier(log),
    onRecord: (name) => larger.get(name.join('\n')),
    ...(log.protocol && { protocol: protocolFacts(store, log.protocol, protocol) }),
    device: deviceOf(prepared),
    accepted: prepared.accepted,
    rows: Object.fromEntries(Object.entries(rows).map(([row, planned]) => [row, factsOfRow(planned, prepared.written.rows[row] ?? {})])),
  });
  return { judged, kept: (by, now) => keptOf(log, looks, judged, protocol, { by, at: now.toISOString() }) };
}

/**
 * What may come of a claim after so many complete stages; before it has seeds, by the spread of the runs that it, or another about its cells, is held
 * against.
 */
export function foreseeTable(
  prepared: PreparedTable,
  claim: Claim,
  settled: readonly SettledWork[] = [],
  complete = 0,
): Foresight | undefined {
  const { stages: counts } = stagesOf(prepared.table.config) ?? {};
  const found = complete === 0 ? FIRST.get(claim) : undefined;
  if (found || !counts) return found;
  const seeds = counts[complete - 1] ?? 0;
  const cell = (name: CellName): CellRuns => withSeeds(runsOf(prepared, name, settled), seeds);
  const foresight = foresee(claim, { cell, device: deviceOf(prepared), counts, complete, expected: expectedBy(claim, prepared.claims) });
  if (complete === 0 && foresight) FIRST.set(claim, foresight);
  return foresight;
}

/** What is expected of a claim before any seed: it depends on the claim alone, and is asked for each time that something is trained. */
const FIRST = new WeakMap<Claim, Foresight>();

/** What is known of looking at a claim. */
interface ClaimLooks {
  readonly id: string;
  /** Looks at it by whatever table, the oldest first. */
  readonly before: readonly Look[];
  /** Of these, what only an earlier version kept. */
  readonly earlier: readonly Look[];
  /** The one that is taken now. */
  readonly look: Look;
}

/** Looks belong to the claim: another table that asks the same of the same runs goes on counting. What this table claims beside it is a claim of its own. */
function looksOf(
  store: Store,
  { claims, table: { config } }: PreparedTable,
  log: LookLog,
  contentOf: ReturnType<typeof contentsOf>,
  seedsAt: (claim: Claim) => readonly number[],
): readonly (readonly [Claim, ClaimLooks])[] {
  const byClaim = readAllLooks(store);
  const more = config.splits === undefined ? {} : { [SEEDS_OF_SPLITS]: allSeedsOf(config) };
  const asked = claims.map((claim) => ({ claim, id: identifyClaim(claim, contentOf), terms: { ...questionOf(claim).terms, ...more } }));
  return asked.map(({ claim, id, terms }) => {
    const isOfAnother = (look: Look): boolean =>
      asked.some((other) => other.id === id && canonicalJson(other.terms) === canonicalJson(look.terms)) &&
      canonicalJson(look.terms) !== canonicalJson(terms);
    const earlier = earlierLooks(log, claim, terms);
    const before = [...earlier, ...(byClaim.get(id) ?? []).filter((look) => !isOfAnother(look))];
    return [claim, { id, before, earlier, look: { seeds: seedsAt(claim), terms } }];
  });
}

/** Only what could have been decided was looked at: five seeds that can decide nothing are no look. */
function keptOf(
  log: LookLog,
  looks: ReadonlyMap<Claim, ClaimLooks>,
  { judgements }: JudgedTable,
  protocol: Protocol,
  when: Pick<KeptLook, 'at' | 'by'>,
): KeptLooks {
  const seen = judgements.flatMap(({ claim, verdict, stage }) => {
    const found = verdict.couldDecide ? looks.get(claim) : undefined;
    if (!found) return [];
    const look = stage ? { ...found.look, seeds: firstSeeds(stage.seeds) } : found.look;
    return [{ ...found, look, about: aboutOf(claim) }];
  });
  const isKept = ({ id, look, earlier }: ClaimLooks): boolean =>
    earlier.some((each) => sameLook(each, look)) || log.looks.some((each) => each.claim === id && sameLook(each, look));
  if (seen.length === 0 || (log.protocol && seen.every(isKept))) return {};
  const taken = seen.flatMap(({ id, about, earlier, look }) =>
    withLook(earlier, look).counted.map((each): KeptLook => ({ claim: id, about, ...each, ...when })),
  );
  const isNew = ({ claim, ...look }: KeptLook): boolean => !log.looks.some((each) => each.claim === claim && sameLook(each, look));
  const text = protocolText(protocol);
  return {
    log: {
      ...withoutEarlier(
        log,
        seen.map(({ about }) => about),
      ),
      protocol: log.protocol ?? { digest: digestOfText(text), ...when },
      looks: [...log.looks, ...taken.filter(isNew)],
    },
    ...(!log.protocol && { protocol: text }),
  };
}

const seedsOf = (cells: readonly CellRuns[]): readonly number[] =>
  Array.from(new Set(cells.flatMap(settledSeeds))).toSorted((a, b) => a - b);

function settledSeeds(runs: CellRuns): readonly number[] {
  const { finished, diverged } = seriesOf(runs);
  return [...finished.map(({ seed }) => seed), ...diverged];
}

function runsOf(prepared: PreparedTable, name: CellName, settled: readonly SettledWork[]): CellRuns {
  const { table, rows } = prepared;
  const [row, column] = name;
  const metric = table.config.columns[column]?.metric ?? '';
  const planned = rows[row];
  if (!planned) return cellRuns(name, table.config, settled, { procedure: TODAY });
  const { better, range, role, isSpeed, unit } = factsOfMetric(planned.plan, metric);
  const known = knownNumber(prepared, name);
  const chance = planned.known ? undefined : planned.plan.data.chance[metric];
  const split = metric.slice(0, metric.indexOf('/'));
  const examples = planned.plan.data.splits[split]?.examples;
  // A share that is counted over N examples comes in steps of 1/N, or finer ones.
  const resolution = unit === 'share' && examples !== undefined ? { resolution: 1 / examples } : {};
  const { dataset } = planned.plan.config.values;
  const isGivenSplit = [`${split}_file`, 'split_column'].some((option) => dataset[option] !== undefined);
  const selected = planned.tuned && tuningOf(planned.tuned, planned.plan).selected;
  return cellRuns(name, table.config, settled, {
    procedure: TODAY,
    ...(selected && 'missing' in selected && { awaits: selected.missing }),
    better,
    range,
    role,
    isSpeed,
    ...(known !== undefined && { known }),
    ...(chance !== undefined && { chance }),
    ...resolution,
    isGivenSplit,
  });
}

function factsOfRow({ plan, tuned, varies, variesBySplit }: PlannedRow, { baseline, set }: TableConfig['rows'][string]): RowFacts {
  const threats = [...(plan.accepted ?? []), ...(tuned?.sweep.accepted ?? [])];
  const accepted = threats.length > 0 && { accepted: threats };
  if (baseline !== undefined) return { baseline, ...accepted };
  const overlap = plan.facts.facts.find(({ key }) => key === 'test-pairs-in-train')?.value;
  const selectedBy = plan.config.values.training.early_stopping?.metric;
  const isOnTest = selectedBy !== undefined && roleOf(plan.data, selectedBy) === 'test';
  return {
    ...(typeof overlap === 'number' && { testOverlap: overlap }),
    ...(isOnTest && { selectedOnTest: selectedBy }),
    ...(tuned && { tuning: tuningOf(tuned, plan, set) }),
    varies,
    ...(variesBySplit && { variesBySplit }),
    ...accepted,
  };
}

/** In a word, as sources name it. */
const deviceOf = ({ rows }: PreparedTable): string => (Object.values(rows)[0]?.plan.engine.device ?? 'cpu').toUpperCase();

/** What a table's own run is begun with. */
export const ownRunOf = ({ table: { config, doc }, file }: PreparedTable): OwnRunStart => ({
  experiment: TABLES,
  runId: tableRunId(config.table),
  runName: config.table,
  parameters: { table: config.table },
  tags: { [TABLE_TAG]: config.table },
  file,
  text: doc.text,
  note: config.description ?? config.title,
});

/** A table with the runs that were judged. */
export interface JudgedRecords {
  readonly prepared: PreparedTable;
  readonly judged: JudgedTable;
  readonly settled: readonly SettledRun[];
}

/**
 * Judges from the records, and keeps that it was looked at: the end of `run TABLE`, and of whatever else prints verdicts. `by`: the command that does.
 * `opened`: the table's own run.
 */
export async function lookAtTable(
  store: Store,
  prepared: PreparedTable,
  by: string,
  observe: Observer,
  { judged, settled, kept } = judgeRecords(store, prepared),
  opened?: OwnRun,
): Promise<JudgedRecords> {
  const looks = kept(by, new Date());
  if (looks.log) await keep(store, prepared, looks, observe, opened);
  return { prepared, judged, settled };
}

/** Seeds are added to what was seen: without this, the chance of an error would grow with every look. */
async function keep(store: Store, prepared: PreparedTable, looks: KeptLooks, observe: Observer, opened: OwnRun | undefined): Promise<void> {
  if (opened) return keepLooks(opened, looks);
  try {
    const own = await openOwnRun(store, ownRunOf(prepared), machineHere());
    if (own) keepLooks(own, looks);
    own?.finish('FINISHED');
    if (!own) observe({ kind: 'message', text: 'another process runs this table, so this look is not counted' });
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    observe({ kind: 'message', text: `this look is not counted: ${error.message}` });
  }
}

/** The protocol first: it counts once the log names its digest. */
function keepLooks(own: OwnRun, { log, protocol }: KeptLooks): void {
  if (protocol !== undefined) own.keep(PROTOCOL, protocol);
  if (log) own.keep(LOOKS, logText(log));
}
