import { dirname } from 'node:path';
import { type Diagnostic, InputError, isError, whyUnreadable } from '../diagnostics/diagnostic.js';
import { nearest, quote } from '../diagnostics/words.js';
import { type DocumentBytes, documentKind, readDocument, readWhole } from '../language/read.js';
import { fileFrom } from '../language/resolve.js';
import { diagnose, type Invalid } from '../language/source.js';
import { factsOfMetric, recordedKeys, roleOf } from '../planning/recorded.js';
import type { Store } from '../record/layout.js';
import type { Observer } from '../run/observer.js';
import { acceptWithWarnings, type Changes, examineBytes } from '../run/prepare.js';
import type { Accepted } from '../validity/accept.js';
import { testSelected } from '../validity/messages.js';
import { acceptThreats } from './accept.js';
import type { CellName, Claim } from './claims/claim.js';
import type { TableConfig } from './claims/document.js';
import { namedCells } from './claims/forms.js';
import { loadTable, type Table } from './claims/load.js';
import { countsRuns } from './claims/over-seeds.js';
import * as messages from './claims/messages.js';
import { implausible, type PlannedMetric } from './claims/plausible.js';
import { readClaims } from './claims/read-claims.js';
import { readReference, type ReadReference, type ReferenceRuns, splitReference } from './claims/reference.js';
import { type PlannedRow, type PlannedWork, planRows } from './plan-rows.js';
import { examineStudy, examineSweep } from './prepare-sweep.js';
import { type TunedRow, tuneRows } from './tuned-rows.js';

/** All mistakes of a document with all that it names, or the document with its defaults and what looks like a mistake. `read`: of one at hand. */
export function checkDocument(file: string, changes: Changes, read: DocumentBytes = readDocument(file)) {
  const kind = documentKind(file, read);
  if ('diagnostics' in read) return { kind, valid: false, diagnostics: read.diagnostics } as const;
  try {
    switch (kind) {
      case 'experiment': {
        const found = examineBytes(file, read.bytes, changes);
        if ('diagnostics' in found) return { kind, valid: false, diagnostics: found.diagnostics } as const;
        return { kind, valid: true, diagnostics: found.warnings, document: found.resolved.values } as const;
      }
      case 'sweep': {
        const found = examineSweep(file, changes, read);
        if ('diagnostics' in found) return { kind, valid: false, diagnostics: found.diagnostics } as const;
        return { kind, valid: true, diagnostics: found.warnings, document: found.sweep.config } as const;
      }
      case 'table': {
        const found = examineTable(file, changes, read);
        if ('diagnostics' in found) return { kind, valid: false, diagnostics: found.diagnostics } as const;
        return { kind, valid: true, diagnostics: found.warnings, document: found.written } as const;
      }
      default:
        return kind satisfies never;
    }
  } catch (error) {
    // A stage of a person's own that fails while it plans.
    if (error instanceof InputError) return { kind, valid: false, diagnostics: error.diagnostics } as const;
    throw error;
  }
}

/** A table that holds no mistake, neither by itself nor in its references nor in any of its rows. */
export interface PreparedTable {
  /** The table's document, as typed. */
  readonly file: string;
  /** With the configurations that sweeps selected, and the folds that `all` stands for. */
  readonly table: Table;
  /** As a document: a row that a sweep selects the configuration of names the sweep alone. */
  readonly written: TableConfig;
  readonly claims: readonly Claim[];
  readonly rows: Readonly<Record<string, PlannedRow>>;
  /** Threats of the table's own that it accepts; those of its rows stand in their plans. */
  readonly accepted: readonly Accepted[];
  /** In the order of the rows, then of the seeds. */
  readonly works: readonly PlannedWork[];
}

/** Reads and plans all rows. All mistakes are thrown in one InputError; warnings are told. `store`: where sweeps of its rows were trained. */
export const prepareTable = (file: string, changes: Changes, observe: Observer, store?: Store): PreparedTable =>
  acceptWithWarnings(examineTable(file, changes, undefined, store), observe);

type ExaminedTable = PreparedTable & { readonly warnings: readonly Diagnostic[] };

