import { createHash } from 'node:crypto';
import type { Problem } from '../diagnostics/diagnostic.js';
import { NAMED_AXES, type NamedAxis, namesAlong } from '../stages/fitted.js';
import type { Data, Files, Fitted, ModelSpec, Report, Shape } from '../stages/stage.js';
import { canonicalJson } from './canonical-json.js';
import { givenShape, type Places, placesOf, sameNames, weightSpecs } from './match-weights.js';
import * as messages from './messages.js';
import { parsePreprocessing, type Preprocessing } from './preprocessing.js';

type NamedTensors = Readonly<Record<string, { readonly shape: Shape; readonly values: Float32Array }>>;

/** What a file of weights holds. */
export interface WeightsFile {
  /** By plain names; buffers as `buffers/NAME`. */
  readonly tensors: NamedTensors;
  /** What the run that they come from did with its data, as text. */
  readonly preprocessing?: string;
}

/** A file of weights that a document names. */
export interface GivenWeights {
  readonly file: string;
  readonly tensors: NamedTensors;
  readonly preprocessing: Preprocessing | undefined;
}

/** Weights to begin with in place of drawn ones, as far as a plan knows them. */
export interface InitialWeights {
  readonly file: string;
  /** SHA-256, hex, of the numbers that training begins with and how it scales its features, whatever else the file says. */
  readonly digest: string;
  /** Along which axes they are in another order than the file has them, or aren't all there. */
  readonly matched: readonly NamedAxis[];
  /** Features are scaled as in the run that they come from. */
  readonly scaled: boolean;
}

const PATH = ['training', 'initial_weights'];

/** What the file holds; a file that can't be read is reported. */
export function readWeights(
  file: string,
  { files, decode }: { readonly files: Files; readonly decode: (bytes: Uint8Array) => WeightsFile },
  report: Report,
  unreadable: (path: Problem['path'], file: string, error: unknown) => Problem = messages.unreadableFile,
): GivenWeights | undefined {
  let bytes: Uint8Array;
  try {
    bytes = files.read(file);
  } catch (error) {
    report(unreadable(PATH, file, error));
    return undefined;
  }
  try {
    const { tensors, preprocessing } = decode(bytes);
    return { file, tensors, preprocessing: parsePreprocessing(preprocessing) };
  } catch (error) {
    report(messages.unreadableWeights(PATH, file, error));
    return undefined;
  }
}

/**
 * Looks whether a file gives every parameter its numbers: tokens, classes and features are matched by name, and what has no match on the other
 * side is told. What doesn't fit is reported.
 */
export function matchWeights(given: GivenWeights, data: Data, model: ModelSpec, kind: string, report: Report): InitialWeights | undefined {
  const { file, tensors, preprocessing } = given;
  const [ours, theirs]: readonly [Fitted, Fitted] = [data.fitted, preprocessing ?? NOTHING];
  const places = placesOf(ours, theirs);
  const misfits = misfitsBetween(model, places, tensors);
  if (misfits.length > 0) {
    report(messages.misfittingWeights(PATH, file, misfits));
    return undefined;
  }
  const used = NAMED_AXES.filter((axis) => weightSpecs(model).some(({ axes }) => axes?.includes(axis)));
  if (preprocessing?.data !== data.digest) {
    tellNames(given, ours, used, places, kind, report);
    tellScales(given, ours, report);
  }
  const matched = used.filter((axis) => places[axis]);
  const scales = theirs.means && ours.means ? { means: ours.means, deviations: ours.deviations } : undefined;
  const base = digestOf(tensors);
  const changed = {
    ...(matched.length > 0 && { places: matched.map((axis) => [axis, places[axis]?.from]) }),
    ...(scales && { scales }),
    ...(theirs.targetScale && ours.targetScale && { targetScale: ours.targetScale }),
  };
  const digest =
    Object.keys(changed).length === 0
      ? base
      : createHash('sha256')
          .update(canonicalJson([base, changed]))
          .digest('hex');
  return { file, digest, matched, scaled: scales !== undefined };
}

