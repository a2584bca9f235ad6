import type { EngineKind } from './engine.js';

/** Counts up, engine by engine, when the same step comes to give other digits: part of the identity of a work, known without starting an engine. */
export const numerics: Readonly<Record<EngineKind, number>> = { compiled: 3, tensorflow: 1, 'eager-wasm': 1, 'eager-js': 1 };
