import type { Arrays, Engine } from '../engine/engine.js';
import type { Plan } from '../planning/plan.js';
import type { Stream } from '../random/streams.js';
import type { PipelineFor } from './pipeline.js';
import { createReader } from './read-text.js';

/** How a text is gone on with. */
export interface SampleOptions {
  /** Tokens, without the prefix. */
  readonly length: number;
  /** 0 takes the likeliest token; otherwise log probabilities are divided by it, and a token is drawn. */
  readonly temperature: number;
  /** Draws among so many of the likeliest only. */
  readonly top_k?: number;
}

/** A text that a model wrote: `text` is the prefix and what follows it. */
export interface Sample {
  readonly prefix: string;
  readonly text: string;
}

interface Sampler {
  /** `weights` holds `parameters/NAME` and `buffers/NAME`. */
  sample(weights: Arrays, prefix: string, options: SampleOptions, stream: Stream): Promise<Sample>;
}

/** A model of text that goes on with what it reads, from a state of zeros: each token that it writes is what it reads next. */
export async function createSampler(plan: Plan, pipelineOf: PipelineFor, engine: Engine): Promise<Sampler> {
  const { vocabulary, separator = '' } = plan.data.fitted;
  if (!vocabulary) throw new Error(`${plan.name} has no vocabulary to sample from`);
  const begin = await createReader(plan, pipelineOf, engine);
  const indices = new Map(vocabulary.map((token, index) => [token, index]));

  return {
    async sample(weights, prefix, options, stream) {
      const given = tokensOf(prefix, separator).map((token) => indices.get(token) ?? UNKNOWN);
      const reading = await begin(weights, given.length + options.length - 1);
      let logits = given.length === 0 ? new Float32Array(vocabulary.length) : await reading.read(given);
      const written: string[] = [];
      while (written.length < options.length) {
        const token = chooseToken(logits, options, stream);
        written.push(vocabulary[token] ?? '');
        if (written.length < options.length) logits = await reading.read([token]);
      }
      reading.dispose();
      return { prefix, text: [prefix, ...written].join(separator) };
    },
  };
}

/** Of a vocabulary, the first one stands for all that isn't in it. */
const UNKNOWN = 0;

/** Characters, or words where a space stands between tokens. */
export const tokensOf = (text: string, separator: string): readonly string[] =>
  separator === '' ? [...text] : text.split(/\s+/).filter(Boolean);

/** The likeliest token, or one drawn from `softmax(logits / temperature)`; of equal ones the first. */
export function chooseToken(logits: Float32Array, { temperature, top_k = logits.length }: SampleOptions, stream: Stream): number {
  const ranked = Array.from(logits, (logit, token) => ({ logit, token })).toSorted((a, b) => b.logit - a.logit || a.token - b.token);
  const best = ranked[0] ?? { logit: 0, token: UNKNOWN };
  if (temperature === 0) return best.token;
  const likely = ranked.slice(0, top_k).map(({ logit, token }) => ({ token, odds: Math.exp((logit - best.logit) / temperature) }));
  let left = stream.uniform() * likely.reduce((sum, { odds }) => sum + odds, 0);
  for (const { token, odds } of likely) {
    left -= odds;
    if (left < 0) return token;
  }
  return best.token;
}
