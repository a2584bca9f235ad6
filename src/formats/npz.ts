import { crc32, inflateRawSync } from 'node:zlib';
import { sizeOf } from '../stages/tensors.js';
import type { NamedTensor } from './safetensors.js';

/**
 * Tensors as NumPy's `numpy.load` reads them: a zip archive of one `NAME.npy` a tensor, stored as they are, little-endian float32 in C order
 * (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). The same bytes for the same tensors. `texts` are further files of the
 * archive, which `numpy.load` gives as bytes.
 */
export function encodeNpz(tensors: Readonly<Record<string, NamedTensor>>, texts: Readonly<Record<string, string>> = {}): Uint8Array {
  const entries: Entry[] = [];
  let offset = 0;
  const arrays = Object.entries(tensors).map(([name, tensor]) => [`${name}.npy`, encodeNpy(tensor)] as const);
  const others = Object.entries(texts).map(([name, text]) => [name, new TextEncoder().encode(text)] as const);
  for (const [name, content] of [...arrays, ...others]) {
    const entry = { name: new TextEncoder().encode(name), content, offset };
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

/** What an .npz holds: arrays of float32 by their names, and other files by theirs, as text. Throws what is wrong with a file of other numbers. */
interface Npz {
  readonly tensors: Readonly<Record<string, NamedTensor>>;
  readonly texts: Readonly<Record<string, string>>;
}

/** Archives of `encodeNpz`, of `numpy.savez` and of `numpy.savez_compressed`. */
export function decodeNpz(bytes: Uint8Array): Npz {
  const tensors: Record<string, NamedTensor> = {};
  const texts: Record<string, string> = {};
  for (const [name, content] of entriesOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))) {
    if (name.endsWith('.npy')) tensors[name.slice(0, -'.npy'.length)] = decodeNpy(name, content);
    else texts[name] = content.toString('utf8');
  }
  return { tensors, texts };
}

/** By the directory at the end of the archive, which knows the sizes also where an entry's own header does not. */
function* entriesOf(archive: Buffer): Generator<readonly [name: string, content: Buffer]> {
  const end = archive.lastIndexOf(Buffer.from(bytes(0x06054b50, 4)));
  if (end < 0) throw new Error('it is cut off: the directory of the archive is not there');
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const [method, size, nameLength] = [archive.readUInt16LE(at + 10), archive.readUInt32LE(at + 20), archive.readUInt16LE(at + 28)];
    const [extraLength, commentLength, local] = [
      archive.readUInt16LE(at + 30),
      archive.readUInt16LE(at + 32),
      archive.readUInt32LE(at + 42),
    ];
    const name = archive.toString('utf8', at + DIRECTORY_ENTRY, at + DIRECTORY_ENTRY + nameLength);
    if (size === WIDE || local === WIDE) throw new Error(`${name} is larger than 4 GB`);
    const start = local + LOCAL_HEADER + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const content = archive.subarray(start, start + size);
    if (method !== 0 && method !== DEFLATED) throw new Error(`${name} is packed in a way that is not known here`);
    yield [name, method === DEFLATED ? inflateRawSync(content) : content];
    at += DIRECTORY_ENTRY + nameLength + extraLength + commentLength;
  }
}

const LOCAL_HEADER = 30;
const DIRECTORY_ENTRY = 46;
const DEFLATED = 8;
/** In place of a size that takes 64 bits. */
const WIDE = 0xffffffff;

function decodeNpy(name: string, content: Buffer): NamedTensor {
  const wide = (content[6] ?? 1) > 1;
  const start = NPY_PREFIX + (wide ? 2 + content.readUInt32LE(8) : content.readUInt16LE(8));
  const header = content.toString('latin1', NPY_PREFIX, start);
  const dtype = /'descr':\s*'([^']*)'/.exec(header)?.[1] ?? 'something else';
  if (dtype !== '<f4') throw new Error(`${name} is ${dtype}, and only <f4 can be read`);
  if (/'fortran_order':\s*True/.test(header)) throw new Error(`${name} is in Fortran's order, and only C's can be read`);
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? '').split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]));
  const values = new Float32Array(new Uint8Array(content.subarray(start)).buffer);
  if (values.length !== sizeOf(shape)) throw new Error(`${name} is cut off`);
  return { shape, values };
}
