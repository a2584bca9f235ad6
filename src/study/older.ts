import { join } from 'node:path';
import { canonicalJson } from '../planning/canonical-json.js';
import type { Work } from '../planning/plan.js';
import { isSettled, outcomeTag } from '../record/works.js';
import { readIfThere } from '../record/files.js';
import type { RunPlace, Store } from '../record/layout.js';
import { headOf, listPlaces, readTag, workTag } from '../record/reader.js';
import type { SettledWork } from './claims/plan-table.js';
import type { PreparedTable } from './prepare-table.js';
import { otherNumerics, type SettledRun } from './settled.js';

/**
 * Runs that answer a question of the table in another way than those that are judged: equal settings and seed, another version of a stage, of
 * a person's modules, or of the data, or of the engine where today's has answered too. They are told of, and not judged.
 */
export function readOlder(store: Store, { rows, works }: PreparedTable, settled: readonly SettledRun[]): readonly SettledWork[] {
  const asked = new Map(works.map((work) => [questionOf(work.ingredients), work]));
  const judged = new Set([...works, ...settled].map(({ work }) => work));
  const names = new Set(Object.values(rows).map(({ plan }) => plan.name));
  return listPlaces(store).flatMap(({ experiment, place }): readonly SettledWork[] => {
    if (!names.has(experiment.name)) return [];
    const key = readTag(store, place, workTag);
    if (key === null || judged.has(key)) return [];
    const ingredients = readIngredients(store, place);
    const work = ingredients && asked.get(questionOf(ingredients));
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
