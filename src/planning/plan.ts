import type { EngineOptions } from '../engine/engine.js';
import type { ResolvedConfig } from '../language/experiment.js';
import type { Accepted } from '../validity/accept.js';
import type { InitialWeights } from './initial-weights.js';
import type { FoundVectors } from './word-vectors.js';
import type { Data, DataFacts, LossSpec, MetricSpec, ModelSpec, OptimizerSpec } from '../stages/stage.js';

/** What would be done: plain data, printable, no tensors. Everything that training needs is in here or follows from it. */
export interface Plan {
  readonly name: string;
  readonly seed: number;
  readonly config: ResolvedConfig;
  readonly facts: DataFacts;
  readonly data: Data;
  readonly model: ModelSpec;
  readonly loss: LossSpec;
  /** In the order of the file; `key` is what stands after `SPLIT/`. */
  readonly metrics: readonly {
    readonly key: string;
    readonly kind: string;
    readonly splits: readonly string[];
    readonly spec: MetricSpec;
  }[];
  readonly optimizer: OptimizerSpec;
  /** What parameters begin with where they aren't drawn. */
  readonly initialWeights?: InitialWeights;
  /** Of a model that takes vectors of words from files: what was found there. */
  readonly vectors?: readonly FoundVectors[];
  readonly training: { readonly epochs: number; readonly batchSize: number; readonly stepsPerEpoch: number; readonly totalSteps: number };
  readonly parameterCount: number;
  /** Threats to the result's validity that are there, and that the document accepts; left out where there are none. */
  readonly accepted?: readonly Accepted[];
  readonly engine: EngineOptions;
  readonly work: Work;
}

/** The identity of what is computed: a plan with a seed. */
export interface Work {
  /** 64 hex: SHA-256 of `ingredients` as canonical JSON. */
  readonly key: string;
  /** What the key was made of, so that two keys can be compared by eye. */
  readonly ingredients: Readonly<Record<string, unknown>>;
}
