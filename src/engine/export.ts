import { type Arrays, EngineError, type Step } from './engine.js';
import { type Graph, nameOf, type Node } from './graph/graph.js';
import { rewrite } from './graph/make.js';
import { generalise, type OpenShape } from './onnx/generalise.js';
import { encodeModel, type GraphParts, graphProto, type Message, nodeProto, type Value } from './onnx/model.js';
import { graphParts } from './onnx/write.js';

export interface ForwardModel {
  /** The producer's name for it, in the file. */
  readonly name: string;
  /** The forward pass at given lengths: `({ batch }) => Step`. Its outputs are the model's. */
  readonly step: (lengths: Readonly<Record<string, number>>) => Step;
  /** Names of the lengths that stay open: `['batch']`. */
  readonly open: readonly string[];
  /** State that becomes part of the model, by name: its weights. What else is in the state goes in as `NAME` and comes out as `next_NAME`. */
  readonly weights: Arrays;
  /** What the file says besides: text by name. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Recorded at these lengths; what differs between them is open. Primes, so that no product is mistaken for another. */
const BASE = 3;
const OTHER = 5;

/**
 * A trained model as an ONNX file, for any length of its open axes: for Python, browsers, Netron. Inputs and outputs have their plain names,
 * and no axis for steps.
 */
export const exportForward = async (model: ForwardModel): Promise<Uint8Array> =>
  encodeModel(model.name, await forwardParts(model), model.metadata);

/** A trained model as a graph for a larger ONNX file, for any length of its open axes. */
async function forwardParts({ step, open, weights }: ForwardModel): Promise<GraphParts> {
  const { record } = await import('./tape/record.js');
  const recorded = async (lengths: Readonly<Record<string, number>>): Promise<Graph> => standAlone(await record(step(lengths)), weights);
  const lengths = Object.fromEntries(open.map((length) => [length, BASE]));
  const others = [];
  for (const length of open) others.push({ name: length, length: OTHER, graph: await recorded({ ...lengths, [length]: OTHER }) });
  const { graph, shapeOf } = generalise({ base: await recorded(lengths), lengths, others });
  return graphParts(graph, { outputName: (output) => output, shapeOf: (node) => described(shapeOf(node)) });
}

/** Weights in place, and neither an axis for steps nor prefixes in the names. */
function standAlone(graph: Graph, weights: Arrays): Graph {
  const plain = (name: string): string => name.slice(name.indexOf('/') + 1);
  const isWeight = (name: string): boolean => name.startsWith('state/') && plain(name) in weights;
  const inputs: Node[] = [];
  const made = rewrite(graph, (node, _, make) => {
    if (node.op !== 'Input') return undefined;
    const name = nameOf(node);
    const values = weights[plain(name)];
    if (isWeight(name) && values) return make.constant(values, node.shape, node.dtype);
    if (name.startsWith('scalar/'))
      throw new EngineError(`the forward pass takes a scalar, ${plain(name)}: it should be an input or a constant`);
    const input = make.input(plain(name), name.startsWith('state/') ? node.shape : node.shape.slice(1), node.dtype);
    inputs.push(input);
    return make('Reshape', [input], { shape: node.shape });
  });
  return withoutStepAxis({ ...made, inputs }, plain);
}

function withoutStepAxis(graph: Graph, plain: (name: string) => string): Graph {
  const named = new Map(
    [...graph.outputs].map(([name, node]) => [`${name.startsWith('state/') ? 'next_' : ''}${plain(name)}`, { name, node }]),
  );
  const outputs = new Map([...named].map(([name, { node }]) => [name, node]));
  return rewrite({ ...graph, outputs }, () => undefined, {
    end: (name, node, of, make) =>
      named.get(name)?.name.startsWith('output/') ? make('Reshape', [of(node)], { shape: node.shape.slice(1) }) : undefined,
  });
}

/** `2*batch` for what has no name of its own. */
const described = (shape: OpenShape): readonly (number | string)[] =>
  shape.map(({ factor, names }) => (names.length === 0 ? factor : [...(factor === 1 ? [] : [factor]), ...names].join('*')));

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
    run(tf, { state, inputs, scalars }, layers, loop) {
      const made = step.run(tf, { state: back(state), inputs: back(inputs), scalars }, layers, loop);
      return { state: rename(made.state, isState), outputs: rename(made.outputs) };
    },
  };
}

function required(values: readonly Value[], name: string): Value {
  const found = values.find((value) => value.name === name);
  if (!found) throw new Error(`the step of a scanned model has no ${outer(name)}`);
  return found;
}

/** The operator Scan: its body's last `cut` inputs come in slices along `axis`, its last output is put together along it, the rest is state. */
function scanNode(scan: {
  readonly body: GraphParts;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly cut: number;
  readonly axis: number;
}): Message {
  const axes = (count: number): readonly number[] => new Array<number>(count).fill(scan.axis);
  const attributes = { num_scan_inputs: scan.cut, scan_input_axes: axes(scan.cut), scan_output_axes: axes(1) };
  return nodeProto('Scan', scan.inputs, scan.outputs, attributes, graphProto('one step', scan.body));
}
