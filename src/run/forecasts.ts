import { join } from 'node:path';
import { formatCount } from '../diagnostics/numbers.js';
import { InterruptedError } from '../host/stop.js';
import { isObject } from '../language/check.js';
import type { Plan } from '../planning/plan.js';
import { createStreams } from '../random/streams.js';
import { readIfThere, RecordError } from '../record/files.js';
import type { RunPlace, Store } from '../record/layout.js';
import type { RunWriter } from '../record/writer.js';
import { movingBlockInterval } from '../statistics/bootstrap.js';
import { mean } from '../statistics/means.js';
import { type Collected, type Dataset, type HostTensor, type RowName, VALIDATION } from '../stages/stage.js';
import { sizeOf } from '../stages/tensors.js';
import type { Snapshot } from '../train/run.js';
import { openSession, type Session, type SessionRequest } from '../train/session.js';
import { zeroState } from '../train/start.js';
import { oddForecasts } from '../validity/threats.js';
import { ANSWERS, BUDGET, type ClassAnswers, classAnswers } from './class-answers.js';
import { forecastViews } from './forecast-pictures.js';
import { recordViews } from './kept-files.js';
import { type NaiveAnswer, predictionsOf, predictionsToCsv } from './prediction-report.js';
import { attentionOf, worstMistakes } from './shown-answers.js';
import { bestNaive, type Skill } from './skill.js';

const SKILLS = 'skill.json';

interface Keeping extends Omit<SessionRequest, 'start'> {
  /** Of a trial, one of many: it keeps how sure its metrics are, where its answers are classes, and not the answers. */
  readonly plain: boolean;
}

/**
 * Writes down every answer of the splits that don't train, `predictions-test.csv`, as a person reads it, where the data say what each is about; of
 * forecasts also how they stand to the naive ones. What can't be made is told, and takes nothing away from the run.
 */
