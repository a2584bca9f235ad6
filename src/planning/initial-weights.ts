import { createHash } from 'node:crypto';
import type { Problem } from '../diagnostics/diagnostic.js';
import type { Files, ModelSpec, Report, Shape } from '../stages/stage.js';
import { misfittingWeights, unreadableFile, unreadableWeights } from './messages.js';

/** Weights that a file holds, by plain names; buffers as `buffers/NAME`. */
export type GivenWeights = Readonly<Record<string, { readonly shape: Shape; readonly values: Float32Array }>>;

/** Weights to begin with in place of drawn ones, as far as a plan knows them. */
export interface InitialWeights {
  readonly file: string;
  /** SHA-256, hex, of names, shapes and numbers, whatever else the file says. */
  readonly digest: string;
}

const PATH = ['training', 'initial_weights'];

/** Looks whether a file gives every parameter its numbers; what doesn't fit is reported. */
export function inspectWeights(
  file: string,
  model: ModelSpec,
  { files, decode }: { readonly files: Files; readonly decode: (bytes: Uint8Array) => GivenWeights },
  report: Report,
  problemOf: (path: Problem['path'], file: string, error: unknown) => Problem = unreadableFile,
): InitialWeights | undefined {
  let bytes: Uint8Array;
  try {
    bytes = files.read(file);
  } catch (error) {
    report(problemOf(PATH, file, error));
    return undefined;
  }
  let given: GivenWeights;
  try {
    given = decode(bytes);
  } catch (error) {
    report(unreadableWeights(PATH, file, error));
    return undefined;
  }
  const misfits = misfitsBetween(model, given);
  if (misfits.length > 0) report(misfittingWeights(PATH, file, misfits));
  return misfits.length > 0 ? undefined : { file, digest: digestOf(given) };
}

/** Every parameter must be there, and nothing that the model doesn't know. Buffers may be left out: they begin at zero. */
function misfitsBetween({ parameters, buffers }: ModelSpec, given: GivenWeights): readonly string[] {
  const wanted = new Map(
    [...parameters, ...buffers.map(({ name, shape }) => ({ name: `buffers/${name}`, shape }))].map((one) => [one.name, one.shape]),
  );
  const missing = parameters.filter(({ name }) => !given[name]).map(({ name }) => `${name} is not there`);
  const others = Object.entries(given).flatMap(([name, { shape }]) => {
    const expected = wanted.get(name);
    if (!expected) return [`${name} is nothing of the model's`];
    return expected.join() === shape.join() ? [] : [`${name} is ${sizes(shape)} and not ${sizes(expected)}`];
  });
  return [...missing, ...others];
}

const sizes = (shape: Shape): string => `[${shape.join(', ')}]`;

function digestOf(given: GivenWeights): string {
  const hash = createHash('sha256');
  for (const [name, { shape, values }] of Object.entries(given).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify([name, shape])).update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}
