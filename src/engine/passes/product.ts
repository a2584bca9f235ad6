import type { Node } from '../graph/graph.js';
import { flagIn } from '../graph/node.js';

/** A matrix product that adds nothing yet. */
export const isProduct = (node: Node): boolean => node.op === 'Gemm' && node.inputs.length === 2;

/** A product that is read once: it may be made otherwise. */
export const isLoneProduct = (node: Node, uses: ReadonlyMap<Node, number>): boolean => isProduct(node) && uses.get(node) === 1;

/** Which factors it reads transposed: products of one kind can be added up as one. */
export const kindOf = ({ attributes }: Node): string => `${flagIn(attributes, 'transposeA')} ${flagIn(attributes, 'transposeB')}`;
