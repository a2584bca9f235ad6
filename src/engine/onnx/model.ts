import type { Attribute, Shape } from '../graph/graph.js';
import { ELEMENT, type Element } from './dtype.js';
import { encode, float, type Message, message, messageOf, varint } from './protobuf.js';

/** Version 18 of the operators, which ONNX Runtime has had since 1.14 and browsers have as well. */
const OPSET = 18;
/** The version of the file format that goes with it. */
const FORMAT = 8;

/** The messages of onnx.proto that a model needs; field numbers are from there. */
export interface Value {
  readonly name: string;
  readonly element: Element;
  /** A name stands for a length that is known only when the model runs. */
  readonly shape: readonly (number | string)[];
}

/** What a graph consists of, the model's own or one inside of an operator. */
export interface GraphParts {
  readonly nodes: readonly Message[];
  readonly initializers: readonly Message[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

export const graphProto = (name: string, { nodes, initializers, inputs, outputs }: GraphParts): Message =>
  messageOf([
    ...nodes.map((node) => [1, node] as const),
    [2, name],
    ...initializers.map((tensor) => [5, tensor] as const),
    ...inputs.map((value) => [11, valueInfo(value)] as const),
    ...outputs.map((value) => [12, valueInfo(value)] as const),
  ]);

/** `metadata` is text by name, the `metadata_props` of the format. */
export const encodeModel = (name: string, parts: GraphParts, metadata: Readonly<Record<string, string>> = {}): Uint8Array =>
  encode(
    message(
      [1, varint(FORMAT)],
      [2, 'retable'],
      [7, graphProto(name, parts)],
      [8, message([1, ''], [2, varint(OPSET)])],
      ...Object.entries(metadata).map(([key, value]) => [14, message([1, key], [2, value])] as const),
    ),
  );

export const tensorProto = (name: string, element: Element, shape: Shape, data: Uint8Array): Message =>
  message(...shape.map((length) => [1, varint(length)] as const), [2, varint(ELEMENT[element])], [8, name], [9, data]);

export const nodeProto = (
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
): Message =>
  messageOf([
    ...inputs.map((name) => [1, name] as const),
    ...outputs.map((name) => [2, name] as const),
    [3, outputs[0] ?? op],
    [4, op],
    ...Object.entries(attributes).map(([name, value]) => [5, attributeProto(name, value)] as const),
  ]);

/** Attributes that ONNX declares as floats, also where the number is whole. */
const FLOATS: ReadonlySet<string> = new Set(['alpha', 'beta', 'gamma', 'epsilon']);

function attributeProto(name: string, value: Attribute): Message {
  if (typeof value === 'string') return message([1, name], [4, new TextEncoder().encode(value)], [20, varint(3)]);
  if (typeof value === 'number' && FLOATS.has(name)) return message([1, name], [2, float(value)], [20, varint(1)]);
  if (typeof value === 'number' || typeof value === 'boolean') return message([1, name], [3, varint(Number(value))], [20, varint(2)]);
  return messageOf([[1, name], ...Array.from(value as readonly number[], (item) => [8, varint(item)] as const), [20, varint(7)]]);
}

function valueInfo({ name, element, shape }: Value): Message {
  const dimensions = shape.map((length) => [1, typeof length === 'number' ? message([1, varint(length)]) : message([2, length])] as const);
  const tensor = message([1, varint(ELEMENT[element])], [2, message(...dimensions)]);
  return message([1, name], [2, message([1, tensor])]);
}
