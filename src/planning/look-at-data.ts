import { createHash } from 'node:crypto';
import type { Problem } from '../diagnostics/diagnostic.js';
import type { ExperimentConfig } from '../language/experiment.js';
import { createStreams } from '../random/streams.js';
import { StageFault } from '../stages/stage-fault.js';
import type { BatchRequest, DataFacts, Files, Report } from '../stages/stage.js';
import { canonicalJson } from './canonical-json.js';
import { leaves } from './leaves.js';
import { unreadableFile } from './messages.js';
import type { UsedStage } from './use-stage.js';

/** The seed that a dataset draws from: its own where the document gives one, else the experiment's. */
export function dataSeed(values: ExperimentConfig): number {
  const own = values.dataset['seed'];
  return typeof own === 'number' ? own : values.seed;
}

/** What a dataset is asked for. */
export const batchRequest = ({ training, fold }: ExperimentConfig): BatchRequest => ({
  batchSize: training.batch_size,
  shuffle: training.shuffle,
  ...(fold !== undefined && { fold }),
});

/** Facts of generated data, kept from one command to the next: making a set only to count it is most of what `check` does. */
export interface FactsCache {
  readonly read: (key: string) => DataFacts | undefined;
  readonly write: (key: string, facts: DataFacts) => void;
  /** Facts of what files hold: known for as long as one command looks at them, since a path says nothing of a content. */
  readonly keep?: (key: string, facts: DataFacts) => void;
}

/** Facts are looked up once for many plans that share their data, and the folder that its files are named from. */
export function remembered(cache: FactsCache | undefined): FactsCache {
  const known = new Map<string, DataFacts>();
  return {
    read(key) {
      const facts = known.get(key) ?? cache?.read(key);
      if (facts) known.set(key, facts);
      return facts;
    },
    write(key, facts) {
      known.set(key, facts);
      cache?.write(key, facts);
    },
    keep: (key, facts) => void known.set(key, facts),
  };
}

/** Facts of the data. A file that cannot be read is reported under the option that names it. */
export function lookAtData(
  { stage, options, path }: UsedStage<'dataset'>,
  values: ExperimentConfig,
  files: Files,
  report: Report,
  cache?: FactsCache,
  problemOf: (path: Problem['path'], file: string, error: unknown) => Problem = unreadableFile,
): DataFacts | undefined {
  const seed = dataSeed(values);
  const key = digestOfGenerated(stage, options, seed);
  const known = cache?.read(key);
  if (known) return known;
  if (!stage.look) return { digest: key, facts: [], content: {} };
  let unreadable: string | undefined;
  let readsFiles = false;
  const watch =
    <T>(open: (file: string) => T) =>
    (file: string): T => {
      readsFiles = true;
      try {
        return open(file);
      } catch (error) {
        unreadable = file;
        throw error;
      }
    };
  const watched: Files = { read: watch(files.read), ...(files.list && { list: watch(files.list) }) };
  try {
    const facts = stage.look(options, { files: watched, streams: createStreams(seed) });
    if (readsFiles) cache?.keep?.(key, facts);
    else cache?.write(key, facts);
    return facts;
  } catch (error) {
    if (error instanceof StageFault) {
      report(error.at(path).problem);
      return undefined;
    }
    if (unreadable === undefined) throw error;
    const [option] = [...leaves(options)].find(([, leaf]) => leaf === unreadable) ?? [];
    report(problemOf(option === undefined ? path : [...path, ...option.split('.')], unreadable, error));
    return undefined;
  }
}

const digestOfGenerated = ({ kind, version }: { readonly kind: string; readonly version: number }, options: object, seed: number): string =>
  createHash('sha256').update(canonicalJson({ kind, version, options, seed })).digest('hex');
