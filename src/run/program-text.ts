import { describeGraph } from '../engine/describe.js';
import { passes } from '../engine/passes/index.js';
import { improveAll } from '../engine/passes/split-loops.js';
import { record } from '../engine/tape/record.js';
import type { Plan } from '../planning/plan.js';
import type { Stage } from '../stages/stage.js';
import { pipelineFor } from '../train/pipeline.js';
import { trainStep } from '../train/step.js';
import { Refusal } from '../host/exit.js';

/** The training program of a plan as text: as it will run, or as it is after one of the passes (`recorded`: before all of them). */
export async function describeProgram(plan: Plan, stages: readonly Stage[], after: string | undefined): Promise<string> {
  const names = ['recorded', ...passes.map(({ name }) => name)];
  const last = after === undefined ? passes.length : names.indexOf(after);
  if (last < 0) throw new Refusal(`no pass is called "${after}"`, { help: `in order: ${names.join(', ')}` });
  const recorded = await record(trainStep(plan, pipelineFor(plan, stages)));
  return describeGraph(after === 'recorded' ? recorded : improveAll(recorded, passes.slice(0, last)));
}
