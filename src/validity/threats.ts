import type { Problem } from '../diagnostics/diagnostic.js';
import type { ExperimentConfig } from '../language/experiment.js';
import type { AcceptableThreat } from '../language/threats.js';
import { findStage, stages } from '../stages/registry.js';
import type { Data, ModelSpec, Report, UsedTransform } from '../stages/stage.js';
import { classNames } from '../stages/fitted.js';
import { trainSplit } from '../stages/tensors.js';
import { type Answers, hasFewExamples, ignoresItsInput, isOneClass } from './answers.js';
import { answersTheNext, type Forecasts, isConstant, repeatsTheLast } from './forecasts.js';
import * as messages from './messages.js';

/** A document, and what its data and its model turned out to be. */
interface Designed {
  readonly values: ExperimentConfig;
  readonly data: Data;
  readonly model: ModelSpec;
  /** What the dataset lists, each with its place in the document. */
  readonly transforms: readonly (UsedTransform & { readonly used: { readonly path: Problem['path'] } })[];
}

/** What a run shows of itself, told behind its results. */
export type RunThreat =
  | 'no-better-than-naive'
  | 'constant-answer'
  | 'repeats-its-last-input'
  | 'off-by-one'
  | 'trained-on'
  | 'diverged'
  | 'nothing-learned'
  | 'input-ignored'
  | 'state-forgotten'
  | 'answer-copied'
  | 'saturated'
  | 'too-few-test-examples';

/** What makes a good result mean less than it seems to: an error where no honest reading exists, a warning else. */
interface Threat {
  readonly code: AcceptableThreat | RunThreat | 'one-class' | 'zone-holds-chance' | 'zone-holds-everything';
  /** By when it is known: from the document and its sizes, from its data, from a run, from the runs of a sweep or a table. */
  readonly phase: 'check' | 'plan' | 'run' | 'study';
  readonly severity: 'error' | 'warning' | 'sentence';
  readonly title: string;
  /** Why a number means less then; plain sentences, for the page of all threats. */
  readonly why: string;
  /** Who showed it. */
  readonly source: string;
  /** Left out where the part finds it that it is about: a dataset in its data, a table in its columns, a report in a run. */
  readonly find?: (designed: Designed, report: Report) => void;
  /** What forecasts of a run show: a sentence. */
  readonly findInForecasts?: (forecasts: Forecasts) => string | undefined;
  /** What answers that are classes show: a sentence. */
  readonly findInAnswers?: (answers: Answers) => string | undefined;
}

