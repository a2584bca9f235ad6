import { expect, test } from 'vitest';
import fc from '../support/properties.js';
import { anyCase, tryCase } from './try-case.js';

/*
 * Whatever a document says and whatever its data hold: either `check` tells what is wrong, each mistake with its place, or the document trains
 * to its end and leaves a record.
 *
 * Some cases in the quick tests, the same ones every time. RETABLE_FUZZ=2000 tries so many; RETABLE_FUZZ_SEED=2 tries others.
 */
const CASES = Number(process.env['RETABLE_FUZZ'] ?? 40);
const SEED = Number(process.env['RETABLE_FUZZ_SEED'] ?? 1);

test('a document is refused at a place, or it trains to its end', { timeout: 60_000 + 3000 * CASES }, async () => {
  const ends = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ document, data, compiled, next }) => {
      const end = await tryCase(document, data, compiled === 0 ? 'compiled' : 'eager-js', next);
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }),
    { seed: SEED, numRuns: CASES },
  );
  // Neither half of the law is empty.
  for (const end of ['refused', 'finished']) expect(ends.get(end) ?? 0).toBeGreaterThan(CASES / 10);
  if (process.env['RETABLE_FUZZ']) console.log(Object.fromEntries(ends));
});
