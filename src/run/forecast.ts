import { join, resolve } from 'node:path';
import type { Problem } from '../diagnostics/diagnostic.js';
import { formatCount, plural } from '../diagnostics/numbers.js';
import { createEngine } from '../engine/create.js';
import { EXIT, Refusal } from '../host/exit.js';
import { cacheFolder, shown } from '../host/folders.js';
import type { ExperimentConfig } from '../language/experiment.js';
import { loadDocument } from '../language/load.js';
import { readWhole } from '../language/read.js';
import { readSource } from '../language/source.js';
import { stagesOfRecord } from '../modules/keep-modules.js';
import { batchRequest, lookAtData } from '../planning/look-at-data.js';
import { unreadableFile } from '../planning/messages.js';
import { planFromJson } from '../planning/plan-json.js';
import type { Plan } from '../planning/plan.js';
import { parsePreprocessing } from '../planning/preprocessing.js';
import { listedTransforms } from '../planning/transforms.js';
import { useStage } from '../planning/use-stage.js';
import { namedVersion } from '../planning/work.js';
import type { Store } from '../record/layout.js';
import { readTag, type RunHead } from '../record/reader.js';
import type { Forecast, ForecastReport, ForecastValue } from './forecast-report.js';
import { absoluteResiduals, notesOnIntervals, reachOf, VALIDATION } from './intervals.js';
import { wordOf } from './run-record.js';
import { stages as ourStages } from '../stages/registry.js';
import { StageFault } from '../stages/stage-fault.js';
import type { Batch, Beyond, Dataset, Files, SplitSpec, Stage } from '../stages/stage.js';
import { answersTo } from '../train/answers.js';
import { createDataset, pipelineFor } from '../train/pipeline.js';
import { weightArrays } from '../train/signature.js';
import { keptTag, statusOf } from './attempt.js';
import { keptWeights, planOfRecord } from './weights.js';

interface ForecastRequest {
  readonly store: Store;
  readonly head: RunHead;
  /** Data of the same columns; those of the run when left out, as their file is now. */
  readonly file: string | undefined;
  /** All that the model answers when left out. */
  readonly steps: number | undefined;
}

/**
 * What a run's model says of the steps after the end of its data:
 *
 *     record ─▶ plan, fitted constants, weights        data ─look─▶ last windows ─model─▶ decode ─▶ forecasts
 *                                                           └─▶ windows that validate ─▶ |residuals| ─▶ intervals
 *
 * Nothing is fitted again. The windows that validate are those of the dates that validated in training, so that rows which were added since
 * change nothing about what trained.
 */
export async function forecast({ store, head, file, steps }: ForecastRequest): Promise<ForecastReport> {
  const name = `run ${head.id.slice(0, 8)}`;
  const artifacts = join(head.place.folder, 'artifacts');
  const { stages } = stagesOfRecord(artifacts, ourStages);
  const recorded = planFromJson(planOfRecord(store, head.place), cacheFolder('programs'));
  const { outputs } = recorded.data;
  if (!outputs) {
    throw new Refusal(`${head.experiment} is no forecast: its dataset is ${recorded.config.values.dataset.kind}`, {
      help: 'what can be gone on with is trained on a dataset of kind series',
    });
  }
  const horizon = outputs.steps;
  if (steps !== undefined && steps > horizon) {
    throw new Refusal(`${name} forecasts ${plural(horizon, 'step')} at once, and ${formatCount(steps)} are asked for`, {
      help: `train it for as many: --set dataset.horizon=${steps}`,
    });
  }
  if (recorded.config.values.training.recurrent_state === 'carry' && Object.keys(recorded.model.state).length > 0) {
    throw new Refusal(`${name} carries its state from window to window, and a forecast begins with the last window alone`, {
      help: 'train it with training.recurrent_state: reset, and a window as long as it should remember',
    });
  }
  const kept = keptWeights(store, head.place);
  if (!kept) throw new Refusal(`${name} keeps no weights: it is ${wordOf(statusOf(store, head))}`, { status: EXIT.failed });

  const values = recordedValues(store.files.read(join(artifacts, CONFIG)), stages, name);
  const data = String(file === undefined ? values.dataset['file'] : resolve(file));
  const plan = planOn(
    { ...recorded, config: { ...recorded.config, values: { ...values, dataset: { ...values.dataset, file: data } } } },
    stages,
    {
      name,
      file: shown(data),
      fitted: kept.preprocessing,
    },
  );
  const dataset = createDataset(plan, stages, files);
  const { beyond } = dataset;
  if (!beyond) {
    throw new Refusal(`the dataset ${plan.config.values.dataset.kind} of ${name} says nothing of what is beyond its data`, {
      help: 'beyond() of a dataset gives the last windows',
    });
  }
  const last = lastWindows(shown(data), beyond);
  const engine = await createEngine(plan.engine);
  try {
    const asked = { plan, pipeline: pipelineFor(plan, stages), engine, weights: weightArrays(kept.tensors) };
    const { output } = await answersTo(
      asked,
      'train',
      last.map(({ batch }) => batch),
    );
    const validating = validationBatches(plan, dataset);
    const residuals = validating.length === 0 ? [] : absoluteResiduals(await answersTo(asked, VALIDATION, validating));
    const count = residuals[0]?.length ?? 0;
    const rows = last.flatMap((each) => each.rows);
    const width = horizon * outputs.names.length;
    const forecasts = Array.from({ length: steps ?? horizon }, (_, step) =>
      rows.map(({ series, times }, row): Forecast => {
        const at = (target: number): number => step * outputs.names.length + target;
        return {
          ...(series !== undefined && { series }),
          time: times[step] ?? '',
          step: step + 1,
          values: outputs.names.map((_name, target): ForecastValue => ({
            value: output.values[row * width + at(target)] ?? Number.NaN,
            reach: reachOf(residuals[at(target)] ?? []),
          })),
        };
      }),
    ).flat();
    return {
      run: head.id,
      experiment: head.experiment,
      epoch: Number(readTag(store, head.place, keptTag) ?? 0),
      file: shown(data),
      targets: outputs.names,
      forecasts,
      residuals: count,
      notes: [
        ...(file === undefined && plan.data.digest !== recorded.data.digest
          ? [`${shown(data)} has changed since ${name} was trained: it is gone on with as it is now`]
          : []),
        ...notesOnIntervals(recorded, count),
      ],
    };
  } finally {
    await engine.dispose();
  }
}

