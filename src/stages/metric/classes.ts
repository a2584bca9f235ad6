import { reportUnlessClasses as reportUnlessIndices } from '../loss/scores.js';
import type { Data, Report, Slots } from '../stage.js';

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

/** Of more, a matrix of all classes is no picture any more: 10,000 numbers. */
const MOST_CLASSES = 100;

/** A metric that needs a number of each class, or of each two. */
export function reportTooManyClasses(kind: string, { classes = 1 }: Data, report: Report): void {
  if (classes <= MOST_CLASSES) return;
  report({
    code: 'too-many-classes',
    path: ['kind'],
    message: `${kind} of ${classes.toLocaleString('en')} classes is no picture: at most ${MOST_CLASSES} are drawn`,
    help: 'write kind: accuracy',
  });
}
