import type { Graph, Node } from './graph/graph.js';
import { flagIn, operand, sizeOf } from './graph/node.js';
import { topological } from './graph/rewrite.js';

/** A call should end within this, so that signals, the heartbeat and the live line get their turn. Seconds. */
const CALL = 0.1;
/** What a slow core of today does: assumed, not measured, so that every machine makes the same program. */
const MULTIPLY_ADDS_A_SECOND = 1e10;
const ELEMENTS_A_SECOND = 5e8;
const SECONDS_A_NODE = 5e-6;
/** Making a session grows faster than the program. */
const MOST_NODES = 4000;
/** Beyond ten the cost of a call is spread thin enough. */
const MOST_STEPS = 10;

/** How many steps of a program a call should take: a function of the program alone. */
export function stepsPerCall(graph: Graph): number {
  const nodes = topological(graph).filter(({ op }) => op !== 'Input' && op !== 'Constant');
  const seconds = nodes.reduce((sum, node) => sum + secondsOf(node), 0);
  const bounds = [MOST_STEPS, Math.floor(CALL / Math.max(seconds, 1e-9)), Math.floor(MOST_NODES / Math.max(nodes.length, 1))];
  return Math.max(1, Math.min(...bounds));
}

const secondsOf = (node: Node): number =>
  SECONDS_A_NODE + multiplyAdds(node) / MULTIPLY_ADDS_A_SECOND + sizeOf(node.shape) / ELEMENTS_A_SECOND;

/** Of products and convolutions; all else is counted by its elements. */
function multiplyAdds(node: Node): number {
  switch (node.op) {
    case 'Gemm':
      return sizeOf(node.shape) * (operand(node).shape[flagIn(node.attributes, 'transposeA') ? 0 : 1] ?? 1);
    case 'MatMul':
      return sizeOf(node.shape) * (operand(node).shape.at(-1) ?? 1);
    case 'Conv':
      return sizeOf(node.shape) * sizeOf(operand(node, 1).shape.slice(1));
    case 'ConvTranspose':
      return sizeOf(operand(node).shape) * sizeOf(operand(node, 1).shape.slice(1));
    case 'Einsum':
      return node.inputs.reduce((product, { shape }) => product * sizeOf(shape), 1) ** 0.5 * sizeOf(node.shape) ** 0.5;
    default:
      return 0;
  }
}
