import type { Problem } from '../diagnostics/diagnostic.js';
import { batchRequest, dataSeed } from '../planning/look-at-data.js';
import type { Plan } from '../planning/plan.js';
import { listedTransforms } from '../planning/transforms.js';
import { type UsedStage, useStage } from '../planning/use-stage.js';
import type { StageConfig } from '../language/experiment.js';
import { createStreams } from '../random/streams.js';
import { faultsAt, StageFault } from '../stages/stage-fault.js';
import type {
  Collected,
  Dataset,
  Decode,
  Files,
  Loss,
  Measured,
  Metric,
  MetricSpec,
  Model,
  Optimizer,
  Shape,
  Slot,
  Stage,
  Tools,
} from '../stages/stage.js';
import { type View, wrongView } from '../views/view.js';
import { otherThanAnnounced, wrongViewGiven } from './messages.js';

/** The stages of a plan, made: pure functions over tensors, and the metrics with the keys that they are recorded under. */
export interface Pipeline {
  readonly model: Model;
  readonly loss: Loss;
  readonly metrics: readonly {
    readonly key: string;
    readonly kind: string;
    /** In the document: `['metrics', 1, 'kind']`. */
    readonly path: Problem['path'];
    readonly splits: readonly string[];
    readonly spec: MetricSpec;
    readonly metric: Metric;
  }[];
  /** What brings outputs and targets back into a person's unit, where the dataset has some. */
  readonly decode?: Decode;
  readonly optimizer: Optimizer;
}

/** Makes the stages for the library that is handed in; asked again for the same library, it gives the same ones. */
export type PipelineFor = (tools: Tools) => Pipeline;

export function pipelineFor(plan: Plan, stages: readonly Stage[]): PipelineFor {
  const made = new WeakMap<Tools['tf'], Pipeline>();
  return (tools) => {
    const pipeline = made.get(tools.tf) ?? createPipeline(plan, stages, tools);
    made.set(tools.tf, pipeline);
    return pipeline;
  };
}

function createPipeline(plan: Plan, stages: readonly Stage[], tools: Tools): Pipeline {
  const { values } = plan.config;
  const { data, model, loss, optimizer } = plan;
  const use = usePlanned(stages);
  const modelStage = use('model', values.model);
  const lossStage = use('loss', values.loss);
  const optimizerStage = use('optimizer', values.optimizer);
  const datasetStage = use('dataset', values.dataset);
  const decode = faultsAt(['dataset'], () =>
    datasetStage.stage.decodes?.(datasetStage.options) === false
      ? undefined
      : datasetStage.stage.decode?.({ ...tools, transforms: listedTransforms(use, datasetStage) }, datasetStage.options, data),
  );
  return {
    model: faultsAt(['model'], () => modelStage.stage.create(tools, modelStage.options, model, { data })),
    loss: faultsAt(['loss'], () => lossStage.stage.create(tools, lossStage.options, loss, { data, model })),
    optimizer: faultsAt(['optimizer'], () => optimizerStage.stage.create(tools, optimizerStage.options, optimizer, { model })),
    metrics: createMetrics(plan, stages, tools),
    ...(decode && { decode }),
  };
}

function createMetrics(plan: Plan, stages: readonly Stage[], tools: Tools): Pipeline['metrics'] {
  const { data, model, loss } = plan;
  const use = usePlanned(stages);
  return plan.metrics.map(({ key, kind, splits, spec }, index) => {
    const { stage, options } = use('metric', plan.config.values.metrics[index] ?? { kind });
    const path = ['metrics', index];
    const metric = faultsAt(path, () => stage.create(tools, options, spec, { data, model, loss }));
    return { key, kind, path: [...path, 'kind'], splits, spec, metric };
  });
}

/** Of a loss, and of a metric that announces no sums of its own. */
export const MEAN: Readonly<Record<string, Shape>> = { sum: [], count: [] };

/** What was gathered of a split for one metric. */
export interface Gathered {
  readonly sums: Readonly<Record<string, Float64Array>>;
  /** Where the metric collects. */
  readonly collected?: Collected;
  /** Where it calibrates: what validates, as of the same weights. */
  readonly validating?: Collected;
}

