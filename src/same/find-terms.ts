import { type Pair, type Toggle } from './terms.js';

/** More differences than these at once aren't looked for. */
const MOST = 3;

/** How far two models are apart; infinite where they can't be compared. */
type Distance = (pair: Pair) => Promise<number>;

/**
 * The known differences that make two models agree when they are taken back together: a single one, else the one that brings them nearest
 * and then the next, as long as they come nearer, else any two. Empty where nothing does, or where they agree already.
 */
export async function findTerms(pair: Pair, toggles: readonly Toggle[], distance: Distance, tolerance: number): Promise<readonly Toggle[]> {
  const tryOut = async (terms: readonly Toggle[]): Promise<Trial> => ({ terms, distance: await distanceWithout(pair, terms, distance) });
  const tried = new Set<string>();
  let nearest: Trial = await tryOut([]);
  if (nearest.distance <= tolerance) return [];
  while (nearest.terms.length < MOST) {
    const { terms, distance: before } = nearest;
    for (const toggle of toggles.filter(({ term }) => terms.every((other) => other.term !== term))) {
      const trial = await tryOut([...terms, toggle]);
      tried.add(keyOf(trial.terms, toggles));
      if (trial.distance <= tolerance) return trial.terms;
      if (trial.distance < nearest.distance) nearest = trial;
    }
    if (nearest.distance >= before) break;
  }
  for (const terms of pairsOf(toggles).filter((two) => !tried.has(keyOf(two, toggles)))) {
    if ((await tryOut(terms)).distance <= tolerance) return terms;
  }
  return [];
}

interface Trial {
  readonly terms: readonly Toggle[];
  readonly distance: number;
}

async function distanceWithout(pair: Pair, terms: readonly Toggle[], distance: Distance): Promise<number> {
  const without = terms.reduce((left: Pair | undefined, { takeBack }) => left && takeBack(left), pair);
  return without ? distance(without) : Infinity;
}

const keyOf = (terms: readonly Toggle[], all: readonly Toggle[]): string =>
  terms
    .map((term) => all.indexOf(term))
    .toSorted((a, b) => a - b)
    .join();

const pairsOf = (toggles: readonly Toggle[]): readonly (readonly [Toggle, Toggle])[] =>
  toggles.flatMap((one, index) =>
    toggles
      .slice(index + 1)
      .filter(({ term }) => term !== one.term)
      .map((other) => [one, other] as const),
  );
