import type { Problem } from '../diagnostics/diagnostic.js';
import type { ExperimentConfig } from '../language/experiment.js';
import type { Data, ModelSpec, Report } from '../stages/stage.js';
import {
  allFrozen,
  batchLargerThanTrainingData,
  emptySplit,
  foldTooFar,
  frozenAtRandom,
  modelTooLarge,
  nameOfOtherKind,
  noFolds,
  nothingCarried,
  nothingToCarry,
  nothingToTrain,
  samplesOfMoreInputs,
  samplesOfOtherAnswers,
  samplesWithoutText,
  sideBySide,
  unknownMetric,
  unknownParameter,
  unknownSplit,
} from './messages.js';
import { fitting } from './freeze.js';
import { testSelected } from '../validity/messages.js';
import { foldCount } from '../language/replicate.js';
import { roleOf } from './recorded.js';
import { sizeOf, trainable, trainSplit } from '../stages/tensors.js';

/** What rules look at: a document and what its data turned out to be. */
interface Planned {
  readonly values: ExperimentConfig;
  readonly data: Data;
  readonly model: ModelSpec | undefined;
  /** The keys of what a run measures. */
  readonly recorded: readonly string[];
  /** All kinds of metrics that the document could name. */
  readonly metricKinds: readonly string[];
}

/** A truth that must hold between a document and its data, named for it. What holds whatever the data are is a rule of the language. */
type Rule = (planned: Planned, report: Report) => void;

/** What the rules find, without what a stage has already said in its own words. */
export function brokenRules(planned: Planned, said: readonly Problem[]): readonly Problem[] {
  const known = new Set(said.map(({ code }) => code));
  const found: Problem[] = [];
  for (const rule of RULES) rule(planned, (problem) => found.push(problem));
  return found.filter(({ code }) => !known.has(code));
}

const everySplitHasExamples: Rule = ({ data }, report) => {
  for (const [split, { examples }] of Object.entries(data.splits)) if (examples < 1) report(emptySplit(split));
};

const batchFitsInTrainingData: Rule = ({ values, data }, report) => {
  const examples = data.splits['train']?.examples ?? 0;
  if (examples > 0 && values.training.batch_size > examples) report(batchLargerThanTrainingData(values.training.batch_size, examples));
};

const splitsOfMetricsExist: Rule = ({ values, data }, report) => {
  values.metrics.forEach(({ splits = [] }, metric) => {
    splits.forEach((split, index) => {
      if (!Object.hasOwn(data.splits, split)) report(unknownSplit(['metrics', metric, 'splits', index], split, Object.keys(data.splits)));
    });
  });
};

/** Whoever reads `test/accuracy` takes it for an accuracy. */
const namesOfMetricsAreNoOtherKind: Rule = ({ values, metricKinds }, report) => {
  values.metrics.forEach(({ kind, as }, index) => {
    if (as !== undefined && as !== kind && metricKinds.includes(as)) report(nameOfOtherKind(['metrics', index, 'as'], as));
  });
};

const watchedMetricIsRecorded: Rule = ({ values, data, recorded }, report) => {
  const watched = values.training.early_stopping?.metric;
  if (watched === undefined) return;
  if (!recorded.includes(watched)) report(unknownMetric(['training', 'early_stopping', 'metric'], watched, recorded));
  else if (roleOf(data, watched) === 'test')
    report(testSelected(['training', 'early_stopping', 'metric'], watched, decides(values.training)));
};

const decides = ({ keep }: ExperimentConfig['training']): string =>
  keep === 'best' ? 'when training stops and which weights are kept' : 'when training stops';

const foldIsThere: Rule = ({ values: { fold, dataset } }, report) => {
  if (fold === undefined) return;
  const count = foldCount({ dataset });
  if (count === undefined) report(noFolds(dataset.kind));
  else if (fold > count) report(foldTooFar(fold, count));
};

const testGoesOnFromTrain: Rule = (
  {
    values: {
      training,
      model: { kind },
    },
    data,
    model,
  },
  report,
) => {
  if (training.before_test !== 'read_train') return;
  if (training.recurrent_state !== 'carry') return report(nothingCarried());
  if (model && Object.keys(model.state).length === 0) return report(nothingToCarry(kind));
  const wider = Object.entries(data.splits).find(([, { batchSize }]) => batchSize > 1);
  if (wider) report(sideBySide(wider[0], wider[1].batchSize));
};

const samplesAreOfText: Rule = ({ values, data }, report) => {
  if (!values.training.samples) return;
  const others = Object.keys(trainSplit(data).inputs).filter((name) => name !== 'input');
  if (!data.fitted.vocabulary) report(samplesWithoutText());
  else if (others.length > 0) report(samplesOfMoreInputs(others));
};

const samplesAreOfWhatIsAnswered: Rule = ({ values, data, model }, report) => {
  const [tokens, outputs] = [data.fitted.vocabulary?.length, model?.output.shape.at(-1)];
  // Of outputs that don't even fit the answers the loss speaks.
  const fits = data.classes === undefined || outputs === data.classes;
  if (values.training.samples && tokens !== undefined && outputs !== undefined && fits && tokens !== outputs) {
    report(samplesOfOtherAnswers(outputs, tokens));
  }
};

/** What a typed array, a file of weights and a model.onnx can hold. */
const MOST_PARAMETERS = 2 ** 29;

const modelCanBeTrained: Rule = ({ model }, report) => {
  if (!model) return;
  const count = countParameters(model);
  if (count === 0) report(nothingToTrain());
  else if (trainable(model).length === 0) report(allFrozen());
  if (count > MOST_PARAMETERS) report(modelTooLarge(count, MOST_PARAMETERS));
};

const patternsOfFreezeFit: Rule = ({ values, model }, report) => {
  const names = model?.parameters.map(({ name }) => name) ?? [];
  values.training.freeze?.forEach((pattern, index) => {
    if (names.length > 0 && !names.some(fitting(pattern))) report(unknownParameter(['training', 'freeze', index], pattern, names));
  });
};

/** What never learns should have learnt before, unless random numbers are meant. */
const whatIsFrozenHasLearnt: Rule = ({ values: { training }, model }, report) => {
  const frozen = model?.parameters.filter(({ frozen = false, initializer }) => frozen && initializer.kind !== 'vectors') ?? [];
  if (frozen.length === 0 || training.initial_weights !== undefined) return;
  report(
    frozenAtRandom(
      training.freeze ? ['training', 'freeze'] : ['model'],
      frozen.map(({ name }) => name),
    ),
  );
};

export const countParameters = ({ parameters }: ModelSpec): number => parameters.reduce((total, { shape }) => total + sizeOf(shape), 0);

/** In the order of a document. */
const RULES: readonly Rule[] = [
  everySplitHasExamples,
  modelCanBeTrained,
  patternsOfFreezeFit,
  whatIsFrozenHasLearnt,
  splitsOfMetricsExist,
  namesOfMetricsAreNoOtherKind,
  batchFitsInTrainingData,
  watchedMetricIsRecorded,
  foldIsThere,
  testGoesOnFromTrain,
  samplesAreOfText,
  samplesAreOfWhatIsAnswered,
];
