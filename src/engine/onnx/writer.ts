import type { Attribute, Node, Shape } from '../graph/graph.js';
import { bytesOf, ELEMENT, type Element } from './dtype.js';
import { tensorProto } from './model.js';
import type { Message } from './protobuf.js';

/** What a lowering writes with: operators of ONNX by name, on values by name. */
export interface Writer {
  /** Appends an operator with one output, and names that. */
  op(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>): string;
  /** Appends an operator with several outputs, and names them. */
  ops(op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>>, outputs: number): readonly string[];
  cast(value: string, to: Element): string;
  /** Whole numbers along one axis: shapes, axes, bounds. */
  integers(values: readonly number[]): string;
  number(value: number, element: Element): string;
}

export interface GraphWriter extends Writer {
  readonly operators: readonly Operator[];
  readonly initializers: readonly Message[];
  has(node: Node): boolean;
  name(node: Node): string;
  bind(node: Node, value: string): void;
  constant(element: Element, shape: Shape, bytes: Uint8Array): string;
  /** Gives an output of the graph its name: by a copy, where its value has another one. */
  end(node: Node, name: string): void;
}

interface Operator {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** `ends`: the names that values of outputs get where they are made, so that they need no copy. */
export function createWriter(ends: ReadonlyMap<Node, string>): GraphWriter {
  const operators: Operator[] = [];
  const initializers: Message[] = [];
  const names = new Map<Node, string>();
  const constants = new Map<string, string>();
  const fresh = (op: string): string => `${op} ${operators.length}`;
  const rename = (value: string, name: string): boolean => {
    const last = operators.at(-1);
    if (!last?.outputs.includes(value)) return false;
    operators[operators.length - 1] = { ...last, outputs: last.outputs.map((output) => (output === value ? name : output)) };
    return true;
  };

  const writer: GraphWriter = {
    operators,
    initializers,
    has: (node) => names.has(node),
    name(node) {
      const name = names.get(node);
      if (name === undefined) throw new Error(`${node.op} ${node.id} is used before it is written`);
      return name;
    },
    bind(node, value) {
      const end = ends.get(node);
      names.set(node, end !== undefined && rename(value, end) ? end : value);
    },
    op: (op, inputs, attributes = {}) => writer.ops(op, inputs, attributes, 1)[0] ?? '',
    ops(op, inputs, attributes, outputs) {
      const made = Array.from({ length: outputs }, (_, i) => (outputs === 1 ? fresh(op) : `${fresh(op)}.${i}`));
      operators.push({ op, inputs, outputs: made, attributes });
      return made;
    },
    cast: (value, to) => writer.op('Cast', [value], { to: ELEMENT[to] }),
    integers: (values) => writer.constant('int64', [values.length], bytesOf(BigInt64Array.from(values, BigInt))),
    number: (value, element) => writer.constant(element, [], scalarBytes(value, element)),
    constant(element, shape, bytes) {
      const key = `${element} ${shape} ${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')}`;
      const known = constants.get(key);
      if (known) return known;
      const name = `constant ${constants.size}`;
      constants.set(key, name);
      initializers.push(tensorProto(name, element, shape, bytes));
      return name;
    },
    end(node, name) {
      if (writer.name(node) !== name) operators.push({ op: 'Identity', inputs: [writer.name(node)], outputs: [name], attributes: {} });
    },
  };
  return writer;
}

function scalarBytes(value: number, element: Element): Uint8Array {
  switch (element) {
    case 'float32':
      return bytesOf(Float32Array.of(value));
    case 'float64':
      return bytesOf(Float64Array.of(value));
    case 'int32':
      return bytesOf(Int32Array.of(value));
    case 'int64':
      return bytesOf(BigInt64Array.of(BigInt(value)));
    case 'bool':
    case 'uint8':
      return Uint8Array.of(value);
  }
}
