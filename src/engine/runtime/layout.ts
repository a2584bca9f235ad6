import type { DType, Graph, Shape } from '../graph/graph.js';
import { nameOf, sizeOf } from '../graph/node.js';
import { steadyThreads } from './threads.js';

/** One tensor of the state and where it lies in its block. */
export interface Member {
  readonly name: string;
  readonly shape: Shape;
  readonly begin: number;
  readonly size: number;
}

/** An input of the runtime that holds state: one tensor, or several packed one after another. */
export interface Block {
  /** As in the graph. */
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly members: readonly Member[];
  /** False where it comes out as it went in. */
  readonly renewed: boolean;
}

/** A tensor that goes in or comes out, by its name in the step. */
export interface Port {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** How a program's tensors go in and come out: all that is needed beside the model's bytes to run it. Plain data. */
export interface Layout {
  readonly steps: number;
  /** More threads than these would change digits. */
  readonly mostThreads: number;
  readonly state: readonly Block[];
  readonly inputs: readonly Port[];
  readonly scalars: readonly Port[];
  readonly outputs: readonly Port[];
}

export function layoutOf(graph: Graph, steps: number): Layout {
  const state: Block[] = [];
  const ports = { input: [] as Port[], scalar: [] as Port[] };
  for (const input of graph.inputs) {
    const name = nameOf(input);
    const { shape, dtype } = input;
    const kind = name.slice(0, name.indexOf('/'));
    if (kind === 'input' || kind === 'scalar') ports[kind].push({ name: plain(name), shape, dtype });
    else {
      const members = placed(graph.packed.get(name) ?? [{ name, shape }]);
      state.push({ name, shape, dtype, members, renewed: graph.outputs.has(name) });
    }
  }
  const outputs = [...graph.outputs].flatMap(([name, { shape, dtype }]): Port[] =>
    name.startsWith('output/') ? [{ name: plain(name), shape, dtype }] : [],
  );
  return { steps, mostThreads: steadyThreads(graph), state, inputs: ports.input, scalars: ports.scalar, outputs };
}

function placed(tensors: readonly { readonly name: string; readonly shape: Shape }[]): readonly Member[] {
  let begin = 0;
  return tensors.map(({ name, shape }) => {
    const size = sizeOf(shape);
    begin += size;
    return { name: plain(name), shape, begin: begin - size, size };
  });
}

/** `state/parameters/W` in the graph is `parameters/W` in the step. */
const plain = (name: string): string => name.slice(name.indexOf('/') + 1);
