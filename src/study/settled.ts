import { join } from 'node:path';
import { canonicalJson } from '../planning/canonical-json.js';
import type { Work } from '../planning/plan.js';
import { readIfThere } from '../record/files.js';
import { keyFile, type RunPlace, type Store } from '../record/layout.js';
import { headOf, listPlaces, type MetricPoint, parsePoints, readTag, workTag } from '../record/reader.js';
import { isSettled, outcomeTag, readWorks } from '../record/works.js';
import { attemptsByWork, outcomeOf, type TriedRun } from '../run/attempt.js';
import { median } from '../statistics/means.js';
import { type ByExamples, readByExamples } from './by-examples.js';
import type { SettledWork } from './claims/plan-table.js';
import type { PlannedWork } from './plan-rows.js';
import { betterOf, type PreparedTable } from './prepare-study.js';
import { selectValue } from './proposals/results.js';

/** What runs of the present code and data are called, whichever the engine's numerics: only they are judged. */
export const TODAY = 'today';

/** With the key under which it stands in the records, and the count of the engine's numerics that this means. */
export interface SettledRun extends SettledWork {
  readonly run: string;
  readonly work: string;
  readonly numerics: number;
}

/**
 * What the records say of every work of a table, in one walk over the store. A work that was not begun, or goes on, is not among them. Where
 * today's engine has not finished it, an earlier one's run stands for it, and has that as its difference.
 */
export function readSettled(store: Store, prepared: PreparedTable): readonly SettledRun[] {
  const attempts = attemptsByWork(store, new Set(prepared.works.flatMap(({ counted }) => counted.map(({ key }) => key))));
  return prepared.works.flatMap(({ id, counted, rows: [row = ''] }): readonly SettledRun[] => {
    const tried = counted.flatMap(({ key, numerics }) => (attempts.get(key) ?? []).map((run) => ({ run, work: key, numerics })));
    const found = tried.find(({ run }) => isSettled(run)) ?? tried[0];
    const outcome = found && outcomeOf(found.run);
    if (!outcome || outcome === 'stopped') return [];
    const { run, work, numerics } = found;
    const now = counted[0]?.numerics;
    return [
      {
        id,
        outcome: outcome === 'failed' ? 'crashed' : outcome,
        ...(outcome === 'finished' ? columnsOf(store, prepared, row, run) : { values: {} }),
        procedure: TODAY,
        run: run.id,
        work,
        numerics,
        ...(numerics !== now && { difference: otherNumerics(numerics, now) }),
        ...(run.endTime !== null && { endedAt: run.endTime }),
      },
    ];
  });
}

const otherNumerics = (then: unknown, now: unknown): string => `numerics ${String(then)} of the engine, now ${String(now)}`;

/** By column: its metric at its epoch, where the run recorded it, and how far other examples might move that. */
function columnsOf(
  store: Store,
  { table, rows }: PreparedTable,
  row: string,
  { place }: TriedRun,
): Pick<SettledWork, 'values' | 'byExamples'> {
  const planned = rows[row];
  const values: Record<string, number> = {};
  const byExamples: Record<string, ByExamples> = {};
  for (const [column, { metric, at = 'last' }] of Object.entries(table.config.columns)) {
    const text = readIfThere(store.files, keyFile(place, 'metrics', metric));
    if (text === null || !planned) continue;
    const points = parsePoints(text);
    const value = at === 'median' ? medianOf(points) : selectValue(points, at, betterOf(planned, metric));
    if (value === undefined) continue;
    values[column] = value;
    const found = readByExamples(store, place, metric, points, value);
    if (found) byExamples[column] = found;
  }
  return { values, byExamples };
}

/** Of a speed: one slow epoch, while something else ran, changes nothing. Where an epoch gave no number, there is none of all. */
function medianOf(points: readonly MetricPoint[]): number | undefined {
  const values = points.map(({ value }) => value);
  if (values.length === 0) return undefined;
  return values.some(Number.isNaN) ? Number.NaN : median(values);
}

