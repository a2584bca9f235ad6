import { Refusal } from '../host/exit.js';
import { canonicalJson } from '../planning/canonical-json.js';
import type { Plan, Work } from '../planning/plan.js';
import { type Checkpoint, readCheckpoint, readComputedWith, writeCheckpoint, writeComputedWith } from '../record/checkpoint.js';
import type { Store } from '../record/layout.js';
import { readMetrics, type RunHead } from '../record/reader.js';
import type { RunWriter } from '../record/writer.js';
import { formatSamples, readSamples, SAMPLES_FILE } from './kept-files.js';
import { planOfRecord } from './weights.js';

/** The end of a finished run, from which the same work with more epochs goes on. */
export interface FinishedRun {
  readonly head: RunHead;
  readonly checkpoint: Checkpoint;
}

/** Which run a run went on from. */
export const continuedTag = 'retable.continued_from';

/**
 * An epoch does not know how many follow, so that the first epochs of a longer run are those of a shorter one, digit for digit. Refuses what
 * isn't the same work but for its epochs, has as many, or has given its last state back.
 */
export function finishedRun(store: Store, head: RunHead, plan: Plan): FinishedRun {
  const name = `run ${head.id.slice(0, 8)}`;
  const { work } = planOfRecord(store, head.place);
  const others = inWhichTheyDiffer(work.ingredients, plan.work.ingredients);
  if (others.length > 0) {
    throw new Refusal(`${name} is a run of something else: it differs in ${others.join(', ')}`, {
      help: 'only training.epochs may differ; to train its weights in another way, export them and name them in training.initial_weights',
    });
  }
  const { checkpoint } = readCheckpoint(store, head.place, work.key);
  if (head.status !== 'FINISHED' || !checkpoint) {
    throw new Refusal(`${name} ${head.status === 'FINISHED' ? 'has given back the state that it ended with' : 'has not finished'}`, {
      help: 'without --from, training begins at its first epoch',
    });
  }
  const { epoch } = checkpoint.header;
  if (epoch >= plan.training.epochs) {
    throw new Refusal(`${name} has trained ${epoch} epochs, and ${plan.training.epochs} are asked for`, {
      help: `--set training.epochs=${2 * epoch}`,
    });
  }
  return { head, checkpoint };
}

/** What the finished run recorded becomes the beginning of the new record. */
export function takeOver(store: Store, { head, checkpoint }: FinishedRun, writer: RunWriter, plan: Plan): void {
  for (const [key, points] of Object.entries(readMetrics(store, head.place))) {
    for (const { value, step, timestamp } of points) writer.metric(key, value, step, timestamp);
  }
  // Its last epoch wrote samples because it was the last.
  const { every = 1 } = plan.config.values.training.samples ?? {};
  const samples = readSamples(store, head.place).filter(({ epoch }) => epoch % every === 0);
  if (samples.length > 0) writer.artifact(SAMPLES_FILE, formatSamples(samples));
  const computedWith = readComputedWith(store, head.place);
  if (computedWith) writeComputedWith(store, writer.run, computedWith);
  writer.tag(continuedTag, head.id);
  writer.sync();
  writeCheckpoint(store, writer.run, { ...checkpoint, header: { ...checkpoint.header, workKey: plan.work.key } });
}

/** Leaves of the two works besides the number of epochs; of what is no configuration, the names alone. */
function inWhichTheyDiffer(a: Work['ingredients'], b: Work['ingredients']): readonly string[] {
  const [first, second] = [a, b].map(flat);
  const names = [...new Set([...Object.keys(first ?? {}), ...Object.keys(second ?? {})])];
  return names.filter(
    (name) => name !== 'training.epochs' && canonicalJson(first?.[name] ?? null) !== canonicalJson(second?.[name] ?? null),
  );
}

const flat = ({ config, ...rest }: Work['ingredients']): Readonly<Record<string, unknown>> => ({ ...rest, ...Object(config) });