const CONFIG = 'config.resolved.yaml';

const files: Files = { read: readWhole };

/** The document of a record, with its files by whole paths. */
function recordedValues(bytes: Uint8Array, stages: readonly Stage[], name: string): ExperimentConfig {
  const read = readSource(CONFIG, bytes);
  const loaded = 'doc' in read ? loadDocument(read.doc, stages) : read;
  if ('resolved' in loaded) return loaded.resolved.values;
  throw new Refusal(`the ${CONFIG} of ${name} can't be read: ${loaded.diagnostics[0]?.message ?? 'it is damaged'}`, {
    status: EXIT.failed,
  });
}

/** The plan of a record, on data as they are now, with the constants that it was trained with. */
function planOn(
  recorded: Plan,
  stages: readonly Stage[],
  { name, file, fitted: text }: { readonly name: string; readonly file: string; readonly fitted: string | undefined },
): Plan {
  const { values } = recorded.config;
  const problems: Problem[] = [];
  const use = useStage(stages, (problem) => problems.push(problem));
  const [dataset, model] = [use('dataset', values.dataset, ['dataset']), use('model', values.model, ['model'])];
  const versions = recorded.work.ingredients['stages'] as Readonly<Record<string, string>>;
  for (const [slot, used] of Object.entries({ dataset, model })) {
    if (!used || versions[slot] !== namedVersion(used.stage, used.options))
      throw new Refusal(`${name} trained with the ${slot} ${versions[slot]}, which this version of retable doesn't know`);
  }
  if (!dataset) throw new Error('a dataset that is known was not found');
  const { version: _, data: __, ...fitted } = parsePreprocessing(text) ?? { version: 1, data: '' };
  const report = (problem: Problem): void => void problems.push(problem);
  const facts = lookAtData(dataset, values, files, report, undefined, (path, _, error) => unreadableFile(path, file, error));
  const spec = facts && dataset.plan({ facts, fitted, transforms: listedTransforms(use, dataset), request: batchRequest(values) });
  // What trains, validates and tests was decided in training: other data need not hold any of it.
  const mistake = problems.find(({ code, severity }) => severity !== 'warning' && code !== 'empty-split');
  if (mistake) throw refusalOf(file, mistake);
  if (!facts || !spec) throw new Error(`${file} was read without a problem, and gave nothing`);
  const splits = Object.entries(recorded.data.splits).map(([split, before]): readonly [string, SplitSpec] => {
    const now = spec.splits[split];
    return [split, now && now.examples > 0 ? now : before];
  });
  return { ...recorded, facts, data: { ...recorded.data, splits: Object.fromEntries(splits), fitted, digest: facts.digest } };
}

/** A mistake of data, in front of it their file where it does not name it itself. */
const refusalOf = (file: string, { code, message, help }: Problem): Refusal =>
  new Refusal(code === 'unreadable-file' ? message : `${file}: ${message}`, help === undefined ? {} : { help });

/** What a dataset finds wrong with the last windows is a mistake of the data. */
function lastWindows(file: string, beyond: () => Iterable<Beyond>): readonly Beyond[] {
  try {
    return [...beyond()];
  } catch (error) {
    throw error instanceof StageFault ? refusalOf(file, error.problem) : error;
  }
}

/** None where nothing validates, or where the data hold none of its dates. */
const validationBatches = ({ data }: Plan, dataset: Dataset): readonly Batch[] =>
  data.splits[VALIDATION] ? [...dataset.batches(VALIDATION, 1)] : [];
