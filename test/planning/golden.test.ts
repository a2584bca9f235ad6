import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadExperiment } from '../../src/language/load.js';
import { describePlan } from '../../src/planning/describe.js';
import { planExperiment } from '../../src/planning/plan-experiment.js';
import type { Plan } from '../../src/planning/plan.js';
import { stages } from '../../src/stages/registry.js';

/**
 * Every experiment document against its described plan in `test/golden/`: a changed default, shape or initialiser is a visible line in
 * review. `UPDATE_GOLDEN=1 npx vitest run test/planning` writes the files anew.
 */

const NUMERICS = { compiled: 1, tensorflow: 1, 'eager-wasm': 1, 'eager-js': 1 };

const documents = readdirSync('experiments').filter((file) => file.endsWith('.yaml'));

function planOf(file: string): Plan {
  const path = `experiments/${file}`;
  const loaded = loadExperiment({ file: path, bytes: readFileSync(path), stages });
  if ('diagnostics' in loaded) throw new Error(loaded.diagnostics.map(({ message }) => message).join('\n'));
  expect(loaded.warnings).toEqual([]);
  const files = { read: (name: string) => readFileSync(join('experiments', name)) };
  const { plan, problems } = planExperiment(loaded.resolved, stages, { files, numerics: NUMERICS });
  expect(problems).toEqual([]);
  if (!plan) throw new Error('no plan without a problem');
  return plan;
}

describe.each(documents)('%s', (file) => {
  const plan = planOf(file);

  it('is described by its golden file', () => {
    const golden = `test/golden/${basename(file, '.yaml')}.plan.txt`;
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
});
