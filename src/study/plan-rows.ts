import { dirname } from 'node:path';
import { type Diagnostic, isError } from '../diagnostics/diagnostic.js';
import { nearest, type Words } from '../diagnostics/words.js';
import { schemaAt } from '../language/check.js';
import type { ResolvedConfig } from '../language/experiment.js';
import { type Given, type Judged, pathOf, type Varied, withValues } from '../language/load.js';
import { closest, type Path, plain, record } from '../language/located.js';
import { fileFrom, folderOf, renamedFor, withFiles } from '../language/resolve.js';
import { diagnose } from '../language/source.js';
import { type FactsCache, remembered } from '../planning/look-at-data.js';
import type { TrialTools } from '../planning/plan-experiment.js';
import { planReplicates } from '../planning/plan-replicates.js';
import type { Plan, Work } from '../planning/plan.js';
import { describeReplicate, foldCount, type Replicate } from '../language/replicate.js';
import { knownAnswers } from '../planning/recorded.js';
import { type CountedWork, withEarlierNumerics } from '../planning/work.js';
import type { Changes } from '../run/prepare.js';
import { findStage } from '../stages/registry.js';
import { withAccepted } from './accept.js';
import type { Table } from './claims/load.js';
import * as messages from './claims/messages.js';
import { type TableWork, worksOf } from './claims/plan-table.js';
import { mean } from '../statistics/means.js';
import { type LoadedBase, openBase, valuesAt } from './load-base.js';
import { drawnData, variesBySeed, variesBySplit } from './what-varies.js';
import { bySample, foldsOf, problemsOfFolds, problemsOfSplits, replicatesOf, sampleOf } from './replicates.js';
import type { TunedRow } from './tuned-rows.js';

/** An experiment of a table with what the row changes in it. */
export interface PlannedRow {
  /** The row's experiment, as a person would type its document. */
  readonly base: string;
  /** Of a row whose configuration a sweep selects; as long as it has selected none, the plan is that of its first configuration, and no work is planned. */
  readonly tuned?: TunedRow;
  /** What is changed in it, with files by their whole paths. */
  readonly sets: PlannedWork['sets'];
  /** With the first of the table's seeds. */
  readonly plan: Plan;
  /** Of a row that nobody trains: by `SPLIT/METRIC`, what its baseline reaches. */
  readonly known?: Readonly<Record<string, number>>;
  /** The work that the row is with a seed, and a fold or a split where there are some; undefined where that cannot be planned. */
  readonly identify: (replicate: Replicate) => Work | undefined;
  /** What is another one from seed to seed, in words. */
  readonly varies: readonly string[];
  /** What is another one from split to split, where the table names splits. */
  readonly variesBySplit?: readonly string[];
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
  /** What the row changes in it, with files by their whole paths, for whoever trains it from another folder. */
  readonly sets: readonly { readonly path: string; readonly value: unknown }[];
}

