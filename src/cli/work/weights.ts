import { join } from 'node:path';
import type { Arrays } from '../../engine/engine.js';
import type { Plan } from '../../planning/plan.js';
import type { RunPlace, Store } from '../../record/layout.js';
import type { RunWriter } from '../../record/writer.js';
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from '../../train/safetensors.js';
import { weightArrays, weightState } from '../../train/signature.js';
import type { Snapshot } from '../../train/train.js';

/** The numbers of a trained model by themselves, for retable and for others. */
const FILE = 'weights.safetensors';

export function keepWeights(plan: Plan, writer: RunWriter, { epoch, state }: Snapshot): void {
  const tensors = Object.entries(weightState(plan)).map(([name, { shape }]): readonly [string, NamedTensor] => {
    const values = state[name];
    if (!(values instanceof Float32Array)) throw new Error(`${name} is no float32`);
    return [name.replace(/^parameters\//, ''), { shape, values }];
  });
  writer.artifact(
    FILE,
    encodeSafetensors(Object.fromEntries(tensors), { experiment: plan.name, seed: String(plan.seed), epoch: String(epoch) }),
  );
}

/** By plain names, buffers as `buffers/NAME`, as the file has them. Null where a run keeps none. */
export function keptWeights(store: Store, run: RunPlace): Readonly<Record<string, NamedTensor>> | null {
  const path = join(run.folder, 'artifacts', FILE);
  return store.files.stat(path) ? decodeSafetensors(store.files.read(path)) : null;
}

/** By the names that programs know: `parameters/NAME`, `buffers/NAME`. */
export function readWeights(store: Store, run: RunPlace): Arrays | null {
  const kept = keptWeights(store, run);
  return kept && weightArrays(kept);
}
