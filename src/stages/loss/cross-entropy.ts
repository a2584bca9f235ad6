import { classNats, reportUnlessClasses, weighted } from './scores.js';
import { Type } from '../../language/type.js';
import { defineStage } from '../stage.js';

/**
 * Mean negative log probability of the right class, in nats: `-log softmax(output)[target]`, over examples, and over time where every step is
 * read. As `torch.nn.CrossEntropyLoss`; Keras wants `from_logits=True` for the same.
 */
export const crossEntropy = defineStage({
  slot: 'loss',
  kind: 'cross_entropy',
  version: 1,
  summary: 'Negative log probability of the right class, in nats.',
  options: Type.Object({}),

  plan(_, upstream, report) {
    reportUnlessClasses('cross_entropy', upstream, report);
    return { reading: 'class_logits', least: 0 };
  },

  create: (tools) => ({
    score: (output, target, weight) => weighted(tools, classNats(tools, output, target), weight),
  }),
});
