import { dirname, isAbsolute, join } from 'node:path';
import type { Diagnostic } from '../../diagnostics/diagnostic.js';
import { closest } from '../../language/located.js';
import { readDocument } from '../../language/read.js';
import { experimentSchema } from '../../language/schema.js';
import { diagnose } from '../../language/source.js';
import type { Loaded } from '../../language/load.js';
import { withSeed, withValues } from '../../language/vary.js';
import { type FactsCache, remembered } from '../../planning/inspect-dataset.js';
import type { Plan, Work } from '../../planning/plan.js';
import { planExperiment } from '../../planning/plan-experiment.js';
import { type CountedWork, withEarlierNumerics } from '../../planning/work.js';
import type { Stage } from '../../stages/stage.js';
import { seedsOf } from '../../table/document.js';
import type { Table } from '../../table/load.js';
import * as messages from '../../table/messages.js';
import { type TableWork, worksOf } from '../../table/plan-table.js';
import type { Options } from '../command.js';
import { documentKind } from '../document-kind.js';
import { loadWithStages, planningTools } from '../prepare.js';
import type { StageSet } from '../use/use-modules.js';

/** An experiment of a table with what the row changes in it. */
export interface PlannedRow {
  /** Its document, as a person would type it. */
  readonly base: string;
  /** With the first of the table's seeds. */
  readonly plan: Plan;
}

/** A training that the table needs, by its work key. */
export interface PlannedWork extends TableWork {
  readonly work: string;
  /** Under which keys its runs may stand in the records: today's, then those of the engine as it was, the newest first. */
  readonly counted: readonly CountedWork[];
  /** What the key was made of. */
  readonly ingredients: Work['ingredients'];
  /** The document, as a person would type it. */
  readonly file: string;
}

export interface PlannedRows {
  readonly rows: Readonly<Record<string, PlannedRow>>;
  readonly works: readonly PlannedWork[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Every row with every seed, planned before the first one starts. What is wrong with a changed value is shown where the table says it. */
export function planRows(table: Table, file: string, options: Options): PlannedRows {
  const { config } = table;
  const bases = new Map<string, ReturnType<typeof loadBase>>();
  const caches = new Map<string, FactsCache>();
  const rows: Record<string, PlannedRow> = {};
  const identified = new Map<string, Work>();
  const told = new Map<string, Diagnostic>();
  const tell = (found: readonly Diagnostic[]): void =>
    found.forEach((each) => told.set(JSON.stringify([each.code, each.message, each.place]), each));
  const works = worksOf(config);

  for (const [row, { base: name }] of Object.entries(config.rows)) {
    const base = baseFile(file, name);
    const loaded = bases.get(base) ?? loadBase(table, row, base, options);
    bases.set(base, loaded);
    tell(loaded.diagnostics);
    if (!loaded.base) continue;
    const { stages, modules } = loaded.base;
    const checked = withValues(loaded.base.doc, valuesOf(table, row), schemaOf(stages));
    tell(checked.diagnostics);
    if (!checked.resolved) continue;
    const { doc, resolved } = checked;
    const tools = planningTools(base, modules);
    const home = JSON.stringify([dirname(base), modules]);
    const factsCache = caches.get(home) ?? remembered(tools.factsCache);
    caches.set(home, factsCache);
    const planning = { ...tools, factsCache };
    for (const seed of seedsOf(config)) {
      const { plan, problems } = planExperiment(withSeed(resolved, seed), stages, planning);
      tell(problems.map((problem) => diagnose(doc, problem)));
      if (!plan) break;
      rows[row] ??= { base, plan };
      const work = works.find((each) => each.seed === seed && each.rows.includes(row));
      if (work) identified.set(work.id, plan.work);
    }
  }
  const planned = works.flatMap((work) => {
    const found = identified.get(work.id);
    if (!found) return [];
    const { key, ingredients } = found;
    return [{ ...work, work: key, counted: withEarlierNumerics(found), ingredients, file: baseFile(file, work.base) }];
  });
  return { rows, works: planned, diagnostics: Array.from(told.values()) };
}

/** A base stands relative to the file of its table, and is shown as a person would type it. */
const baseFile = (table: string, base: string): string => (isAbsolute(base) ? base : join(dirname(table), base));

interface LoadedBase {
  readonly base?: Loaded & StageSet;
  readonly diagnostics: readonly Diagnostic[];
}

/** A base that cannot be read, or is no experiment, is the table's mistake; what is wrong inside of it is shown there. */
function loadBase({ doc }: Table, row: string, file: string, options: Options): LoadedBase {
  const mistake = (words: messages.Words): Diagnostic => ({ ...words, severity: 'error', place: doc.place(['rows', row, 'base']) });
  const read = readDocument(file);
  if ('diagnostics' in read) {
    return { diagnostics: read.diagnostics.map(({ message, help }) => mistake(messages.baseUnreadable(message, help))) };
  }
  const kind = documentKind(file);
  if (kind !== 'experiment') return { diagnostics: [mistake(messages.baseOfOtherKind(file, kind))] };
  const loaded = loadWithStages(file, read.bytes, { ...options, set: [] });
  return 'diagnostics' in loaded ? loaded : { base: loaded, diagnostics: loaded.warnings };
}

const valuesOf = ({ doc, config }: Table, row: string) =>
  Object.keys(config.rows[row]?.set ?? {}).map((path) => {
    const { found } = closest(doc.root, ['rows', row, 'set', path]);
    return { path, value: { ...found, from: 'set' as const } };
  });

/** Made once for all rows whose base has these stages. */
function schemaOf(stages: readonly Stage[]): ReturnType<typeof experimentSchema> {
  const schema = schemas.get(stages) ?? experimentSchema(stages);
  schemas.set(stages, schema);
  return schema;
}
const schemas = new WeakMap<readonly Stage[], ReturnType<typeof experimentSchema>>();
