import type { TypedArray } from '../graph/graph.js';

/** Element types of ONNX by their number in TensorProto.DataType; the last two are used inside of an operation only. */
export const ELEMENT = { float32: 1, int32: 6, bool: 9, uint8: 2, int64: 7, float64: 11 } as const;
export type Element = keyof typeof ELEMENT;

/** Views of the same memory, byte by byte. */
export const bytesOf = (data: TypedArray | BigInt64Array | Float64Array): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
