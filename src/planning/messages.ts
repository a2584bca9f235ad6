import { type Problem, type Unreadable, whyUnreadable } from '../diagnostics/diagnostic.js';
import { listed, meantOrKnown, nearest, pathHelp, quote } from '../diagnostics/words.js';
import type { Origin } from '../language/experiment.js';
import { orAccept } from '../language/threats.js';
import { formatBytes, formatCount, plural } from '../diagnostics/numbers.js';
import { DUPLICATES, type Duplicates } from '../stages/dataset/duplicates.js';
import type { NamedAxis } from '../stages/fitted.js';
import type { Slot, WindowSource } from '../stages/stage.js';

// Everything that planning itself says to a person; what a stage says stands in the stage.

type Path = Problem['path'];

export const unknownKind = (path: Path, slot: Slot, kind: string, known: readonly string[]): Problem => ({
  code: 'unknown-kind',
  path,
  message: `no ${slot} is called ${quote(kind)}`,
  help: meantOrKnown(kind, known),
});

/** `origin`: where the path was written. */
export const unreadableFile = (path: Path, file: string, error: unknown, origin?: Origin): Problem => ({
  code: 'unreadable-file',
  path,
  message: `${quote(origin?.from === 'set' ? openedAs(error, file) : file)} cannot be read: ${reasonOf(error)}`,
  help: pathHelp(file),
});

/** What was written elsewhere is shown as this process would open it. */
const openedAs = (error: unknown, file: string): string =>
  !file.includes('://') && error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : file;

/** Node's own words name the system call and this machine's folders. */
function reasonOf(error: unknown): string {
  const why = whyUnreadable(error);
  if (why !== undefined) return REASONS[why];
  return error instanceof Error ? error.message : String(error);
}

const REASONS: Readonly<Record<Unreadable, string>> = {
  missing: 'there is no such file',
  folder: 'it is a folder',
  forbidden: 'this user may not read it',
};

export const unreadableWeights = (path: Path, file: string, error: unknown): Problem => ({
  code: 'unreadable-weights',
  path,
  message: `${quote(file)} holds no weights: ${error instanceof Error ? error.message : String(error)}`,
  help: 'npx retable export RUN --output weights.safetensors writes those of a run',
});

export const misfittingWeights = (path: Path, file: string, misfits: readonly string[]): Problem => ({
  code: 'misfitting-weights',
  path,
  message: `the weights in ${quote(file)} are of another model: ${misfits.slice(0, 3).join('; ')}${misfits.length > 3 ? `; and ${misfits.length - 3} more` : ''}`,
  help: 'the model must have the kind, implementation and sizes of the one that they come from',
});

/** `"x", "y" and 3 more` */
function some(names: readonly string[]): string {
  const shown = names.slice(0, MOST_SHOWN).map(quote);
  return names.length > shown.length ? `${shown.join(', ')} and ${names.length - shown.length} more` : listed(shown, 'and');
}

const MOST_SHOWN = 5;

const ONE: Readonly<Record<NamedAxis, string>> = { tokens: 'token', classes: 'class', features: 'feature' };

const counted = (axis: NamedAxis, names: readonly string[]): string => `${names.length} ${names.length === 1 ? ONE[axis] : axis}`;

export const namesThatAreNew = (path: Path, file: string, axis: NamedAxis, names: readonly string[]): Problem => ({
  code: 'weights-without-names',
  severity: 'warning',
  path,
  message: `these data have ${counted(axis, names)} that the weights in ${quote(file)} don't know: ${some(names)}`,
  help: `what belongs to ${names.length === 1 ? 'it' : 'them'} begins as the initializer says; the others are matched by name`,
});

export const namesThatAreGone = (path: Path, file: string, axis: NamedAxis, names: readonly string[]): Problem => ({
  code: 'weights-left-out',
  severity: 'warning',
  path,
  message: `the weights in ${quote(file)} know ${counted(axis, names)} that these data don't have: ${some(names)}`,
  help: `what belongs to ${names.length === 1 ? 'it' : 'them'} is left out; the others are matched by name`,
});

