import type { Attribute, Shape, TypedArray } from '../graph/graph.js';

/** Version 18 of the operators, which ONNX Runtime has had since 1.14 and browsers have as well. */
const OPSET = 18;
/** The version of the file format that goes with it. */
const FORMAT = 8;

/** An output has the name of the state that it renews; ONNX wants another. */
export const outputName = (name: string): string => `next ${name}`;

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

/** `body`: the graph within an operator that runs it again and again. */
export function nodeProto(
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
  body?: Message,
): Message {
  const fields: Field[] = [];
  for (const name of inputs) fields.push([1, name]);
  for (const name of outputs) fields.push([2, name]);
  fields.push([3, outputs[0] ?? op], [4, op]);
  for (const [name, value] of Object.entries(attributes)) fields.push([5, attributeProto(name, value)]);
  if (body) fields.push([5, message([1, 'body'], [6, body], [20, varint(5)])]);
  return { fields };
}

/** Attributes that ONNX declares as floats, also where the number is whole. */
const FLOATS: ReadonlySet<string> = new Set(['alpha', 'beta', 'gamma', 'epsilon']);

function attributeProto(name: string, value: Attribute): Message {
  if (typeof value === 'string') return message([1, name], [4, value], [20, varint(3)]);
  if (typeof value === 'number' && FLOATS.has(name)) return message([1, name], [2, float(value)], [20, varint(1)]);
  if (typeof value === 'number' || typeof value === 'boolean') return message([1, name], [3, varint(Number(value))], [20, varint(2)]);
  return messageOf([[1, name], ...Array.from(value as readonly number[], (item) => [8, varint(item)] as const), [20, varint(7)]]);
}

function valueInfo({ name, element, shape }: Value): Message {
  const dimensions = shape.map((length) => [1, typeof length === 'number' ? message([1, varint(length)]) : message([2, length])] as const);
  const tensor = message([1, varint(ELEMENT[element])], [2, message(...dimensions)]);
  return message([1, name], [2, message([1, tensor])]);
}

/**
 * The wire format of Protocol Buffers, as much of it as ONNX needs: a message is a list of fields, each a number and a value.
 * https://protobuf.dev/programming-guides/encoding/
 */
export type Field = readonly [number: number, value: FieldValue];
type FieldValue = Varint | Fixed | string | Uint8Array | Message;
/** A whole number, of which the sign is kept. */
interface Varint {
  readonly varint: number;
}
/** A float of four bytes. */
interface Fixed {
  readonly float: number;
}
export interface Message {
  readonly fields: readonly Field[];
}

export const varint = (value: number): Varint => ({ varint: value });
export const float = (value: number): Fixed => ({ float: value });
export const message = (...fields: readonly Field[]): Message => ({ fields });
/** A message of any number of fields: a call takes no more than about a hundred thousand arguments. */
export const messageOf = (fields: readonly Field[]): Message => ({ fields });

/** A message as bytes: its length is found first, so that large tensors are copied once. */
export function encode(root: Message): Uint8Array {
  const lengths = new Map<Message, number>();
  const bytes = Buffer.alloc(measure(root, lengths));
  write(root, { bytes, at: 0 }, lengths);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

function measure(item: Message, lengths: Map<Message, number>): number {
  let total = 0;
  for (const [number, value] of item.fields) {
    total += varintLength(number << 3);
    if (typeof value === 'string') total += delimited(Buffer.byteLength(value));
    else if (value instanceof Uint8Array) total += delimited(value.length);
    else if ('varint' in value) total += varintLength(value.varint);
    else if ('float' in value) total += 4;
    else total += delimited(measure(value, lengths));
  }
  lengths.set(item, total);
  return total;
}

const delimited = (length: number): number => varintLength(length) + length;

interface Target {
  readonly bytes: Buffer;
  at: number;
}

function write(item: Message, target: Target, lengths: ReadonlyMap<Message, number>): void {
  for (const [number, value] of item.fields) {
    if (typeof value === 'string') {
      const length = Buffer.byteLength(value);
      writeHead(target, number, LENGTH_DELIMITED, length);
      target.at += target.bytes.write(value, target.at);
    } else if (value instanceof Uint8Array) {
      writeHead(target, number, LENGTH_DELIMITED, value.length);
      target.bytes.set(value, target.at);
      target.at += value.length;
    } else if ('varint' in value) {
      writeHead(target, number, VARINT, value.varint);
    } else if ('float' in value) {
      writeVarint(target, (number << 3) | FIXED_32);
      target.bytes.writeFloatLE(value.float, target.at);
      target.at += 4;
    } else {
      writeHead(target, number, LENGTH_DELIMITED, lengths.get(value) ?? 0);
      write(value, target, lengths);
    }
  }
}

/** A field's number and kind, then its value or its length. */
function writeHead(target: Target, number: number, kind: number, value: number): void {
  writeVarint(target, (number << 3) | kind);
  writeVarint(target, value);
}

/** Seven bits a byte, the lowest first; a negative number as the 64-bit number that it wraps to. */
function writeVarint(target: Target, value: number): void {
  let rest = value;
  if (rest < 0) {
    // The highest bit of 64 is a tenth byte; what is left has 63.
    let wrapped = BigInt.asUintN(64, BigInt(value));
    for (let i = 0; i < 9; i++, wrapped >>= 7n) target.bytes[target.at++] = Number(wrapped & 127n) | 128;
    rest = Number(wrapped);
  }
  for (; rest > 127; rest = Math.floor(rest / 128)) target.bytes[target.at++] = (rest % 128) | 128;
  target.bytes[target.at++] = rest;
}

function varintLength(value: number): number {
  if (value < 0) return 10;
  let length = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) length++;
  return length;
}

/** Element types of ONNX by their number in TensorProto.DataType; the last two are used inside of an operation only. */
export const ELEMENT = { float32: 1, int32: 6, bool: 9, uint8: 2, int64: 7, float64: 11 } as const;
export type Element = keyof typeof ELEMENT;

/** Views of the same memory, byte by byte. */
export const bytesOf = (data: TypedArray | BigInt64Array | Float64Array): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