/** Windows, scales and features of a forecast, then everything else; in each phase in the order of a document. */
export const THREATS: readonly Threat[] = [
  {
    code: 'fitted-on-test',
    phase: 'check',
    severity: 'error',
    title: 'A transform is fitted on test data',
    why: 'A scale that is fitted on all of the data tells the model how high and how low the test values are, which nobody knows when a forecast is made. Of 33 public projects that scale a series, 23 do so.',
    source: 'Kapoor and Narayanan 2023, leakage L1.2 (pre-processing on training and test set); Hewamalage et al. 2022',
    find({ data, transforms }, report) {
      if (Object.keys(data.splits).length < 2) return;
      for (const { kind, transform, fitOn, used } of transforms)
        if (fitOn === 'all' && transform.fit) report(messages.fittedOnTest(used.path, kind));
    },
  },
  {
    code: 'test-rows-dropped',
    phase: 'check',
    severity: 'error',
    title: 'Forecasts of the test are left out without a reason',
    why: 'A loop that ends one window too early, or a batch that is dropped because it is not full, leaves out steps of the test. The error is then not that of the steps that a reader expects, and it depends on the batch size.',
    source: 'Qiu et al. 2024 (dropping the last batch)',
  },
  {
    code: 'test-selected',
    phase: 'check',
    severity: 'warning',
    title: 'Something is chosen on the test data',
    why: 'The best of many values on the test is better there than on data that nobody has seen: the epoch at which training stops or whose weights are kept, the configuration that a sweep selects or goes on with, the epoch that a column of a table shows. Of 40 public projects, 10 do so. Choose on a validation split.',
    source: 'Kapoor and Narayanan 2023, leakage L1.1 (no test set); Bouthillier et al. 2021; Dodge et al. 2019',
  },
  {
    code: 'unread-input',
    phase: 'check',
    severity: 'warning',
    title: 'The model leaves an input unread',
    why: 'Readers think that the model used all of its inputs, and it used only some.',
    source: 'Lipton and Steinhardt 2019',
    /** Our models read `input` and nothing besides; what a person's own model reads, nobody knows. */
    find({ values: { model }, data }, report) {
      const others = Object.entries(trainSplit(data).inputs).flatMap(([name, { decodes }]) => (name === 'input' || decodes ? [] : [name]));
      if (others.length > 0 && findStage(stages, 'model', model.kind)) report(messages.unreadInputs(model.kind, others));
    },
  },
  {
    code: 'one-step-sequences',
    phase: 'check',
    severity: 'warning',
    title: 'Sequences have one step',
    why: 'The state begins anew at every step, so nothing is remembered: the model is recurrent in name only.',
    source: 'Lipton and Steinhardt 2019',
    find({ values: { dataset, training }, data, model }, report) {
      const isOneStep = Object.values(data.splits).every(
        ({
          inputs: {
            input: { axes, shape },
          },
        }) => axes[0] === 'time' && shape[0] === 1,
      );
      if (!isOneStep || !hasState(model) || (training.recurrent_state === 'carry' && !data.independent)) return;
      const option =
        dataset['layout'] === 'features' ? 'layout' : ['sequence', 'time_steps', 'window'].find((name) => dataset[name] !== undefined);
      report(messages.oneStepSequences(option === undefined ? ['dataset'] : ['dataset', option], dataset['sequence']));
    },
  },
  {
    code: 'sees-the-answer',
    phase: 'plan',
    severity: 'warning',
    title: 'The model reads the answer',
    why: 'A model of two directions that is asked for the next token has read it; a feature may be the target under another name, or be the value that is to be forecast. The answer is copied, and a low error shows nothing: a perplexity of 1.03 where an honest model has 1.39. A target that is written as known in advance is an error.',
    source: 'Kapoor and Narayanan 2023, leakage L2 (illegitimate features)',
    /** Two directions where the target of a step is the input of the next one. */
    find({ values, data }, report) {
      if (data.shifted)
        for (const path of readersFromTheEnd(values.model))
          report(messages.readsAhead(['model', ...path], data.fitted.vocabulary !== undefined));
    },
  },
  {
    code: 'name-as-feature',
    phase: 'check',
    severity: 'warning',
    title: 'The name of a sequence is a feature',
    why: 'What is learnt about a name is of no use for other sequences.',
    source: 'Kapoor and Narayanan 2023, leakage L2 (illegitimate features)',
  },
  {
    code: 'carried-over-independent',
    phase: 'check',
    severity: 'warning',
    title: 'A state is carried into a batch that does not go on from the one before',
    why: 'The state that an example begins with is that of another one, and says nothing of it: of other sequences, or of windows of which each reads again what the one before has read.',
    source: 'Lipton and Steinhardt 2019',
    /** A shuffled order is the subject of a rule of the language. */
    find({ values: { training, dataset }, data, model }, report) {
      if (training.recurrent_state === 'carry' && !training.shuffle && data.independent && hasState(model))
        report(messages.carriedOverIndependent(dataset.kind));
    },
  },
  {
    code: 'accuracy-alone',
    phase: 'plan',
    severity: 'warning',
    title: 'Accuracy alone, where one class is common',
    why: 'A model that always answers the most frequent class has its share as accuracy, and finds nothing of the others: with nine healthy patients of ten an accuracy of 0.9 is worth nothing. Told where more than 70 % of what trains is of one class and no metric is listed that counts every class alike.',
    source: 'He and Garcia 2009, "Learning from imbalanced data"; Chicco and Jurman 2020',
    find({ values: { metrics }, data }, report) {
      const index = metrics.findIndex(({ kind }) => kind === 'accuracy');
      const common = commonestClass(data);
      if (index < 0 || !common || common.share <= COMMON || metrics.some(({ kind }) => COUNTS_CLASSES.includes(kind))) return;
      report(messages.accuracyAlone(index, common));
    },
  },
  {
    code: 'one-class',
    phase: 'plan',
    severity: 'error',
    title: 'All answers are of one class',
    why: 'There is nothing to tell it from: every model is right, and a loss of 0 shows nothing.',
    source: 'Kapoor and Narayanan 2023 (results that are too good to be true)',
  },
  {
    code: 'percentage-near-zero',
    phase: 'plan',
    severity: 'warning',
    title: 'A percentage of values near 0',
    why: 'An error in percent divides by the value. Where values are below 1 % of their mean size, a few steps outweigh all others, and a forecast that is always too low comes off well.',
    source: 'Hyndman and Koehler 2006; Hewamalage et al. 2022',
    find({ values: { metrics }, data: { splits, outputs } }, report) {
      for (const [index, { kind, splits: measured = Object.keys(splits) }] of metrics.entries()) {
        if (!PERCENTAGES.includes(kind)) continue;
        for (const split of measured) {
          const count = outputs?.nearZero?.[split] ?? 0;
          if (count > 0) report(messages.percentageNearZero(index, kind, split, count));
        }
      }
    },
  },
  {
    code: 'window-sees-future',
    phase: 'plan',
    severity: 'error',
    title: 'A window reads what comes after its origin',
    why: 'Whatever is known only later may tell the answer: a mean over the whole series, a value that is centred on its neighbours, a window that is one step too long. It is tried, not guessed: every number behind an origin is changed, and no input may change with it. The series of this product cannot do so by themselves; transforms and datasets of one’s own are tried.',
    source: 'Kapoor and Narayanan 2023, leakage L3.1 (temporal leakage); Hewamalage et al. 2022',
  },
  {
    code: 'steps-shared',
    phase: 'plan',
    severity: 'warning',
    title: 'Steps that test lie in windows that train',
    why: 'Windows that are dealt out at random, or that overlap the border between training and test, let the model read the answers of the test while it trains. Errors come out up to a fifth too low.',
    source: 'Albelali and Ahmed 2025; Kapoor and Narayanan 2023, leakage L3.1 (temporal leakage)',
  },
  {
    code: 'same-subject-twice',
    phase: 'plan',
    severity: 'warning',
    title: 'A subject stands in train and in a test',
    why: 'Recordings of one person, or of one machine, are more alike than those of two. A model that has learnt whose they are is good on such a test, and not with people whom it has never met. Almost half of the studies that Saeb et al. reviewed were tested so. Not told where the task is to tell the subjects apart.',
    source:
      'Saeb et al. 2017, "The need to approximate the use-case in clinical machine learning"; Kapoor and Narayanan 2023, leakage L3.2',
  },
  {
    code: 'duplicates-across-splits',
    phase: 'plan',
    severity: 'warning',
    title: 'Examples stand in two splits',
    why: 'What trained may be known by heart. With every sequence under two names, a model reached an accuracy of 0.80 on labels that were drawn at random.',
    source: 'Kapoor and Narayanan 2023, leakage L1.4 (duplicates)',
  },
  {
    code: 'outside-the-range-of-train',
    phase: 'plan',
    severity: 'warning',
    title: 'The test lies outside of what training saw',
    why: 'A net says little of values that it never came near: its units saturate, and a series that grows is forecast too low. Told where more than a tenth of the test values lie beyond the least and the most of training, as the model reads them, and that is more than chance.',
    source: 'Hewamalage et al. 2022 (non-stationarity)',
  },
  {
    code: 'too-short',
    phase: 'plan',
    severity: 'warning',
    title: 'The test is shorter than a season',
    why: 'A few months say nothing of the others: a forecast that is good in summer may be bad in winter.',
    source: 'Hewamalage et al. 2022',
  },
  {
    code: 'no-better-than-naive',
    phase: 'run',
    severity: 'sentence',
    title: 'An answer that needs no learning is as good',
    why: 'The last value, or that of a season before, is hard to beat in many series, and so is a count of words in many texts; an error or an accuracy alone does not tell. Of 40 public projects that forecast none compares with it.',
    source: 'Hewamalage et al. 2022; Makridakis et al. 2018; Wang and Manning 2012 (baselines of text classification)',
  },
  {
    code: 'constant-answer',
    phase: 'run',
    severity: 'sentence',
    title: 'Every answer is the same',
    why: 'A net that has not learned answers with the mean, or with the most frequent class, whatever it reads. Its error may look well where a series varies little, and its accuracy where one class is common.',
    source: 'Hewamalage et al. 2022; He and Garcia 2009',
    findInForecasts: isConstant,
    findInAnswers: isOneClass,
  },
  {
    code: 'repeats-its-last-input',
    phase: 'run',
    severity: 'sentence',
    title: 'The forecasts repeat the last value that was read',
    why: 'In a picture the curve of the forecasts lies on that of the truth, one step late: the last value is what was learnt, and it needs no net.',
    source: 'Hewamalage et al. 2022 (comparing with the naive forecast)',
    findInForecasts: repeatsTheLast,
  },
  {
    code: 'off-by-one',
    phase: 'run',
    severity: 'sentence',
    title: 'The forecasts are those of the step after',
    why: 'Forecasts that are nearest to the truth one step later come of windows and targets that are one step apart: the error is that of other steps.',
    source: 'Kapoor and Narayanan 2023, leakage L3.1 (temporal leakage)',
    findInForecasts: answersTheNext,
  },
  {
    code: 'diverged',
    phase: 'run',
    severity: 'sentence',
    title: 'The loss blew up',
    why: 'Numbers that are not finite say nothing of the model. Seeds that diverge are counted and told: the mean of those that are left flatters.',
    source: 'Pascanu et al. 2013 (exploding gradients); Henderson et al. 2018',
  },
  {
    code: 'nothing-learned',
    phase: 'run',
    severity: 'sentence',
    title: 'A model of text guesses among all of its tokens',
    why: 'A perplexity as large as the vocabulary is that of weights which no step has changed.',
    source: 'Lipton and Steinhardt 2019',
  },
  {
    code: 'input-ignored',
    phase: 'run',
    severity: 'sentence',
    title: 'What the model reads makes no difference',
    why: 'A perplexity that stays at the unigram, or probabilities of classes that are the same for every example, are those of an input which does not arrive, or of labels in another order than the answers.',
    source: 'Lipton and Steinhardt 2019',
    findInAnswers: ignoresItsInput,
  },
  {
    code: 'state-forgotten',
    phase: 'run',
    severity: 'sentence',
    title: 'The state is reset between batches that go on from one another',
    why: 'The first tokens of every sequence are guessed, so that the perplexity stays above what the model can do. It is easily taken for a limit of the model.',
    source: 'Melis et al. 2018 (results of language models that come of the evaluation)',
  },
  {
    code: 'answer-copied',
    phase: 'run',
    severity: 'sentence',
    title: 'A low perplexity, and the model writes the same again and again',
    why: 'In training it saw what it was to predict. Alone, without the answer, it has learnt nothing.',
    source: 'Kapoor and Narayanan 2023, leakage L2 (illegitimate features)',
  },
  {
    code: 'saturated',
    phase: 'run',
    severity: 'sentence',
    title: 'Nothing is left to learn after the first epoch',
    why: 'A loss of 0, a perplexity of 1 or an accuracy of 1 from the first epoch on comes of a broken loss or of an answer that is in the input; or the task is so easy that it tells no two models apart. A bug of an engine once printed a perplexity of 1.000, and a table called it reproduced.',
    source: 'Kapoor and Narayanan 2023 (results that are too good to be true)',
  },
  {
    code: 'too-few-test-examples',
    phase: 'run',
    severity: 'sentence',
    title: 'The test is so small that chance moves its accuracy',
    why: 'Other examples of the same kind would have given another number. Told where 95 % of the accuracies that they might give span more than 20 points; where examples of one subject belong together, subjects are counted. More seeds do not help: they are tested on the same examples. A table tells it of a claim whose margin, or whose distance from a limit, is smaller than what other examples might change; not where the data say themselves which examples test, as those of a publication do.',
    source: 'Dietterich 1998; Berrar and Lozano 2013; Korn and Graubard 1998 (intervals of clusters)',
    findInAnswers: hasFewExamples,
  },
  {
    code: 'trained-on',
    phase: 'run',
    severity: 'sentence',
    title: 'A file that a run is measured on holds rows that trained it',
    why: 'The model has seen their answers, and may know them by heart. Told by predict and evaluate: of a series, how many forecasts are about dates that trained; of sequences, how many of them trained.',
    source: 'Kapoor and Narayanan 2023, leakage L1.4 (duplicates in training and test set)',
  },
  {
    code: 'zone-holds-chance',
    phase: 'study',
    severity: 'warning',
    title: 'What counts as reproduced holds the chance level',
    why: 'A model that has learned nothing would be reproduced: a published 1 with the margin that its digits give was, by a net at chance. An error where nobody chose the margin; one that was chosen is told all the same.',
    source: 'Lakens 2017 (bounds of equivalence are to be justified)',
  },
  {
    code: 'zone-holds-everything',
    phase: 'study',
    severity: 'warning',
    title: 'What counts as reproduced is all that a metric can be',
    why: 'A claim that no run can miss says nothing. An error where nobody chose the margin; one that was chosen is told all the same.',
    source: 'Lakens 2017 (bounds of equivalence are to be justified)',
  },
];

