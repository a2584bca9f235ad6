import { fixed } from '../diagnostics/numbers.js';
import type { MetricPoint } from '../record/reader.js';
import type { EpochSamples } from './samples.js';

/**
 * How the book closes a run on text, with the values of the last epoch: `perplexity 1.0, 39,012.3 tokens/s on cpu`, and what the model writes
 * after the first two prefixes.
 */
export function closingLines(
  metrics: Readonly<Record<string, readonly MetricPoint[]>>,
  device: string,
  samples: readonly EpochSamples[],
): readonly string[] {
  const perplexity = metrics['train/perplexity']?.at(-1)?.value;
  const speed = metrics['train/tokens_per_second']?.at(-1)?.value;
  if (perplexity === undefined || speed === undefined) return [];
  return [`perplexity ${perplexity.toFixed(1)}, ${fixed(speed, 1)} tokens/s on ${device}`, ...(samples.at(-1)?.texts.slice(0, 2) ?? [])];
}
