import { dirname } from 'node:path';
import { type Diagnostic, isError, whyUnreadable } from '../diagnostics/diagnostic.js';
import { nearest } from '../diagnostics/words.js';
import { type DocumentBytes, readWhole } from '../language/read.js';
import { fileFrom } from '../language/resolve.js';
import { diagnose, type Invalid } from '../language/source.js';
import { factsOfMetric, recordedKeys, roleOf } from '../planning/recorded.js';
import type { Observer } from '../run/observer.js';
import { acceptWithWarnings, type Changes } from '../run/prepare.js';
import type { CellName, Claim } from './claims/claim.js';
import { loadTable, type Table } from './claims/load.js';
import * as messages from './claims/messages.js';
import { implausible, type PlannedMetric } from './claims/plausible.js';
import { readClaims } from './claims/read-claims.js';
import { readReference, type ReadReference, type ReferenceRuns, splitReference } from './claims/reference.js';
import { examineStudy } from './examine-study.js';
import { type PlannedRow, type PlannedWork, planRows } from './plan-rows.js';

/** A table that holds no mistake, neither by itself nor in its references nor in any of its rows. */
export interface PreparedTable {
  /** The table's document, as typed. */
  readonly file: string;
  readonly table: Table;
  readonly claims: readonly Claim[];
  readonly rows: Readonly<Record<string, PlannedRow>>;
  /** In the order of the rows, then of the seeds. */
  readonly works: readonly PlannedWork[];
}

/** Reads and plans all rows. All mistakes are thrown in one InputError; warnings are told. */
export const prepareTable = (file: string, changes: Changes, observe: Observer): PreparedTable =>
  acceptWithWarnings(examineTable(file, changes), observe);

type Examined = PreparedTable & { readonly warnings: readonly Diagnostic[] };

/** A table checked with its rows and references, for a caller that goes on to the next file: its mistakes are given back. */
export function examineTable(file: string, changes: Changes, read?: DocumentBytes): Examined | Invalid<Examined> {
  return examineStudy(
    file,
    changes,
    loadTable,
    'or --seeds 10 for ten of them',
    (loaded): Examined | Invalid<Examined> => {
      const { references, diagnostics: ofReferences } = readReferences(loaded, file);
      const { table, rows, works, diagnostics: ofRows } = planRows(loaded, file, changes);
      const hasAllRows = Object.keys(rows).length > 0 && !ofRows.some(isError);
      const found = [...table.warnings, ...ofReferences, ...ofRows, ...(hasAllRows ? mistakesOfColumns(table, rows) : [])];
      if (found.some(isError)) return { diagnostics: found };
      const claims = readClaims(table.config, references);
      const doubts = implausible(table.config, claims, (cell) => plannedMetric(table, rows, cell)).map((problem) =>
        diagnose(table.doc, problem),
      );
      const told = [...found, ...doubts];
      return told.some(isError) ? { diagnostics: told } : { file, table, rows, works, claims, warnings: told };
    },
    read,
  );
}

/** What a cell's metric can be, and what chance makes of it; undefined where its row does not record it. */
function plannedMetric({ config }: Table, rows: PreparedTable['rows'], [row, column]: CellName): PlannedMetric | undefined {
  const [planned, metric] = [rows[row], config.columns[column]?.metric];
  if (!planned || metric === undefined || !recordedKeys(planned.plan).includes(metric)) return undefined;
  const { better, range, unit } = factsOfMetric(planned.plan, metric);
  const chance = planned.plan.data.chance[metric];
  return { metric, better, range, unit, ...(chance !== undefined && { chance }) };
}

/** A metric that no row records, an epoch that none reaches, a best that is chosen on test data; a row without one of the columns is none of it. */
function mistakesOfColumns({ doc, config }: Table, rows: PreparedTable['rows']): readonly Diagnostic[] {
  const plans = Object.values(rows).map(({ plan }) => plan);
  const known = Array.from(new Set(plans.flatMap(recordedKeys)));
  const epochs = Math.max(...plans.map(({ training }) => training.epochs));
  return Object.entries(config.columns).flatMap(([name, { metric, at }]): readonly Diagnostic[] => {
    if (!known.includes(metric)) {
      const words = messages.unknownMetric(metric, known, nearest(metric, known));
      return [{ ...words, severity: 'error', place: doc.place(['columns', name, 'metric']) }];
    }
    if (at === 'best' && plans.some(({ data }) => roleOf(data, metric) === 'test'))
      return [{ ...messages.bestOfTest(name, metric), severity: 'warning', place: doc.place(['columns', name, 'at']) }];
    if (typeof at !== 'number' || at <= epochs) return [];
    return [{ ...messages.epochNotReached(at, epochs), severity: 'error', place: doc.place(['columns', name, 'at']) }];
  });
}

export const betterOf = ({ plan }: PlannedRow, metric: string): 'lower' | 'higher' => factsOfMetric(plan, metric).better;

interface ReadReferences {
  readonly references: ReadonlyMap<string, ReferenceRuns>;
  readonly diagnostics: readonly Diagnostic[];
}

/** What each `reference:` of a table names, by its text; a file is read relative to that of the table. */
function readReferences({ doc, config }: Table, file: string): ReadReferences {
  const references = new Map<string, ReferenceRuns>();
  const diagnostics: Diagnostic[] = [];
  for (const [index, { reference }] of config.claims.entries()) {
    if (reference === undefined || references.has(reference)) continue;
    const read = readOne(dirname(file), reference);
    if ('reference' in read) references.set(reference, read.reference);
    else diagnostics.push({ ...read.words, severity: 'error', place: doc.place(['claims', index, 'reference']) });
  }
  return { references, diagnostics };
}

function readOne(folder: string, reference: string): ReadReference {
  const { file, pointer } = splitReference(reference);
  try {
    return readReference(readWhole(fileFrom(folder, file)).toString('utf8'), pointer, file.endsWith('.jsonl'));
  } catch (error) {
    const reason = whyUnreadable(error) === undefined && error instanceof Error ? error.message : undefined;
    return { words: messages.referenceUnreadable(file, error instanceof SyntaxError, reason) };
  }
}
