import { flagIn, type Graph, type Node, numberIn, operand, sizeOf } from './graph/graph.js';
import { topological } from './graph/make.js';

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
/** A pass of so few steps is one call where that is short enough: what is left over of tens would be as many calls of one step each. */
const WHOLE_PASS = 32;

/** How many steps of a program fit into a call: a function of the program alone. */
export function stepsThatFit(graph: Graph): number {
  const bounds = [WHOLE_PASS, Math.floor(CALL / Math.max(secondsOf(graph), 1e-9)), Math.floor(MOST_NODES / Math.max(countNodes(graph), 1))];
  return Math.max(1, Math.min(...bounds));
}

/** How many steps a call should take in a pass of so many batches, where so many fit. */
export const stepsPerCall = (fit: number, batches: number): number => (batches <= fit ? batches : Math.min(fit, MOST_STEPS));

/** The work of a call on an operation may take so long for all runs together: several times what it costs to come to the operation at all. */
const ENOUGH = 6 * SECONDS_A_NODE;
const MOST_RUNS = 32;
/** Fewer gain nothing. */
const FEWEST_RUNS = 4;

/**
 * How many runs of a program one call may compute side by side, a power of two; 1 where that gains nothing, and for a loop. A function of the program
 * alone: of what its operations take beside what it costs to come to them.
 */
export function mostRuns(graph: Graph): number {
  const nodes = operationsOf(graph);
  if (nodes.some(({ body }) => body)) return 1;
  const work = secondsOf(graph) / Math.max(nodes.length, 1) - SECONDS_A_NODE;
  const runs = 2 ** Math.floor(Math.log2(Math.min(MOST_RUNS, ENOUGH / work)));
  return runs >= FEWEST_RUNS ? runs : 1;
}

const operationsOf = (graph: Graph): readonly Node[] => topological(graph).filter(({ op }) => op !== 'Input' && op !== 'Constant');

/** Operations in a program. A loop's body is in it once, however often it runs. */
const countNodes = (graph: Graph): number => operationsOf(graph).reduce((sum, { body }) => sum + 1 + (body ? countNodes(body) : 0), 0);

const secondsOf = (graph: Graph): number => operationsOf(graph).reduce((sum, node) => sum + secondsOfNode(node), 0);

const secondsOfNode = (node: Node): number =>
  SECONDS_A_NODE +
  multiplyAdds(node) / MULTIPLY_ADDS_A_SECOND +
  sizeOf(node.shape) / ELEMENTS_A_SECOND +
  (node.body ? numberIn(node.attributes, 'trips') * secondsOf(node.body) : 0);

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
