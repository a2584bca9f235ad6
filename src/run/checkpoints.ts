import type { Arrays } from '../engine/engine.js';
import type { Plan } from '../planning/plan.js';
import type { Checkpoint, CheckpointTensor } from '../record/checkpoint.js';
import { trainState } from '../train/signature.js';
import type { Snapshot } from '../train/run.js';

/** The weights of the best epoch stand beside the state, under names of their own. */
const BEST = 'best/';

/** A moment of training as a file. `numerics`: equal texts promise equal digits. */
export function checkpointOf(plan: Plan, numerics: string, { epoch, state, best }: Snapshot): Checkpoint {
  const specs = trainState(plan);
  const tensors = (arrays: Arrays, prefix: string): readonly (readonly [string, CheckpointTensor])[] =>
    Object.entries(arrays).map(([name, values]) => {
      if (values instanceof Uint8Array) throw new Error(`${name} can't be kept in a checkpoint: it holds truth values`);
      return [prefix + name, { shape: specs[name]?.shape ?? [values.length], values }];
    });
  return {
    header: { workKey: plan.work.key, epoch, numerics, ...(best && { best: { epoch: best.epoch, value: best.value } }) },
    tensors: new Map([...tensors(state, ''), ...tensors(best?.weights ?? {}, BEST)]),
  };
}

/** The moment of training that a checkpoint holds. */
export function snapshotOf({ header, tensors }: Checkpoint): Snapshot {
  const arrays = (isWanted: (name: string) => boolean, prefix: string): Arrays =>
    Object.fromEntries(
      [...tensors].filter(([name]) => isWanted(name)).map(([name, { values }]) => [name.slice(prefix.length), values] as const),
    );
  const weights = arrays((name) => name.startsWith(BEST), BEST);
  // Our own file, whose digest has been verified.
  const best = header['best'] as { readonly epoch: number; readonly value: number } | undefined;
  return {
    epoch: header.epoch,
    state: arrays((name) => !name.startsWith(BEST), ''),
    ...(best && { best: { ...best, ...(Object.keys(weights).length > 0 && { weights }) } }),
  };
}
