import { formatSetting } from '../diagnostics/numbers.js';
import { forShell } from '../diagnostics/words.js';
import { shown } from '../host/folders.js';
import type { ResolvedConfig } from '../language/experiment.js';
import { describeOrigin } from '../language/resolve.js';
import { leaves } from '../planning/leaves.js';
import type { Plan } from '../planning/plan.js';
import { partOf, type Replicate } from '../language/replicate.js';
import { withEarlierNumerics } from '../planning/work.js';
import type { Store } from '../record/layout.js';
import { findRun, readTag } from '../record/reader.js';
import { workSeconds } from '../record/works.js';
import { readEnvironment } from '../run/read-report.js';
import type { TableConfig } from './claims/document.js';
import type { Tuning } from './claims/facts.js';
import type { JudgedTable } from './claims/judge-table.js';
import type { PlannedRow } from './plan-rows.js';
import type { PreparedTable } from './prepare-study.js';
import { variedPaths } from './proposals/propose.js';
import type { SettledRun } from './settled.js';
import { type TunedRow, tuningOf } from './tuned-rows.js';
import type { JudgedRecords } from './verdicts.js';

/** What stands behind the cells of a judged table: every run with its value, and how to make it again. Plain data. */
export interface TableEvidence {
  /** The table's document as typed, and its text. */
  readonly file: string;
  readonly text: string;
  readonly rows: readonly RowEvidence[];
  /** Where each claim stands in the document: `tables/time_machine.yaml:20:5`. */
  readonly claims: readonly string[];
  /** Each place where runs were made, once: facts by name. */
  readonly environments: readonly (readonly (readonly [name: string, value: string])[])[];
  readonly commands: readonly { readonly command: string; readonly does: string }[];
  /** Folder of the records, as a person would type it. */
  readonly records: string;
}

export interface RowEvidence {
  readonly row: string;
  readonly label: string;
  /** The document of the row's experiment, as typed. */
  readonly base: string;
  /** Every resolved value with its place: `experiments/lstm.yaml:13:16`, the table's own line, `default`. */
  readonly configuration: readonly Setting[];
  readonly data: DataEvidence;
  /** `gru@1` by slot. */
  readonly stages: Readonly<Record<string, string>>;
  /** What its runs were made with: `compiled on cpu, numerics 1`. */
  readonly engine: string;
  readonly parameterCount: number;
  readonly runs: readonly RunEvidence[];
  /** Of a row whose configuration a sweep selects. */
  readonly tuning?: Tuning;
  /** Of a row that nobody trains: the answer in place of runs, and by column what is known of it. */
  readonly baseline?: { readonly name: string; readonly values: Readonly<Record<string, number>> };
}

interface Setting {
  readonly path: string;
  readonly value: string;
  readonly origin: string;
}

interface DataEvidence {
  readonly kind: string;
  /** SHA-256 of the content. */
  readonly digest: string;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
}

export interface RunEvidence extends Replicate {
  readonly id: string;
  readonly outcome: 'finished' | 'diverged' | 'crashed';
  /** By column. */
  readonly values: Readonly<Record<string, number>>;
  readonly work: string;
  /** The count of its engine's numerics. */
  readonly numerics: number;
  /** Milliseconds since 1970. */
  readonly started: number;
  readonly ended?: number;
  /** Seconds that it worked, without pauses. */
  readonly seconds?: number;
  /** Of `environments`, from 0. */
  readonly environment: number;
  /** The commit of the folder that its document was in, where that is known. */
  readonly commit?: string;
}

/** What stands behind a table: its plans, and the records of the runs that were judged. */
export function readEvidence(store: Store, prepared: PreparedTable, settled: readonly SettledRun[]): TableEvidence {
  const { table, file, works, rows } = prepared;
  const environments: TableEvidence['environments'][number][] = [];
  const numberOf = (facts: TableEvidence['environments'][number]): number => {
    const known = environments.findIndex((each) => JSON.stringify(each) === JSON.stringify(facts));
    return known === -1 ? environments.push(facts) - 1 : known;
  };
  const runsOf = (row: string): readonly RunEvidence[] =>
    works.flatMap(({ id, rows: sharing, seed, fold, split }) => {
      if (!sharing.includes(row)) return [];
      return settled.flatMap(({ id: of, run, outcome, values, work, numerics }): readonly RunEvidence[] => {
        const head = of === id ? findRun(store, run) : null;
        if (!head) return [];
        const seconds = workSeconds(store, head.place);
        const commit = readTag(store, head.place, 'mlflow.source.git.commit');
        return [
          {
            id: run,
            seed,
            ...partOf({ fold, split }),
            outcome,
            values,
            work,
            numerics,
            started: head.startTime,
            ...(head.endTime !== null && { ended: head.endTime }),
            ...(seconds !== undefined && { seconds }),
            environment: numberOf(readEnvironment(store, head.place)),
            ...(commit !== null && { commit }),
          },
        ];
      });
    });
  const evidence = Object.entries(rows).map(([row, planned]) => rowEvidence(row, planned, prepared, runsOf(row)));
  const claims = table.config.claims.map((_, index) => {
    const { line, column } = table.doc.place(['claims', index]);
    return `${file}:${line}:${column}`;
  });
  return {
    file,
    text: table.doc.text,
    rows: evidence,
    claims,
    environments,
    commands: commandsOf(file, table.config),
    records: shown(store.root),
  };
}