function tellNames(
  { file, preprocessing = NOTHING }: Pick<GivenWeights, 'file'> & { readonly preprocessing: Fitted | undefined },
  ours: Fitted,
  used: readonly NamedAxis[],
  places: Places,
  kind: string,
  report: Report,
): void {
  const unknown = used.filter((axis) => !namesAlong(axis, ours) || !namesAlong(axis, preprocessing));
  if (unknown.length > 0) report(messages.namesNotCompared(PATH, file, unknown));
  for (const axis of NAMED_AXES) {
    const place = places[axis];
    if (!place || (axis === 'classes' && used.includes('tokens') && answersAreTokens(ours) && answersAreTokens(preprocessing))) continue;
    if (!used.includes(axis)) {
      report(messages.axisNotSaid(PATH, file, kind, axis));
      continue;
    }
    const [names, known] = [namesAlong(axis, ours) ?? [], namesAlong(axis, preprocessing) ?? []];
    const fresh = names.filter((_, at) => place.from[at] === -1);
    const gone = known.filter((name) => !names.includes(name));
    if (fresh.length > 0) report(messages.namesThatAreNew(PATH, file, axis, fresh));
    if (gone.length > 0) report(messages.namesThatAreGone(PATH, file, axis, gone));
  }
}

/** Of a text, what is said of its tokens holds for its answers too. */
const answersAreTokens = ({ vocabulary, classes }: Fitted): boolean =>
  vocabulary !== undefined && classes !== undefined && sameNames(vocabulary, classes);

const NOTHING: Fitted = {};

/** Features must reach the net on the scale that it has learnt, and its answers must be read on theirs. */
function tellScales({ file, preprocessing }: GivenWeights, ours: Fitted, report: Report): void {
  if (!preprocessing) {
    if (ours.means) report(messages.scalesNotKnown(file));
  } else if (ours.means && !preprocessing.means) report(messages.scaledAnew(file));
  else if (!ours.means && preprocessing.means) report(messages.notScaled(file));
  else if (ours.means && preprocessing.means && !sameScales(ours, preprocessing)) report(messages.otherScales(file));
  if (preprocessing && !preprocessing.classes && !ours.classes && !preprocessing.targetScale !== !ours.targetScale)
    report(messages.otherTargetScale(file, ours.targetScale !== undefined));
}

/** Of the features that both know; of all, where these have no names. */
function sameScales(ours: Fitted, theirs: Fitted): boolean {
  const names = ours.features ?? ours.means?.map(String) ?? [];
  const known = theirs.features ?? theirs.means?.map(String) ?? [];
  return names.every((name, at) => {
    const place = known.indexOf(name);
    return place < 0 || (ours.means?.[at] === theirs.means?.[place] && ours.deviations?.[at] === theirs.deviations?.[place]);
  });
}

/** Every parameter must be there, and nothing that the model doesn't know. Buffers may be left out: they begin at zero. */
function misfitsBetween(model: ModelSpec, places: Places, given: NamedTensors): readonly string[] {
  const wanted = new Map(weightSpecs(model).map((spec) => [spec.name, givenShape(spec, places)]));
  const missing = model.parameters.filter(({ name }) => !given[name]).map(({ name }) => `${name} is not there`);
  const others = Object.entries(given).flatMap(([name, { shape }]) => {
    const expected = wanted.get(name);
    if (!expected) return [`${name} is nothing of the model's`];
    return expected.join() === shape.join() ? [] : [`${name} is ${sizes(shape)} and not ${sizes(expected)}`];
  });
  return [...missing, ...others];
}

const sizes = (shape: Shape): string => `[${shape.join(', ')}]`;

function digestOf(given: NamedTensors): string {
  const hash = createHash('sha256');
  for (const [name, { shape, values }] of Object.entries(given).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify([name, shape])).update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}
