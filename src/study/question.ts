import { createHash } from 'node:crypto';
import { canonicalJson } from '../planning/canonical-json.js';
import { cellsOf, type Claim } from './claims/claim.js';
import type { ColumnConfig, TableConfig } from './claims/document.js';
import type { PlannedRow } from './plan-rows.js';
import type { PreparedTable } from './prepare-study.js';

/**
 * What a claim asks of its cells, in two parts: looks at equal targets of equal cells are looks at one claim, whatever was taken as the same, and
 * looks with other terms ask another question of the same runs. Plain data, without prose and without the names of rows and columns.
 */
export interface Question {
  readonly form: Claim['kind'];
  /** What is claimed: the published text, the digest of a reference's runs, the bound, the direction. */
  readonly target: Readonly<Record<string, unknown>>;
  /** How it is judged: margin, confidence, reading, share, pairs. */
  readonly terms: Readonly<Record<string, unknown>>;
}

type KeyOf<T> = T extends unknown ? keyof T : never;
type Part = 'form' | 'cell' | 'target' | 'term' | 'prose';

/** A key of a claim that is missing here is a mistake that the compiler finds. */
const PARTS: Readonly<Record<KeyOf<Claim>, Part>> = {
  kind: 'form',
  cell: 'cell',
  of: 'cell',
  than: 'cell',
  to: 'cell',
  methods: 'prose',
  dataSets: 'target',
  best: 'target',
  published: 'target',
  runs: 'target',
  diverged: 'target',
  side: 'target',
  bound: 'target',
  direction: 'target',
  margin: 'term',
  confidence: 'term',
  spread: 'term',
  printed: 'term',
  reading: 'term',
  share: 'term',
  by: 'term',
  paired: 'term',
  test: 'term',
  deviceBound: 'term',
  excludesDiverged: 'term',
  deterministic: 'term',
  because: 'prose',
  source: 'prose',
  provenance: 'prose',
  against: 'prose',
};

export function questionOf(claim: Claim): Question {
  const found = (part: Part): Readonly<Record<string, unknown>> =>
    Object.fromEntries(
      Object.entries(claim).flatMap(([key, value]) => (PARTS[key as KeyOf<Claim>] === part ? [[key, frozenValue(value)]] : [])),
    );
  return { form: claim.kind, target: found('target'), terms: found('term') };
}

/** A number in print is its text, and the runs of a reference are the digest of their values. */
function frozenValue(value: unknown): unknown {
  if (Array.isArray(value)) return digestOf(value);
  return typeof value === 'object' && value !== null && 'text' in value ? value.text : value;
}

/** What a cell holds, whatever its row and its column are called. */
export interface CellContent {
  /** Digest of what its row trains, or is known of. */
  readonly configuration: string;
  readonly column: Readonly<Record<string, unknown>>;
}

/** What a column takes of each run; how it is shown is left out. */
const columnContent = ({ label: _, digits: __, unit: ___, over_seeds: over, ...content }: ColumnConfig): CellContent['column'] => ({
  at: 'last',
  ...content,
  ...(over !== undefined && over !== 'mean' && { over_seeds: over }),
});

/** 64 hex by which a claim is known in every table: what it is about, in cells that hold equal things. */
export const identifyClaim = (claim: Claim, contentOf: ReturnType<typeof contentsOf>): string => {
  const { form, target } = questionOf(claim);
  return digestOf({ form, target, cells: cellsOf(claim).map(([row, column]) => contentOf(row, column)) });
};

/** The cells of a table by what they hold. Of generated data, which are others with every seed, those of seed 1 stand for all. */
export function contentsOf({ table: { config }, rows }: PreparedTable): (row: string, column: string) => CellContent {
  const configurations = new Map<string, string>();
  const configurationOf = (row: string): string => {
    const known = configurations.get(row) ?? configurationOfRow(config, row, rows[row]);
    configurations.set(row, known);
    return known;
  };
  return (row, column) => ({ configuration: configurationOf(row), column: columnContent(config.columns[column] ?? { metric: '' }) });
}

/**
 * Of a row whose configuration a sweep selects: digest of what declares that, which is the sweep and what its configurations have in common. It is the
 * same before the sweep has run and after; undefined of any other row.
 */
export function selectionOf({ tuned, plan }: PlannedRow): string | undefined {
  if (!tuned) return undefined;
  const { vary, exclude, search, select, prune, seeds, folds } = tuned.sweep.sweep.config;
  const varied = vary.flatMap((axis) => Object.keys(axis));
  const isOpen = (path: string): boolean =>
    varied.some(
      (each) => path === each || path.startsWith(`${each}.`) || (each.endsWith('.kind') && path.startsWith(each.slice(0, -'kind'.length))),
    );
  const { config } = plan.work.ingredients;
  const common = Object.entries((config ?? {}) as Readonly<Record<string, unknown>>).filter(([path]) => !isOpen(path));
  return digestOf({ vary, exclude, search, select, prune, seeds, folds, common: Object.fromEntries(common) });
}

/** Of what is asked for, not of the code that answers it: another version of a stage or of the engine answers what was asked before. */
function configurationOfRow({ rows, folds }: TableConfig, row: string, planned: PlannedRow | undefined): string {
  if (planned?.tuned && !planned.tuned.selected) return digestOf({ selection: selectionOf(planned) });
  const [fold] = Array.isArray(folds) ? folds : [];
  const work = planned?.identify({ seed: 1, ...(fold !== undefined && { fold }) }) ?? planned?.plan.work;
  const { config, dataset, modules, initial_weights, vectors } = work?.ingredients ?? {};
  const settings = Object.entries((config ?? {}) as Readonly<Record<string, unknown>>).filter(
    ([path]) => fold === undefined || path !== 'fold',
  );
  return digestOf({ config: Object.fromEntries(settings), dataset, modules, initial_weights, vectors, baseline: rows[row]?.baseline });
}

const digestOf = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex');
