import { formatCount } from '../../diagnostics/numbers.js';
import { quote, listed, type Words } from '../../diagnostics/words.js';

/** Every sentence about a sweep that a person reads as a mistake. */

const didYouMean = (word: string | undefined): { readonly help?: string } =>
  word === undefined ? {} : { help: `did you mean ${quote(word)}?` };

export const tiedLengths = (path: string, length: number, other: string, otherLength: number): Words => ({
  code: 'tied-lengths',
  message: `${path} has ${length} values and ${other} has ${otherLength}, but they advance together`,
  help: 'give both as many values, or make two items of them, which are crossed then',
});

export const emptyAxis = (): Words => ({
  code: 'empty-axis',
  message: 'an axis needs a path and its values',
  help: 'for example: - model.hidden_size: [16, 32]',
});

export const emptyRange = (path: string, low: number, high: number): Words => ({
  code: 'empty-range',
  message: `${path} has no values: high is ${high} and low ${low}`,
  help: 'low stands for the smallest value, high for the largest',
});

export const continuousGrid = (path: string, kind: string): Words => ({
  code: 'continuous-grid',
  message: `a grid needs a list of values, and ${path} is ${kind}`,
  help: 'write search: {kind: sobol, trials: 20} (beside --vary: --trials 20), or list the values',
});

export const variedTwice = (path: string): Words => ({
  code: 'varied-twice',
  message: `${path} is varied by another axis already`,
  help: 'keep one of the two',
});

export const setAndVaried = (path: string): Words => ({
  code: 'set-and-varied',
  message: `${path} is varied, and set for all trials too`,
  help: 'keep one of the two',
});

export const seedIsNoAxis = (): Words => ({
  code: 'seed-is-no-axis',
  message: 'a seed repeats the same experiment; it is not a setting to choose',
  help: 'write seeds: 5, or seeds: [1, 2, 3], beside vary',
});

export const foldIsNoAxis = (): Words => ({
  code: 'fold-is-no-axis',
  message: 'the sweep trains folds, and fold is varied too',
  help: 'keep folds: all, and leave fold out of vary',
});

export const onlyExecution = (path: string): Words => ({
  code: 'only-execution',
  message: `${path} does not affect the result: all its values would give the same result`,
  help: 'leave it out, or set it in the base',
});

export const oneRound = (trials: number, round: number): Words => ({
  code: 'one-round',
  message: `all ${trials} configurations are of the first round, which learns from none: nothing is searched`,
  help: `write trials: ${5 * round}, or more than ${round} at least; few configurations are spread best by {kind: sobol, trials: ${trials}}`,
});

export const tooManyAxes = (kind: string, most: number): Words => ({
  code: 'too-many-axes',
  message: `${kind} spreads ${kind === 'tpe' ? 'the points of its first round' : 'points'} over at most ${most} axes`,
  help: 'write search: {kind: random, …}',
});

export const tooManyTrials = (trials: number, most: number): Words => ({
  code: 'too-many-trials',
  message: `these are ${formatCount(trials)} trials, and a sweep has at most ${formatCount(most)}`,
  help: 'vary less, or draw some of them with search: {kind: sobol, trials: 100}',
});

export const notVaried = (path: string, guess: string | undefined): Words => ({
  code: 'not-varied',
  message: `${path} is not varied, so that nothing can be left out by it`,
  ...didYouMean(guess),
});

export const nothingLeft = (): Words => ({ code: 'nothing-left', message: 'every combination is excluded' });

export const unknownMetric = (key: string, known: readonly string[], guess: string | undefined): Words => ({
  code: 'unknown-metric',
  message: `${key} is not recorded by the base`,
  help: guess === undefined ? `it records ${listed(known, 'and')}` : `did you mean ${quote(guess)}?`,
});

export const prunedAtTheEnd = (first: number, epochs: number): Words => ({
  code: 'pruned-at-the-end',
  message: `nothing is pruned: the first comparison comes after epoch ${first}, and training ends after ${epochs}`,
  help: `for example first: ${Math.max(1, Math.floor(epochs / 9))}`,
});

export const prunedOverEpochs = (epochs: readonly number[]): Words => ({
  code: 'pruned-over-epochs',
  message: `configurations that are pruned train for equally many epochs, and these train for ${listed(epochs.map(String), 'or')}`,
  help: 'leave training.epochs out of vary',
});

export const epochNotReached = (epoch: number, epochs: number): Words => ({
  code: 'epoch-not-reached',
  message: `there is no epoch ${epoch}: training ends after ${epochs}`,
});
