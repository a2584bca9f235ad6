import type { Step } from './engine.js';
import { type ForwardModel, forwardParts } from './export-forward.js';
import { encodeModel, type Value } from './onnx/model.js';
import { scanNode } from './onnx/scan.js';

/** A step that is gone through along an axis of its inputs: state of the step that isn't weights goes from one place to the next. */
export interface ScannedModel extends ForwardModel {
  /** The inputs that are cut along `axis`, all that there are, and the output that is put together along it. The step knows no such axis. */
  readonly scanned: { readonly inputs: readonly string[]; readonly output: string; readonly axis: number };
}

/** The length of the axis that is scanned, in the file. */
const TIME = 'time';

/**
 * A recurrent model as an ONNX file for sequences of any length: one step of it, inside of a Scan.
 *
 *     input [batch, time]    NAME [batch, ...]   ->   Scan(one step)   ->   output [batch, time, ...]    next_NAME [batch, ...]
 */
export async function exportScan({ scanned, ...model }: ScannedModel): Promise<Uint8Array> {
  const { inputs, output, axis } = scanned;
  const body = await forwardParts({ ...model, step: (lengths) => insideScan(model.step(lengths)) });
  const sequence = ({ name, element, shape }: Value): Value => ({
    name: outer(name),
    element,
    shape: [...shape.slice(0, axis), TIME, ...shape.slice(axis)],
  });
  const cut = inputs.map((input) => required(body.inputs, inner(input)));
  const states = body.inputs.filter((value) => !cut.includes(value));
  const next = states.map(({ name }) => required(body.outputs, `next_${name}`));
  const joined = required(body.outputs, inner(output));
  const plain = (value: Value): Value => ({ ...value, name: outer(value.name) });
  const scan = scanNode({
    body: { ...body, inputs: [...states, ...cut], outputs: [...next, joined] },
    inputs: [...states, ...cut].map(({ name }) => outer(name)),
    outputs: [...next, joined].map(({ name }) => outer(name)),
    cut: cut.length,
    axis,
  });
  return encodeModel(
    model.name,
    {
      nodes: [scan],
      initializers: [],
      inputs: [...cut.map(sequence), ...states.map(plain)],
      outputs: [sequence(joined), ...next.map(plain)],
    },
    model.metadata,
  );
}

/** Names inside of the Scan are others than outside. */
const MARK = 'one_';
const inner = (name: string): string => MARK + name;
const outer = (name: string): string => name.replace(MARK, '');

/** A step with its inputs, outputs and what state isn't weights under inner names. */
function insideScan(step: Step): Step {
  const rename = <T>(record: Readonly<Record<string, T>>, isOwn: (name: string) => boolean = () => true): Record<string, T> =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [isOwn(name) ? inner(name) : name, value]));
  const back = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name.startsWith(MARK) ? outer(name) : name, value]));
  const isState = (name: string): boolean => !name.includes('/');
  return {
    ...step,
    state: rename(step.state, isState),
    inputs: rename(step.inputs),
    run(tf, { state, inputs, scalars }, layers) {
      const made = step.run(tf, { state: back(state), inputs: back(inputs), scalars }, layers);
      return { state: rename(made.state, isState), outputs: rename(made.outputs) };
    },
  };
}

function required(values: readonly Value[], name: string): Value {
  const found = values.find((value) => value.name === name);
  if (!found) throw new Error(`the step of a scanned model has no ${outer(name)}`);
  return found;
}
