import type { EngineKind } from './engine.js';

/**
 * Counts up, engine by engine, when the same step comes to give other digits: part of the identity of a work, known without starting an engine.
 *
 * `compiled`: 2 with the passes batch-to-gemm, sum-of-joins, subtract and pretranspose-weights; 3 with slice-operands and join-left-factors.
 * `eager-wasm`: 2 with what WebAssembly has wrong run by JavaScript.
 */
export const numerics: Readonly<Record<EngineKind, number>> = { compiled: 3, tensorflow: 1, 'eager-wasm': 2, 'eager-js': 1 };

/**
 * From this count on it is the same arithmetic, rounded otherwise, so that tables judge runs of an earlier count too. Before it, numbers were
 * wrong.
 */
export const rightSince: Readonly<Record<EngineKind, number>> = { compiled: 1, tensorflow: 1, 'eager-wasm': 2, 'eager-js': 1 };
