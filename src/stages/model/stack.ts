import type { Tensor } from '@tensorflow/tfjs-core';
import type { ModelSpec, Tensors, Tools } from '../stage.js';
import { get, prefixed, under } from '../tensors.js';
import type { RecurrentLayer, Start } from './recurrent-layer.js';

/** Recurrent layers one above the other; with two directions, every layer reads the sequence from both ends. */
export interface StackShape {
  readonly features: number;
  /** What the features are: `tokens`, `features`, `units`. */
  readonly reads: string;
  readonly hidden: number;
  readonly layers: number;
  readonly bidirectional: boolean;
  /** Share of the numbers between two layers that is dropped in training. */
  readonly dropout: number;
}

/** Numbers that a step of the whole stack gives: those of both directions side by side. */
export const stackWidth = ({ hidden, bidirectional }: StackShape): number => (bidirectional ? 2 : 1) * hidden;

/**
 * What the stack needs. A name says what tells a tensor from others of its kind, and nothing more: `Wxh`, `layer1.Wxh`, `forward.Wxh`,
 * `layer1.backward.Wxh`. Dropout acts on what a layer hands to the next, each step anew, as in `torch.nn.LSTM`; its mask is `[time, width]`.
 */
export function planStack(
  layer: RecurrentLayer,
  shape: StackShape,
  time: number,
  start: Start,
): Pick<ModelSpec, 'parameters' | 'state' | 'masks'> {
  const parts = partsOf(shape).flat();
  return {
    parameters: parts.flatMap(({ prefix, features, reads }) =>
      layer.parameters(features, shape.hidden, start).map((parameter) => ({
        ...parameter,
        name: prefix + parameter.name,
        ...(parameter.axes && { axes: parameter.axes.map((axis) => (axis === 'inputs' ? reads : axis)) }),
      })),
    ),
    state: Object.fromEntries(parts.flatMap(({ prefix }) => layer.state.map((part) => [prefix + part, [shape.hidden]]))),
    masks:
      shape.dropout === 0
        ? []
        : partsOf(shape)
            .slice(1)
            .map((_, below) => ({ name: dropoutAfter(below), shape: [time, stackWidth(shape)], rate: shape.dropout })),
  };
}

/**
 * `h [time, batch, width]` are the steps of the uppermost layer, `last [batch, width]` what each of its directions ends with. Where lengths
 * vary, `mask [time, batch]` says which steps are there; `dropout`, given in training only, holds the masks that were planned.
 */
type ReadStack = (
  parameters: Tensors,
  x: Tensor,
  state: Tensors,
  given: { readonly mask?: Tensor | undefined; readonly dropout?: Tensors | undefined },
) => { readonly h: Tensor; readonly last: Tensor; readonly state: Tensors };

export function createStack(layer: RecurrentLayer, tools: Tools, shape: StackShape): ReadStack {
  const { tf } = tools;
  const levels = partsOf(shape).map((parts) => parts.map((part) => ({ ...part, read: layer.create(tools, shape.hidden) })));
  return (parameters, x, first, { mask, dropout }) => {
    let state: Tensors = {};
    let h = x;
    let last = x;
    for (const [level, parts] of levels.entries()) {
      const drops = dropout && shape.dropout > 0 && level > 0;
      const seen = drops ? tf.mul(h, tf.transpose(get(dropout, dropoutAfter(level - 1)), [1, 0, 2])) : h;
      const made = parts.map(({ prefix, backward, read }) => {
        const turn = (sequence: Tensor): Tensor => (backward ? tf.reverse(sequence, 0) : sequence);
        const after = read(under(parameters, prefix), turn(seen), under(first, prefix), mask && turn(mask));
        state = { ...state, ...Object.fromEntries(Object.entries(after.state).map(([name, part]) => [prefix + name, part])) };
        return { h: turn(after.h), last: get(after.state, 'h') };
      });
      h = beside(
        tools,
        made.map((direction) => direction.h),
      );
      last = beside(
        tools,
        made.map((direction) => direction.last),
      );
    }
    return { h, last, state };
  };
}

/** One layer in one direction. */
interface Part {
  readonly prefix: string;
  readonly backward: boolean;
  readonly features: number;
  readonly reads: string;
}

/** From the lowest layer up; in each the direction forwards comes first. */
function partsOf(shape: StackShape): readonly (readonly Part[])[] {
  const { features, reads, layers, bidirectional } = shape;
  return Array.from({ length: layers }, (_, level) =>
    (bidirectional ? [false, true] : [false]).map((backward) => ({
      prefix: (layers > 1 ? `layer${level}.` : '') + (bidirectional ? (backward ? 'backward.' : 'forward.') : ''),
      backward,
      features: level === 0 ? features : stackWidth(shape),
      reads: level === 0 ? reads : 'units',
    })),
  );
}

const dropoutAfter = (level: number): string => `layer${level}.dropout`;

const beside = ({ tf }: Tools, tensors: readonly Tensor[]): Tensor => {
  const [only, another] = tensors;
  return only && !another ? only : tf.concat([...tensors], -1);
};

/** From a model from scratch to its built-in twin, given how one layer's weights are copied; the readout's go by unchanged. */
export const copyLayers =
  (copy: (tools: Tools, scratch: Tensors) => Tensors) =>
  (tools: Tools, scratch: Tensors): Tensors => {
    const { Wy, by, ...layers } = scratch;
    const prefixes = new Set(Object.keys(layers).map((name) => name.slice(0, name.lastIndexOf('.') + 1)));
    const copies = [...prefixes].map((prefix) => prefixed(prefix, copy(tools, under(layers as Tensors, prefix))));
    return { ...copies.reduce((all, each) => ({ ...all, ...each }), {}), ...(Wy && by ? { Wy, by } : {}) };
  };
