import type { Answer } from '../../stage.js';
import type { TokenExample } from './examples.js';

/**
 * Multinomial naive Bayes over a bag of words (McCallum and Nigam 1998), with one added to every count:
 *
 *     p(class | text) ~ p(class) prod_t p(t | class)        p(t | class) = (n[class, t] + 1) / (n[class] + tokens)
 *
 * It reads the tokens that the model reads, the unknown one as a token like others, and not their order: what a recurrent net must be better than. As
 * scikit-learn's MultinomialNB on counts of the same tokens.
 */
export function naiveBayes(trained: readonly TokenExample[], tokens: number, classes: number): Answer {
  const counts = new Float64Array(classes * tokens);
  const totals = new Float64Array(classes);
  const texts = new Float64Array(classes);
  for (const { input, target } of trained) {
    const right = target[0] ?? 0;
    texts[right] = (texts[right] ?? 0) + 1;
    totals[right] = (totals[right] ?? 0) + input.length;
    for (const token of input) counts[right * tokens + token] = (counts[right * tokens + token] ?? 0) + 1;
  }
  const logs = counts.map((count, at) => Math.log((count + 1) / ((totals[Math.floor(at / tokens)] ?? 0) + tokens)));
  const priors = texts.map((count) => Math.log(count / trained.length));
  return ({ inputs: { input }, weight, mask }) => {
    const time = input.length / weight.length;
    const answers = new Float32Array(weight.length * classes);
    const sums = new Float64Array(classes);
    for (let row = 0; row < weight.length; row++) {
      sums.set(priors);
      for (let at = row * time; at < (row + 1) * time; at++) {
        if (mask && mask[at] === 0) continue;
        for (let of = 0; of < classes; of++) sums[of] = (sums[of] ?? 0) + (logs[of * tokens + (input[at] ?? 0)] ?? 0);
      }
      const most = sums.reduce((a, b) => Math.max(a, b));
      const shares = sums.map((sum) => Math.exp(sum - most));
      const all = shares.reduce((a, b) => a + b);
      answers.set(
        shares.map((share) => share / all),
        row * classes,
      );
    }
    return answers;
  };
}

/** The share of each tag among the places where training has the token; of a token that training never tags, among all tokens. */
export function tagsOfTokens(trained: readonly TokenExample[], tokens: number, classes: number): Answer {
  const counts = new Float64Array(tokens * classes);
  const totals = new Float64Array(tokens);
  const all = new Float64Array(classes);
  let length = 0;
  for (const { input, target } of trained)
    for (const [at, token] of input.entries()) {
      const tag = target[at] ?? 0;
      counts[token * classes + tag] = (counts[token * classes + tag] ?? 0) + 1;
      totals[token] = (totals[token] ?? 0) + 1;
      all[tag] = (all[tag] ?? 0) + 1;
      length += 1;
    }
  const share = (token: number, tag: number): number => {
    const total = totals[token] ?? 0;
    return total > 0 ? (counts[token * classes + tag] ?? 0) / total : (all[tag] ?? 0) / length;
  };
  return ({ inputs: { input } }) =>
    Float32Array.from({ length: input.length * classes }, (_, at) => share(input[Math.floor(at / classes)] ?? 0, at % classes));
}
