import type { Arrays, Engine, State, Step } from '../engine/engine.js';
import type { Plan } from '../planning/plan.js';
import { identifyProgram } from '../planning/program.js';
import type { Stream } from '../random/streams.js';
import type { PipelineFor } from './pipeline.js';
import { recurrentState, weightState } from './signature.js';
import { forwardPass, prefixed, under } from './step.js';

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

export interface Sampler {
  /** `weights` holds `parameters/NAME` and `buffers/NAME`. */
  sample(weights: Arrays, prefix: string, options: SampleOptions, stream: Stream): Promise<Sample>;
}

/**
 * A model of text that reads and writes token by token: from a state of zeros it reads the prefix, then each token that it writes is what it
 * reads next. The program is one step of time of one row, with the recurrent state going in and coming out.
 */
export async function createSampler(plan: Plan, pipelineOf: PipelineFor, engine: Engine): Promise<Sampler> {
  const { vocabulary, separator = '' } = plan.data;
  if (!vocabulary) throw new Error(`${plan.name} has no vocabulary to sample from`);
  const step = sampleStep(plan, pipelineOf);
  const program = await engine.compile(step, 1);
  const indices = new Map(vocabulary.map((token, index) => [token, index]));

  return {
    async sample(weights, prefix, options, stream) {
      let state: State = engine.state(step.state, { ...weights, ...zeros(plan) });
      const read = async (token: number): Promise<Float32Array> => {
        const result = await program.run(state, { input: Int32Array.of(token) }, {});
        state.dispose();
        state = result.state;
        return Float32Array.from(result.outputs['output'] ?? []);
      };
      let logits: Float32Array = new Float32Array(vocabulary.length);
      for (const token of tokensOf(prefix, separator)) logits = await read(indices.get(token) ?? UNKNOWN);
      const written: string[] = [];
      while (written.length < options.length) {
        const token = chooseToken(logits, options, stream);
        written.push(vocabulary[token] ?? '');
        if (written.length < options.length) logits = await read(token);
      }
      state.dispose();
      return { prefix, text: [prefix, ...written].join(separator) };
    },
  };
}

/** Of a vocabulary, the first one stands for all that isn't in it. */
const UNKNOWN = 0;

/** Characters, or words where a space stands between tokens. */
export const tokensOf = (text: string, separator: string): readonly string[] =>
  separator === '' ? [...text] : text.split(/\s+/).filter(Boolean);

/** Input `[1, 1]`, one token; output `[classes]`, the log odds of the next one. */
function sampleStep(plan: Plan, pipelineOf: PipelineFor): Step {
  return {
    name: `${plan.name} sample`,
    identity: identifyProgram(plan, 'train', 'sample'),
    state: { ...weightState(plan), ...recurrentState(plan, 1) },
    inputs: { input: { shape: [1, 1], dtype: 'int32' } },
    scalars: [],
    run(tf, { state, inputs }, layers) {
      const variables = { parameters: under(state, 'parameters/'), buffers: under(state, 'buffers/'), state: under(state, 'recurrent/') };
      const forward = forwardPass(tf, plan, pipelineOf({ tf, layers }), variables, inputs, 'evaluate');
      return { state: prefixed('recurrent/', forward.state), outputs: { output: tf.reshape(forward.output, [-1]) } };
    },
  };
}

const zeros = (plan: Plan): Arrays =>
  Object.fromEntries(
    Object.entries(recurrentState(plan, 1)).map(([name, { shape }]) => [
      name,
      new Float32Array(shape.reduce((size, axis) => size * axis, 1)),
    ]),
  );

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
