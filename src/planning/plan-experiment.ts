import type { Problem } from '../diagnostics/diagnostic.js';
import type { EngineKind } from '../engine/engine.js';
import { type ExperimentConfig, metricName, type ResolvedConfig } from '../language/experiment.js';
import { stages as ourStages } from '../stages/registry.js';
import {
  type BatchRequest,
  type Data,
  type DataFacts,
  type DataSpec,
  type Files,
  type Fitted,
  type MetricSpec,
  type Report,
  type Stage,
  type UsedTransform,
  VALIDATION,
} from '../stages/stage.js';
import { acceptingThreats } from '../validity/accept.js';
import { THREATS } from '../validity/threats.js';
import { freezing } from './freeze.js';
import { type GivenWeights, matchWeights, readWeights, type WeightsFile } from './initial-weights.js';
import { lookAtBatches } from './look-at-batches.js';
import { batchRequest, type FactsCache, lookAtData } from './look-at-data.js';
import { tooLargeFor } from './memory.js';
import { calibratesItself, metricNotRecorded, nothingCalibrates, splitNotRecorded, unreadableFile } from './messages.js';
import type { Plan } from './plan.js';
import { roleOf, scoreKeys } from './recorded.js';
import { brokenRules, countParameters } from './rules.js';
import { listedTransforms } from './transforms.js';
import { faultsReported, kindsOf, useStage, type UsedStage } from './use-stage.js';
import { findVectors } from './word-vectors.js';
import { identifyWork } from './work.js';

export interface PlanningTools {
  /** Relative to the document's folder. */
  readonly files: Files;
  /** The numerics version of every engine. */
  readonly numerics: Readonly<Record<EngineKind, number>>;
  /** Folder of the program cache; null: none. */
  readonly cache?: string | null;
  /** Digest of a person's own modules with their relative imports. */
  readonly modules?: string;
  /** Make the datasets that aren't ours, and look at their batches. */
  readonly looksAtBatches?: boolean;
  /** Bytes that this machine has; left out, nothing is too large. */
  readonly memory?: number;
  readonly factsCache?: FactsCache;
  /** What a file of weights holds; throws what is wrong with it. */
  readonly decodeWeights?: (bytes: Uint8Array) => WeightsFile;
  /** The keys of metrics that no record can hold beside the others. */
  readonly keyFaults?: (keys: readonly string[]) => readonly KeyFault[];
}

/** What plans a document that was changed: the stages that it may name, and the machine it is planned on. */
export interface TrialTools {
  readonly stages: readonly Stage[];
  readonly planning: PlanningTools;
}

interface Planning {
  /** Undefined where one of the problems is an error. */
  readonly plan: Plan | undefined;
  /** What all stages and rules found, in one go. Paths are those of the document: `['metrics', 1, 'kind']`. */
  readonly problems: readonly Problem[];
}

/**
 * Config -> plan: the data are looked at, then each stage thinks with what stands before it.
 *
 *     dataset.look ─▶ dataset.fit ─▶ dataset.plan ─▶ model.plan ─▶ loss.plan ─▶ metrics' plans
 *     given weights ─────────┘               └──────▶ optimizer.plan
 *
 * A stage that finds a misfit returns its best guess, so that the later ones are checked too. No tensor is made.
 */
