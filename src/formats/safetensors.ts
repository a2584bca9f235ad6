import { sizeOf } from '../stages/tensors.js';

export interface NamedTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * Tensors as a file that Python, Rust and browsers read (https://github.com/huggingface/safetensors): the length of the header as a
 * 64-bit number, the header as JSON, filled up with spaces to a multiple of eight, then the numbers; all little-endian.
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, NamedTensor>>,
  about: Readonly<Record<string, string>> = {},
): Uint8Array {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, { shape, values }]) => {
    const begin = end;
    end += values.byteLength;
    return [name, { dtype: 'F32', shape, data_offsets: [begin, end] }] as const;
  });
  const json = JSON.stringify({ __metadata__: about, ...Object.fromEntries(entries) });
  const header = new TextEncoder().encode(json + ' '.repeat((8 - (new TextEncoder().encode(json).length % 8)) % 8));
  const bytes = new Uint8Array(8 + header.length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  for (const [index, { values }] of Object.values(tensors).entries()) {
    const [begin = 0] = entries[index]?.[1].data_offsets ?? [];
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), 8 + header.length + begin);
  }
  return bytes;
}

/** What the file says besides its numbers: text by name. */
export function safetensorsMetadata(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const about: unknown = parts(bytes).header['__metadata__'];
  return typeof about === 'object' && about !== null ? { ...about } : {};
}

/** The tensors of a file by name, float32 alone. Throws what is wrong with a file that was made otherwise, or was cut. */
export function decodeSafetensors(bytes: Uint8Array): Readonly<Record<string, NamedTensor>> {
  const { header, numbers } = parts(bytes);
  const tensors = Object.entries(header).filter(([name]) => name !== '__metadata__');
  return Object.fromEntries(
    tensors.map(([name, entry]) => {
      if (!isEntry(entry)) throw new Error(`${name} does not say its dtype, its shape and where its numbers are`);
      const { dtype, shape, data_offsets } = entry;
      const [begin, end] = data_offsets;
      if (dtype !== 'F32') throw new Error(`${name} is ${dtype}, and only F32 can be read`);
      if (end > numbers.length) throw new Error(`${name} is cut off`);
      if (end - begin !== 4 * sizeOf(shape)) throw new Error(`${name} has other numbers than its shape says`);
      return [name, { shape, values: new Float32Array(new Uint8Array(numbers.subarray(begin, end)).buffer) }];
    }),
  );
}

function parts(bytes: Uint8Array): { readonly header: Readonly<Record<string, unknown>>; readonly numbers: Uint8Array } {
  try {
    const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length))) as Readonly<
      Record<string, unknown>
    >;
    if (typeof header !== 'object' || header === null || Array.isArray(header)) throw new Error('no header');
    return { header, numbers: bytes.subarray(8 + length) };
  } catch {
    throw new Error('it does not begin as a safetensors file does');
  }
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [begin: number, end: number];
}

function isEntry(value: unknown): value is Entry {
  const { dtype, shape, data_offsets: offsets } = Object(value) as Partial<Record<keyof Entry, unknown>>;
  return typeof dtype === 'string' && areSizes(shape) && areSizes(offsets) && offsets.length === 2;
}

const areSizes = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
