import type { Problem } from '../diagnostics/diagnostic.js';
import { formatCount, formatMeasure, percent } from '../diagnostics/numbers.js';
import { listed, quote } from '../diagnostics/words.js';
import { orAccept } from '../language/threats.js';

// What is said of threats that are found between the parts of a document; of those that a dataset finds in its own data, it speaks itself.

type Path = Problem['path'];

export const fittedOnTest = (path: Path, kind: string): Problem => ({
  code: 'fitted-on-test',
  path: [...path, 'fit_on'],
  message: `${kind} is fitted on all of the data, what tests too: the model is told of values that a forecast can't know`,
  help: `leave fit_on out, ${orAccept('fitted-on-test')}`,
});

/** `share`: of the answers that train, of the class of this name. */
export const accuracyAlone = (index: number, { name, share }: { readonly name: string; readonly share: number }): Problem => ({
  code: 'accuracy-alone',
  severity: 'warning',
  path: ['metrics', index, 'kind'],
  message: `${percent(share, 2)} of the answers that train are ${quote(name)}: always to answer so is an accuracy of about ${formatMeasure(share, 2)}`,
  help: 'list a metric beside it in which every class counts alike: {kind: balanced_accuracy}, {kind: f1}',
});

/** `decides`: what the values of a test are used for. */
export const testSelected = (path: Path, key: string, decides: string): Problem => ({
  code: 'test-selected',
  severity: 'warning',
  path,
  message: `${quote(key)} decides ${decides}: results on this test are no longer results on unseen data`,
  help: 'choose on a validation split',
});

export const unreadInputs = (kind: string, others: readonly string[]): Problem => ({
  code: 'unread-input',
  severity: 'warning',
  path: ['model', 'kind'],
  message: `the model ${kind} reads "input" alone, and the data hand it ${listed(others)} too`,
  help: 'a model of your own under `use` can read every input',
});

export const oneStepSequences = (path: Path, sequence: unknown): Problem => ({
  code: 'one-step-sequences',
  path,
  severity: 'warning',
  message: 'every sequence has one step, so that a recurrent model has nothing to remember',
  help:
    sequence === undefined
      ? path.at(-1) === 'layout'
        ? 'write layout: steps, with a window of several steps'
        : 'give it sequences of several steps'
      : `${quote(String(sequence))} is another in every row: name the column whose value all steps of a sequence share. A single series has to be cut into windows, which a dataset of your own can do`,
});

export const readsAhead = (path: Path, isText: boolean): Problem => ({
  code: 'sees-the-answer',
  path,
  severity: 'warning',
  message: `the target of a step is the next ${isText ? 'token' : 'step'}, and a model that reads from both ends has seen it: it copies and predicts nothing`,
  help: 'leave bidirectional out; a low loss shows nothing here',
});

export const carriedOverIndependent = (dataset: string): Problem => ({
  code: 'carried-over-independent',
  path: ['training', 'recurrent_state'],
  severity: 'warning',
  message: `the state of one batch is carried into the next, and no batch of ${dataset} goes on where the one before it ended`,
  help: `set recurrent_state: reset${dataset === 'series' ? ', or read one step after the other: window: 1 and batch_size: 1 of one series' : ''}`,
});

export const percentageNearZero = (index: number, kind: string, split: string, count: number): Problem => ({
  code: 'percentage-near-zero',
  severity: 'warning',
  path: ['metrics', index, 'kind'],
  message: `${formatCount(count)} values of ${split} are below 1 % of their mean size, and ${kind} divides by each: a few of them decide it`,
  help: 'measure mean_absolute_error, or mean_absolute_scaled_error to compare series',
});

export const NOTHING_TO_ACCEPT = 'nothing-to-accept';

export const nothingToAccept = (index: number, threat: string): Problem => ({
  code: NOTHING_TO_ACCEPT,
  severity: 'warning',
  path: ['accept', index, 'threat'],
  message: `${quote(threat)} is accepted, and nothing of the kind was found`,
  help: 'take it out of accept',
});
