import { resolve } from 'node:path';
import type { Problem } from '../diagnostics/diagnostic.js';
import { createEngine } from '../engine/create.js';
import type { Engine } from '../engine/engine.js';
import { Refusal } from '../host/exit.js';
import { shown } from '../host/folders.js';
import type { Plan } from '../planning/plan.js';
import { unreadableFile } from '../planning/messages.js';
import { roleOf } from '../planning/recorded.js';
import type { Store } from '../record/layout.js';
import type { RunHead } from '../record/reader.js';
import { writesTokens } from '../stages/fitted.js';
import { type Collected, type Dataset, VALIDATION } from '../stages/stage.js';
import { answersTo, measured } from '../train/answers.js';
import { measureBaselines } from '../train/baselines.js';
import { calibratesOn, createDataset, createFinishers, pipelineFor } from '../train/pipeline.js';
import { type AskedRun, askRun, encodeFile, filesOfPerson, ownData, planOn, planWith, refusalOf } from './asked-run.js';
import { classAnswers } from './class-answers.js';
import type { EvaluationReport } from './evaluation-report.js';
import { naiveAnswers, skillOf } from './forecasts.js';
import { type PredictionReport, predictionsOf } from './prediction-report.js';
import { nextTokens } from './next-tokens.js';
import { skillNotes } from './skill.js';

interface FileRequest {
  readonly store: Store;
  readonly head: RunHead;
  /** Data of the same columns; what tested the run when left out. */
  readonly file: string | undefined;
}

/**
 * What a run's model says of data:
 *
 *     record ─▶ plan, fitted constants, weights        file ─encode─▶ batches ─model─▶ decode ─▶ answers, as a person reads them
 *
 * Nothing is fitted again. Windows and sequences whose answer the data don't hold are answered too.
 */
export async function predict({ store, head, file }: FileRequest): Promise<PredictionReport> {
  const run = askRun(store, head);
  if (writesTokens(run.plan.data)) return predictTokens(run, file);
  const { told, plan, split, dataset } = dataOf(run, file, false);
  const engine = await createEngine(plan.engine);
  try {
    const asked = { plan, pipeline: pipelineFor(plan, run.stages), engine, weights: run.weights };
    const collected = await answersTo(asked, split, [...dataset.batches(split, 1)]);
    const naive = plan.data.outputs && naiveAnswers(plan, dataset, split);
    return {
      ...told,
      ...(naive && { naive: naive.name }),
      predictions: predictionsOf(plan, collected, dataset.rows?.(split) ?? [], naive),
    };
  } finally {
    await engine.dispose();
  }
}

/** Of a model of text: what comes next after each line. */
async function predictTokens(run: AskedRun, file: string | undefined): Promise<PredictionReport> {
  const { head, epoch, name } = run;
  if (file === undefined)
    throw new Refusal(`what should ${name} read?`, {
      help: `name a file with a beginning on each line, or pipe one in: retable predict ${name.slice(4)} -`,
    });
  const told = shown(resolve(file));
  const { predictions, notes } = await nextTokens(run, readAsked(file, told), told);
  return { run: head.id, experiment: head.experiment, epoch, file: told, predictions, notes };
}

function readAsked(file: string, name: string): Uint8Array {
  try {
    return filesOfPerson.read(resolve(file));
  } catch (error) {
    throw refusalOf(name, unreadableFile([], name, error));
  }
}

