import { createHash } from 'node:crypto';
import type { Problem } from '../diagnostics/diagnostic.js';
import type { ExperimentConfig } from '../language/experiment.js';
import { createStreams } from '../random/streams.js';
import { duplicatesAcross, duplicatesFact, hashExample, isMuch } from '../stages/dataset/duplicates.js';
import type {
  Batch,
  BatchRequest,
  DataFacts,
  DataSpec,
  Dataset,
  Fact,
  Files,
  Fitted,
  Numbers,
  SplitSpec,
  UsedTransform,
} from '../stages/stage.js';
import { canonicalJson } from './canonical-json.js';
import { dataSeed, type FactsCache } from './look-at-data.js';
import { lookAtWindows } from './look-at-windows.js';
import { duplicatesInBatches, lastInputIsTarget } from './messages.js';
import type { UsedStage } from './use-stage.js';
import { get, sizeOf } from '../stages/tensors.js';

/** At most so many examples of a split are looked at, and so many numbers. */
const MOST_EXAMPLES = 200_000;
const MOST_NUMBERS = 2 ** 26;

/** What the batches of a dataset show, whoever made them. */
interface Shown extends Pick<DataSpec, 'shifted' | 'independent'> {
  readonly facts: readonly Fact[];
  readonly problems: readonly Problem[];
}

/**
 * Looks at the batches of a dataset that isn't ours, which look at their own files: at whole examples that stand in two splits (of the first
 * epoch, up to 200,000 of a split), and in the first batches at whether the target is the input's own or next step. What was found is kept with the
 * facts, by the digest of the data.
 */
export function lookAtBatches(
  { stage, options }: UsedStage<'dataset'>,
  { values, facts, fitted, transforms, data, request, files }: Looked,
  cache?: FactsCache,
): Shown {
  const identity = { digest: facts.digest, kind: stage.kind, version: stage.version, options, seed: dataSeed(values), request };
  const key = createHash('sha256')
    .update(`batches and windows ${canonicalJson(identity)}`)
    .digest('hex');
  const known = cache?.read(key);
  if (known) return known.content as Shown;
  const make = (from: Files, of: DataFacts): Dataset => {
    const upstream = { facts: of, fitted, transforms, request };
    return stage.create({ streams: createStreams(dataSeed(values)), files: from, ...upstream }, options, data, upstream);
  };
  const remade = (from: Files): Dataset =>
    make(from, stage.look?.(options, { files: from, streams: createStreams(dataSeed(values)) }) ?? facts);
  const dataset = make(files, facts);
  const splits = Object.entries(data.splits);
  const duplicates = duplicatesAcross(new Map(splits.map(([name, split]) => [name, hashesOf(dataset, name, split)])));
  const { same = false, ...steps } = stepsOf(dataset, data.splits['train']);
  const shown: Shown = {
    ...steps,
    facts: duplicates.map((each) => duplicatesFact(each, 'examples')),
    problems: [
      ...(same ? [lastInputIsTarget()] : []),
      ...duplicates.filter(isMuch).map(duplicatesInBatches),
      ...lookAtWindows(dataset, data, stage.source?.(options), files, remade),
    ],
  };
  cache?.write(key, { digest: key, facts: [], content: shown });
  return shown;
}

interface Looked {
  readonly values: ExperimentConfig;
  readonly facts: DataFacts;
  readonly fitted: Fitted;
  readonly transforms: readonly UsedTransform[];
  readonly data: DataSpec;
  readonly request: BatchRequest;
  readonly files: Files;
}

function hashesOf(dataset: Dataset, name: string, { inputs, masked }: SplitSpec): Float64Array {
  const widths = Object.entries(inputs).map(([input, { shape }]) => [input, sizeOf(shape)] as const);
  const most = Math.min(MOST_EXAMPLES, Math.ceil(MOST_NUMBERS / Math.max(1, ...widths.map(([, width]) => width))));
  const hashes: number[] = [];
  for (const batch of dataset.batches(name, 1)) {
    for (const row of rowsOf(batch)) hashes.push(hashRow(batch, row, widths, masked ? maskAt(batch, row) : []));
    if (hashes.length >= most) break;
  }
  return Float64Array.from(hashes.slice(0, most));
}