interface PlannedRows {
  /** The table, in which files that the command line names are named as the table would. */
  readonly table: Table;
  readonly rows: Readonly<Record<string, PlannedRow>>;
  readonly works: readonly PlannedWork[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Every row with every seed, planned before the first one starts. What is wrong with a changed value is shown where the table says it. */
export function planRows(written: Table, file: string, changes: Changes, tuned: ReadonlyMap<string, TunedRow>): PlannedRows {
  const told = new Map<string, Diagnostic>();
  const tell = (found: readonly Diagnostic[]): void =>
    found.forEach((each) => told.set(JSON.stringify([each.code, each.message, each.place]), each));
  const checked = checkRows(written, file, changes, tuned, tell);
  const table = countingFolds(namingFiles(written, checked), checked, tell);
  const works = worksOf(table.config);
  const caches = new Map<string, FactsCache>();
  const rows: Record<string, PlannedRow> = {};
  const identified = new Map<string, Work>();
  const nameOf = (row: string, replicate: Replicate): string => `${describeReplicate(replicate)} of ${row}`;
  const workOf = new Map(works.flatMap((work) => work.rows.map((row) => [nameOf(row, work), work] as const)));

  for (const [row, { base, doc, resolved, by, sets, tuned: sweep }] of checked) {
    const { stages, planning } = by;
    const { baseline } = table.config.rows[row] ?? {};
    const home = JSON.stringify([dirname(base), planning.modules]);
    const factsCache = caches.get(home) ?? remembered(planning.factsCache);
    caches.set(home, factsCache);
    const planWith = planReplicates(resolved, stages, { ...planning, factsCache });
    const { splits } = table.config;
    const drawnOf =
      (plan: Plan, { seed, split }: Replicate) =>
      (): readonly string[] =>
        drawnData(plan, findStage(stages, 'dataset', plan.config.values.dataset.kind), () => {
          const other = { seed: seed + 1, ...(split !== undefined && { split: split + 1 }) };
          return planWith(other).work?.ingredients['dataset'] !== plan.data.digest;
        });
    const answers: Answers[] = [];
    for (const replicate of replicatesOf(table.config, foldsOf(table.config, undefined))) {
      const { work: found, problems, plan: wholePlan } = planWith(replicate);
      // A warning is about what is trained.
      tell(problems.map((problem) => diagnose(doc, problem)).filter((each) => baseline === undefined || isError(each)));
      const plan = rows[row] && baseline === undefined ? rows[row].plan : wholePlan();
      if (!found || !plan) break;
      const drawn = drawnOf(plan, replicate);
      if (splits !== undefined && !rows[row]) tell(problemsOfSplits(row, resolved, drawn()).map((problem) => diagnose(table.doc, problem)));
      rows[row] ??= {
        base,
        sets,
        plan,
        identify: (other) => (isKnown(sweep) ? planWith(other).work : undefined),
        ...(sweep && { tuned: sweep }),
        varies: baseline === undefined ? variesBySeed(plan, drawn) : [],
        ...(splits !== undefined && baseline === undefined && { variesBySplit: variesBySplit(plan, drawn) }),
      };
      if (baseline !== undefined) answers.push({ ...replicate, answers: knownAnswers(plan.data) });
      const work = workOf.get(nameOf(row, replicate));
      if (work && isKnown(sweep)) identified.set(work.id, found);
    }
    const planned = rows[row];
    if (baseline === undefined || !planned) continue;
    const found = knownOf(baseline, base, answers, metricsOf(table));
    if ('known' in found) rows[row] = { ...planned, ...found };
    else tell([{ ...found.mistake, severity: 'error', place: table.doc.place(['rows', row, 'baseline']) }]);
  }
  const planned = works.flatMap((work) => {
    const found = identified.get(work.id);
    const row = checked.get(work.rows[0] ?? '');
    if (!found || !row) return [];
    const { key, ingredients } = found;
    return [{ ...work, work: key, counted: withEarlierNumerics(found), ingredients, file: row.base, sets: row.sets }];
  });
  return { table, rows, works: planned, diagnostics: Array.from(told.values()) };
}

const metricsOf = ({ config }: Table): readonly string[] => Object.values(config.columns).map(({ metric }) => metric);

/** What is known of the data without training, with one of the replicates. */
interface Answers extends Replicate {
  readonly answers: ReturnType<typeof knownAnswers>;
}

/**
 * By metric, what an answer reaches, over its folds as a run's results are. A mistake where the data of the base don't know its name, where none of
 * the table's metrics are known of it, or where a number hangs on the seed or the split.
 */
function knownOf(
  name: string,
  base: string,
  all: readonly Answers[],
  metrics: readonly string[],
): { readonly known: NonNullable<PlannedRow['known']> } | { readonly mistake: Words } {
  const [first, ...more] = all.map(({ answers }) => answers);
  const names = Object.keys(first ?? {}).filter((each) => more.every((answers) => answers[each]));
  if (!names.includes(name)) return { mistake: messages.unknownBaseline(name, base, names, nearest(name, names)) };
  const [known = {}, ...others] = Array.from(bySample(all, sampleOf).values(), (parts) =>
    overParts(parts.map(({ answers }) => answers[name] ?? {})),
  );
  if (!metrics.some((metric) => known[metric] !== undefined)) return { mistake: messages.nothingKnown(name, metrics, Object.keys(known)) };
  for (const metric of metrics) {
    const [one = Number.NaN, other] = [known[metric], others.find((sample) => sample[metric] !== known[metric])?.[metric]];
    if (other !== undefined)
      return {
        mistake: messages.baselineVaries(
          name,
          metric,
          [one, other],
          all.some(({ split }) => split !== undefined),
        ),
      };
  }
  return { known };
}

const overParts = (parts: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.keys(parts[0] ?? {}).map((metric) => [metric, mean(parts.map((part) => part[metric] ?? Number.NaN))]));

type CheckedRow = Extract<Varied<TrialTools & Judged>, { readonly resolved: ResolvedConfig }> & {
  readonly base: string;
  /** What the sweep and the row change in it. */
  readonly given: readonly Given[];
  readonly tuned?: TunedRow | undefined;
};

/** Whether it is known what a row trains. */
const isKnown = (tuned: TunedRow | undefined): boolean => tuned === undefined || tuned.selected !== undefined;

/** The experiments of the rows that hold no mistake, by row. */
function checkRows(
  table: Table,
  file: string,
  changes: Changes,
  tuned: ReadonlyMap<string, TunedRow>,
  tell: (found: readonly Diagnostic[]) => void,
): ReadonlyMap<string, CheckedRow> {
  const bases = new Map<string, LoadedBase>();
  const rows = new Map<string, CheckedRow>();
  for (const [row, { base: name }] of Object.entries(table.config.rows)) {
    const sweep = tuned.get(row);
    const base = sweep?.sweep.base ?? (name === undefined ? undefined : fileFrom(dirname(file), name));
    if (base === undefined) continue;
    const loaded = bases.get(base) ?? openBase(table.doc, ['rows', row, 'base'], base, changes, 'a row needs an experiment');
    bases.set(base, loaded);
    tell(loaded.diagnostics);
    if (!loaded.base) continue;
    const given = [...(sweep?.given ?? []), ...valuesAt(table.doc, ['rows', row, 'set'])];
    const checked = withValues(loaded.base.doc, withAccepted(given, table.doc, loaded.base.doc), loaded.base.judgedBy);
    tell(checked.diagnostics);
    if (checked.resolved) rows.set(row, { ...checked, base, given, tuned: sweep });
  }
  return rows;
}

/**
 * With what each row changes in its base, and with the base that a sweep names where that has selected a configuration. A text of the command line,
 * one of the table and one of a sweep may be the same, and name several files: rows that say the same in words share their runs.
 */
function namingFiles({ doc, config, ...rest }: Table, checked: ReadonlyMap<string, CheckedRow>): Table {
  const folder = dirname(doc.file);
  const rows = Object.entries(config.rows).map(([row, written]) => {
    const found = checked.get(row);
    if (!found || !isKnown(found.tuned)) return [row, written] as const;
    const { given, by, doc: changed, tuned } = found;
    const named = given.map(({ path, value }) => {
      const rename = (text: string, below: Path): string => renamedFor(folder, folderOf(closest(value, below).found), text);
      return [path, withFiles(schemaAt(by.schema, changed.value, pathOf(path)), plain(value), rename)] as const;
    });
    const base = tuned && renamedFor(folder, dirname(tuned.sweep.file), tuned.sweep.sweep.config.base);
    return [row, { ...written, ...(base !== undefined && { base }), ...(named.length > 0 && { set: record(named) }) }] as const;
  });
  return { ...rest, doc, config: { ...config, rows: Object.fromEntries(rows) } };
}

/** With the folds that `all` stands for. */
function countingFolds(table: Table, rows: ReadonlyMap<string, CheckedRow>, tell: (found: readonly Diagnostic[]) => void): Table {
  const { doc, config } = table;
  if (config.folds === undefined) return table;
  let count: number | undefined;
  for (const { resolved } of rows.values()) {
    tell(problemsOfFolds(config, resolved, count).map((problem) => diagnose(doc, problem)));
    count ??= foldCount(resolved.values);
  }
  return { ...table, config: { ...config, folds: foldsOf(config, count) ?? [] } };
}
