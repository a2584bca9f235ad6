import type { Words } from '../diagnostics/words.js';
import type { Slot } from '../stages/stage.js';

// What a stage gives while it computes that isn't what it announced, one function each.

export const otherThanAnnounced = (slot: Slot, kind: string, what: string, given: string, announced: string, help?: string): Words => ({
  code: 'not-as-announced',
  message: `${slot} ${kind} gives ${what} as ${given}; announced is ${announced}`,
  ...(help !== undefined && { help }),
});

export const sumIsNumber = (): string =>
  'add all up to one number: tf.sum(…) without an axis; a metric that adds up more says accumulates: { name: shape } in plan';

export const wrongViewGiven = (kind: string, wrong: string): Words => ({
  code: 'not-as-announced',
  message: `metric ${kind} gives a view that can't be drawn: ${wrong}`,
  help: 'docs/own-stages.md shows the kinds of views',
});

export const nothingMore = (slot: Slot, kind: string, what: string): Words => ({
  code: 'not-as-announced',
  message: `${slot} ${kind} gives ${what}, which it did not announce`,
});

export const noGradient = (reason: string): Words => ({
  code: 'no-gradient',
  message: `the loss can't be differentiated by every parameter of the model: ${reason.split('\n')[0] ?? ''}`,
  help: 'each parameter must lead to its sum, and by operations that have a gradient: argMax, equal, greater, round and cast to int32 have none',
});