/** A table checked with its rows and references, for a caller that goes on to the next file: its mistakes are given back. */
export function examineTable(file: string, changes: Changes, read?: DocumentBytes, store?: Store): ExaminedTable | Invalid<ExaminedTable> {
  return examineStudy(
    file,
    changes,
    loadTable,
    'or --seeds 10 for ten of them',
    (loaded): ExaminedTable | Invalid<ExaminedTable> => {
      const { references, diagnostics: ofReferences } = readReferences(loaded, file);
      const { tuned, diagnostics: ofSweeps } = tuneRows(loaded, file, changes, store);
      const { table, rows, works, diagnostics: ofRows } = planRows(loaded, file, changes, tuned);
      const hasAllRows = Object.keys(rows).length > 0 && !ofRows.some(isError);
      const ofRowsToo = new Set(ofRows.map((each) => JSON.stringify(each)));
      const ofSweepsAlone = ofSweeps.filter((each) => !ofRowsToo.has(JSON.stringify(each)));
      // What is an error there must be accepted there: a sweep is also run by itself.
      const refused = ofSweepsAlone.filter(isError);
      const doubted = ofSweepsAlone.filter((each) => !isError(each));
      const found = [...table.warnings, ...ofReferences, ...doubted, ...ofRows, ...(hasAllRows ? mistakesOfColumns(table, rows) : [])];
      const experiments = Object.values(rows).flatMap(({ plan }) => plan.accepted ?? []);
      const { told: left, accepted } = acceptThreats(table.doc, table.config.accept ?? [], found, experiments);
      if (refused.length > 0 || left.some(isError)) return { diagnostics: [...left, ...refused] };
      const claims = readClaims(table.config, references);
      const doubts = implausible(table.config, claims, (cell) => plannedMetric(table, rows, cell)).map((problem) =>
        diagnose(table.doc, problem),
      );
      const told = [...left, ...doubts, ...mistakesOfKnown(table, rows)];
      return told.some(isError)
        ? { diagnostics: told }
        : { file, table, written: withSweeps(table, loaded, tuned), rows, works, claims, accepted, warnings: told };
    },
    read,
  );
}

function withSweeps({ config }: Table, { config: { rows } }: Table, tuned: ReadonlyMap<string, TunedRow>): TableConfig {
  const sweeps = Object.fromEntries(Object.entries(rows).filter(([row]) => tuned.has(row)));
  return { ...config, rows: { ...config.rows, ...sweeps } };
}

/** What a cell's metric can be, and what chance makes of it; undefined where its row does not record it. */
function plannedMetric({ config }: Table, rows: PreparedTable['rows'], [row, column]: CellName): PlannedMetric | undefined {
  const [planned, metric] = [rows[row], config.columns[column]?.metric];
  if (countsRuns(config.columns[column]?.over_seeds)) return { metric: `a share of runs (column ${column})`, range: [0, 1], unit: 'share' };
  if (!planned || metric === undefined || !recordedKeys(planned.plan).includes(metric)) return undefined;
  const { better, range, unit } = factsOfMetric(planned.plan, metric);
  const chance = planned.plan.data.chance[metric];
  // Of what learns nothing, chance is no threat.
  return { metric, better, range, unit, ...(chance !== undefined && !planned.known && { chance }) };
}

/** Claims about a cell of a row that nobody trains, in a column that its baseline has no number for. */
function mistakesOfKnown({ doc, config }: Table, rows: PreparedTable['rows']): readonly Diagnostic[] {
  return config.claims.flatMap((claim, index) =>
    namedCells(claim).flatMap(({ path, cell: [row = '', column = ''] }): readonly Diagnostic[] => {
      const [known, metric] = [rows[row]?.known, config.columns[column]?.metric];
      if (!known || metric === undefined || known[metric] !== undefined) return [];
      const words = messages.cellNotKnown(row, column, metric, Object.keys(known));
      return [{ ...words, severity: 'error', place: doc.place(['claims', index, ...path]) }];
    }),
  );
}

/** A metric that no row records, an epoch that none reaches, a best that is chosen on test data; a row without one of the columns is none of it. */
function mistakesOfColumns({ doc, config }: Table, rows: PreparedTable['rows']): readonly Diagnostic[] {
  const known = Array.from(new Set(Object.values(rows).flatMap(({ plan }) => recordedKeys(plan))));
  // A number that is known without training has no epochs.
  const plans = Object.values(rows).flatMap((row) => (row.known ? [] : [row.plan]));
  const epochs = plans.length === 0 ? Infinity : Math.max(...plans.map(({ training }) => training.epochs));
  return Object.entries(config.columns).flatMap(([name, { metric, at }]): readonly Diagnostic[] => {
    if (!known.includes(metric)) {
      const words = messages.unknownMetric(metric, known, nearest(metric, known));
      return [{ ...words, severity: 'error', place: doc.place(['columns', name, 'metric']) }];
    }
    if (at === 'best' && plans.some(({ data }) => roleOf(data, metric) === 'test'))
      return [diagnose(doc, testSelected(['columns', name, 'at'], metric, `which epoch the column ${quote(name)} shows`))];
    if (typeof at !== 'number' || at <= epochs) return [];
    return [{ ...messages.epochNotReached(at, epochs), severity: 'error', place: doc.place(['columns', name, 'at']) }];
  });
}

/** What a cell of a row that nobody trains shows; undefined where it has no number. */
export const knownNumber = ({ table, rows }: Pick<PreparedTable, 'table' | 'rows'>, [row, column]: CellName): number | undefined => {
  const { metric = '', over_seeds: overSeeds } = table.config.columns[column] ?? {};
  return countsRuns(overSeeds) ? undefined : rows[row]?.known?.[metric];
};

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
