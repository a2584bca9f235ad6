import { dataOf, fillOf, type Graph, isConstant, nameOf, type Node } from '../../../src/engine/graph/graph.js';
import { topological } from '../../../src/engine/graph/make.js';

/** A graph as text, one operation a line, numbered from 1: `v2 = Slice(v1) axis=0 begin=0 size=2 [2, 3]`. */
export function print(graph: Graph): string {
  const names = new Map<Node, string>();
  const lines: string[] = [];
  const read = (node: Node): string => names.get(node) ?? '?';
  for (const node of topological(graph)) {
    if (node.op === 'Input') names.set(node, nameOf(node).replace(/^(state|input|scalar)\//, ''));
    else if (isConstant(node)) names.set(node, constant(node));
    else {
      names.set(node, `v${lines.length + 1}`);
      const attributes = Object.entries(node.attributes).map(([key, value]) => ` ${key}=${String(value)}`);
      lines.push(`${read(node)} = ${node.op}(${node.inputs.map(read).join(', ')})${attributes.join('')} [${node.shape.join(', ')}]`);
    }
  }
  for (const [name, node] of graph.outputs) lines.push(`${name} = ${read(node)}`);
  for (const [name, members] of graph.packed)
    lines.push(`${name} holds ${members.map((member) => `${member.name} [${member.shape.join(', ')}]`).join(', ')}`);
  return lines.join('\n');
}

function constant(node: Node): string {
  const fill = fillOf(node);
  const values = fill === undefined ? [...dataOf(node)].join(' ') : String(fill);
  return node.shape.length === 0 ? values : `{${values}}[${node.shape.join(', ')}]`;
}
