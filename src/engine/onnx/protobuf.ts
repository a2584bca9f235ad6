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
  const bytes = new Uint8Array(measure(root, lengths));
  write(root, { bytes, view: new DataView(bytes.buffer), at: 0 }, lengths);
  return bytes;
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
  readonly bytes: Uint8Array;
  readonly view: DataView;
  at: number;
}

function write(item: Message, target: Target, lengths: ReadonlyMap<Message, number>): void {
  for (const [number, value] of item.fields) {
    if (typeof value === 'string') {
      const length = Buffer.byteLength(value);
      writeHead(target, number, LENGTH_DELIMITED, length);
      target.at += new TextEncoder().encodeInto(value, target.bytes.subarray(target.at)).written;
    } else if (value instanceof Uint8Array) {
      writeHead(target, number, LENGTH_DELIMITED, value.length);
      target.bytes.set(value, target.at);
      target.at += value.length;
    } else if ('varint' in value) {
      writeHead(target, number, VARINT, value.varint);
    } else if ('float' in value) {
      writeVarint(target, (number << 3) | FIXED_32);
      target.view.setFloat32(target.at, value.float, true);
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
  let rest = value < 0 ? BigInt.asUintN(64, BigInt(value)) : BigInt(value);
  while (rest > 127n) {
    target.bytes[target.at++] = Number(rest & 127n) | 128;
    rest >>= 7n;
  }
  target.bytes[target.at++] = Number(rest);
}

function varintLength(value: number): number {
  if (value < 0) return 10;
  let length = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) length++;
  return length;
}
