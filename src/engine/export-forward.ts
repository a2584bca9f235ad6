import { type Arrays, EngineError, type Step } from './engine.js';
import type { Graph, Node } from './graph/graph.js';
import { nameOf } from './graph/node.js';
import { rewrite } from './graph/rewrite.js';
import { generalise, type OpenShape } from './onnx/generalise.js';
import { encodeModel, type GraphParts } from './onnx/model.js';
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
export async function forwardParts({ step, open, weights }: ForwardModel): Promise<GraphParts> {
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
