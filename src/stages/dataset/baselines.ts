/** Baselines of a text, each measured on the text itself: an optimist's count that knows the frequencies beforehand. */

/**
 * Perplexity of guessing a token by how often it follows the `context` tokens before it: 0 is the unigram, 1 the bigram, 2 the trigram.
 *
 *     exp(-mean log p(token | context))        p = count(context, token) / count(context)
 */
export function contextPerplexity(indices: Int32Array, context: number, classes: number): number {
  const contexts = new Map<number, number>();
  const grams = new Map<number, number>();
  const count = indices.length - context;
  for (let i = 0; i < count; i++) {
    let key = 0;
    for (let k = 0; k < context; k++) key = key * classes + (indices[i + k] ?? 0);
    contexts.set(key, (contexts.get(key) ?? 0) + 1);
    const gram = key * classes + (indices[i + context] ?? 0);
    grams.set(gram, (grams.get(gram) ?? 0) + 1);
  }
  let nats = 0;
  for (const [gram, times] of grams) nats -= times * Math.log(times / (contexts.get(Math.floor(gram / classes)) ?? Number.NaN));
  return count < 1 ? Number.NaN : Math.exp(nats / count);
}

/** Share of the most frequent token. */
export function largestShare(indices: Int32Array): number {
  const counts = new Map<number, number>();
  for (const index of indices) counts.set(index, (counts.get(index) ?? 0) + 1);
  return indices.length === 0 ? Number.NaN : [...counts.values()].reduce((a, b) => Math.max(a, b)) / indices.length;
}