export async function keepPredictions(writer: RunWriter, request: Keeping, kept: Snapshot, onNote: (note: string) => void): Promise<void> {
  const { plan, dataset, finishers, plain } = request;
  const areClasses = plan.loss.reading === 'class_logits';
  if (!dataset.rows || (plain && !areClasses)) return;
  try {
    const session = await openSession({ ...request, start: { epoch: kept.epoch, state: { ...zeroState(plan), ...kept.state } } });
    try {
      const skills: Skill[] = [];
      const answers: ClassAnswers[] = [];
      let validating: Collected | undefined;
      const splits = Object.keys(plan.data.splits).filter((name) => name !== 'train');
      // What validates tells how far the others may be off.
      for (const split of splits.toSorted((a, b) => Number(b === VALIDATION) - Number(a === VALIDATION))) {
        if (plain && outputsOf(plan, split) > MOST_OF_TRIAL) continue;
        const collected = await session.predictions(split);
        if (!collected) return;
        const rows = dataset.rows(split);
        if (areClasses) answers.push(classAnswers({ plan, finishers, split, collected, rows, ...(plain && { budget: BUDGET_OF_TRIAL }) }));
        if (plain) continue;
        const naive = plan.data.outputs && naiveAnswers(plan, dataset, split);
        const whole = Math.min(rows.length, Math.floor((MOST * rows.length) / collected.output.values.length));
        writer.artifact(`predictions-${split}.csv`, keptPredictions(plan, firstOf(collected, whole), rows.slice(0, whole), naive));
        if (whole < rows.length) onNote(cutShort(split, whole, rows.length));
        if (areClasses) {
          const view = worstMistakes({ plan, collected, rows });
          if (view) recordViews(writer, [{ key: `${split}/worst_mistakes`, epoch: kept.epoch, view }]);
          if (plan.model.attends) await keepAttention(writer, session, { plan, split, collected, rows, dataset }, onNote);
        }
        if (!plan.data.outputs) continue;
        const skill = skillOf(plan, split, collected, naive);
        if (skill) skills.push(skill);
        if (split === VALIDATION) validating = collected;
        const views = forecastViews(plan, { split, collected, rows, naive }, validating);
        recordViews(
          writer,
          views.map(({ name, view }) => ({ key: `${split}/${name}`, epoch: kept.epoch, view })),
        );
      }
      if (answers.length > 0) writer.artifact(ANSWERS, `${JSON.stringify(answers, null, 2)}\n`);
      if (skills.length > 0) writer.artifact(SKILLS, `${JSON.stringify(skills, null, 2)}\n`);
    } finally {
      session.dispose();
    }
  } catch (error) {
    if (error instanceof RecordError || error instanceof InterruptedError) throw error;
    onNote(`the predictions could not be kept: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** How many numbers a model answers a split with. */
const outputsOf = ({ data, model }: Plan, split: string): number => (data.splits[split]?.examples ?? 0) * sizeOf(model.output.shape);

/** Of a larger split a trial keeps nothing: many are trained at once, and examples that are so many move no metric by much. */
const MOST_OF_TRIAL = 1e7;

/** A tenth of what a run of its own may take. */
const BUDGET_OF_TRIAL = BUDGET / 10;

/** What counted in some answers to a split. A person's own model may give something else: then the predictions are kept all the same. */
async function keepAttention(
  writer: RunWriter,
  session: Session,
  { dataset, ...answered }: Parameters<typeof attentionOf>[0] & { readonly dataset: Dataset },
  onNote: (note: string) => void,
): Promise<void> {
  try {
    const weights = await session.attention(answered.split);
    const view = weights && attentionOf(answered, weights, dataset);
    if (view) recordViews(writer, [{ key: `${answered.split}/attention`, epoch: session.epoch, view }]);
  } catch (error) {
    if (error instanceof RecordError || error instanceof InterruptedError) throw error;
    onNote(`the attention on ${answered.split} could not be kept: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function firstOf(collected: Collected, rows: number): Collected {
  const [examples = 0] = collected.output.shape;
  const cut = <T extends HostTensor>({ shape, values }: T) => ({
    shape: [rows, ...shape.slice(1)],
    values: values.subarray(0, (values.length / Math.max(1, examples)) * rows) as T['values'],
  });
  return { output: cut(collected.output), target: cut(collected.target), weight: cut(collected.weight) };
}

const cutShort = (split: string, kept: number, all: number): string =>
  `predictions-${split}.csv holds the first ${formatCount(kept)} of ${formatCount(all)}`;

/** Numbers of a split that are still written as text. */
const MOST = 500_000;

/** The naive forecast that is the best on what chooses; undefined where there is none. */
export function naiveAnswers(plan: Plan, dataset: Dataset, split: string): NaiveAnswer | undefined {
  const name = bestNaive(plan.data.baselines ?? {}, split);
  const answer = name === undefined ? undefined : dataset.baselines?.(split)[name];
  if (name === undefined || !answer) return undefined;
  const parts: number[] = [];
  for (const batch of dataset.batches(split, 1)) {
    const given = answer(batch);
    const outputs = given.length / batch.weight.length;
    for (const [row, weight] of batch.weight.entries())
      if (weight > 0) for (let at = 0; at < outputs; at++) parts.push(given[row * outputs + at] ?? Number.NaN);
  }
  return { name, values: Float32Array.from(parts) };
}

const keptPredictions = (plan: Plan, collected: Collected, rows: readonly RowName[], naive: NaiveAnswer | undefined): string =>
  predictionsToCsv({ predictions: predictionsOf(plan, collected, rows, naive), ...(naive && { naive: naive.name }) });

/** The skill of a split's forecasts, its interval from a stream of the run's seed; undefined of too few. */
export function skillOf(plan: Plan, split: string, { output, target }: Collected, naive: NaiveAnswer | undefined): Skill | undefined {
  const { steps } = plan.data.outputs ?? { steps: 1 };
  const windows = output.shape[0] ?? 0;
  if (windows < FEWEST) return undefined;
  const outputs = output.values.length / Math.max(1, windows);
  const errors = (of: ArrayLike<number>): Float64Array =>
    Float64Array.from({ length: windows }, (_, row) => {
      let total = 0;
      for (let at = row * outputs; at < (row + 1) * outputs; at++)
        total += Math.abs((of[at] ?? Number.NaN) - (target.values[at] ?? Number.NaN));
      return total / outputs;
    });
  const [ours, theirs] = [errors(output.values), errors(naive?.values ?? [])];
  const skill = ([our = Number.NaN, their = Number.NaN]: readonly number[]): number => 1 - our / their;
  const { integer } = createStreams(plan.seed).stream(`skill/${split}`);
  const [low, high] = movingBlockInterval([ours, theirs], Math.max(steps, Math.ceil(Math.cbrt(windows))), skill, integer);
  return {
    split,
    naive: naive?.name ?? '',
    skill: skill([mean(ours), mean(theirs)]),
    low,
    high,
    findings: steps === 1 ? findingsOf(split, output.values, target.values, outputs) : [],
  };
}

/** Of fewer, blocks that are drawn anew are nearly all the same ones, so that an interval would be too narrow; and a likeness may be an accident. */
const FEWEST = 10;

/** What forecasts of one step ahead, of the first target, show of themselves. */
const findingsOf = (split: string, output: ArrayLike<number>, target: ArrayLike<number>, outputs: number): readonly string[] => {
  const first = (of: ArrayLike<number>): Float64Array =>
    Float64Array.from({ length: Math.floor(of.length / outputs) }, (_, row) => of[row * outputs] ?? Number.NaN);
  return oddForecasts({ split, forecast: first(output), truth: first(target) });
};

/** What a run keeps of its skill; nothing where it has none, or a record was cut. */
export function readSkills(store: Store, run: RunPlace): readonly Skill[] {
  try {
    const kept: unknown = JSON.parse(readIfThere(store.files, join(run.folder, 'artifacts', SKILLS)) ?? '[]');
    return Array.isArray(kept) ? kept.filter((skill): skill is Skill => isObject(skill) && typeof skill['skill'] === 'number') : [];
  } catch {
    return [];
  }
}
