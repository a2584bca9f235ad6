import type { Arrays } from '../engine/engine.js';
import { sizeOf } from '../stages/tensors.js';
import type { Answer, Reading } from '../stages/stage.js';
import { StageFault } from '../stages/stage-fault.js';
import { type Call, calls } from './calls.js';
import { otherThanAnnounced } from './messages.js';
import { compileStep } from './programs.js';
import type { SessionRequest } from './session.js';
import { splitOf } from './signature.js';
import { ANSWER, baselineStep } from './step.js';
import { EpochSums } from './sums.js';
import type { View } from '../views/view.js';

/** By `SPLIT/METRIC`, what each baseline of a dataset reaches. */
export type Levels = Readonly<Record<string, Readonly<Record<string, number>>>>;

interface MeasuredBaselines {
  readonly levels: Levels;
  /** What metrics show of them, in the same way. */
  readonly views: Readonly<Record<string, Readonly<Record<string, View>>>>;
}

/**
 * Measures the answers that a dataset knows without learning by every metric of the plan, with the code and on the rows that measure the model: on
 * the splits that don't train, or on the train split where there is no other. Undefined when it was stopped.
 */
export async function measureBaselines({
  plan,
  pipeline,
  finishers,
  dataset,
  engine,
  stopped,
}: Pick<SessionRequest, 'plan' | 'pipeline' | 'finishers' | 'dataset' | 'engine' | 'stopped'>): Promise<MeasuredBaselines | undefined> {
  const splits = Object.keys(plan.data.splits);
  // Intervals of our own forecasts say nothing of others.
  const comparable = finishers.filter(({ calibrates }) => !calibrates);
  const levels: Record<string, Record<string, number>> = {};
  const views: Record<string, Record<string, View>> = {};
  for (const split of splits.length > 1 ? splits.filter((name) => name !== 'train') : splits) {
    if (!comparable.some((metric) => metric.splits.includes(split))) continue;
    const program = await compileStep(engine, baselineStep(plan, pipeline, split), splitOf(plan, split).batches);
    for (const [name, answer] of Object.entries(dataset.baselines?.(split) ?? {})) {
      const sums = new EpochSums(plan, split, comparable);
      const state = engine.state({}, {});
      const answered: Answer = (batch) => announcedAnswer(plan, name, answer(batch), sizeOf(program.inputs[ANSWER]?.shape ?? []));
      for (const call of answeredCalls(dataset.batches(split, 1), answered, plan.loss.reading, program)) {
        if (stopped()) return undefined;
        sums.add(await program.run(state, call, {}), call);
      }
      const finished = sums.finish();
      for (const [key, value] of finished.metrics.slice(1)) (levels[key] ??= {})[name] = value;
      for (const { key, view } of finished.views) (views[key] ??= {})[name] = view;
    }
  }
  return { levels, views };
}

/** Calls in which a baseline's answer to each batch stands where a model's output would. */
function answeredCalls(
  batches: Iterable<Parameters<Answer>[0]>,
  answer: Answer,
  reading: Reading,
  { inputs, steps }: Awaited<ReturnType<typeof compileStep>>,
): Iterable<Call> {
  const answers: Arrays[] = [];
  function* seen() {
    for (const batch of batches) {
      answers.push({ [ANSWER]: asOutput(answer(batch), reading) });
      yield batch;
    }
  }
  return calls(seen(), inputs, steps, (index) => {
    const made = answers[index] ?? {};
    answers[index] = {};
    return made;
  });
}

/** A number for each that a model gives. */
function announcedAnswer({ config }: Pick<SessionRequest, 'plan'>['plan'], name: string, given: unknown, size: number): Float32Array {
  if (given instanceof Float32Array && given.length === size) return given;
  const { kind } = config.values.dataset;
  const seen = given instanceof Float32Array ? `${given.length} numbers` : `a ${typeof given}`;
  throw new StageFault({
    ...otherThanAnnounced('dataset', kind, `the baseline ${name}`, seen, `a Float32Array of ${size}, as a batch of the model's outputs`),
    path: ['dataset', 'kind'],
  });
}

/** Keeps the logarithm of a probability of 0 finite. */
const SMALLEST = 1e-30;

/** Probabilities as the log odds, or the unnormalised log probabilities, that metrics read a model's output as; numbers as they are. */
function asOutput(answer: Float32Array, reading: Reading): Float32Array {
  switch (reading) {
    case 'values':
      return answer;
    case 'logits':
      return answer.map((p) => Math.log(Math.max(p, SMALLEST) / Math.max(1 - p, SMALLEST)));
    case 'class_logits':
      return answer.map((p) => Math.log(Math.max(p, SMALLEST)));
    default:
      return reading satisfies never;
  }
}
