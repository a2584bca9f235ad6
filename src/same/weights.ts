import type { Arrays, Engine, Specs, Step } from '../engine/engine.js';
import type { Plan } from '../planning/plan.js';
import { createStreams } from '../random/streams.js';
import { gruWeightsFromScratch } from '../stages/model/gru-builtin.js';
import { lstmWeightsFromScratch } from '../stages/model/lstm-builtin.js';
import { rnnWeightsFromScratch } from '../stages/model/rnn-builtin.js';
import type { ModelSpec, Tensors, Tools } from '../stages/stage.js';

/** From one model's tensors to the other's: weights and gradients alike, for it only joins and reorders. */
export type Copy = (tools: Tools, tensors: Tensors) => Tensors;

/** How weights go from one implementation of a kind to the other. */
interface Declared {
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  readonly copy: Copy;
}

const DECLARED: readonly Declared[] = [
  { kind: 'rnn', from: 'scratch', to: 'builtin', copy: rnnWeightsFromScratch },
  { kind: 'gru', from: 'scratch', to: 'builtin', copy: gruWeightsFromScratch },
  { kind: 'lstm', from: 'scratch', to: 'builtin', copy: lstmWeightsFromScratch },
];

/** The declared way from one model to the other, else by name; undefined where no tensor of the one has a place in the other. */
export function copyBetween(from: Plan, to: Plan): Copy | undefined {
  const [a, b] = [from.config.values.model, to.config.values.model];
  const declared = DECLARED.find(
    ({ kind, ...way }) => kind === a.kind && kind === b.kind && way.from === a['implementation'] && way.to === b['implementation'],
  );
  if (declared) return declared.copy;
  const names = to.model.parameters.map(({ name }) => name).filter((name) => from.model.parameters.some((other) => other.name === name));
  return names.some((name) => !READOUT.has(name)) ? byName(names) : undefined;
}

/** What every recurrent model has, so that it tells nothing. */
const READOUT: ReadonlySet<string> = new Set(['Wy', 'by']);

const byName =
  (names: readonly string[]): Copy =>
  (_, tensors) =>
    Object.fromEntries(names.flatMap((name) => (tensors[name] ? [[name, tensors[name]] as const] : [])));

/** Plain names on both sides. */
export async function copied(engine: Engine, copy: Copy, from: ModelSpec, arrays: Arrays): Promise<Arrays> {
  const inputs: Specs = Object.fromEntries(from.parameters.map(({ name, shape }) => [name, { shape, dtype: 'float32' }]));
  const step: Step = {
    name: 'copying weights',
    state: {},
    inputs,
    scalars: [],
    run: (tf, given, layers) => ({ state: {}, outputs: copy({ tf, layers }, given.inputs) }),
  };
  const program = await engine.compile(step, 1);
  const { state, outputs } = await program.run(engine.state({}, {}), arrays, {});
  state.dispose();
  program.dispose();
  return outputs;
}

/**
 * Weights in which no difference hides: matrices of unit gain, so that gates open and close and nothing saturates or runs away, and biases
 * that aren't zero. From streams of their own.
 */
export function tellingWeights({ parameters }: ModelSpec, seed: number): Arrays {
  const streams = createStreams(seed);
  return Object.fromEntries(
    parameters.map(({ name, shape }) => {
      const stream = streams.stream(`same/${name}`);
      const spread = shape.length > 1 ? 1 / Math.sqrt(shape[0] ?? 1) : 0.5;
      const values = new Float32Array(shape.reduce((size, axis) => size * axis, 1));
      return [name, values.map(() => spread * stream.normal())] as const;
    }),
  );
}
