import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type * as Layers from '@tensorflow/tfjs-layers';
import type { Digits } from './digits.js';
import type { DType, Shape, TypedArray } from './graph/graph.js';

export interface Spec {
  readonly shape: Shape;
  readonly dtype: DType;
}
export type Specs = Readonly<Record<string, Spec>>;
export type Arrays = Readonly<Record<string, TypedArray>>;
type Tensors = Readonly<Record<string, Tensor>>;

/** What a recurrence reads: `weights` at every step, the `state` that the step before left, and one place after another of `sequences [time, ...]`. */
export interface Recurrence {
  readonly weights: Tensors;
  readonly state: Tensors;
  readonly sequences: Tensors;
}

/**
 * Reads sequences of any length: the state after the last step, and sequences as long as those that are read. Reading two pieces one after the other,
 * with the state handed on, is reading both at once.
 */
export type ReadPiece = (given: Recurrence) => Pick<Recurrence, 'state' | 'sequences'>;

/**
 * What `read` makes of sequences, however long they are. A program holds one piece of a long one, and runs it again and again; so `read` may use no
 * tensor but those that it is given.
 */
export type Loop = (read: ReadPiece, given: Recurrence) => ReturnType<ReadPiece>;

/** Reads sequences at once, step by step. */
export const atOnce: Loop = (read, given) => read(given);

/**
 * A function over tensors, written in the public TensorFlow.js API, that an engine turns into a program.
 *
 * `state` is threaded through: what a step returns under a name is what the next step gets under it (parameters, optimizer slots, recurrent
 * state). A name that the step leaves out of its returned state keeps its value, at no cost. `inputs` are new at every step; `scalars`
 * too, each a single float32. `outputs` are collected.
 */
export interface Step {
  /** For messages and file names: `lstm_addition train`. */
  readonly name: string;
  /** Two steps of one identity compute the same: the key of the program cache. Without it nothing is cached. */
  readonly identity?: string;
  readonly state: Specs;
  readonly inputs: Specs;
  readonly scalars: readonly string[];
  /**
   * The returned state may be a part of `state`; gradients are the step's own business (`tf.variableGrads`, `tf.valueAndGrads`). A long recurrence
   * goes through `loop`, or is recorded step by step.
   */
  readonly run: (
    tf: typeof TensorFlow,
    given: { readonly state: Tensors; readonly inputs: Tensors; readonly scalars: Tensors },
    layers: typeof Layers,
    loop: Loop,
  ) => { readonly state: Tensors; readonly outputs: Tensors };
}

/** State as an engine holds it: immutable, cheap to keep (a step makes a new one), readable by name. */
export interface State {
  /** A copy of the numbers of one tensor, in row-major order of its declared shape. */
  read(name: string): Promise<TypedArray>;
  dispose(): void;
}

/**
 * A compiled step. A call runs `steps` steps at once; inputs are stacked along a new leading axis `[steps, ...]`, scalars are `[steps]`,
 * outputs come back stacked `[steps, ...]`. Results are equal bit for bit whatever the number of steps a call takes.
 */
export interface Program {
  readonly steps: number;
  readonly outputs: Specs;
  run(state: State, inputs: Arrays, scalars: Scalars): Promise<Made>;
  dispose(): void;
}

type Scalars = Readonly<Record<string, Float32Array>>;

/** What a call gives. */
export interface Made {
  readonly state: State;
  readonly outputs: Arrays;
}

/** What a call takes, of one run. */
export interface RunCall {
  readonly state: State;
  readonly inputs: Arrays;
  readonly scalars: Scalars;
}

/** A program that computes several runs of a step in one call; each gets what it gets alone, bit for bit. Takes as many calls as it is made for, or fewer. */
export interface SharedProgram {
  run(calls: readonly RunCall[]): Promise<readonly Made[]>;
  dispose(): void;
}

export interface Engine {
  readonly kind: EngineKind;
  readonly device: Device;
  /** Counts up when the same step comes to give other digits. Part of the identity of a work. */
  readonly numerics: number;
  readonly digits: Digits;
  state(specs: Specs, values: Arrays): State;
  /**
   * How many steps a call should take in a pass of so many batches, decided by the size of the step and never by timing: a call holds the main
   * thread, so it is bounded to about a tenth of a second. Eager engines take one.
   */
  stepsPerCall(step: Step, batches: number): Promise<number>;
  /** Throws EngineError when the step holds what this engine can't run: the operation, and which engine would. */
  compile(step: Step, steps: number): Promise<Program>;
  /** How many runs of a step one call may compute side by side, by the step alone: 1 where that gains nothing. An engine without it runs each alone. */
  readonly mostRuns?: (step: Step) => Promise<number>;
  readonly compileShared?: (step: Step, steps: number, runs: number) => Promise<SharedProgram>;
  dispose(): Promise<void>;
}

export type EngineKind = 'compiled' | 'tensorflow' | 'eager-wasm' | 'eager-js';
export type Device = 'cpu' | 'webgpu' | 'cuda';

/** How an engine calls what takes long without a pause, so that whoever made it can end it. */
export type Within = <T>(work: () => T) => T;
export const directly: Within = (work) => work();

/** How an engine waits for a native library for seconds, in which this process can neither hear nor break anything. */
export type Natively = <T>(work: () => Promise<T>) => Promise<T>;

/** What whoever makes an engine has done around its work; without it, nothing. */
export interface EngineHooks {
  /** Calls what runs a step's own code. */
  readonly within?: Within;
  /** Calls what takes long in a native library. */
  readonly natively?: Natively;
  /** Is called when there is no program yet for a step: making one takes seconds. */
  readonly onCompile?: () => void;
}

export interface EngineOptions {
  readonly kind: EngineKind;
  readonly device: Device;
  readonly threads: number;
  /** Folder of the program cache; null: none. */
  readonly cache: string | null;
}

/** Of an engine that a package brings: it is not installed, it can't be loaded, or it computes on another device. */
type EngineErrorCode = 'absent' | 'unusable' | 'other-device';

/** What an engine can't do, in words for a person; `operation` is the TensorFlow.js kernel, where there is one. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly operation: string | undefined;
  readonly help: string | undefined;
  readonly code: EngineErrorCode | undefined;
  /** Which part of a step it happened in; whoever composes steps says so. */
  readonly part: string | undefined;
  constructor(
    message: string,
    options: {
      readonly operation?: string;
      readonly help?: string;
      readonly code?: EngineErrorCode;
      readonly part?: string;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.operation = options.operation;
    this.help = options.help;
    this.code = options.code;
    this.part = options.part;
  }
}

/**
 * Counts up, engine by engine, when the same step comes to give other digits: part of the identity of a work, known without starting an engine.
 *
 * `compiled`: 2 with the passes batch-to-gemm, sum-of-joins, subtract and pretranspose-weights; 3 with slice-operands and join-left-factors;
 * 4 with bias-row, cut-right-factors and add-apart, and with loops, which read sequences of more than 100 steps.
 * `eager-wasm`: 2 with what WebAssembly has wrong run by JavaScript.
 */
export const numerics: Readonly<Record<EngineKind, number>> = { compiled: 4, tensorflow: 1, 'eager-wasm': 2, 'eager-js': 1 };

/**
 * From this count on it is the same arithmetic, rounded otherwise, so that tables judge runs of an earlier count too. Before it, numbers were
 * wrong.
 */
export const rightSince: Readonly<Record<EngineKind, number>> = { compiled: 1, tensorflow: 1, 'eager-wasm': 2, 'eager-js': 1 };