export function planExperiment(config: ResolvedConfig, stages: readonly Stage[], tools: PlanningTools): Planning {
  const { values } = config;
  const found: Problem[] = [];
  const { report, accepted, reportUnused } = acceptingThreats(values, (problem) => found.push(problem));
  const use = useStage(stages, report);

  const stage = {
    dataset: use('dataset', values.dataset, ['dataset']),
    model: use('model', values.model, ['model']),
    loss: use('loss', values.loss, ['loss']),
    optimizer: use('optimizer', values.optimizer, ['optimizer']),
    metrics: values.metrics.map((metric, index) => use('metric', metric, ['metrics', index])),
  };
  const unreadable: Unreadable = (path, file, error) => unreadableFile(path, file, error, config.origins.get(path.join('.')));
  const facts = stage.dataset && lookAtData(stage.dataset, values, tools.files, report, tools.factsCache, unreadable);
  const given = givenWeights(values, tools, report, unreadable);
  const transforms = stage.dataset ? listedTransforms(use, stage.dataset) : [];
  const data =
    facts && stage.dataset && planData(stage.dataset, { values, facts, transforms, inherited: given?.preprocessing }, tools, report, found);
  const planned = data && stage.model?.plan({ data });
  const model = planned && freezing(planned, values.training.freeze);
  const isReadable = !found.some(({ path, severity }) => path[0] === 'dataset' && severity !== 'warning');
  const initialWeights = data && model && given && isReadable ? matchWeights(given, data, model, values.model.kind, report) : undefined;
  const vectors =
    data && model && stage.model && isReadable && !hasErrors(found.filter(({ path }) => path[0] === 'model'))
      ? findVectors(model, { data, stage: stage.model, files: tools.files, cache: tools.factsCache }, report, unreadable)
      : [];
  const loss = data && model && stage.loss?.plan({ data, model });
  const saidByLoss = new Set(found.filter(({ path }) => path[0] === 'loss').map(({ code }) => code));
  const optimizer = model && stage.optimizer?.plan({ model });
  const metrics =
    data &&
    model &&
    loss &&
    stage.metrics.map((metric, index) => {
      const spec = metric?.plan({ data, model, loss });
      return { ...metricNames(values, data, index, spec, report), spec };
    });
  // What the loss said of output and target, every metric would say again.
  const isRepeated = ({ path, code }: Problem): boolean => path[0] === 'metrics' && saidByLoss.has(code);
  found.splice(0, found.length, ...found.filter((problem) => !isRepeated(problem)));
  const recorded = data && scoreKeys(data, metrics ?? values.metrics.map((_, index) => metricNames(values, data, index)));
  if (data && recorded) brokenRules({ values, data, model, recorded, metricKinds: kindsOf(stages, 'metric') }, found).forEach(report);
  if (data && recorded && tools.keyFaults) unrecorded(values, data, tools.keyFaults(recorded)).forEach(report);
  if (data && model && !hasErrors(found.filter(({ code }) => !isThreat(code))))
    for (const { find } of THREATS) find?.({ values, data, model, transforms }, report);
  if (data && model && !hasErrors(found)) reportUnused();

  if (data && model && optimizer && tools.memory !== undefined && !hasErrors(found))
    found.push(...tooLargeFor(tools.memory, { data, model, optimizer, options: stage.model?.options ?? {} }));

  if (hasErrors(found)) return { plan: undefined, problems: found };
  if (!facts || !data || !model || !loss || !optimizer || !metrics) return leftOut();
  const used: readonly (UsedStage | undefined)[] = [
    stage.dataset,
    ...transforms.map((each) => each.used),
    stage.model,
    stage.loss,
    stage.optimizer,
    ...stage.metrics,
  ];
  const plan: Plan = {
    name: values.experiment,
    seed: values.seed,
    config,
    facts,
    data: { ...data, ...levelsByName(data, stage.metrics, values) },
    model,
    loss,
    optimizer,
    metrics: metrics.map(({ spec, ...names }) => ({ ...names, spec: spec ?? leftOut() })),
    ...(initialWeights && { initialWeights }),
    ...(vectors.length > 0 && { vectors }),
    training: trainingSize(values, data),
    parameterCount: countParameters(model),
    ...(accepted.length > 0 && { accepted }),
    engine: { ...values.engine, cache: tools.cache ?? null },
    work: identifyWork({
      config,
      facts,
      stages: used.filter((one) => one !== undefined),
      numerics: tools.numerics,
      ...(tools.modules !== undefined && { modules: tools.modules }),
      ...(initialWeights && { initialWeights: initialWeights.digest }),
      ...(vectors.length > 0 && { vectors: Object.fromEntries(vectors.map(({ parameter, digest }) => [parameter, digest])) }),
    }),
  };
  return { plan, problems: found };
}

/** What the data are. Ours look at their own files; what a person's own dataset gives is looked at here, once nothing is wrong with it. */
function planData(
  dataset: UsedStage<'dataset'>,
  { values, facts, transforms, inherited }: Looked,
  { files, factsCache, looksAtBatches = false }: PlanningTools,
  report: Report,
  problems: readonly Problem[],
): Data | undefined {
  const request = batchRequest(values);
  const tell: Report = (problem) => report({ ...problem, path: [...dataset.path, ...problem.path] });
  const fitted = faultsReported(tell, () => fit(dataset, request, { facts, transforms, inherited }));
  const spec = fitted && dataset.plan({ facts, fitted, transforms, request });
  if (!spec) return undefined;
  const data: Data = { ...spec, fitted, digest: facts.digest, facts: [...facts.facts, ...(spec.facts ?? [])] };
  if (!looksAtBatches || ourStages.includes(dataset.stage) || hasErrors(problems)) return data;
  const shown = faultsReported(tell, () => lookAtBatches(dataset, { values, facts, fitted, transforms, data, request, files }, factsCache));
  if (!shown) return data;
  const { facts: found, problems: threats, ...steps } = shown;
  threats.forEach(report);
  return { ...steps, ...data, facts: [...data.facts, ...found] };
}

