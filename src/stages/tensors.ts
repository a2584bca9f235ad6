import type { DataSpec, ModelSpec, ParameterSpec, Shape, SplitSpec, Tensors } from './stage.js';

/** A tensor that must be there: a missing one is a mistake of ours, so it throws. */
export function get<T>(tensors: Readonly<Record<string, T>>, name: string): T {
  const tensor = tensors[name];
  if (tensor === undefined) throw new Error(`no tensor ${name} among ${Object.keys(tensors).join(', ') || 'none'}`);
  return tensor;
}

/** A tensor by each name: what `f` makes of the one that had it. */
export const mapTensors = (tensors: Tensors, f: (tensor: Tensors[string], name: string) => Tensors[string]): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, f(tensor, name)]));

/** The tensors whose names begin with `prefix`, by what follows it. */
export const under = (tensors: Tensors, prefix: string): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).flatMap(([name, tensor]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), tensor]] : [])),
  );

/** Tensors with `prefix` in front of their names. */
export const prefixed = (prefix: string, tensors: Tensors = {}): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));

/** How many numbers a tensor holds. */
export const sizeOf = (shape: Shape): number => shape.reduce((size, length) => size * length, 1);

/** The parameters that training changes. */
export const trainable = ({ parameters }: Pick<ModelSpec, 'parameters'>): readonly ParameterSpec[] =>
  parameters.filter(({ frozen = false }) => !frozen);

/** The split whose shapes decide a model's; every dataset has it. */
export const trainSplit = (data: Pick<DataSpec, 'splits'>): SplitSpec => get(data.splits, 'train');
