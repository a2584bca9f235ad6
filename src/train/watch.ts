import type { Arrays } from '../engine/engine.js';
import type { Plan } from '../planning/plan.js';

/** What decides which epoch is the best, and how long training waits for a better one. */
export interface Watch {
  /** `SPLIT/METRIC` */
  readonly key: string;
  readonly better: 'higher' | 'lower';
  readonly minimumDelta: number;
  /** Epochs; infinite where nothing stops early. */
  readonly patience: number;
  readonly keepsWeights: boolean;
}

/** The best epoch so far. Every checkpoint has it, so that a run which goes on stops where it would have stopped. */
export interface Best {
  readonly epoch: number;
  readonly value: number;
  /** Parameters and buffers after that epoch, where they are to be kept. */
  readonly weights?: Arrays;
}

/** Nothing is watched where neither early stopping nor the best weights were asked for. */
export function watchOf(plan: Plan): Watch | undefined {
  const { early_stopping: stopping, keep } = plan.config.values.training;
  if (!stopping && keep === 'last') return undefined;
  const key = stopping?.metric ?? defaultKey(plan);
  return {
    key,
    better: plan.metrics.find((metric) => metric.key === key.slice(key.indexOf('/') + 1))?.spec.better ?? 'lower',
    minimumDelta: stopping?.minimum_delta ?? 0,
    patience: stopping?.patience ?? Infinity,
    keepsWeights: keep === 'best',
  };
}

/** Only what is finite can be better; the first such value is. */
export function isBetter({ better, minimumDelta }: Watch, value: number, best: Best | undefined): boolean {
  if (!Number.isFinite(value)) return false;
  return best === undefined || (better === 'higher' ? value - best.value : best.value - value) > minimumDelta;
}

/** Has the epoch's end used up all patience? */
export const isOver = (watch: Watch | undefined, best: Best | undefined, epoch: number): boolean =>
  watch !== undefined && epoch - (best?.epoch ?? 0) >= watch.patience;

/** The first metric of the document, else the loss, where no choice looks at a test split: on validation, or while training. */
function defaultKey({ data, metrics }: Plan): string {
  const split = 'validation' in data.splits ? 'validation' : 'train';
  return `${split}/${metrics.find(({ splits }) => splits.includes(split))?.key ?? 'loss'}`;
}
