import type { VocabularyOptions } from './options.js';

/** What stands for every token that training does not know. */
const UNKNOWN_TOKEN = '<unk>';

/**
 * The tokens that a model knows, from the texts that train alone: the unknown token, then the others by falling count, equal counts in the order of the
 * texts. `trained` are numbers of `tokens`; `distinct` is how many different ones train.
 */
export function vocabularyOf(
  trained: Iterable<Int32Array>,
  tokens: readonly string[],
  { minimum_count: least, vocabulary_size: most = Infinity }: Omit<VocabularyOptions, 'lower_case'>,
): { readonly vocabulary: readonly string[]; readonly distinct: number } {
  const counts = new Uint32Array(tokens.length);
  const seen: number[] = [];
  for (const ids of trained)
    for (const id of ids) {
      if (counts[id] === 0) seen.push(id);
      counts[id] = (counts[id] ?? 0) + 1;
    }
  const known = seen
    .filter((id) => (counts[id] ?? 0) >= least && tokens[id] !== UNKNOWN_TOKEN)
    .toSorted((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0))
    .slice(0, most);
  return { vocabulary: [UNKNOWN_TOKEN, ...known.map((id) => tokens[id] ?? '')], distinct: seen.length };
}

/** By number of a token, its index in the vocabulary; 0 of those that it does not hold. */
export function indicesOf(tokens: readonly string[], vocabulary: readonly string[]): Int32Array {
  const index = new Map(vocabulary.map((token, at) => [token, at]));
  return Int32Array.from(tokens, (token) => index.get(token) ?? 0);
}
