/** Share of the tokens that are this one. */
export const shareOf = (indices: Int32Array, token: number): number =>
  indices.reduce((count, index) => count + (index === token ? 1 : 0), 0) / indices.length;

/** The most frequent token. */
export function mostFrequent(indices: Int32Array): number {
  const counts = new Map<number, number>();
  for (const index of indices) counts.set(index, (counts.get(index) ?? 0) + 1);
  return [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), [0, 0])[0];
}

/**
 * Perplexity of guessing every token of a text by how often it occurs there: what a model that ignores its input comes to when it is trained on the
 * text.
 *
 *     exp(-mean log p(token))        p = count(token) / tokens
 */
export function unigramPerplexity(indices: Int32Array): number {
  const counts = new Map<number, number>();
  for (const index of indices) counts.set(index, (counts.get(index) ?? 0) + 1);
  let nats = 0;
  for (const times of counts.values()) nats -= times * Math.log(times / indices.length);
  return indices.length === 0 ? Number.NaN : Math.exp(nats / indices.length);
}

/** At most so many tokens are counted, and so many measured: the last that train, the first that validate. */
const MOST_TOKENS = 500_000;

/**
 * Perplexities of an n-gram model of each order from 0 tokens of context (the unigram) to `longest`, on tokens that it has not counted: on
 * `measured` where that is given, else on each token of the counted text with its own occurrence taken out of the counts (leaving one out; Ney, Essen
 * and Kneser 1994). Counted on the tokens that it is measured on, a trigram knows them by heart: it reaches 13 on random words of a distribution
 * on which nothing can do better than 297.
 *
 *     p(w | c) = (max(count(c, w) - D, 0) + D followers(c) p(w | shorter c)) / count(c)        absolute discounting, interpolated
 *     D = (n1 + 1) / (n1 + 2 n2 + 2)        n1, n2: sequences of this length that occur once, twice; uniform below the unigram
 */
export function ngramPerplexities(counted: Int32Array, classes: number, longest: number, measured?: Int32Array): readonly number[] {
  const text = counted.subarray(Math.max(0, counted.length - MOST_TOKENS));
  const asked = measured?.subarray(0, MOST_TOKENS) ?? text;
  const leftOut = measured ? 0 : 1;
  const orders = Array.from({ length: longest + 1 }, emptyOrder);
  walk(text, orders, (order, context, token) => {
    const key = context * classes + token;
    const known = order.sequences.get(key);
    const sequence = known ?? order.counts.push(0) - 1;
    if (known === undefined) {
      order.sequences.set(key, sequence);
      order.followers[context] = (order.followers[context] ?? 0) + 1;
    }
    order.counts[sequence] = (order.counts[sequence] ?? 0) + 1;
    order.totals[context] = (order.totals[context] ?? 0) + 1;
    return sequence;
  });
  const discounts = orders.map(({ counts }) => discountOf(counts));
  const nats = new Float64Array(longest + 1);
  let probability = 1;
  walk(asked, orders, (order, context, token, k) => {
    if (k === 0) probability = 1 / classes;
    const sequence = context < 0 ? -1 : (order.sequences.get(context * classes + token) ?? -1);
    const times = sequence < 0 ? 0 : (order.counts[sequence] ?? 0);
    const total = context < 0 ? 0 : (order.totals[context] ?? 0) - leftOut;
    if (total > 0) {
      const followers = (order.followers[context] ?? 0) - (leftOut === 1 && times === 1 ? 1 : 0);
      const discount = discounts[k] ?? 0;
      probability = (Math.max(times - leftOut - discount, 0) + discount * followers * probability) / total;
    }
    nats[k] = (nats[k] ?? 0) - Math.log(probability);
    return sequence;
  });
  return Array.from(nats, (sum) => (asked.length === 0 ? Number.NaN : Math.exp(sum / asked.length)));
}

/** What was counted of one length: sequences by context and last token, both by number. */
interface Order {
  readonly sequences: Map<number, number>;
  readonly counts: number[];
  /** By context: how often it occurs, and how many different tokens follow it. */
  readonly totals: number[];
  readonly followers: number[];
}

const emptyOrder = (): Order => ({ sequences: new Map(), counts: [], totals: [], followers: [] });

/**
 * Goes through a text token by token and order by order, the shortest first. `see` gives the number of the sequence that ends here, or -1; it is the
 * context of the next order at the next token. The context before the first tokens is -1.
 */
function walk(text: Int32Array, orders: readonly Order[], see: (order: Order, context: number, token: number, k: number) => number): void {
  const before = orders.map(() => -1);
  for (const token of text) {
    let context = 0;
    for (const [k, order] of orders.entries()) {
      const next = before[k] ?? -1;
      before[k] = see(order, context, token, k);
      context = next;
    }
  }
}

function discountOf(counts: readonly number[]): number {
  let [once, twice] = [0, 0];
  for (const count of counts) {
    if (count === 1) once += 1;
    else if (count === 2) twice += 1;
  }
  return (once + 1) / (once + 2 * twice + 2);
}
