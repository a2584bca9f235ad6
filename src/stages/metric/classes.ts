import { reportUnlessClasses as reportUnlessIndices } from '../loss/scores.js';
import type { Report, Slots } from '../stage.js';

/** A metric over classes: the output is read as such, and there is one vector of it for each index of the target. */
export function reportUnlessClasses(kind: string, { loss, ...upstream }: Slots['metric']['upstream'], report: Report): void {
  if (loss.reading === 'class_logits') {
    reportUnlessIndices(kind, upstream, report);
    return;
  }
  report({
    code: 'metric-mismatch',
    path: ['kind'],
    message: `${kind} reads log probabilities of classes, and the loss reads the output as ${loss.reading === 'logits' ? 'log odds of bits' : 'values'}`,
    help: kind === 'accuracy' ? 'write kind: bit_accuracy' : 'it goes with the loss cross_entropy',
  });
}
