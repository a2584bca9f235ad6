import { reportUnlessValues } from '../loss/scores.js';
import type { Report, Slots } from '../stage.js';

/** A metric over numbers: the output is read as values, and it has the shape of the target. */
export function reportUnlessRead(kind: string, { loss, ...upstream }: Slots['metric']['upstream'], report: Report): void {
  if (loss.reading === 'values') {
    reportUnlessValues(kind, upstream, report);
    return;
  }
  report({
    code: 'metric-mismatch',
    path: ['kind'],
    message: `${kind} compares values, and the output is read as log probabilities`,
    help: loss.reading === 'logits' ? 'write kind: bit_accuracy' : 'write kind: accuracy',
  });
}
