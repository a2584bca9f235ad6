import type { Report } from '../diagnostics/diagnostic.js';
import { type Cell, rowsAsTable, type Table } from './table.js';

/**
 * A table of a NumPy file (format 1 to 3): an array `[sequences, time, columns]` in C order. Columns are called by their index, `0` the first.
 * Steps at a sequence's end whose columns are all NaN are padding, and not there.
 */
export function readNpy(bytes: Uint8Array, report: Report): Table {
  const refuse = (message: string, help: string): Table => {
    report({ code: 'npy-array', path: ['file'], message, help });
    return { columns: [], ...rowsAsTable([]), place: String };
  };
  const header = readHeader(bytes);
  if (!header && bytes[0] === 0x50 && bytes[1] === 0x4b)
    return refuse('this is an archive of arrays (.npz)', 'save one array alone: numpy.save(name, numpy.load(file)[key])');
  if (!header) return refuse('this is not a NumPy file', 'save the array with numpy.save');
  const { dtype, fortran, shape, start } = header;
  const [sequences = 0, time = 0, columns = 0] = shape;
  const kind = KINDS[dtype];
  if (!kind) {
    return refuse(
      `the array is of dtype ${dtype}, and booleans, whole numbers and floats of 4 or 8 bytes are read`,
      'numpy.save(file, array.astype("<f4"))',
    );
  }
  if (shape.length !== 3) return refuse(`the array is [${shape.join(', ')}], and [sequences, time, columns] is read`, 'numpy.reshape it');
  if (fortran) return refuse('the array is in Fortran order', 'numpy.save(file, numpy.ascontiguousarray(array))');
  const { size, read } = kind;
  if (bytes.length - start !== sequences * time * columns * size) {
    return refuse(
      `the file holds ${bytes.length - start} bytes of numbers, and [${shape.join(', ')}] of ${dtype} takes ${sequences * time * columns * size}`,
      'it was cut off: copy it again',
    );
  }

  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  const step = (sequence: number, at: number): Cell[] =>
    Array.from({ length: columns }, (_, column) => read(view, ((sequence * time + at) * columns + column) * size));
  const places: [number, number][] = [];
  const rows: Cell[][] = [];
  const empty: string[] = [];
  for (let sequence = 0; sequence < sequences; sequence++) {
    const steps = Array.from({ length: time }, (_, at) => step(sequence, at));
    const length = steps.findLastIndex((values) => !values.every(Number.isNaN)) + 1;
    if (length === 0) empty.push(`sequence ${sequence}`);
    for (const [at, values] of steps.slice(0, length).entries()) {
      rows.push([String(sequence), ...values]);
      places.push([sequence, at]);
    }
  }
  return {
    columns: [SEQUENCE, ...Array.from({ length: columns }, (_, column) => String(column))],
    ...rowsAsTable(rows),
    place: (row) => `sequence ${places[row]?.[0] ?? '?'}, step ${places[row]?.[1] ?? '?'}`,
    empty,
  };
}

/** The column that names sequences. */
export const SEQUENCE = 'index of the sequence';

interface Kind {
  readonly size: number;
  readonly read: (view: DataView, at: number) => Cell;
}

/** A whole number that double precision does not hold stays text, so that two of them stay two. */
const exact = (value: bigint): Cell => (BigInt(Number(value)) === value ? Number(value) : String(value));

const KINDS: Readonly<Record<string, Kind>> = {
  '|b1': { size: 1, read: (view, at) => view.getUint8(at) },
  '|i1': { size: 1, read: (view, at) => view.getInt8(at) },
  '|u1': { size: 1, read: (view, at) => view.getUint8(at) },
  ...Object.fromEntries(
    ['<', '>'].flatMap((order): [string, Kind][] => {
      const isLittle = order === '<';
      return [
        [`${order}f4`, { size: 4, read: (view, at) => view.getFloat32(at, isLittle) }],
        [`${order}f8`, { size: 8, read: (view, at) => view.getFloat64(at, isLittle) }],
        [`${order}i2`, { size: 2, read: (view, at) => view.getInt16(at, isLittle) }],
        [`${order}i4`, { size: 4, read: (view, at) => view.getInt32(at, isLittle) }],
        [`${order}i8`, { size: 8, read: (view, at) => exact(view.getBigInt64(at, isLittle)) }],
        [`${order}u2`, { size: 2, read: (view, at) => view.getUint16(at, isLittle) }],
        [`${order}u4`, { size: 4, read: (view, at) => view.getUint32(at, isLittle) }],
        [`${order}u8`, { size: 8, read: (view, at) => exact(view.getBigUint64(at, isLittle)) }],
      ];
    }),
  ),
};

interface Header {
  readonly dtype: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  /** Where the numbers begin. */
  readonly start: number;
}

/** `\x93NUMPY`, two bytes of version, the header's length (two bytes; four from version 2 on), the header as a Python dict. */
function readHeader(bytes: Uint8Array): Header | undefined {
  const text = (from: number, to: number): string => new TextDecoder('latin1').decode(bytes.subarray(from, to));
  if (bytes.length < 12 || bytes[0] !== 0x93 || text(1, 6) !== 'NUMPY') return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = (bytes[6] ?? 1) > 1;
  const from = wide ? 12 : 10;
  const start = from + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = text(from, start);
  const dtype = /'descr':\s*('([^']*)'|\[[^\]]*\])/.exec(header);
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (!dtype || shape === undefined) return undefined;
  return {
    dtype: dtype[2] ?? dtype[1] ?? '',
    fortran: /'fortran_order':\s*True/.test(header),
    shape: shape.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)])),
    start,
  };
}
