import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeResolved } from '../../src/language/resolve.js';
import { describePlan } from '../../src/report/plan/describe.js';
import { planDocument } from './documents.js';

/**
 * Every experiment document against its described plan in `test/golden/`: a changed default, shape or initialiser is a visible line in
 * review. `UPDATE_GOLDEN=1 npx vitest run test/planning` writes the files anew.
 */

const documents = readdirSync('experiments').filter((file) => file.endsWith('.yaml'));

describe.each(documents)('%s', (document) => {
  const plan = planDocument(`experiments/${document}`);

  it('is described by its golden file', () => {
    const golden = `test/golden/${basename(document, '.yaml')}.plan.txt`;
    const text = describePlan(plan);
    if (process.env['UPDATE_GOLDEN']) writeFileSync(golden, text);
    expect(text).toBe(readFileSync(golden, 'utf8'));
  });

  it('fits in 118 columns', () => {
    expect(
      Math.max(
        ...describePlan(plan)
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(118);
  });

  it('is the same work when its resolved form is read again', () => {
    expect(planDocument(`experiments/${document}`, { text: writeResolved(plan.config) }).work).toEqual(plan.work);
  });
});
