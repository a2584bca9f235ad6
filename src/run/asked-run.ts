import { join } from 'node:path';
import type { Problem } from '../diagnostics/diagnostic.js';
import { plural } from '../diagnostics/numbers.js';
import type { Arrays } from '../engine/engine.js';
import { EXIT, Refusal } from '../host/exit.js';
import { cacheFolder, shown } from '../host/folders.js';
import type { ExperimentConfig } from '../language/experiment.js';
import { loadDocument } from '../language/load.js';
import { listFiles } from '../language/list-files.js';
import { readWhole } from '../language/read.js';
import { readSource } from '../language/source.js';
import { stagesOfRecord } from '../modules/keep-modules.js';
import { batchRequest, lookAtData } from '../planning/look-at-data.js';
import { unreadableFile } from '../planning/messages.js';
import { planFromJson } from '../planning/plan-json.js';
import type { Plan } from '../planning/plan.js';
import { parsePreprocessing } from '../planning/preprocessing.js';
import { listedTransforms } from '../planning/transforms.js';
import { type UsedStage, useStage } from '../planning/use-stage.js';
import { namedVersion } from '../planning/work.js';
import type { Store } from '../record/layout.js';
import { readTag, type RunHead } from '../record/reader.js';
import { stages as ourStages } from '../stages/registry.js';
import type { Encoded, Files, SplitSpec, Stage } from '../stages/stage.js';
import { weightArrays } from '../train/signature.js';
import { keptTag, statusOf } from './attempt.js';
import { RESOLVED } from './recorded-document.js';
import { wordOf } from './run-record.js';
import { keptWeights, planOfRecord } from './weights.js';

/** A trained model out of a record, with all that asking it something takes. */
export interface AskedRun {
  readonly head: RunHead;
  /** `run 3f2a9c44` */
  readonly name: string;
  readonly stages: readonly Stage[];
  /** As it was recorded, with what was fitted, and with its files by whole paths. */
  readonly plan: Plan;
  readonly dataset: UsedStage<'dataset'>;
  /** By the names that programs know. */
  readonly weights: Arrays;
  /** The epoch that the weights are of. */
  readonly epoch: number;
}

/** A run that keeps weights; any other one is refused, and so is one of stages that this version doesn't know. */
export function askRun(store: Store, head: RunHead): AskedRun {
  const name = `run ${head.id.slice(0, 8)}`;
  const artifacts = join(head.place.folder, 'artifacts');
  const { stages } = stagesOfRecord(artifacts, ourStages);
  const recorded = planFromJson(planOfRecord(store, head.place), cacheFolder('programs'));
  const kept = keptWeights(store, head.place);
  if (!kept) throw new Refusal(`${name} keeps no weights: it is ${wordOf(statusOf(store, head))}`, { status: EXIT.failed });
  const values = recordedValues(store.files.read(join(artifacts, RESOLVED)), stages, name);
  const use = useStage(stages, () => {});
  const [dataset, model] = [use('dataset', values.dataset, ['dataset']), use('model', values.model, ['model'])];
  const versions = recorded.work.ingredients['stages'] as Readonly<Record<string, string>>;
  for (const [slot, used] of Object.entries({ dataset, model })) {
    if (!used || versions[slot] !== namedVersion(used.stage, used.options))
      throw new Refusal(`${name} trained with the ${slot} ${versions[slot]}, which this version of retable doesn't know`);
  }
  if (!dataset) throw new Error('a dataset that is known was not found');
  const { version: _, data: __, ...fitted } = parsePreprocessing(kept.preprocessing) ?? { version: 1, data: '' };
  return {
    head,
    name,
    stages,
    plan: {
      ...recorded,
      config: { ...recorded.config, values },
      data: { ...recorded.data, fitted: { ...recorded.data.fitted, ...fitted } },
    },
    dataset,
    weights: weightArrays(kept.tensors),
    epoch: Number(readTag(store, head.place, keptTag) ?? 0),
  };
}

export const filesOfPerson: Files = { read: readWhole, list: (path) => listFiles(path, (each) => each) };

/** The document of a record, with its files by whole paths. */
function recordedValues(bytes: Uint8Array, stages: readonly Stage[], name: string): ExperimentConfig {
  const read = readSource(RESOLVED, bytes);
  const loaded = 'doc' in read ? loadDocument(read.doc, stages) : read;
  if ('resolved' in loaded) return loaded.resolved.values;
  throw new Refusal(`the ${RESOLVED} of ${name} can't be read: ${loaded.diagnostics[0]?.message ?? 'it is damaged'}`, {
    status: EXIT.failed,
  });
}

