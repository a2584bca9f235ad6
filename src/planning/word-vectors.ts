import { createHash } from 'node:crypto';
import type { Problem } from '../diagnostics/diagnostic.js';
import { readWordVectors, type WordVectors } from '../formats/word-vectors.js';
import type { Data, Files, ModelSpec, ParameterSpec, Report } from '../stages/stage.js';
import { canonicalJson } from './canonical-json.js';
import { leaves } from './leaves.js';
import type { FactsCache } from './look-at-data.js';
import * as messages from './messages.js';
import type { UsedStage } from './use-stage.js';

/** Rows of a parameter that begin as a file of word vectors has them, as far as a plan knows them. */
export interface FoundVectors {
  readonly parameter: string;
  readonly file: string;
  /** SHA-256, hex, of the tokens that were found and their numbers, whatever else the file holds. */
  readonly digest: string;
  /** How many tokens of the data the file has, and how many there are. */
  readonly found: number;
  readonly tokens: number;
}

/** The parameters whose rows a file gives, and which file that is. */
const givenByFile = ({ parameters }: ModelSpec): readonly (readonly [parameter: ParameterSpec, file: string])[] =>
  parameters.flatMap((parameter) => (parameter.initializer.kind === 'vectors' ? [[parameter, parameter.initializer.file] as const] : []));

/** The vectors of the tokens of these data; throws what is wrong with the file. */
export function vectorsIn(bytes: Uint8Array, vocabulary: readonly string[]): WordVectors {
  const wanted = new Set(vocabulary);
  return readWordVectors(bytes, (word) => wanted.has(word));
}

interface Upstream {
  readonly data: Data;
  readonly stage: Pick<UsedStage, 'options' | 'path'>;
  readonly files: Files;
  /** Plans of one sweep look into a file once. */
  readonly cache?: FactsCache | undefined;
}

/**
 * Looks which tokens of the data the files of a model give a vector to. What doesn't fit is reported at the option that names the file; a model whose
 * files all fit gives as many as it names.
 */
export function findVectors(
  model: ModelSpec,
  { data, stage, files, cache }: Upstream,
  report: Report,
  unreadable: (path: Problem['path'], file: string, error: unknown) => Problem,
): readonly FoundVectors[] {
  return givenByFile(model).flatMap(([{ name, shape }, file]) => {
    const [option = ''] = [...leaves(stage.options)].find(([, leaf]) => leaf === file) ?? [];
    const path = [...stage.path, ...option.split('.').filter((part) => part !== '')];
    const { vocabulary } = data.fitted;
    if (!vocabulary) {
      report(messages.tokensWithoutNames(path));
      return [];
    }
    const seen = look(file, vocabulary, { files, cache }, (error, isRead) =>
      report(isRead ? messages.unreadableVectors(path, file, error) : unreadable(path, file, error)),
    );
    if (!seen) return [];
    const { size, found, digest } = seen;
    const wanted = shape.at(-1) ?? 0;
    if (size !== wanted) report(messages.vectorsOfOtherSize([...path.slice(0, -1), 'size'], file, size, wanted));
    else if (found === 0) report(messages.noVectorFound(path, file, vocabulary));
    return [{ parameter: name, file, digest, found, tokens: vocabulary.length }];
  });
}

interface Seen {
  readonly size: number;
  readonly found: number;
  readonly digest: string;
}

/** Undefined where the file can't be read, or was read and holds something else. */
function look(
  file: string,
  vocabulary: readonly string[],
  { files, cache }: Pick<Upstream, 'files' | 'cache'>,
  fault: (error: unknown, isRead: boolean) => void,
): Seen | undefined {
  const key = createHash('sha256')
    .update(canonicalJson({ vectors: file, vocabulary }))
    .digest('hex');
  const known = cache?.read(key)?.content as Seen | undefined;
  if (known) return known;
  let bytes: Uint8Array | undefined;
  try {
    bytes = files.read(file);
    const { size, found } = vectorsIn(bytes, vocabulary);
    const seen = { size, found: found.size, digest: digestOf(found, vocabulary) };
    cache?.keep?.(key, { digest: seen.digest, facts: [], content: seen });
    return seen;
  } catch (error) {
    fault(error, bytes !== undefined);
    return undefined;
  }
}

/** Of the tokens in their order: another file with the same vectors of them is the same work. */
function digestOf(found: WordVectors['found'], vocabulary: readonly string[]): string {
  const hash = createHash('sha256').update(canonicalJson(vocabulary.map((token) => found.has(token))));
  for (const token of vocabulary) {
    const vector = found.get(token);
    if (vector) hash.update(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength));
  }
  return hash.digest('hex');
}