export const namesNotCompared = (path: Path, file: string, axes: readonly NamedAxis[]): Problem => ({
  code: 'names-not-compared',
  severity: 'warning',
  path,
  message: `the ${listed(axes, 'and')} of these data could not be compared with those of the weights in ${quote(file)}, for the names are not known on both sides`,
  help: 'the weights are taken in the order in which they stand; a file that export writes now holds the names',
});

export const axisNotSaid = (path: Path, file: string, kind: string, axis: NamedAxis): Problem => ({
  code: 'names-not-compared',
  severity: 'warning',
  path,
  message: `the ${axis} of these data are not those of the weights in ${quote(file)}, and the model ${kind} doesn't say which of its parameters belong to ${axis}`,
  help: `its weights are taken in the order in which they stand; name the axes in its plan: { name, shape, axes: ['${axis}', 'units'], initializer }`,
});

const SCALES: Problem['path'] = ['dataset', 'standardize'];

export const scalesNotKnown = (file: string): Problem => ({
  code: 'other-scales',
  severity: 'warning',
  path: SCALES,
  message: `the weights in ${quote(file)} don't say how their features were scaled, and these are scaled by the means and deviations of these data`,
  help: 'a file that export writes now holds both, and they are taken over',
});

export const scaledAnew = (file: string): Problem => ({
  code: 'other-scales',
  severity: 'warning',
  path: SCALES,
  message: `the weights in ${quote(file)} come from features that were read as they are, and these are standardized`,
  help: 'write standardize: false',
});

export const notScaled = (file: string): Problem => ({
  code: 'other-scales',
  severity: 'warning',
  path: SCALES,
  message: `the weights in ${quote(file)} come from standardized features, and these are read as they are`,
  help: 'write standardize: true; the means and deviations are then those of the run that the weights come from',
});

export const otherScales = (file: string): Problem => ({
  code: 'other-scales',
  severity: 'warning',
  path: SCALES,
  message: `the weights in ${quote(file)} come from features with other means and deviations, and this dataset does not take these over`,
  help: 'the plan of a dataset is handed them as inherited.means and inherited.deviations',
});

export const otherTargetScale = (file: string, isScaled: boolean): Problem => ({
  code: 'other-scales',
  severity: 'warning',
  path: ['dataset', isScaled ? 'standardize_target' : 'target'],
  message: `the weights in ${quote(file)} come from a target that was ${isScaled ? 'learnt as it is, and this one is standardized' : 'standardized, and this one is learnt as it is'}`,
  help: isScaled
    ? 'leave standardize_target out'
    : 'write standardize_target: true; mean and deviation are then those of the run that the weights come from',
});

export const needsMoreMemory = (path: Path, what: string, needed: number, there: number): Problem => ({
  code: 'needs-more-memory',
  path,
  message: `${what} ${formatBytes(needed)}, and this machine has ${formatBytes(there)}`,
  help: 'take a smaller number, or a machine with more memory',
});

export const emptySplit = (split: string): Problem => ({
  code: 'empty-split',
  path: ['dataset'],
  message: `the split ${quote(split)} holds no example`,
  help: 'change the fractions or take more examples',
});

export const batchLargerThanTrainingData = (batchSize: number, examples: number): Problem => ({
  code: 'batch-larger-than-data',
  path: ['training', 'batch_size'],
  message: `a batch of ${batchSize} is larger than the training data of ${examples} examples`,
  help: `at most ${examples}`,
});

export const modelTooLarge = (parameters: number, most: number): Problem => ({
  code: 'model-too-large',
  path: ['model'],
  at: 'key',
  message: `the model has ${formatCount(parameters)} parameters, and ${formatCount(most)} at most can be trained and kept`,
  help: 'make its layers smaller',
});

export const splitNotRecorded = (path: Path, split: string, why: string): Problem => ({
  code: 'unrecorded-split',
  path,
  message: `nothing can be recorded of a split that is called ${quote(split)}: ${why}`,
  help: 'give it another name: letters, digits, "_", "-" and "."',
});

export const metricNotRecorded = (path: Path, name: string, why: string): Problem => ({
  code: 'unrecorded-metric',
  path,
  message: `nothing can be recorded of a metric that is called ${quote(name)}: ${why}`,
  help: 'give it another name: letters, digits, "_", "-" and "."',
});

