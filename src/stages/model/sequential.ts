import { Type } from '../../language/type.js';
import { type Data, defineStage, type ModelSpec, type ParameterSpec, type Report, type TensorSpec, type Variables } from '../stage.js';
import { prefixed, trainSplit, under } from '../tensors.js';
import { dense, dropout, embedding, oneHot } from './sequential/core.js';
import type { LayerInput, LayerKind, LayerPlan } from './sequential/layer.js';
import { batchNormalization, layerNormalization } from './sequential/normalization.js';
import { bidirectional, gru, lstm, simpleRnn } from './sequential/recurrent.js';
import { activation, flatten, globalAveragePooling } from './sequential/reshaping.js';

/** All layers that a list may hold, by the names that tf.layers has for them, in our spelling: from indices, over time, from vectors. */
export const layerKinds: Readonly<Record<string, LayerKind>> = {
  embedding,
  one_hot: oneHot,
  simple_rnn: simpleRnn,
  gru,
  lstm,
  bidirectional,
  global_average_pooling_1d: globalAveragePooling,
  flatten,
  dense,
  activation,
  dropout,
  layer_normalization: layerNormalization,
  batch_normalization: batchNormalization,
};

const options = Type.Object({
  layers: Type.Array(
    Type.Tagged(
      Object.fromEntries(Object.entries(layerKinds).map(([kind, { options, summary }]) => [kind, { ...options, description: summary }])),
    ),
    { minItems: 1, description: 'Layers of tf.layers by name, each reading what the one before gives; the last one gives the outputs.' },
  ),
});

/**
 * Layers one after the other, as `tf.sequential`, but a function of given weights: these start from our streams, are named `LAYER.WEIGHT`
 * (`lstm.kernel`, `dense_1.bias`), and nothing is drawn or changed behind our back. The outputs of the last layer are what the loss reads.
 */
export const sequential = defineStage({
  slot: 'model',
  kind: 'sequential',
  version: 1,
  versionOf: ({ layers = [] }) => Math.max(1, ...layers.map(({ kind }) => layerKinds[kind]?.version ?? 1)),
  summary: 'A list of layers of tf.layers.',
  options,
  example: {
    layers: [
      { kind: 'lstm', units: 32 },
      { kind: 'dense', units: 1 },
    ],
  },

  plan({ layers }, { data }, report) {
    const planned = planLayers(layers, data, report);
    const last = layers.at(-1) as LayerOptions | undefined;
    if (last?.['activation'] === 'softmax') {
      report({
        code: 'softmax-at-the-end',
        severity: 'warning',
        path: ['layers', layers.length - 1, 'activation'],
        message: 'the losses over classes take outputs before the softmax, and this one would be the second',
        help: 'leave activation out',
      });
    }
    const answers = planned.findLastIndex(({ kind }) => !kind.keepsAxis);
    const all = <T>(
      part: (plan: LayerPlan, name: (of: string) => string, named: <S extends Axes>(spec: S) => S) => readonly T[],
    ): readonly T[] =>
      planned.flatMap(({ plan, name }, index) =>
        part(
          plan,
          (of) => `${name}.${of}`,
          (spec) => withClasses(spec, data, index - answers),
        ),
      );
    return {
      parameters: all(({ parameters = [] }, name, named) =>
        parameters.map((parameter) => ({ ...named(parameter), name: name(parameter.name) })),
      ),
      buffers: all(({ buffers = [] }, name, named) => buffers.map((buffer) => ({ ...named(buffer), name: name(buffer.name) }))),
      state: Object.fromEntries(all(({ state = {} }, name) => Object.entries(state).map(([of, shape]) => [name(of), shape] as const))),
      masks: all(({ masks = [] }, name) => masks.map((mask) => ({ ...mask, name: name(mask.name) }))),
      output: planned.at(-1)?.plan.output ?? trainSplit(data).inputs.input,
      stepwise: planned.every(({ plan }) => plan.stepwise),
    } satisfies ModelSpec;
  },

  create(tools, { layers }, _, { data }) {
    const made = planLayers(layers, data, () => {}).map(({ kind, options, input, name }) => ({
      name: `${name}.`,
      apply: kind.create(tools, options, input),
    }));
    return {
      forward(variables, { input, mask, weight }, { mode, masks }) {
        let x = input;
        let { buffers, state } = variables;
        for (const { name, apply } of made) {
          const own: Variables = {
            parameters: under(variables.parameters, name),
            buffers: under(variables.buffers, name),
            state: under(variables.state, name),
          };
          const after = apply(own, x, { mode, mask, weight, masks: under(masks, name) });
          x = after.y;
          buffers = { ...buffers, ...prefixed(name, after.buffers) };
          state = { ...state, ...prefixed(name, after.state) };
        }
        return { output: x, buffers, state };
      },
    };
  },
});

type Axes = Pick<ParameterSpec, 'shape' | 'axes'>;

/**
 * The names of a parameter's axes in the model: what a layer gives are units to those above it, and the classes where the answers come from: in
 * the last layer that makes an axis of its own (`behind` is 0), and in those behind it, which keep it.
 */
function withClasses<S extends Axes>(spec: S, { classes }: Data, behind: number): S {
  const { axes, shape } = spec;
  if (!axes) return spec;
  const isAnswer = (axis: number): boolean => classes !== undefined && behind >= 0 && (shape[axis] ?? 0) % classes === 0;
  const named = axes.map((name, axis) => (name === 'outputs' || behind > 0 ? (isAnswer(axis) ? 'classes' : 'units') : name));
  return { ...spec, axes: named };
}

type LayerOptions = { readonly kind: string } & Readonly<Record<string, unknown>>;

interface PlannedLayer {
  readonly name: string;
  readonly kind: LayerKind;
  readonly options: LayerOptions;
  readonly input: LayerInput;
  readonly plan: LayerPlan;
}

/** Shapes from layer to layer; a misfit is reported at its layer. */
function planLayers(layers: readonly { readonly kind: string }[], data: Data, report: Report): readonly PlannedLayer[] {
  const planned: PlannedLayer[] = [];
  let spec: TensorSpec = trainSplit(data).inputs.input;
  for (const [index, options] of (layers as readonly LayerOptions[]).entries()) {
    const kind = layerKinds[options.kind];
    if (!kind) throw new Error(`no layer ${options.kind}`);
    const input: LayerInput = { spec, lengthsVary: lengthsVary(data) };
    const plan = kind.plan(options, input, (problem) => report({ ...problem, path: ['layers', index, ...problem.path] }));
    planned.push({ name: nameOf(options.kind, planned), kind, options, input, plan });
    spec = plan.output;
  }
  return planned;
}

/** As Keras counts: `dense`, `dense_1`, `dense_2`. */
function nameOf(kind: string, before: readonly PlannedLayer[]): string {
  const alike = before.filter(({ options }) => options.kind === kind).length;
  return alike === 0 ? kind : `${kind}_${alike}`;
}

function lengthsVary({ splits }: Data): boolean {
  const all = Object.values(splits);
  return all.some(({ masked }) => masked) || new Set(all.map(({ inputs }) => inputs.input.shape[0])).size > 1;
}
