import { resolve } from 'node:path';
import { formatCount, plural } from '../diagnostics/numbers.js';
import { createEngine } from '../engine/create.js';
import { Refusal } from '../host/exit.js';
import { shown } from '../host/folders.js';
import type { Plan } from '../planning/plan.js';
import type { Store } from '../record/layout.js';
import type { RunHead } from '../record/reader.js';
import { StageFault } from '../stages/stage-fault.js';
import { absoluteResiduals } from '../stages/metric/cells.js';
import { type Batch, type Beyond, type Dataset, type RowName, VALIDATION } from '../stages/stage.js';
import { answersTo } from '../train/answers.js';
import { createDataset, pipelineFor } from '../train/pipeline.js';
import { carriesState } from '../train/signature.js';
import { type AskedRun, askRun, encodeFile, filesOfPerson, ownData, planOn, refusalOf } from './asked-run.js';
import type { Forecast, ForecastReport, ForecastValue } from './forecast-report.js';
import { notesOnIntervals, reachOf } from './intervals.js';

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
  const run = askRun(store, head);
  const { plan: recorded, stages } = run;
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
  const data = file === undefined ? ownData(run) : { file: resolve(file), name: shown(resolve(file)) };
  const plan = planOn(run, data.file, data.name);
  const dataset = createDataset(plan, stages, filesOfPerson);
  const { beyond } = dataset;
  if (!beyond) {
    throw new Refusal(`the dataset ${plan.config.values.dataset.kind} of ${name} says nothing of what is beyond its data`, {
      help: 'beyond() of a dataset gives the last windows',
    });
  }
  const last = lastWindows(data.name, beyond);
  const engine = await createEngine(plan.engine);
  try {
    const asked = { plan, pipeline: pipelineFor(plan, stages), engine, weights: run.weights };
    const rows = last.flatMap((each) => each.rows);
    const output = carriesState(plan)
      ? await answersWithState(run, asked, data, rows)
      : (
          await answersTo(
            asked,
            'train',
            last.map(({ batch }) => batch),
          )
        ).output.values;
    const validating = validationBatches(plan, dataset);
    const residuals = validating.length === 0 ? [] : absoluteResiduals(await answersTo(asked, VALIDATION, validating));
    const count = residuals[0]?.length ?? 0;
    const width = horizon * outputs.names.length;
    const forecasts = Array.from({ length: steps ?? horizon }, (_, step) =>
      rows.map(({ series, times }, row): Forecast => {
        const at = (target: number): number => step * outputs.names.length + target;
        return {
          ...(series !== undefined && { series }),
          time: times[step] ?? '',
          step: step + 1,
          values: outputs.names.map((_name, target): ForecastValue => ({
            value: output[row * width + at(target)] ?? Number.NaN,
            reach: reachOf(residuals[at(target)] ?? []),
          })),
        };
      }),
    ).flat();
    return {
      run: head.id,
      experiment: head.experiment,
      epoch: run.epoch,
      file: data.name,
      targets: outputs.names,
      forecasts,
      known: last.flatMap(({ rows: named, known = [] }) =>
        known.map((each, row) => ({ ...(named[row]?.series !== undefined && { series: named[row].series }), ...each })),
      ),
      residuals: count,
      notes: [
        ...(file === undefined && plan.data.digest !== recorded.data.digest
          ? [`${data.name} has changed since ${name} was trained: it is gone on with as it is now`]
          : []),
        ...notesOnIntervals(recorded, count),
      ],
    };
  } finally {
    await engine.dispose();
  }
}

/**
 * Of a model that carries its state from window to window: what it says after the last one of each series, having read all windows before it in their
 * order, as it does in training.
 */
async function answersWithState(
  run: AskedRun,
  asked: Omit<Parameters<typeof answersTo>[0], 'plan'>,
  data: ReturnType<typeof ownData>,
  rows: readonly RowName[],
): Promise<Float32Array> {
  const encoded = encodeFile(run, data.file, { split: EVERYTHING, name: data.name, answered: false });
  if (!encoded) {
    throw new Refusal(`${run.name} carries its state from window to window, and its dataset gives no windows before the last one`, {
      help: 'encode() of a dataset gives all windows of a file; or train with training.recurrent_state: reset',
    });
  }
  const { plan, dataset, split } = encoded;
  const pipeline = pipelineFor(plan, run.stages);
  const { output } = await answersTo({ ...asked, plan, pipeline }, EVERYTHING, [...dataset.batches(EVERYTHING, 1)]);
  const names = dataset.rows?.(EVERYTHING) ?? [];
  const width = output.values.length / split.examples;
  return Float32Array.from(
    rows.flatMap(({ series, origin }) => {
      const at = names.findIndex((each) => each.series === series && each.origin === origin);
      if (at < 0) throw new Error(`no window ends at ${origin} in ${data.name}`);
      return [...output.values.subarray(at * width, (at + 1) * width)];
    }),
  );
}

const EVERYTHING = 'everything';

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
