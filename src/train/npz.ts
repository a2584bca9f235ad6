import { crc32 } from 'node:zlib';
import type { NamedTensor } from './safetensors.js';

/**
 * Tensors as NumPy's `numpy.load` reads them: a zip archive of one `NAME.npy` a tensor, stored as they are, little-endian float32 in C order
 * (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). The same bytes for the same tensors.
 */
export function encodeNpz(tensors: Readonly<Record<string, NamedTensor>>): Uint8Array {
  const entries: Entry[] = [];
  let offset = 0;
  for (const [name, tensor] of Object.entries(tensors)) {
    const entry = { name: new TextEncoder().encode(`${name}.npy`), content: encodeNpy(tensor), offset };
    entries.push(entry);
    offset += localHeader(entry).length + entry.content.length;
  }
  const directory = entries.map(directoryEntry);
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const files = entries.flatMap((entry) => [localHeader(entry), entry.content]);
  return Buffer.concat([...files, ...directory, endOfDirectory(entries.length, size, offset)]);
}

/** Magic and version 1.0, the length of the header, the header as Python would write it, filled up to a multiple of 64, the numbers. */
function encodeNpy({ shape, values }: NamedTensor): Uint8Array {
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const about = `{'descr': '<f4', 'fortran_order': False, 'shape': (${axes}), }`;
  const header = `${about.padEnd(Math.ceil((NPY_PREFIX + about.length + 1) / 64) * 64 - NPY_PREFIX - 1)}\n`;
  const prefix = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 0xff, header.length >>> 8]);
  return Buffer.concat([prefix, Buffer.from(header), new Uint8Array(values.buffer, values.byteOffset, values.byteLength)]);
}

const NPY_PREFIX = 10;

interface Entry {
  readonly name: Uint8Array;
  readonly content: Uint8Array;
  /** Of its local header, from the beginning of the archive. */
  readonly offset: number;
}

/** What both headers of an entry say: version 2.0, names in UTF-8, stored, 1980-01-01, checksum, sizes, length of the name, nothing more. */
const described = ({ name, content }: Entry): readonly number[] => [
  ...bytes(20, 2),
  ...bytes(0x0800, 2),
  ...bytes(0, 2),
  ...bytes(0, 2),
  ...bytes(0x21, 2),
  ...bytes(crc32(content), 4),
  ...bytes(content.length, 4),
  ...bytes(content.length, 4),
  ...bytes(name.length, 2),
  ...bytes(0, 2),
];

const localHeader = (entry: Entry): Uint8Array => Buffer.from([...bytes(0x04034b50, 4), ...described(entry), ...entry.name]);

const directoryEntry = (entry: Entry): Uint8Array =>
  Buffer.from([
    ...bytes(0x02014b50, 4),
    ...bytes(20, 2),
    ...described(entry),
    // no comment, one disk, no attributes
    ...bytes(0, 10),
    ...bytes(entry.offset, 4),
    ...entry.name,
  ]);

const endOfDirectory = (count: number, size: number, offset: number): Uint8Array =>
  Buffer.from([
    ...bytes(0x06054b50, 4),
    ...bytes(0, 4),
    ...bytes(count, 2),
    ...bytes(count, 2),
    ...bytes(size, 4),
    ...bytes(offset, 4),
    ...bytes(0, 2),
  ]);

/** Little-endian. */
const bytes = (value: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, at) => (at < 4 ? (value >>> (8 * at)) & 0xff : 0));
