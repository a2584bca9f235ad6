import type { Pass } from '../graph/graph.js';
import { simplify } from './simplify.js';

/** In this order, each for its reason. */
export const passes: readonly Pass[] = [simplify];
