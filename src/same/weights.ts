import type { Arrays, Engine, Specs, Step } from '../engine/engine.js';
import type { StageConfig } from '../language/experiment.js';
import type { Plan } from '../planning/plan.js';
import { findStage } from '../stages/registry.js';
import type { ModelSpec, Stage, WeightCopy } from '../stages/stage.js';

export { tellingWeights } from '../train/start.js';

/** From one model's tensors to the other's: weights and gradients alike. */
export type Copy = WeightCopy['copy'];

/** The way from one model to the other that the other's stage declares. */
export function declaredCopy(stages: readonly Stage[], from: Plan, to: Plan): Copy | undefined {
  const [a, b] = [from.config.values.model, to.config.values.model];
  const declared = findStage(stages, 'model', b.kind)?.weightsFrom ?? [];
  return declared.find((way) => says(a, way.from) && says(b, way.to))?.copy;
}

const says = (model: StageConfig, wanted: WeightCopy['from']): boolean =>
  Object.entries(wanted).every(([option, value]) => model[option] === value);

/** Tensors of one name are the same tensor; undefined where only the readout would be. */
export function copyByName(from: Plan, to: Plan): Copy | undefined {
  const names = to.model.parameters.map(({ name }) => name).filter((name) => from.model.parameters.some((other) => other.name === name));
  if (names.every((name) => READOUT.has(name))) return undefined;
  return (_, tensors) => Object.fromEntries(names.flatMap((name) => (tensors[name] ? [[name, tensors[name]] as const] : [])));
}

/** What every recurrent model has, so that it tells nothing. */
const READOUT: ReadonlySet<string> = new Set(['Wy', 'by']);

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
