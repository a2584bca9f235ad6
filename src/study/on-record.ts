import type { Store } from '../record/layout.js';
import { readTag } from '../record/reader.js';
import { listWorks } from '../record/works.js';
import { withEarlierNumerics } from '../planning/work.js';
import { seedTag } from '../run/describe-run.js';
import { worksOf } from './claims/plan-table.js';
import type { PlannedWork } from './plan-rows.js';
import type { PreparedTable } from './prepare-study.js';
import { bySample, seedsOf, splitsOf } from './replicates.js';

/**
 * The table as it would be with all seeds on record: of each row those that are asked for, and those of runs in the store that are the same work but
 * for the seed. Undefined where there are no others, and of a table over splits. Such a run is known by its key, which is that of the row with its seed.
 */
export function withAllSeeds(store: Store, prepared: PreparedTable): PreparedTable | undefined {
  const { table, rows, works } = prepared;
  if (splitsOf(table.config)) return undefined;
  const asked = new Set(works.flatMap(({ counted }) => counted.map(({ key }) => key)));
  const names = new Set(works.map(({ rows: [row = ''] }) => rows[row]?.plan.name));
  const others = listWorks(store).filter(({ experiment, work }) => names.has(experiment.name) && !asked.has(work));
  if (others.length === 0) return undefined;
  const onRecord = new Set(others.map(({ work }) => work));
  const seeds = seedsOf(table.config);
  const more = Array.from(new Set(others.map(({ place }) => Number(readTag(store, place, seedTag) ?? Number.NaN)))).filter(
    (seed) => Number.isSafeInteger(seed) && !seeds.includes(seed),
  );
  if (more.length === 0) return undefined;
  const candidates = worksOf({ ...table.config, seeds: more }).flatMap((work): readonly PlannedWork[] => {
    const row = rows[work.rows[0] ?? ''];
    const planned = row?.identify(work);
    const counted = planned && withEarlierNumerics(planned);
    if (!row || !planned || !counted?.some(({ key }) => onRecord.has(key))) return [];
    return [{ ...work, work: planned.key, counted, ingredients: planned.ingredients, file: row.base, sets: row.sets }];
  });
  if (candidates.length === 0) return undefined;
  const found = [...seeds, ...bySample(candidates, ({ seed }) => seed).keys()].toSorted((a, b) => a - b);
  return { ...prepared, table: { ...table, config: { ...table.config, seeds: found } }, works: candidates };
}
