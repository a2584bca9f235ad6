import { examine } from '../src/run/prepare.js';
import { createEngine } from '../src/engine/create.js';
import { stages } from '../src/stages/registry.js';
import { createDataset, createFinishers, pipelineFor } from '../src/train/pipeline.js';
import { freshStart } from '../src/train/start.js';
import { train } from '../src/train/run.js';

/** What to train: a document, what is set in it, and on what. */
export interface Wanted {
  readonly document: string;
  readonly set?: readonly string[];
  readonly engine?: string;
  readonly threads?: number;
}

export type Experiment = ReturnType<typeof prepared>;

export function prepared({ document, set = [], engine, threads = 1 }: Wanted) {
  const examined = examine(document, { set, threads: String(threads), ...(engine !== undefined && { engine }) });
  if ('diagnostics' in examined) throw new Error(examined.diagnostics.map(({ message }) => message).join('\n'));
  return examined;
}

/** The first step counts from before the engine's code is loaded; a rate from the end of the first call on: batches, calls, sums, and what else the loop does but record, sample and keep checkpoints. */
export async function pace({ plan, files }: Experiment, seconds: number): Promise<Readonly<Record<string, number>>> {
  const began = performance.now();
  const engine = await createEngine(plan.engine);
  const { stepsPerEpoch, epochs } = plan.training;
  let first: { readonly at: number; readonly steps: number } | undefined;
  let last = { at: 0, steps: 0 };
  const outcome = await train({
    plan,
    pipeline: pipelineFor(plan, stages),
    finishers: createFinishers(plan, stages),
    dataset: createDataset(plan, stages, files),
    engine,
    start: freshStart(plan),
    until: epochs,
    stopped: () => first !== undefined && last.steps > first.steps && last.at - first.at > 1000 * seconds,
    onProgress({ epoch, step }) {
      last = { at: performance.now(), steps: (epoch - 1) * stepsPerEpoch + step };
      first ??= last;
    },
    onEpoch: () => {},
    onCheckpoint: () => {},
  });
  await engine.dispose();
  if (outcome.kind === 'diverged') throw new Error(`${plan.name} diverged`);
  const rate = (1000 * (last.steps - (first?.steps ?? 0))) / (last.at - (first?.at ?? 0));
  const { examples = 0, tokens = 0 } = plan.data.splits['train'] ?? {};
  return {
    'ms until the first step': (first?.at ?? Number.NaN) - began,
    'steps/s': rate,
    [tokens ? 'tokens/s' : 'examples/s']: (rate * (tokens || examples)) / stepsPerEpoch,
  };
}

/** An epoch's batches, `[[inputs, targets], ...]`, each as rows of numbers. */
export function batchesOf({ plan, files }: Experiment): unknown {
  const { batchSize } = plan.training;
  const rows = (numbers: ArrayLike<number>): number[][] => {
    const length = numbers.length / batchSize;
    return Array.from({ length: batchSize }, (_, row) => Array.from({ length }, (_, i) => numbers[row * length + i] ?? 0));
  };
  return Array.from(createDataset(plan, stages, files).batches('train', 1), ({ inputs: { input }, target }) => [rows(input), rows(target)]);
}