/** An example is all of its inputs. */
function hashRow({ inputs }: Batch, row: number, widths: readonly (readonly [string, number])[], mask: ArrayLike<number>): number {
  const hashes = widths.map(([name, width]) => hashExample(rowAt(get(inputs, name), row, width), mask));
  return hashes.length === 1 ? (hashes[0] ?? 0) : hashExample(hashes, []);
}

/** How the targets of the first batches stand to their inputs, and whether the second batch goes on where the first one ended. */
function stepsOf(dataset: Dataset, split: SplitSpec | undefined): Pick<Shown, 'shifted' | 'independent'> & { readonly same?: boolean } {
  if (split?.inputs.input.axes[0] !== 'time') return {};
  const batches = [...take(dataset.batches('train', 1), FEWEST)];
  const [first, second] = batches;
  const same = follows(batches, split, 0);
  const shifted = !same && split.target.axes[0] === 'time' && follows(batches, split, 1);
  return { ...(same && { same }), ...(shifted && { shifted, independent: !first || !second || !goesOn(first, second, split) }) };
}

/** Whether a feature `lag` steps on is the target, at every step that has one; of one answer, whether a feature of the last step is. */
function follows(batches: readonly Batch[], { inputs: { input }, target }: SplitSpec, lag: 0 | 1): boolean {
  const [[time = 1, ...features], isPerStep] = [input.shape, target.axes[0] === 'time'];
  const [width, answers] = [sizeOf(features), sizeOf(isPerStep ? target.shape.slice(1) : target.shape)];
  const isTarget = (feature: number): boolean => {
    const seen = new Set<number>();
    let count = 0;
    for (const batch of batches) {
      for (const row of rowsOf(batch)) {
        const mask = maskAt(batch, row);
        const length = mask.length === 0 ? time : mask.findLastIndex((there) => there !== 0) + 1;
        for (let step = isPerStep ? 0 : length - 1; step + lag < length; step++) {
          const answer = batch.target[(isPerStep ? row * time + step : row) * answers];
          if (answer === undefined || batch.inputs.input[(row * time + step + lag) * width + feature] !== answer) return false;
          count += 1;
          if (seen.size < 2) seen.add(answer);
        }
      }
    }
    return count >= FEWEST && seen.size > 1;
  };
  return Array.from({ length: width }, (_, feature) => feature).some(isTarget);
}

/** With fewer answers, equal numbers may be an accident. */
const FEWEST = 8;

function goesOn(first: Batch, second: Batch, { inputs: { input }, target }: SplitSpec): boolean {
  const [time = 1, ...features] = input.shape;
  const [width, answers] = [sizeOf(features), sizeOf(target.shape.slice(1))];
  return rowsOf(second).every((row) => {
    const last = first.target[(row * time + time - 1) * answers];
    return rowAt(second.inputs.input, row * time, width).includes(last ?? Number.NaN);
  });
}

const rowsOf = ({ weight }: Batch): readonly number[] => [...weight.keys()].filter((row) => weight[row] !== 0);
const rowAt = (numbers: Numbers, row: number, width: number): Numbers => numbers.subarray(row * width, (row + 1) * width);
const maskAt = ({ mask, weight }: Batch, row: number): Float32Array =>
  mask ? mask.subarray((row * mask.length) / weight.length, ((row + 1) * mask.length) / weight.length) : new Float32Array(0);
/** The first batches, each with arrays of its own: a dataset may fill one and the same anew. */
function* take(all: Iterable<Batch>, count: number): Iterable<Batch> {
  let taken = 0;
  for (const { inputs, target, weight, mask } of all) {
    yield {
      inputs: { ...inputs, input: inputs.input.slice() },
      target: target.slice(),
      weight: weight.slice(),
      ...(mask && { mask: mask.slice() }),
    };
    if (++taken === count) return;
  }
}
