import { join } from 'node:path';
import type { Arrays } from '../engine/engine.js';
import type { NamedTensor } from '../formats/safetensors.js';
import { EXIT, Refusal } from '../host/exit.js';
import type { WeightsFile } from '../planning/initial-weights.js';
import { isPlanJson, PLAN_JSON_VERSION, planFromJson, type PlanJson, versionOfPlan } from '../planning/plan-json.js';
import type { Plan } from '../planning/plan.js';
import { preprocessingOf } from '../planning/preprocessing.js';
import { readJsonIfThere } from '../record/files.js';
import type { RunPlace, Store } from '../record/layout.js';
import type { RunWriter } from '../record/writer.js';
import type { Snapshot } from '../train/run.js';
import { weightArrays, weightState } from '../train/signature.js';
import { asSafetensors, decodeWeights } from '../train/weights-file.js';

/** The numbers of a trained model by themselves, for retable and for others. */
const FILE = 'weights.safetensors';

export function keepWeights(plan: Plan, writer: RunWriter, { epoch, state }: Snapshot): void {
  const tensors = Object.entries(weightState(plan)).map(([name, { shape }]): readonly [string, NamedTensor] => {
    const values = state[name];
    if (!(values instanceof Float32Array)) throw new Error(`${name} is no float32`);
    return [name.replace(/^parameters\//, ''), { shape, values }];
  });
  const file = { tensors: Object.fromEntries(tensors), preprocessing: JSON.stringify(preprocessingOf(plan.data)) };
  writer.artifact(FILE, asSafetensors(file, { experiment: plan.name, seed: String(plan.seed), epoch: String(epoch) }));
}

/** The file of what a run has learnt; undefined where it keeps nothing. */
export function keptWeightsFile({ files }: Store, { folder }: RunPlace): string | undefined {
  const path = join(folder, 'artifacts', FILE);
  return files.stat(path) ? path : undefined;
}

/** What a run keeps of what it has learnt, and of what it did with its data; null where it keeps nothing. */
export function keptWeights(store: Store, run: RunPlace): WeightsFile | null {
  const path = keptWeightsFile(store, run);
  if (path === undefined) return null;
  const bytes = store.files.read(path);
  let kept: WeightsFile;
  try {
    kept = decodeWeights(bytes);
  } catch (error) {
    throw new Refusal(
      `the weights of run ${run.runId.slice(0, 8)} can't be read: ${error instanceof Error ? error.message : String(error)}`,
      {
        status: EXIT.failed,
        help: 'retable store verify finds what is damaged; retable run FILE --fresh trains it anew',
      },
    );
  }
  return kept.preprocessing === undefined ? { ...kept, ...vocabularyOf(store, run) } : kept;
}

/** A run on text from before runs kept it: its plan has the tokens. */
function vocabularyOf(store: Store, run: RunPlace): Pick<WeightsFile, 'preprocessing'> {
  const plan = readJsonIfThere<unknown>(store.files, join(run.folder, 'artifacts', 'plan.json'), () => true);
  const data = isPlanJson(plan) ? planFromJson(plan, null).data : undefined;
  return data?.fitted.vocabulary ? { preprocessing: JSON.stringify(preprocessingOf(data)) } : {};
}

/** By the names that programs know: `parameters/NAME`, `buffers/NAME`. */
export function readWeights(store: Store, run: RunPlace): Arrays | null {
  const kept = keptWeights(store, run);
  return kept && weightArrays(kept.tensors);
}

/** The plan that a run keeps; a run without one, with one of another version or with one that was cut is refused. */
export function planOfRecord({ files }: Store, { folder, runId }: RunPlace): PlanJson {
  const name = `run ${runId.slice(0, 8)}`;
  const plan = readJsonIfThere<object>(
    files,
    join(folder, 'artifacts', 'plan.json'),
    (value) => typeof value === 'object' && value !== null,
  );
  if (plan === null) throw new Refusal(`${name} has no plan.json: it was not made by retable`);
  if (isPlanJson(plan)) return plan;
  const version = versionOfPlan(plan);
  throw new Refusal(
    version === PLAN_JSON_VERSION || typeof version !== 'number'
      ? `the plan.json of ${name} is damaged`
      : `the plan.json of ${name} is of version ${version}, and this version of retable reads version ${PLAN_JSON_VERSION}`,
    { status: EXIT.failed, help: 'retable run FILE --fresh trains it anew with this version' },
  );
}
