import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { loadExperiment } from '../../src/language/load.js';
import { planExperiment } from '../../src/planning/plan-experiment.js';
import type { Plan } from '../../src/planning/plan.js';
import { stages } from '../../src/stages/registry.js';

/** Fixed, so that golden plans change with the plan and not with an engine. */
const NUMERICS = { compiled: 1, tensorflow: 1, 'eager-wasm': 1, 'eager-js': 1 };

/** What shipped documents are warned of because it is their subject: the book's own example of how not to use two directions. */
const ON_PURPOSE: Readonly<Record<string, readonly string[]>> = { 'experiments/bilstm_time_machine.yaml': ['sees-the-answer'] };

/** The plan of a shipped document; of another text in its place where one is given. Throws for whatever else a person would be told. */
export function planDocument(file: string, { text = readFileSync(file, 'utf8'), sets = [] as readonly string[] } = {}): Plan {
  const loaded = loadExperiment({ file, bytes: new TextEncoder().encode(text), sets, stages });
  if ('diagnostics' in loaded) throw new Error(loaded.diagnostics.map(({ message }) => message).join('\n'));
  const files = { read: (name: string) => readFileSync(resolve(dirname(file), name)) };
  const { plan, problems } = planExperiment(loaded.resolved, stages, { files, numerics: NUMERICS });
  const told = [...loaded.warnings, ...problems].filter(({ code }) => !ON_PURPOSE[file]?.includes(code));
  if (!plan || told.length > 0) throw new Error(told.map(({ message }) => message).join('\n'));
  return plan;
}
