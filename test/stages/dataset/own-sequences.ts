import { createStreams } from '../../../src/random/streams.js';
import { sequences } from '../../../src/stages/dataset/sequences.js';
import type { Batch, DataSpec } from '../../../src/stages/stage.js';
import { noProblem, problemsOf } from '../support.js';

export type Options = Parameters<typeof sequences.plan>[0];

export const csv: Options = {
  file: 'own.csv',
  format: 'csv',
  sequence: 'id',
  features: ['x', 'y'],
  target: 'label',
  task: 'classification',
  target_per: 'sequence',
  split_column: 'part',
  standardize: false,
};
export const SMALL = ['id,x,y,label,part', 'a,1,2,up,train', 'a,3,4,up,train', 'b,5,6,down,train', 'c,7,8,up,test', 'd,9,10,down,test'];
export const lines = (...rows: readonly string[]): string => rows.join('\n');

export function prepare(content: string | Uint8Array, options: Partial<Options> = {}, { batchSize = 2, shuffle = false, seed = 1 } = {}) {
  const all = { ...csv, ...options } as Options;
  const files = { read: () => (typeof content === 'string' ? new TextEncoder().encode(content) : content) };
  const streams = createStreams(seed);
  const facts = sequences.look?.(all, { files, streams });
  if (!facts) throw new Error('no facts');
  const fitted = sequences.fit?.(all, { facts, transforms: [], request: { batchSize, shuffle } }) ?? {};
  const upstream = { facts, fitted, transforms: [], request: { batchSize, shuffle } };
  return {
    facts,
    fitted,
    problems: problemsOf((report) => sequences.plan(all, upstream, report)),
    plan: (): DataSpec => sequences.plan(all, upstream, noProblem),
    batches: (split: string, epoch = 1): readonly Batch[] => {
      const spec = sequences.plan(all, upstream, noProblem);
      return [...sequences.create({ ...upstream, files, streams }, all, spec, upstream).batches(split, epoch)];
    },
  };
}

/** What is said of a file: `file: line 4: "x" is empty (help)`. */
export const told = (text: string | Uint8Array, options: Partial<Options> = {}): readonly string[] =>
  prepare(text, options).problems.map(
    ({ path, message, help }) => `${path.join('.')}: ${message}${help === undefined ? '' : ` (${help})`}`,
  );

/** A file as numpy.save writes it. */
export function npy(dtype: string, shape: readonly number[], values: readonly number[], fortran = 'False'): Uint8Array {
  const size = Number(dtype.at(-1));
  const header = `{'descr': '${dtype}', 'fortran_order': ${fortran}, 'shape': (${shape.join(', ')}), }`;
  const padded = header.padEnd(64 * Math.ceil((header.length + 11) / 64) - 11) + '\n';
  const bytes = new Uint8Array(10 + padded.length + values.length * size);
  const view = new DataView(bytes.buffer);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0]);
  view.setUint16(8, padded.length, true);
  bytes.set(new TextEncoder().encode(padded), 10);
  for (const [i, value] of values.entries()) {
    const at = 10 + padded.length + i * size;
    const isLittle = !dtype.startsWith('>');
    const write: Readonly<Record<string, () => void>> = {
      f4: () => view.setFloat32(at, value, isLittle),
      f8: () => view.setFloat64(at, value, isLittle),
      i2: () => view.setInt16(at, value, isLittle),
      i4: () => view.setInt32(at, value, isLittle),
      i8: () => view.setBigInt64(at, BigInt(value), isLittle),
      u2: () => view.setUint16(at, value, isLittle),
      u4: () => view.setUint32(at, value, isLittle),
      u8: () => view.setBigUint64(at, BigInt(value), isLittle),
    };
    (write[dtype.slice(1)] ?? (() => view.setInt8(at, value)))();
  }
  return bytes;
}