/** The end of a metric: from what a split gathered to its value. */
interface Finisher {
  readonly key: string;
  readonly splits: readonly string[];
  /** What is to be added up over the split, by name. */
  readonly sums: Readonly<Record<string, Shape>>;
  readonly collects: boolean;
  readonly calibrates: boolean;
  readonly finish: (gathered: Gathered) => { readonly value: number; readonly view?: View };
}
export type Finishers = readonly Finisher[];

/** Whether what validates is to be gathered before a split is measured. */
export const calibratesOn = (finishers: Finishers, split: string): boolean =>
  finishers.some((metric) => metric.calibrates && metric.splits.includes(split));

/** What turns sums into values needs no tensors: a program out of the cache is trained and measured without loading TensorFlow.js. */
export function createFinishers(plan: Plan, stages: readonly Stage[]): Finishers {
  const closed = new Proxy({} as Tools['tf'], {
    get: (_, name) => {
      throw new Error(`a metric asked for tf.${String(name)} while it was made or finished`);
    },
  });
  return createMetrics(plan, stages, { tf: closed }).map(({ key, kind, path, splits, spec, metric }) => ({
    key,
    splits,
    sums: spec.collects ? {} : (spec.accumulates ?? MEAN),
    collects: spec.collects === true,
    calibrates: spec.calibrates === true,
    finish(gathered) {
      const measured: unknown = faultsAt(path.slice(0, 2), () => finished(metric, gathered));
      const { value, view } = isObject(measured) ? measured : { value: measured, view: undefined };
      if (typeof value !== 'number') {
        throw new StageFault({ ...otherThanAnnounced('metric', kind, 'its value', `a ${typeof value}`, 'one number'), path });
      }
      const wrong = view === undefined ? undefined : wrongView(view);
      if (wrong !== undefined) throw new StageFault({ ...wrongViewGiven(kind, wrong), path });
      return { value, ...(view !== undefined && { view: view as View }) };
    },
  }));
}

const isObject = (value: unknown): value is { readonly value: unknown; readonly view?: unknown } =>
  typeof value === 'object' && value !== null;

function finished(metric: Metric, { sums, collected, validating }: Gathered): Measured {
  if (metric.score) return metric.finish({ sum: sums['sum']?.[0] ?? Number.NaN, count: sums['count']?.[0] ?? Number.NaN });
  if (metric.accumulate) return metric.finish(sums);
  if (!collected) throw new Error('a metric is to be given a whole split, and none was collected');
  return metric.evaluate(collected, validating);
}

/** The data of a plan: typed arrays, no tensors. */
export function createDataset(plan: Plan, stages: readonly Stage[], files: Files): Dataset {
  const { values } = plan.config;
  const use = usePlanned(stages);
  const used = use('dataset', values.dataset);
  const { stage, options } = used;
  const request = batchRequest(values);
  const upstream = { facts: plan.facts, fitted: plan.data.fitted, transforms: listedTransforms(use, used), request };
  const tools = { streams: createStreams(dataSeed(values)), files, ...upstream };
  const dataset = faultsAt(['dataset'], () => stage.create(tools, options, plan.data, upstream));
  const { baselines, repeats, rows, beyond } = dataset;
  function* placed<T>(items: () => Iterable<T>): Iterable<T> {
    try {
      yield* items();
    } catch (error) {
      throw error instanceof StageFault ? error.at(['dataset']) : error;
    }
  }
  return {
    batches: (split, epoch) => placed(() => dataset.batches(split, epoch)),
    ...(rows && { rows: (split) => faultsAt(['dataset'], () => rows(split)) }),
    ...(baselines && { baselines: (split) => faultsAt(['dataset'], () => baselines(split)) }),
    ...(repeats && { repeats: (split: string) => repeats(split) }),
    ...(beyond && { beyond: () => placed(beyond) }),
  };
}

/** A plan exists, so its stages do: what would be a problem while planning is a fault here. */
function usePlanned(stages: readonly Stage[]) {
  const use = useStage(stages, (problem) => {
    throw new Error(problem.message);
  });
  return <S extends Slot>(slot: S, config: StageConfig): UsedStage<S> => {
    const used = use(slot, config, [slot]);
    if (!used) throw new Error(`no stage ${slot}/${config.kind}`);
    return used;
  };
}
