import type { EngineKind } from './engine.js';

/**
 * Counts up, engine by engine, when the same step comes to give other digits: part of the identity of a work, known without starting an engine.
 * All counts are the same arithmetic, rounded otherwise, so that tables judge runs of an earlier one too.
 *
 * `compiled`: 2 with the passes stacks-as-rows, sum-of-joins, subtract and turn-factors; 3 with cut-factors and join-left-factors.
 */
export const numerics: Readonly<Record<EngineKind, number>> = { compiled: 3, tensorflow: 1, 'eager-wasm': 1, 'eager-js': 1 };