const PERCENTAGES: readonly string[] = ['mean_absolute_percentage_error', 'symmetric_mean_absolute_percentage_error'];

/** From this share of one class on, an accuracy says little. */
const COMMON = 0.7;

/** Metrics in which a rare class counts as much as a common one, or that show each. */
const COUNTS_CLASSES: readonly string[] = [
  'balanced_accuracy',
  'f1',
  'precision',
  'recall',
  'entity_f1',
  'matthews_correlation',
  'area_under_roc',
  'area_under_precision_recall',
  'confusion_matrix',
];

/** The class that most answers that train are of, where the data tell how many are of each. */
function commonestClass(data: Data): { readonly name: string; readonly share: number } | undefined {
  const { classCounts: counts = [] } = data.fitted;
  const [all, most] = [counts.reduce((a, b) => a + b, 0), counts.reduce((a, b) => Math.max(a, b), 0)];
  return all === 0 ? undefined : { name: classNames(data)[counts.indexOf(most)] ?? '', share: most / all };
}

const hasState = ({ state }: ModelSpec): boolean => Object.keys(state).length > 0;

/** Where a model says that it reads from the end: its option `bidirectional`, or a layer of that kind, however deep. */
function readersFromTheEnd(part: unknown, path: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([name, value]: [string, unknown]) => {
    const here = [...path, Array.isArray(part) ? Number(name) : name];
    const isReader = (name === 'bidirectional' && value === true) || (name === 'kind' && value === 'bidirectional');
    return isReader ? [here] : readersFromTheEnd(value, here);
  });
}

/** What forecasts show of how they came about, the plainest alone: of several steps ahead, those of the first one. */
export const oddForecasts = (forecasts: Forecasts): readonly string[] =>
  THREATS.flatMap(({ findInForecasts }) => findInForecasts?.(forecasts) ?? []).slice(0, 1);

/** What answers show of how they came about. Of an input that is not used nothing else is told. */
export const oddAnswers = (answers: Answers): readonly string[] => THREATS.flatMap(({ findInAnswers }) => findInAnswers?.(answers) ?? []);
