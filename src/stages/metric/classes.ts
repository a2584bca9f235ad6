import type { Report, Slots } from '../stage.js';

export function reportUnlessClasses(kind: string, { loss }: Slots['metric']['upstream'], report: Report): void {
  if (loss.reading === 'class_logits') return;
  report({
    code: 'metric-mismatch',
    path: ['kind'],
    message: `${kind} reads log probabilities of classes, and the loss reads the output as ${loss.reading === 'logits' ? 'log odds of bits' : 'values'}`,
    help: kind === 'accuracy' ? 'write kind: bit_accuracy' : 'it goes with the loss cross_entropy',
  });
}