export const nothingToTrain = (): Problem => ({
  code: 'nothing-to-train',
  path: ['model'],
  at: 'key',
  message: 'the model has no parameters, and training changes nothing else',
  help: 'add a layer that learns: kind: dense',
});

export const allFrozen = (): Problem => ({
  code: 'all-frozen',
  path: ['training', 'freeze'],
  message: 'every parameter of the model is frozen, and training would change nothing',
  help: 'let what gives the answers learn at least: the readout, or the last layer',
});

export function unknownParameter(path: Path, pattern: string, names: readonly string[]): Problem {
  const meant = nearest(pattern, names);
  const [shown, more] = [names.slice(0, 20), names.length - 20];
  return {
    code: 'unknown-parameter',
    path,
    message: pattern.includes('*') ? `no parameter has a name like ${quote(pattern)}` : `no parameter is called ${quote(pattern)}`,
    help:
      meant === undefined
        ? `there is ${listed([...shown, ...(more > 0 ? [`${more} more`] : [])], 'and')}`
        : `did you mean ${quote(meant)}?`,
  };
}

export const tokensWithoutNames = (path: Path): Problem => ({
  code: 'tokens-without-names',
  path,
  message: 'vectors of a file are found by the names of tokens, and these data do not say what their tokens are called',
  help: 'leave file out; a dataset of your own gives the names in fit, as vocabulary',
});

export const unreadableVectors = (path: Path, file: string, error: unknown): Problem => ({
  code: 'unreadable-vectors',
  path,
  message: `${quote(file)} holds no vectors of words as text: ${error instanceof Error ? error.message : String(error)}`,
  help: 'a line holds a word and its numbers, with blanks between them, as GloVe, word2vec and fastText write it (.txt, .vec); no .bin',
});

export const vectorsOfOtherSize = (path: Path, file: string, size: number, wanted: number): Problem => ({
  code: 'vectors-of-other-size',
  path,
  message: `a vector in ${quote(file)} holds ${plural(size, 'number')}, and the embedding is to have ${wanted}`,
  help: `write size: ${size}`,
});

export const noVectorFound = (path: Path, file: string, vocabulary: readonly string[]): Problem => ({
  code: 'no-vector-found',
  path,
  message: `${quote(file)} has no vector of any token of these data: ${some(vocabulary)}`,
  help: 'are these words of the same language, and both in small letters?',
});

export const frozenAtRandom = (path: Path, names: readonly string[]): Problem => ({
  code: 'frozen-at-random',
  path,
  severity: 'warning',
  message: `what is frozen begins with random numbers, and never learns: ${some(names)}`,
  help: 'begin with weights that have learnt: training.initial_weights',
});

export const unknownSplit = (path: Path, split: string, known: readonly string[]): Problem => ({
  code: 'unknown-split',
  path,
  message: `the data have no split ${quote(split)}`,
  help: meantOrKnown(split, known),
});

export const nothingCalibrates = (path: Path, kind: string): Problem => ({
  code: 'no-validation',
  path,
  message: `${kind} needs data that validate, and there are none`,
  help: 'hold some of the data out for validation',
});

export const calibratesItself = (path: Path, kind: string, split: string, measured: readonly string[]): Problem => ({
  code: 'measured-on-itself',
  path,
  message: `${kind} says how well what was learned from validation holds on other data, and ${split} is none`,
  help: `write splits: [${measured.join(', ')}]`,
});

export const unknownMetric = (path: Path, key: string, known: readonly string[]): Problem => ({
  code: 'unknown-metric',
  path,
  message: `no metric ${quote(key)} is recorded`,
  help: meantOrKnown(key, known),
});

export const nameOfOtherKind = (path: Path, name: string): Problem => ({
  code: 'metric-name-taken',
  path,
  message: `${quote(name)} is a kind of metric, and this one is another`,
  help: 'write a name that no kind has',
});

export const noFolds = (kind: string): Problem => ({
  code: 'no-folds',
  path: ['fold'],
  message: `the dataset ${kind} of this document has no folds`,
  help: kind === 'series' ? 'write folds: {count: 5} in dataset, or leave fold out' : 'leave fold out',
});

