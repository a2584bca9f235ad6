import { type Graph, nameOf, type Node } from './graph.js';
import type { Make } from './make.js';
import type { Spec } from '../engine.js';

/*
 * Operations with a body, a graph that is run again and again. As a recurrence is recorded, with what its gradient needs:
 *
 *     Loop {trips} (weights, state, sequences)         one piece of the sequences after the other
 *     LoopGradient {trips} (a loop, gradients)         the same pieces, the last one first
 *
 * Both have one body, a piece forwards and backwards. Its inputs and outputs say by their names what they are:
 *
 *     weights/W              read by every piece
 *     state/h                from piece to piece                                       out state/h
 *     sequence/x             cut into pieces [piece, ...] and joined again             out sequence/h
 *     gradient state/h       of what `out state/h` is; from piece to piece, backwards  out gradient state/h    of what `state/h` is
 *     gradient sequence/h    of what `out sequence/h` is                               out gradient sequence/x
 *     gradient so far/W      added up                                                  out gradient so far/W
 *
 * As it runs (`split-loops.ts`), forwards and backwards each an operator Scan of ONNX:
 *
 *     Scan {trips, carried, cut, backwards} (carried, cut [trips, ...], weights)
 *
 * Outputs of the body: what is carried on, then what is joined along a new axis [trips, ...]. An operation has one output, so what these three give
 * is taken by `Part {of}`, by the name that the body has for it.
 */

/** What a body is to do with an input or an output, and what it is the value of. */
export const [WEIGHTS, STATE, SEQUENCE, STATE_GRADIENT, SEQUENCE_GRADIENT, GRADIENT_SO_FAR] = [
  'weights/',
  'state/',
  'sequence/',
  'gradient state/',
  'gradient sequence/',
  'gradient so far/',
] as const;

/** The output's name, of what goes on as or beside the input of this name. */
export const out = (name: string): string => `out ${name}`;

export const isAny = (name: string, ...prefixes: readonly string[]): boolean => prefixes.some((prefix) => name.startsWith(prefix));

/** What only runs backwards has. */
export const isGradient = (input: Node): boolean => isAny(nameOf(input), STATE_GRADIENT, SEQUENCE_GRADIENT, GRADIENT_SO_FAR);

/** The body of an operation that has one. */
export function bodyOf({ op, body }: Node): Graph {
  if (!body) throw new Error(`${op} has no body`);
  return body;
}

/** One of the values that an operation with a body gives. */
export const partOf = (make: Make, node: Node, name: string, spec: Spec): Node => make.opaque('Part', [node], { of: name }, spec);

/** What a body gives by a name. */
export function outputOf(body: Graph, name: string): Node {
  const found = body.outputs.get(name);
  if (!found) throw new Error(`a loop gives no "${name}"`);
  return found;
}
