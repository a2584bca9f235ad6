import type { Arrays } from '../engine/engine.js';
import type { Finishers } from './pipeline.js';

/** Weighted sums of an epoch, added up in double: programs give float32 sums of one batch each. */
export class EpochSums {
  readonly #sums = new Map<string, { sum: number; count: number }>();

  /** Adds a call's outputs `KEY/sum` and `KEY/count`, each `[steps]`. */
  add(outputs: Arrays): void {
    for (const [name, values] of Object.entries(outputs)) {
      if (!name.endsWith('/sum')) continue;
      const key = name.slice(0, -'/sum'.length);
      const counts = outputs[`${key}/count`];
      const total = this.#sums.get(key) ?? { sum: 0, count: 0 };
      values.forEach((value, step) => {
        total.sum += value;
        total.count += counts?.[step] ?? 0;
      });
      this.#sums.set(key, total);
    }
  }

  /** The mean loss so far. */
  get loss(): number {
    return mean(this.#sums.get('loss'));
  }

  /** `SPLIT/loss`, then `SPLIT/METRIC` of every metric that the split is measured by. */
  finish(split: string, metrics: Finishers): readonly (readonly [string, number])[] {
    const measured = metrics.filter((metric) => metric.splits.includes(split));
    return [
      [`${split}/loss`, this.loss],
      ...measured.map(({ key, finish }) => [`${split}/${key}`, finish(this.#sums.get(key) ?? { sum: 0, count: 0 })] as const),
    ];
  }
}

const mean = (total: { readonly sum: number; readonly count: number } | undefined): number =>
  total ? total.sum / total.count : Number.NaN;
