import type { Problem } from '../diagnostics/diagnostic.js';
import type { Slot } from '../stages/stage.js';

// Everything that planning itself says to a person; what a stage says stands in the stage.

type Path = Problem['path'];

export const unknownKind = (path: Path, slot: Slot, kind: string, known: readonly string[]): Problem => ({
  code: 'unknown-kind',
  path,
  message: `no ${slot} is called "${kind}"`,
  help: `known are ${known.join(', ')}`,
});

export const unreadableFile = (path: Path, file: string, error: unknown): Problem => ({
  code: 'unreadable-file',
  path,
  message: `"${file}" cannot be read: ${error instanceof Error ? error.message : String(error)}`,
  help: "paths are relative to the document's folder",
});

export const emptySplit = (split: string): Problem => ({
  code: 'empty-split',
  path: ['dataset'],
  message: `the split "${split}" holds no example`,
  help: 'change the fractions or take more examples',
});

export const batchLargerThanTrainingData = (batchSize: number, examples: number): Problem => ({
  code: 'batch-larger-than-data',
  path: ['training', 'batch_size'],
  message: `a batch of ${batchSize} is larger than the training data of ${examples} examples`,
  help: `at most ${examples}`,
});

export const unknownSplit = (path: Path, split: string, known: readonly string[]): Problem => ({
  code: 'unknown-split',
  path,
  message: `the data have no split "${split}"`,
  help: `they have ${known.join(', ')}`,
});

export const metricRecordedTwice = (path: Path, key: string): Problem => ({
  code: 'metric-recorded-twice',
  path,
  message: `"${key}" would be recorded twice`,
  help: 'leave one of the metrics out, or give each its own `splits`',
});

export const unknownMetric = (path: Path, key: string, known: readonly string[]): Problem => ({
  code: 'unknown-metric',
  path,
  message: `no metric "${key}" is recorded`,
  help: `recorded are ${known.join(', ')}`,
});

export const samplesWithoutText = (): Problem => ({
  code: 'samples-without-text',
  path: ['training', 'samples'],
  at: 'key',
  message: 'samples can be drawn from text only, and these data have no vocabulary',
  help: 'leave `samples` out',
});

export const carriedStateAcrossShuffledBatches = (): Problem => ({
  code: 'carried-state-across-shuffled-batches',
  path: ['training', 'recurrent_state'],
  severity: 'warning',
  message: 'the state is carried from batch to batch, but shuffled batches do not follow one another',
  help: '`shuffle: false` or `recurrent_state: reset`',
});
