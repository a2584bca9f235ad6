import type { ExperimentConfig } from '../language/experiment.js';
import type { Data, ModelSpec, Report } from '../stages/stage.js';
import { findStage, stages } from '../stages/registry.js';
import { trainSplit } from '../stages/tensors.js';
import { carriedOverIndependent, oneStepSequences, readsAhead, unreadInputs } from './messages.js';

/** A document, and what its data and its model turned out to be. */
interface Designed {
  readonly values: ExperimentConfig;
  readonly data: Data;
  readonly model: ModelSpec;
}

/** What makes a good result mean less than it seems to. Found while planning; a warning, since the numbers are what was asked for. */
type Threat = (designed: Designed, report: Report) => void;

/** Two directions where the target of a step is the input of the next one: the answer is read, not predicted. */
const answerIsNotReadAhead: Threat = ({ values, data }, report) => {
  if (data.shifted)
    for (const path of readersFromTheEnd(values.model)) report(readsAhead(['model', ...path], data.fitted.vocabulary !== undefined));
};

/** Where a model says that it reads from the end: its option `bidirectional`, or a layer of that kind, however deep. */
function readersFromTheEnd(part: unknown, path: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([name, value]: [string, unknown]) => {
    const here = [...path, Array.isArray(part) ? Number(name) : name];
    const isReader = (name === 'bidirectional' && value === true) || (name === 'kind' && value === 'bidirectional');
    return isReader ? [here] : readersFromTheEnd(value, here);
  });
}

const hasState = ({ state }: ModelSpec): boolean => Object.keys(state).length > 0;

/** A shuffled order is the subject of a rule of the language. */
const carriedStateIsContinued: Threat = ({ values: { training, dataset }, data, model }, report) => {
  if (training.recurrent_state === 'carry' && !training.shuffle && data.independent && hasState(model))
    report(carriedOverIndependent(dataset.kind));
};

/** A state that begins anew with every step remembers nothing. */
const sequencesHaveSteps: Threat = ({ values: { dataset, training }, data, model }, report) => {
  const isOneStep = Object.values(data.splits).every(
    ({
      inputs: {
        input: { axes, shape },
      },
    }) => axes[0] === 'time' && shape[0] === 1,
  );
  if (!isOneStep || !hasState(model) || (training.recurrent_state === 'carry' && !data.independent)) return;
  const option = ['sequence', 'time_steps', 'window'].find((name) => dataset[name] !== undefined);
  report(oneStepSequences(option === undefined ? ['dataset'] : ['dataset', option], dataset['sequence']));
};

/** Our models read `input` and nothing besides; what a person's own model reads, nobody knows. */
const everyInputIsRead: Threat = ({ values: { model }, data }, report) => {
  const others = Object.entries(trainSplit(data).inputs).flatMap(([name, { decodes }]) => (name === 'input' || decodes ? [] : [name]));
  if (others.length > 0 && findStage(stages, 'model', model.kind)) report(unreadInputs(model.kind, others));
};

/** In the order of a document. */
export const THREATS: readonly Threat[] = [everyInputIsRead, sequencesHaveSteps, answerIsNotReadAhead, carriedStateIsContinued];