const rowEvidence = (
  row: string,
  { base, plan, known, tuned }: PlannedRow,
  { table, file, written }: PreparedTable,
  runs: readonly RunEvidence[],
): RowEvidence => ({
  row,
  label: table.config.rows[row]?.label ?? row,
  base,
  configuration: settingsOf(plan.config, { file, tuned }, replicatedPaths(table.config)).filter(({ path }) => !known || OF_DATA.test(path)),
  data: {
    kind: plan.config.values.dataset.kind,
    digest: plan.data.digest,
    facts: plan.facts.facts.map(({ name, value }) => ({ name, value: typeof value === 'number' ? formatSetting(value, 6) : value })),
  },
  stages: Object.fromEntries(Object.entries(stagesOf(plan)).filter(([slot]) => !known || OF_DATA.test(slot))),
  engine: engineOf(plan, runs),
  parameterCount: plan.parameterCount,
  runs,
  ...(tuned && { tuning: tuningOf(tuned, plan, written.rows[row]?.set) }),
  ...(known && { baseline: { name: table.config.rows[row]?.baseline ?? '', values: byColumn(table.config, known) } }),
});

const replicatedPaths = ({ folds, splits }: TableConfig): readonly string[] => [
  ...(folds === undefined ? [] : ['fold']),
  ...(splits === undefined ? [] : ['dataset.seed']),
];

/** Paths and slots that a number hangs on which nobody trains. */
const OF_DATA = /^(dataset|metrics?|fold)\b/;

const byColumn = ({ columns }: TableConfig, known: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(columns).flatMap(([column, { metric }]) => (known[metric] === undefined ? [] : [[column, known[metric]]])),
  );

/**
 * Every value with its place, but names and prose, the seed and what else is `replicated`: the runs of a row differ in those. What a row sets stands
 * in the table, what its sweep sets or selects in the sweep's document. A sweep that has selected nothing leaves open what it varies.
 */
function settingsOf(
  { values, origins }: ResolvedConfig,
  { file, tuned }: { readonly file: string; readonly tuned: TunedRow | undefined },
  replicated: readonly string[],
): readonly Setting[] {
  const varied = tuned ? variedPaths(tuned.sweep.sweep.config).flat() : [];
  const isVaried = (path: string): boolean => varied.some((each) => path === each || path.startsWith(`${each}.`));
  return [...leaves(values)]
    .filter(([path]) => !['experiment', 'description', 'seed', ...replicated].includes(path))
    .map(([path, value]) => {
      const origin = origins.get(path);
      const isOf = (document: string | undefined): boolean => origin !== undefined && 'place' in origin && origin.place.file === document;
      const isOfSweep = isOf(tuned?.sweep.file);
      const told = describeOrigin(origin?.from === 'set' && (isOf(file) || isOfSweep) ? { ...origin, from: 'file' } : origin);
      if (!tuned || !isOfSweep || !isVaried(path)) return { path, value: String(value), origin: told };
      return tuned.selected
        ? { path, value: String(value), origin: `${told} (selected)` }
        : { path, value: 'not selected yet', origin: tuned.sweep.file };
    });
}

const stagesOf = ({ work }: Plan): Readonly<Record<string, string>> =>
  (work.ingredients['stages'] ?? {}) as Readonly<Record<string, string>>;

/** `compiled on cpu, numerics 1 and 2, now 3`: what the runs were made with, and what would make them today. */
function engineOf({ engine: { kind, device }, work }: Plan, runs: readonly RunEvidence[]): string {
  const [now] = withEarlierNumerics(work).map(({ numerics }) => numerics);
  const used = Array.from(new Set(runs.map(({ numerics }) => numerics))).toSorted((a, b) => a - b);
  const then = used.length === 0 ? now : used.join(' and ');
  return `${kind} on ${device}, numerics ${then}${used.every((each) => each === now) ? '' : `, now ${now}`}`;
}

const commandsOf = (file: string, { splits }: TableConfig): TableEvidence['commands'] => [
  { command: `npx run ${forShell(file)}`, does: 'train what is missing, and judge all of it' },
  { command: `npx retable judge ${forShell(file)}`, does: 'the verdicts from the records alone' },
  splits === undefined
    ? { command: `npx run ${forShell(file)} --seeds 10`, does: 'more seeds: those that are done are not repeated' }
    : { command: `npx run ${forShell(file)} --set splits=10`, does: 'more splits: those that are done are not repeated' },
  { command: `npx retable why ${forShell(file)} ROW COLUMN`, does: 'what one number rests on' },
];

/** A judged table as reports take it. */
export interface TableReport {
  readonly config: TableConfig;
  readonly judged: JudgedTable;
  readonly evidence: TableEvidence;
}

/** What the table rests on is read where a form shows it. */
export const tableReport = (store: Store, { prepared, judged, settled }: JudgedRecords): TableReport => ({
  config: prepared.table.config,
  judged,
  get evidence(): TableEvidence {
    return readEvidence(store, prepared, settled);
  },
});
