import { type Graph, nameOf, type Node } from './graph.js';
import { createMaker, type Make, topological } from './make.js';

/**
 * A graph of one step, run `steps` times in one call: state goes from step to step, what is new at each step is stacked along the leading axis.
 *
 *     state/w, input/x [1, 4]    ->   state/w, output/y [1, 2]            one step
 *     state/w, input/x [10, 4]   ->   state/w, output/y [10, 2]           ten
 *
 * Done after all passes: every step then has the arithmetic of the one step, operation for operation, so a call of ten steps gives the bits of
 * ten calls, and recording and passes take no longer for ten. Only moves of numbers are simplified between steps.
 */
export function unroll(graph: Graph, steps: number): Graph {
  if (steps === 1) return graph;
  const order = topological(graph);
  const last = order.at(-1)?.id ?? 0;
  const make = createMaker(last);
  const given = graph.inputs.filter((input) => !isState(input));
  const stacked = new Map(given.map((input) => [input, make.input(nameOf(input), [steps, ...input.shape.slice(1)], input.dtype)]));
  let state: ReadonlyMap<string, Node | undefined> = new Map(graph.inputs.filter(isState).map((input) => [nameOf(input), input]));
  const collected = new Map<string, Node[]>();

  for (let step = 0; step < steps; step++) {
    const inputs = new Map([
      ...[...stacked].map(([input, all]) => [input, make('Slice', [all], { axis: 0, begin: step, size: 1 })] as const),
      ...graph.inputs.filter(isState).map((input) => [input, state.get(nameOf(input)) ?? input] as const),
    ]);
    const outputs = oneStep(graph.outputs, order, inputs, (node, operands) =>
      make.within(step * last + node.at, () => repeat(make, node, operands)),
    );
    state = new Map([...state.keys()].map((name) => [name, outputs.get(name) ?? state.get(name)]));
    for (const [name, node] of outputs) collected.set(name, [...(collected.get(name) ?? []), node]);
  }
  const end = (name: string, values: readonly Node[]): Node => state.get(name) ?? make('Concat', values, { axis: 0 });
  return {
    ...graph,
    inputs: graph.inputs.map((input) => stacked.get(input) ?? input),
    outputs: new Map([...collected].map(([name, values]) => [name, end(name, values)])),
  };
}

const isState = (input: Node): boolean => nameOf(input).startsWith('state/');

/** The outputs of one more copy of the graph. */
function oneStep(
  outputs: ReadonlyMap<string, Node>,
  order: readonly Node[],
  inputs: ReadonlyMap<Node, Node>,
  copy: (node: Node, operands: readonly Node[]) => Node,
): ReadonlyMap<string, Node> {
  const done = new Map(inputs);
  const of = (node: Node): Node => done.get(node) ?? node;
  for (const node of order) if (!inputs.has(node)) done.set(node, copy(node, node.inputs.map(of)));
  return new Map([...outputs].map(([name, node]) => [name, of(node)]));
}

/** A move of numbers that now reads another kind of node, the state of the step before, may simplify. All else is copied as it is. */
function repeat(make: Make, node: Node, operands: readonly Node[]): Node {
  const anew = MOVES.has(node.op) && operands.some((operand, i) => operand.op !== node.inputs[i]?.op);
  return anew || node.op === 'Constant' ? make.again(node, operands) : make.opaque(node.op, operands, node.attributes, node);
}

const MOVES: ReadonlySet<string> = new Set(['Reshape', 'Transpose', 'Slice', 'Concat']);
