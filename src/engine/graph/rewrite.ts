import type { Graph, Node } from './graph.js';
import { createMaker, type Make } from './make.js';

/** Gives a node's replacement, or undefined to make it again from its operands' replacements. `of` maps old nodes to new ones. */
type Change = (node: Node, of: (old: Node) => Node, make: Make) => Node | undefined;

/** Gives what an output of the graph becomes, or undefined for its node's replacement. */
type End = (name: string, node: Node, of: (old: Node) => Node, make: Make) => Node | undefined;

/**
 * A new graph, in which `change` has replaced what it wants. What follows a replacement goes through the constructor again, with all its
 * local rules; nodes that nothing before them touched are kept as they are.
 *
 * A node's operands are replaced before it. A change that joins several nodes asks for the operands of all of them when it meets the first:
 * `needs` names such nodes. When these needs form a ring there is no such graph, and a RingError is thrown.
 */
export function rewrite(
  graph: Graph,
  change: Change,
  { needs, end }: { readonly needs?: (node: Node) => readonly Node[]; readonly end?: End } = {},
): Graph {
  const order = topological(graph);
  const make = createMaker(order.at(-1)?.id ?? -1);
  const done = new Map<Node, Node>();
  const of = (old: Node): Node => {
    const replacement = done.get(old);
    if (!replacement) throw new Error(`${old.op} ${old.id} is asked for before its turn: the change should name it in its needs`);
    return replacement;
  };
  const replace = (node: Node): Node => make.within(node.at, () => change(node, of, make) ?? make.again(node, node.inputs.map(of)));
  for (const node of orderByNeeds(order, (each) => (needs ? [...each.inputs, ...needs(each)] : each.inputs))) done.set(node, replace(node));
  const last = (name: string, node: Node): Node => make.within(node.at, () => end?.(name, node, of, make) ?? of(node));
  return { ...graph, outputs: new Map([...graph.outputs].map(([name, node]) => [name, last(name, node)])) };
}

export class RingError extends Error {
  override readonly name = 'RingError';
}

/** Every node after what it needs, otherwise in the given order. No recursion: a long sequence is a deep graph. */
export function orderByNeeds(nodes: readonly Node[], needs: (node: Node) => readonly Node[]): readonly Node[] {
  const result: Node[] = [];
  const state = new Map<Node, 'open' | 'done'>();
  for (const root of nodes) {
    const stack = [root];
    for (let node = stack.at(-1); node; node = stack.at(-1)) {
      const missing = state.get(node) === 'done' ? [] : needs(node).filter((need) => state.get(need) !== 'done');
      if (missing.length === 0) {
        stack.pop();
        if (state.get(node) !== 'done') result.push(node);
        state.set(node, 'done');
        continue;
      }
      if (missing.some((need) => state.get(need) === 'open')) throw new RingError(`${node.op} ${node.id} needs itself`);
      state.set(node, 'open');
      for (const need of missing.toReversed()) stack.push(need);
    }
  }
  return result;
}

/** Graphs never change, and a pass asks for the order of one several times. */
const orders = new WeakMap<Graph, readonly Node[]>();

/** All nodes that the outputs reach, and the inputs: from inputs to users. */
export function topological(graph: Graph): readonly Node[] {
  const known = orders.get(graph);
  if (known) return known;
  const reached = new Set<Node>(graph.inputs);
  const open = [...graph.outputs.values()];
  for (let node = open.pop(); node; node = open.pop()) {
    if (reached.has(node)) continue;
    reached.add(node);
    for (const input of node.inputs) open.push(input);
  }
  const order = [...reached].toSorted((a, b) => a.id - b.id);
  orders.set(graph, order);
  return order;
}

/** How often a node's value is read: once for each operand, and once for each output of the graph. */
export function countUses(graph: Graph): ReadonlyMap<Node, number> {
  const uses = new Map<Node, number>();
  const add = (node: Node): unknown => uses.set(node, (uses.get(node) ?? 0) + 1);
  for (const { inputs } of topological(graph)) inputs.forEach(add);
  for (const node of graph.outputs.values()) add(node);
  return uses;
}

/** The nodes that read a node's value, each as often as it does. An output of the graph is no reader. */
export function readersOf(nodes: readonly Node[]): (node: Node) => readonly Node[] {
  const readers = new Map<Node, Node[]>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      const known = readers.get(input);
      if (known) known.push(node);
      else readers.set(input, [node]);
    }
  }
  return (node) => readers.get(node) ?? [];
}

/** Operations of a graph: what a runtime has to do, inputs and constants not counted. */
export const count = (graph: Graph): number => topological(graph).filter((node) => node.op !== 'Input' && node.op !== 'Constant').length;