/**
 * Runs that answer a question of the table in another way than those that are judged: equal settings and seed, another version of a stage, of
 * a person's modules, or of the data, or of the engine where today's has answered too. They are told of, and not judged.
 */
export function readOlder(store: Store, { rows, works }: PreparedTable, settled: readonly SettledRun[]): readonly SettledWork[] {
  let asked: ReadonlyMap<string, PlannedWork> | undefined;
  // Most stores hold no run that is not judged, and no question has to be written out.
  const workOf = (ingredients: Ingredients): PlannedWork | undefined =>
    (asked ??= new Map(works.map((work) => [questionOf(work.ingredients), work]))).get(questionOf(ingredients));
  const judged = new Set([...works, ...settled].map(({ work }) => work));
  const names = new Set(Object.values(rows).map(({ plan }) => plan.name));
  const known = readWorks(store);
  return listPlaces(store).flatMap(({ experiment, place }): readonly SettledWork[] => {
    if (!names.has(experiment.name)) return [];
    const key = known.get(place.runId) ?? readTag(store, place, workTag);
    if (key === null || judged.has(key)) return [];
    const ingredients = readIngredients(store, place);
    const work = ingredients && workOf(ingredients);
    const head = work && headOf(store, experiment, place);
    if (!head || !isSettled({ ...head, outcome: readTag(store, place, outcomeTag) })) return [];
    const difference = differenceOf(ingredients, work.ingredients);
    const ended = head.endTime === null ? {} : { endedAt: head.endTime };
    return [{ id: work.id, outcome: 'finished', values: {}, procedure: difference, difference, run: place.runId, ...ended }];
  });
}

type Ingredients = Work['ingredients'];

/** What was asked, whatever code answers it. */
const questionOf = ({ seed, config, engine }: Ingredients): string => {
  const { kind, device } = record(engine);
  return canonicalJson({ seed, config, kind, device });
};

/** `model rnn@1, now rnn@2`; whatever differs is named, so that no key of equal ingredients is another one without a word. */
export function differenceOf(then: Ingredients, now: Ingredients): string {
  const [stages, current] = [record(then['stages']), record(now['stages'])];
  const ofStages = namesOf(stages, current).flatMap((slot) =>
    stages[slot] === current[slot] ? [] : [`${slot} ${String(stages[slot] ?? 'none')}, now ${String(current[slot] ?? 'none')}`],
  );
  const [numerics, latest] = [record(then['engine'])['numerics'], record(now['engine'])['numerics']];
  const others = namesOf(now, then).filter(
    (name) => !TOLD.includes(name) && canonicalJson(then[name] ?? null) !== canonicalJson(now[name] ?? null),
  );
  return [
    ...ofStages,
    ...(numerics === latest ? [] : [otherNumerics(numerics, latest)]),
    ...others.map((name) => OTHER[name] ?? `another ${name.replaceAll('_', ' ')}`),
  ].join('; ');
}

const namesOf = (...all: readonly Ingredients[]): readonly string[] => Array.from(new Set(all.flatMap((each) => Object.keys(each))));

/** Equal by the question, or told apart by their parts. */
const TOLD: readonly string[] = ['seed', 'config', 'engine', 'stages'];
const OTHER: Readonly<Record<string, string>> = {
  dataset: 'other data',
  modules: 'other modules',
  initial_weights: 'other initial weights',
  vectors: 'other vectors of words',
  format: 'a key of another format',
};

function readIngredients(store: Store, { folder }: RunPlace): Ingredients | undefined {
  try {
    const plan: unknown = JSON.parse(readIfThere(store.files, join(folder, 'artifacts', 'plan.json')) ?? '{}');
    return record(record(plan)['work'])['ingredients'] as Ingredients | undefined;
  } catch {
    return undefined; // a foreign run, or one that died before it was written
  }
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
