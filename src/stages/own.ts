import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Type } from '../language/type.js';
import type { defineStage, Stage } from './stage.js';

/** What the function that a person's module exports is handed. */
export interface StageTools {
  readonly defineStage: typeof defineStage;
  readonly Type: typeof Type;
  /** Only for use inside of the functions that `create` returns: checking and planning never load it. */
  readonly tf: typeof TensorFlow;
}

/** The default export of a module that a document names under `use:`. */
export type OwnStages = (tools: StageTools) => readonly Stage[];
