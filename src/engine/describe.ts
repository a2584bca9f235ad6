import { type Attribute, dataOf, fillOf, type Graph, isConstant, nameOf, type Node, sizeOf } from './graph/graph.js';
import { topological } from './graph/make.js';

/**
 * A program as text, one operation a line, from inputs to outputs:
 *
 *     input/x: [1, 64, 2, 8]
 *       %1  Slice(input/x) {axis: 2, begin: 0, size: 1}  [1, 64, 1, 8]
 *       %2  Reshape(%1) {shape: [64, 8]}  [64, 8]
 *     output/loss = %98
 *
 * What an operation runs again and again stands below it, further to the right, with numbers of its own.
 *
 * Small constants stand where they are used; a large one is named by its shape.
 */
export function describeGraph(graph: Graph): string {
  const operations = topological(graph).filter((node) => node.op !== 'Input' && !isConstant(node));
  const width = `%${operations.length}`.length;
  const numbers = new Map(operations.map((node, i) => [node, `%${i + 1}`]));
  const name = (node: Node): string => numbers.get(node) ?? (node.op === 'Input' ? nameOf(node) : describeConstant(node));

  const inputs = graph.inputs.map((node) => {
    const members = graph.packed.get(nameOf(node))?.map((member) => member.name);
    return `${nameOf(node)}: ${type(node)}${members ? ` of ${members.join(', ')}` : ''}`;
  });
  const lines = operations.flatMap((node) => {
    const number = (numbers.get(node) ?? '').padStart(width);
    const line = `  ${number}  ${node.op}(${node.inputs.map(name).join(', ')})${describeAttributes(node)}  ${type(node)}`;
    return [line, ...(node.body ? within(node.body) : [])];
  });
  const outputs = [...graph.outputs].map(([output, node]) => `${output} = ${name(node)}`);
  return [...inputs, ...lines, ...outputs, ''].join('\n');
}

const within = (body: Graph): readonly string[] =>
  describeGraph(body)
    .trimEnd()
    .split('\n')
    .map((line) => `        ${line}`);

const type = ({ dtype, shape }: Node): string => `${dtype === 'float32' ? '' : `${dtype} `}[${shape.join(', ')}]`;

function describeConstant(node: Node): string {
  const fill = fillOf(node);
  if (fill !== undefined) return node.shape.length === 0 ? brief(fill) : `${brief(fill)}[${node.shape.join(', ')}]`;
  if (sizeOf(node.shape) <= 4) return `[${Array.from(dataOf(node), brief).join(', ')}]`;
  return `constant[${node.shape.join(', ')}]`;
}

/** Seven digits tell every float32 of daily use apart. */
const brief = (value: number): string => String(Number(value.toPrecision(7)));

function describeAttributes({ attributes }: Node): string {
  const entries = Object.entries(attributes).map(([name, value]) => `${name}: ${describeAttribute(value)}`);
  return entries.length > 0 ? ` {${entries.join(', ')}}` : '';
}

const describeAttribute = (value: Attribute): string =>
  typeof value === 'object' ? `[${Array.from(value as readonly number[]).join(', ')}]` : String(value);
