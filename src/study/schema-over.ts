import { dirname } from 'node:path';
import { missingKey } from '../diagnostics/messages.js';
import { experimentSchema } from '../language/experiment.js';
import { withValues } from '../language/load.js';
import { fileFrom } from '../language/resolve.js';
import { diagnose, type Invalid, type SourceDoc } from '../language/source.js';
import type { JsonSchema } from '../language/type.js';
import type { Plan } from '../planning/plan.js';
import { planExperiment } from '../planning/plan-experiment.js';
import { scoreKeys } from '../planning/recorded.js';
import { examine } from '../run/prepare.js';
import type { Stage } from '../stages/stage.js';
import { openBase, valuesAt } from './load-base.js';
import { sweepSchemaOver } from './proposals/over-base.js';

/** The schema of sweeps over the experiment in a file, for editors. */
export function schemaOver(file: string): JsonSchema | Invalid<never> {
  const base = examine(file, {});
  return 'diagnostics' in base ? { diagnostics: base.diagnostics } : over(base);
}

/** The schema of a sweep by its own base, with what it sets there: it may say nothing else yet. */
export function schemaOfSweep(doc: SourceDoc): JsonSchema | Invalid<never> {
  const { base: name } = doc.value;
  if (typeof name !== 'string' || name === '') {
    const words = missingKey('a sweep', 'base', 'write base: EXPERIMENT.yaml, the experiment that it varies');
    return { diagnostics: [{ ...words, severity: 'error', place: doc.place(['base']) }] };
  }
  const { base, diagnostics } = openBase(doc, ['base'], fileFrom(dirname(doc.file), name), {}, 'a sweep varies an experiment');
  if (!base) return { diagnostics };
  const changed = withValues(base.doc, valuesAt(doc, ['set']), base.judgedBy);
  if (!changed.resolved) return { diagnostics: changed.diagnostics };
  const { stages, planning } = changed.by;
  const { plan, problems } = planExperiment(changed.resolved, stages, planning);
  if (!plan) return { diagnostics: problems.map((problem) => diagnose(changed.doc, problem)) };
  return over({ doc: changed.doc, stages, plan });
}

const over = ({ doc, stages, plan }: { readonly doc: SourceDoc; readonly stages: readonly Stage[]; readonly plan: Plan }): JsonSchema =>
  sweepSchemaOver({ schema: experimentSchema(stages), document: doc.value, metrics: scoreKeys(plan.data, plan.metrics) });