/** The data that a run was trained on: what its document names, and how that is told. */
export function ownData({ plan }: AskedRun): { readonly file: unknown; readonly name: string } {
  const { file } = plan.config.values.dataset;
  const written = (Array.isArray(file) ? file : [file]).map(String);
  return { file, name: written.length > 2 ? plural(written.length, 'file') : written.map(shown).join(' and ') };
}

/** The plan of a run on its own data, or on others with the same columns, as they are now, with the constants that it was trained with. */
export function planOn({ plan: recorded, stages, dataset: trained }: AskedRun, file: unknown, name: string): Plan {
  const before = recorded.config.values;
  const values = { ...before, dataset: { ...before.dataset, file } };
  const plan = { ...recorded, config: { ...recorded.config, values } };
  const problems: Problem[] = [];
  const report = (problem: Problem): void => void problems.push(problem);
  const use = useStage(stages, report);
  const dataset = use('dataset', values.dataset, trained.path) ?? trained;
  const { fitted } = recorded.data;
  const facts = lookAtData(dataset, values, filesOfPerson, report, undefined, (path, _, error) => unreadableFile(path, name, error));
  const spec = facts && dataset.plan({ facts, fitted, transforms: listedTransforms(use, dataset), request: batchRequest(values) });
  // What trains, validates and tests was decided in training: other data need not hold any of it.
  const mistake = problems.find(({ code, severity }) => severity !== 'warning' && code !== 'empty-split');
  if (mistake) throw refusalOf(name, mistake);
  if (!facts || !spec) throw new Error(`${name} was read without a problem, and gave nothing`);
  const splits = Object.entries(recorded.data.splits).map(([split, planned]): readonly [string, SplitSpec] => {
    const now = spec.splits[split];
    return [split, now && now.examples > 0 ? now : planned];
  });
  return { ...plan, facts, data: { ...recorded.data, splits: Object.fromEntries(splits), digest: facts.digest } };
}

/** Data that a run is asked about, and what is odd about them. */
interface EncodedFile extends Encoded {
  /** The plan of the run, with the data as a split of this name in the place of those that it was measured on. */
  readonly plan: Plan;
  readonly oddities: readonly Problem[];
}

/** Data of the same columns, encoded as those were that the run was trained on; `name` is how the file is called in what is told. */
export function encodeFile(
  { plan: recorded, stages, dataset: trained }: AskedRun,
  file: unknown,
  { split, name, answered }: { readonly split: string; readonly name: string; readonly answered: boolean },
): EncodedFile | undefined {
  const { stage } = trained;
  if (!stage.encode) return undefined;
  const problems: Problem[] = [];
  const report = (problem: Problem): void => void problems.push(problem);
  const use = useStage(stages, report);
  const { values } = recorded.config;
  const files: Files = {
    ...filesOfPerson,
    read(path) {
      try {
        return filesOfPerson.read(path);
      } catch (error) {
        const { help: _, ...problem } = unreadableFile([], name, error);
        throw refusalOf(name, problem);
      }
    },
  };
  const encoded = stage.encode(
    { ...trained.options, file },
    {
      name: split,
      answered,
      files,
      fitted: recorded.data.fitted,
      transforms: listedTransforms(use, trained),
      request: batchRequest(values),
    },
    report,
  );
  const mistake = problems.find(({ severity }) => severity !== 'warning');
  if (mistake) throw refusalOf(name, { ...mistake, ...inData(mistake.code) });
  if (!encoded) throw new Error(`${name} was read without a problem, and gave nothing`);
  return { ...encoded, plan: planWith(recorded, split, encoded.split), oddities: problems };
}

/** What to do about data that a run can't read, where it is not the document that can be changed any more. */
const inData = (code: string): Pick<Problem, 'help'> => {
  const help = HELP[code];
  return help === undefined ? {} : { help };
};

const HELP: Readonly<Record<string, string>> = {
  gap: 'fill it in: data are read as the document of the run says',
  'missing-value': 'fill it in: data are read as the document of the run says',
  'not-transformed': 'take such values out: the run was trained with this transform',
  'unknown-time': 'write dates as the data have them that the run was trained on',
};

/** A plan in which nothing is measured but one split. */
export const planWith = (plan: Plan, name: string, split: SplitSpec): Plan => ({
  ...plan,
  data: { ...plan.data, splits: { ...(plan.data.splits['train'] && { train: plan.data.splits['train'] }), [name]: split } },
  metrics: plan.metrics.map((metric) => ({ ...metric, splits: [name] })),
});

/** A mistake of data, in front of it their file where it does not name it itself. */
export const refusalOf = (file: string, { code, message, help }: Problem): Refusal =>
  new Refusal(code === 'unreadable-file' ? message : `${file}: ${message}`, help === undefined ? {} : { help });
