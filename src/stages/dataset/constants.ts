import type { Answer, DataSpec, Numbers, SplitSpec } from '../stage.js';
import { get, sizeOf } from '../tensors.js';

/**
 * The best answers that are the same whatever the input: of classes, how often each occurs in training (its most frequent one is the answer); of
 * numbers, their mean and their median there, output by output.
 */
export function constantAnswers(
  trained: readonly { readonly target: Numbers }[],
  { classes, splits }: Pick<DataSpec, 'classes' | 'splits'>,
  split: string,
): Readonly<Record<string, Answer>> {
  const of = get(splits, split);
  if (trained.length === 0) return {};
  if (of.target.dtype === 'int32') return { majority: always(shares(trained, classes ?? 1), of) };
  const columns = columnsOf(trained, of.target.shape.at(-1) ?? 1);
  return { mean: always(columns.map(mean), of), median: always(columns.map(median), of) };
}

/** The answer to every target of a batch: these numbers. */
const always = (answer: readonly number[], { batchSize, target: { shape, dtype } }: SplitSpec): Answer => {
  const times = batchSize * sizeOf(dtype === 'int32' ? shape : shape.slice(0, -1));
  const all = Float32Array.from({ length: times * answer.length }, (_, at) => answer[at % answer.length] ?? 0);
  return () => all;
};

function shares(trained: readonly { readonly target: Numbers }[], classes: number): readonly number[] {
  const counts = Array.from({ length: classes }, () => 0);
  for (const { target } of trained) for (const index of target) counts[index] = (counts[index] ?? 0) + 1;
  const all = counts.reduce((a, b) => a + b, 0);
  return counts.map((count) => count / all);
}

const columnsOf = (trained: readonly { readonly target: Numbers }[], width: number): readonly Float64Array[] =>
  Array.from({ length: width }, (_, column) =>
    Float64Array.from(trained.flatMap(({ target }) => Array.from(target).filter((_value, at) => at % width === column))),
  );

const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;
const median = (values: Float64Array): number => values.toSorted()[Math.floor(values.length / 2)] ?? Number.NaN;
