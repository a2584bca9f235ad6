import type { Spec } from '../engine.js';
import { fold } from './fold.js';
import type { DType, Node, Shape, TypedArray } from './graph.js';
import { infer } from './infer.js';
import { arrayOf, type Attributes, dataOf, isConstant, sizeOf } from './node.js';
import { rules } from './rules.js';

/**
 * The constructor of nodes, for the tape and for every pass. Equal nodes are made once (constants: equal by content), operations on
 * constants are folded, and the local rules of `rules.ts` apply: so they need no pass of their own, and hold after each pass.
 */
export interface Make {
  /** An operation of `infer.ts`, which knows its shape. */
  (op: string, inputs: readonly Node[], attributes?: Attributes): Node;
  /** Any other operator of ONNX: its value's shape and dtype are told. Shared as well, so it must be a pure function of its operands. */
  opaque(op: string, inputs: readonly Node[], attributes: Attributes, made: Spec): Node;
  input(name: string, shape: Shape, dtype: DType): Node;
  constant(data: TypedArray, shape: Shape, dtype: DType): Node;
  /** A constant of one value everywhere. */
  filled(value: number, shape: Shape, dtype: DType): Node;
  /** Shared, but exactly this operation: no rule, no folding. */
  exact(op: string, inputs: readonly Node[], attributes?: Attributes): Node;
  /** A node's operation on other operands of equal shapes and dtypes; the very node, where the operands are its own. */
  again(node: Node, inputs: readonly Node[]): Node;
  /** What `body` makes stands at `at` in the recorded program: replacements inherit the place of what they replace. */
  within<T>(at: number, body: () => T): T;
}

const NONE: Attributes = {};

/** `after`: the largest id so far. Ids go on from there, so that they grow from inputs to users across passes too. */
export function createMaker(after = -1): Make {
  const made = new Map<string, Node>();
  const constants = new Map<string, Node[]>();
  let last = after;
  let place: number | undefined;

  const node = (op: string, inputs: readonly Node[], attributes: Attributes, spec: Spec): Node => {
    const id = ++last;
    return { id, at: place ?? id, op, inputs, attributes, shape: spec.shape, dtype: spec.dtype };
  };

  const shared = (op: string, inputs: readonly Node[], attributes: Attributes, spec: Spec, old?: Node): Node =>
    remembered(
      made,
      `${op} ${operandsKey(op, inputs)} ${textOf(attributes)} ${spec.shape} ${spec.dtype}`,
      () => old ?? node(op, inputs, attributes, spec),
    );

  const constant = (data: TypedArray, shape: Shape, dtype: DType, old?: Node): Node => {
    if (data.length !== sizeOf(shape)) throw new Error(`a constant of shape [${shape}] has ${data.length} numbers`);
    const bucket = remembered(constants, `${dtype} ${shape} ${fingerprint(data)}`, () => []);
    const known = bucket.find((other) => sameBytes(dataOf(other), data));
    if (known) return known;
    const fresh = old ?? node('Constant', [], { data }, { shape, dtype });
    bucket.push(fresh);
    return fresh;
  };

  const operation = (op: string, inputs: readonly Node[], attributes: Attributes = NONE): Node => {
    const spec = inferred(op, inputs, attributes);
    const data = inputs.every(isConstant) ? fold(op, inputs, attributes, spec) : undefined;
    if (data) return constant(data, spec.shape, spec.dtype);
    return rules[op]?.(make, inputs, attributes, spec) ?? shared(op, inputs, attributes, spec);
  };

  const make: Make = Object.assign(operation, {
    opaque: (op: string, inputs: readonly Node[], attributes: Attributes, spec: Spec) => shared(op, inputs, attributes, spec),
    input: (name: string, shape: Shape, dtype: DType) => node('Input', [], { name }, { shape, dtype }),
    constant: (data: TypedArray, shape: Shape, dtype: DType) => constant(data, shape, dtype),
    filled: (value: number, shape: Shape, dtype: DType) => constant(arrayOf(dtype, sizeOf(shape)).fill(value), shape, dtype),
    exact: (op: string, inputs: readonly Node[], attributes: Attributes = NONE) =>
      shared(op, inputs, attributes, inferred(op, inputs, attributes)),
    again(old: Node, inputs: readonly Node[]) {
      if (old.op === 'Input') return old;
      if (old.op === 'Constant') return constant(dataOf(old), old.shape, old.dtype, old);
      if (inputs.every((input, i) => input === old.inputs[i])) return shared(old.op, inputs, old.attributes, old, old);
      return infer(old.op, inputs, old.attributes)
        ? operation(old.op, inputs, old.attributes)
        : shared(old.op, inputs, old.attributes, old);
    },
    within<T>(at: number, body: () => T): T {
      const outer = place;
      place = at;
      try {
        return body();
      } finally {
        place = outer;
      }
    },
  });
  return make;
}

function inferred(op: string, inputs: readonly Node[], attributes: Attributes): Spec {
  const spec = infer(op, inputs, attributes);
  if (!spec) throw new Error(`the shape of ${op} isn't known here: it has to be told`);
  return spec;
}

function remembered<T>(table: Map<string, T>, key: string, create: () => T): T {
  const known = table.get(key);
  if (known !== undefined) return known;
  const fresh = create();
  table.set(key, fresh);
  return fresh;
}

/** A node keeps its attributes from pass to pass. */
const texts = new WeakMap<Attributes, string>();

const textOf = (attributes: Attributes): string => {
  const known = texts.get(attributes);
  if (known !== undefined) return known;
  const text = JSON.stringify(attributes);
  texts.set(attributes, text);
  return text;
};

/** Operands whose order doesn't change the value's bits are shared in either order. */
function operandsKey(op: string, inputs: readonly Node[]): string {
  const ids = inputs.map((input) => input.id);
  const swappable = ids.length === 2 && (op === 'Sum' || op === 'Mul' || op === 'Add');
  return (swappable ? ids.toSorted((a, b) => a - b) : ids).join();
}

const sameBytes = (a: TypedArray, b: TypedArray): boolean => a === b || bufferOf(a).equals(bufferOf(b));

const bufferOf = (data: TypedArray): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

/** Numbers of a constant never change, and every pass asks for them again. */
const fingerprints = new WeakMap<TypedArray, number>();

/** Equal content gives an equal number; the reverse is checked byte by byte. */
function fingerprint(data: TypedArray): number {
  const known = fingerprints.get(data);
  if (known !== undefined) return known;
  const whole = data.byteLength % 4 === 0 && data.byteOffset % 4 === 0;
  const words = whole ? new Uint32Array(data.buffer, data.byteOffset, data.byteLength / 4) : bufferOf(data);
  const hash = fnv1a(words);
  fingerprints.set(data, hash);
  return hash;
}

function fnv1a(words: Uint32Array | Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ (words[i] ?? 0), 0x01000193);
  return hash >>> 0;
}