export const foldTooFar = (fold: number, count: number): Problem => ({
  code: 'no-folds',
  path: ['fold'],
  message: `there are ${plural(count, 'fold')}, and fold ${fold} is asked for`,
  help: `write fold: 1 to ${count}, or leave it out for the last one`,
});

const BEFORE_TEST: Path = ['training', 'before_test'];

export const nothingCarried = (): Problem => ({
  code: 'nothing-carried',
  path: BEFORE_TEST,
  message: 'the test is to begin with the state that train leaves, and each batch begins with zero',
  help: 'write recurrent_state: carry, or leave before_test out',
});

export const nothingToCarry = (kind: string): Problem => ({
  code: 'nothing-carried',
  path: BEFORE_TEST,
  message: `the test is to begin with the state that train leaves, and the model ${kind} has no state`,
  help: 'leave before_test out',
});

export const sideBySide = (split: string, rows: number): Problem => ({
  code: 'nothing-carried',
  path: BEFORE_TEST,
  message: `the test is to begin where train ends, and of the ${formatCount(rows)} examples of a batch of ${split} that lie side by side only one can`,
  help: 'write batch_size: 1, or leave before_test out',
});

export const samplesOfMoreInputs = (others: readonly string[]): Problem => ({
  code: 'samples-without-text',
  path: ['training', 'samples'],
  at: 'key',
  message: `a text can't be gone on with: the data hand the model ${listed(others)} beside its tokens, and nobody knows what that would be`,
  help: 'leave `samples` out',
});

export const samplesWithoutText = (): Problem => ({
  code: 'samples-without-text',
  path: ['training', 'samples'],
  at: 'key',
  message: 'samples can be drawn from text only, and the answers of these data are no tokens of a vocabulary',
  help: 'leave `samples` out',
});

export const samplesOfOtherAnswers = (outputs: number, tokens: number): Problem => ({
  code: 'samples-of-other-answers',
  path: ['training', 'samples'],
  at: 'key',
  message: `samples need an output for each of the ${tokens} tokens of the vocabulary, and the model gives ${outputs}`,
  help: 'leave `samples` out',
});

export const duplicatesInBatches = ({ split, earlier, count, of, first: [index, equal] }: Duplicates): Problem => ({
  code: DUPLICATES,
  path: ['dataset'],
  severity: 'warning',
  message: `${count} of ${of} examples of ${split} stand in ${earlier} too, number for number: in the order of the first epoch, example ${index + 1} is example ${equal + 1} of ${earlier}`,
  help: 'an example that trained may be known by heart: leave one of each pair out, or keep equal ones in one split',
});

export const windowSeesFuture = (split: string, input: string, origin: string): Problem => ({
  code: 'window-sees-future',
  path: ['dataset'],
  message: `the window of ${split} that ends at ${quote(origin)} is another one when numbers after that are changed: ${quote(input)} holds what is not known yet`,
  help: `cut windows of values up to the origin alone, and fit scales on what trains; ${orAccept('window-sees-future')}`,
});

export const stepsShared = (split: string, count: number, of: number, first: string): Problem => ({
  code: 'steps-shared',
  path: ['dataset'],
  severity: 'warning',
  message: `${formatCount(count)} of the ${plural(of, 'step')} that ${split} asks for lie in windows that train, the first of them ${quote(first)}`,
  help: 'let training end where the test begins, and cut windows of each part by itself',
});

export const sourceUnmatched = (origin: string, { file, time }: WindowSource): Problem => ({
  code: 'source-unmatched',
  path: ['dataset'],
  severity: 'warning',
  message: `no row of ${file} has ${quote(origin)} in the column ${quote(time)}, where "rows" says that a window ends: nobody can try what it reads of the future`,
  help: 'let "rows" give origins as the file has them',
});

export const lastInputIsTarget = (): Problem => ({
  code: 'sees-the-answer',
  path: ['dataset'],
  severity: 'warning',
  message: 'the target stands in the input at its own step, in every example of the first batches',
  help: 'a window ends before what is predicted begins: is it one too long?',
});