interface Looked {
  readonly values: ExperimentConfig;
  readonly facts: DataFacts;
  readonly transforms: readonly UsedTransform[];
  /** What the run had fitted whose weights training begins with. */
  readonly inherited: Fitted | undefined;
}

const fit = (
  { stage, options }: UsedStage<'dataset'>,
  request: BatchRequest,
  { facts, transforms, inherited }: Omit<Looked, 'values'>,
): Fitted => stage.fit?.(options, { facts, transforms, request, ...(inherited && { inherited }) }) ?? {};

interface KeyFault {
  readonly key: string;
  readonly why: string;
}

/** A split is blamed once for all of its metrics, and a metric for what its own name is. */
function unrecorded(values: ExperimentConfig, { splits }: DataSpec, faults: readonly KeyFault[]): readonly Problem[] {
  const path = ['dataset', ...(values.dataset['split_column'] === undefined ? [] : ['split_column'])];
  const ofSplits = faults.flatMap(({ key, why }) =>
    Object.keys(splits).flatMap((split) => (key === `${split}/loss` ? [splitNotRecorded(path, split, why)] : [])),
  );
  if (ofSplits.length > 0) return ofSplits;
  return values.metrics.flatMap((metric, index) => {
    const fault = faults.find(({ key }) => key.endsWith(`/${metricName(metric)}`));
    return fault ? [metricNotRecorded(['metrics', index], metricName(metric), fault.why)] : [];
  });
}

const isThreat = (code: string): boolean => THREATS.some((threat) => threat.code === code);

const hasErrors = (problems: readonly Problem[]): boolean => problems.some(({ severity }) => severity !== 'warning');

/** The problem of a file that can't be read, at the place that names it. */
type Unreadable = (path: Problem['path'], file: string, error: unknown) => Problem;

function givenWeights(
  { training }: ExperimentConfig,
  { files, decodeWeights: decode }: PlanningTools,
  report: Report,
  unreadable: Unreadable,
): GivenWeights | undefined {
  if (training.initial_weights === undefined) return undefined;
  if (!decode) throw new Error('this planning cannot read weights');
  return readWeights(training.initial_weights, { files, decode }, report, unreadable);
}

function leftOut(): never {
  throw new Error('a stage was left out of the plan without a problem');
}

/** A metric is measured on the splits that the document names, or on all; one that calibrates never on what trains or validates. */
function metricNames(
  values: ExperimentConfig,
  data: DataSpec,
  index: number,
  spec?: MetricSpec,
  report?: Report,
): Omit<Plan['metrics'][number], 'spec'> {
  const metric = values.metrics[index] ?? { kind: '' };
  const splits = Object.keys(data.splits);
  const measured = spec?.calibrates ? splits.filter((split) => roleOf(data, `${split}/`) === 'test') : splits;
  if (spec?.calibrates && !splits.includes(VALIDATION)) report?.(nothingCalibrates(['metrics', index, 'kind'], metric.kind));
  metric.splits?.forEach((split, at) => {
    if (splits.includes(split) && !measured.includes(split))
      report?.(calibratesItself(['metrics', index, 'splits', at], metric.kind, split, measured));
  });
  return { key: metricName(metric), kind: metric.kind, splits: metric.splits ?? measured };
}

/**
 * What answers without learning reach, by the names that metrics are recorded under: a dataset knows their kinds alone. Where a kind has
 * options, nobody knows for which of them its level holds.
 */
function levelsByName(
  { chance, baselines }: DataSpec,
  metrics: readonly (UsedStage<'metric'> | undefined)[],
  values: ExperimentConfig,
): Pick<DataSpec, 'chance' | 'baselines'> {
  const renamed = values.metrics.flatMap(({ kind, as }, index) => {
    const hasOptions = Object.keys(metrics[index]?.stage.options.properties ?? {}).length > 0;
    return as === undefined || as === kind || hasOptions ? [] : [{ kind, as }];
  });
  const named = <T>(levels: Readonly<Record<string, T>>): Readonly<Record<string, T>> => {
    const more = Object.entries(levels).flatMap(([key, level]) => {
      const [split, of] = [key.slice(0, key.indexOf('/')), key.slice(key.indexOf('/') + 1)];
      return renamed.filter(({ kind }) => kind === of).map(({ as }) => [`${split}/${as}`, level] as const);
    });
    return { ...levels, ...Object.fromEntries(more) };
  };
  return { chance: named(chance), ...(baselines && { baselines: named(baselines) }) };
}

function trainingSize({ training }: ExperimentConfig, data: DataSpec): Plan['training'] {
  const stepsPerEpoch = data.splits['train']?.batches ?? 0;
  return { epochs: training.epochs, batchSize: training.batch_size, stepsPerEpoch, totalSteps: stepsPerEpoch * training.epochs };
}