/** Measures a run's model on data by every metric of the run, over all of them that hold an answer, beside what needs no learning. */
export async function evaluate({ store, head, file }: FileRequest): Promise<EvaluationReport> {
  const run = askRun(store, head);
  const { told, plan, split, dataset } = dataOf(run, file, true);
  const engine = await createEngine(plan.engine);
  try {
    const pipeline = pipelineFor(plan, run.stages);
    const asked = { plan, pipeline, engine, weights: run.weights };
    const all = createFinishers(plan, run.stages);
    const { collected: validating, why } = calibratesOn(all, split) ? await validationOf(run, engine) : {};
    const finishers = all.filter(({ calibrates }) => !calibrates || validating);
    const batches = [...dataset.batches(split, 1)];
    const { metrics, views } = await measured({ ...asked, finishers }, split, batches, validating);
    const { levels = {} } = (await measureBaselines({ plan, pipeline, finishers, dataset, engine, stopped: () => false })) ?? {};
    const naive = plan.data.outputs && naiveAnswers(plan, dataset, split);
    const isOfClasses = plan.loss.reading === 'class_logits' && plan.data.classes !== undefined && !writesTokens(plan.data);
    const collected = (naive ?? isOfClasses) ? await answersTo(asked, split, batches) : undefined;
    const examples = plan.data.splits[split]?.examples ?? 0;
    const skill = naive && collected && skillOf(plan, split, collected, naive);
    const beside = { ...plan.data.baselines, ...levels };
    const sentences = skillNotes(
      {
        metrics: new Map(metrics.map(([key, value]) => [key, [{ step: run.epoch, value, timestamp: 0 }]])),
        baselines: beside,
        about: Object.fromEntries(plan.metrics.map(({ key, spec }) => [key, spec])),
      },
      skill ? [skill] : [],
    );
    const rows = dataset.rows?.(split) ?? [];
    const answers =
      isOfClasses && collected ? classAnswers({ plan, finishers, split, called: told.split ?? told.file, collected, rows }) : undefined;
    const [first, last] = [rows[0]?.times[0], rows.at(-1)?.times.at(-1)];
    return {
      ...told,
      examples,
      ...(plan.data.outputs && first !== undefined && last !== undefined && { from: first, to: last }),
      metrics: metrics.map(([key, value]) => {
        const name = key.slice(split.length + 1);
        const metric = plan.metrics.find((each) => each.key === name);
        return {
          name,
          value,
          better: metric?.spec.better ?? 'lower',
          unit: metric?.spec.unit ?? '',
          baselines: levels[key] ?? {},
          ...(answers?.intervals[name] && { interval: answers.intervals[name] }),
        };
      }),
      ...(skill && { skill: { naive: skill.naive, skill: skill.skill, low: skill.low, high: skill.high } }),
      ...(views.length > 0 && { views: views.map(({ key, view }) => ({ name: key.slice(split.length + 1), view })) }),
      findings: [...sentences, ...(answers?.findings ?? [])],
      notes: [...told.notes, ...(why === undefined ? [] : [why])],
    };
  } finally {
    await engine.dispose();
  }
}

/** What a run's model says of the data that validated it, as their file is now; why not, where that can't be read. */
async function validationOf(run: AskedRun, engine: Engine): Promise<{ readonly collected?: Collected; readonly why?: string }> {
  const { file, name } = ownData(run);
  try {
    const plan = planOn(run, file, name);
    const batches = [...createDataset(plan, run.stages, filesOfPerson).batches(VALIDATION, 1)];
    const asked = { plan, pipeline: pipelineFor(plan, run.stages), engine, weights: run.weights };
    return { collected: await answersTo(asked, VALIDATION, batches) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { why: `nothing is said of intervals, whose width comes from what validated: ${error.message}` };
  }
}

/** What a run is asked about, and how that is told. */
interface AskedData {
  /** What every report of it begins with. */
  readonly told: Pick<PredictionReport, 'run' | 'experiment' | 'epoch' | 'file' | 'split' | 'notes'>;
  readonly plan: Plan;
  readonly split: string;
  readonly dataset: Dataset;
}

/** What a file's rows are called in keys of metrics. */
const FILE = 'file';

function dataOf(run: AskedRun, file: string | undefined, answered: boolean): AskedData {
  const { head, epoch, name, plan: recorded, dataset: used } = run;
  const about = { run: head.id, experiment: head.experiment, epoch };
  if (!used.stage.encode)
    throw new Refusal(`${name} can't be asked about other data: its dataset is ${used.stage.kind}`, {
      help: 'what can be is trained on files: series, sequences, texts, tagged sentences, text; or on a dataset of your own that gives encode',
    });
  if (file !== undefined) {
    const encoded = encodeFile(run, resolve(file), { split: FILE, name: shown(resolve(file)), answered });
    if (!encoded) throw new Error(`${used.stage.kind} encodes nothing`);
    const { plan, dataset, oddities } = encoded;
    return { told: { ...about, file: shown(resolve(file)), notes: oddities.map(sentenceOf) }, plan, split: FILE, dataset };
  }
  const split = Object.keys(recorded.data.splits).find((each) => roleOf(recorded.data, `${each}/loss`) === 'test');
  if (split === undefined)
    throw new Refusal(`nothing tested ${name}`, {
      help: `name a file with data of the same columns: retable predict ${name.slice(4)} FILE`,
    });
  const own = ownData(run);
  const plan = planOn(run, own.file, own.name);
  const spec = plan.data.splits[split];
  if (!spec) throw new Error(`${name} has no ${split}`);
  const isChanged = plan.data.digest !== recorded.data.digest;
  return {
    told: {
      ...about,
      file: own.name,
      split,
      notes: isChanged ? [`${own.name} has changed since ${name} was trained: its ${split} is read as it is now`] : [],
    },
    plan: planWith(plan, split, spec),
    split,
    dataset: createDataset(plan, run.stages, filesOfPerson),
  };
}

const sentenceOf = ({ message, help }: Problem): string => (help === undefined ? message : `${message}; ${help}`);
