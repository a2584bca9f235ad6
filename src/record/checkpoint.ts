import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Files, listIfThere, makeFolders, readIfThere, replaceWhole } from './files.js';
import { ownFolder, type RunPlace, type Store, temporaryFile, temporaryName } from './layout.js';
import { readMetrics } from './reader.js';

/** What training needs to go on after an epoch. */
export interface Checkpoint {
  readonly header: CheckpointHeader;
  /** By name, in a fixed order. */
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
}

/** Plain data; whoever trains may add to it. */
interface CheckpointHeader {
  readonly workKey: string;
  /** The last epoch that is done, the first being 1. */
  readonly epoch: number;
  /** The engine's arithmetic: equal digits are promised only where it is the same. */
  readonly numerics: string;
  readonly [more: string]: unknown;
}

export interface CheckpointTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

/** What was found: the newest checkpoint that is whole, and why newer ones aren't used. */
interface FoundCheckpoint {
  readonly checkpoint: Checkpoint | null;
  readonly damaged: readonly { readonly file: string; readonly reason: string }[];
}

/** The newest, and one to fall back to. */
const kept = 2;

/** Written beside, brought to the disk, renamed; older ones go. */
export function writeCheckpoint(store: Store, run: RunPlace, checkpoint: Checkpoint): void {
  const { files } = store;
  const folder = checkpointFolder(run);
  makeFolders(files, folder);
  const name = `epoch-${String(checkpoint.header.epoch).padStart(9, '0')}.checkpoint`;
  replaceWhole(files, join(folder, name), encodeCheckpoint(checkpoint), join(folder, temporaryName));
  files.syncFolder(folder);
  for (const old of checkpointFiles(files, folder).slice(kept)) files.remove(old);
}

/** Reads from the newest to the oldest until one is whole and of this work. */
export function readCheckpoint(store: Store, run: RunPlace, workKey: string): FoundCheckpoint {
  const damaged: { file: string; reason: string }[] = [];
  for (const file of checkpointFiles(store.files, checkpointFolder(run))) {
    const checkpoint = decodeCheckpoint(store.files.read(file));
    if (typeof checkpoint === 'string') damaged.push({ file, reason: checkpoint });
    else if (checkpoint.header.workKey !== workKey) damaged.push({ file, reason: 'it is of other work' });
    else return { checkpoint, damaged };
  }
  return { checkpoint: null, damaged };
}

/** A run that has come to its end keeps what it ended with: it can be gone on from. */
export function keepLastCheckpoint({ files }: Store, run: RunPlace): void {
  for (const old of checkpointFiles(files, checkpointFolder(run)).slice(1)) files.remove(old);
}

/** Space is given back: to a sweep, or when a person asks. */
export const removeCheckpoints = (store: Store, run: RunPlace): void => store.files.removeTree(checkpointFolder(run));

const mark = 'retable1';
const hashBytes = 32;
const prefixBytes = mark.length + 4;

interface TensorEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

/**
 * One file: `retable1`, the length of the header as uint32, the header as JSON (with name, shape and dtype of every tensor), the tensors'
 * values one after the other, and the SHA-256 of all that. Numbers are little-endian.
 */
export function encodeCheckpoint({ header, tensors }: Checkpoint): Uint8Array {
  const entries: TensorEntry[] = [...tensors].map(([name, { shape, values }]) => ({
    name,
    shape,
    dtype: values instanceof Int32Array ? 'int32' : 'float32',
  }));
  const json = Buffer.from(JSON.stringify({ header, tensors: entries }));
  const prefix = Buffer.alloc(prefixBytes);
  prefix.write(mark);
  prefix.writeUInt32LE(json.length, mark.length);
  const values = [...tensors.values()].map(({ values: { buffer, byteOffset, byteLength } }) => Buffer.from(buffer, byteOffset, byteLength));
  const body = Buffer.concat([prefix, json, ...values]);
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
}

/** The checkpoint, or why the bytes are none. */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint | string {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const body = file.subarray(0, Math.max(0, file.length - hashBytes));
  if (file.toString('latin1', 0, mark.length) !== mark) return 'it is no checkpoint, or of another version';
  if (body.length < prefixBytes || !createHash('sha256').update(body).digest().equals(file.subarray(body.length)))
    return 'its content is damaged';
  const start = prefixBytes + body.readUInt32LE(mark.length);
  const { header, tensors } = JSON.parse(body.toString('utf8', prefixBytes, start)) as { header: CheckpointHeader; tensors: TensorEntry[] };
  let offset = start;
  const decoded = tensors.map(({ name, shape, dtype }): [string, CheckpointTensor] => {
    const length = 4 * shape.reduce((product, size) => product * size, 1);
    const copy = new Uint8Array(body.subarray(offset, offset + length)).buffer;
    offset += length;
    return [name, { shape, values: dtype === 'int32' ? new Int32Array(copy) : new Float32Array(copy) }];
  });
  return { header, tensors: new Map(decoded) };
}

export const checkpointFolder = (run: RunPlace): string => join(ownFolder(run), 'checkpoints');

/** The newest first. */
const checkpointFiles = (files: Files, folder: string): readonly string[] =>
  listIfThere(files, folder)
    .filter((entry) => /^epoch-\d+\.checkpoint$/.test(entry.name))
    .map((entry) => join(folder, entry.name))
    .toReversed();

/**
 * What computed the values of a run, in `.retable/computed-with.jsonl`: one text each, in the order in which they came. Equal texts promise
 * equal digits. Null where the record doesn't say, as in runs of earlier versions.
 */
export function readComputedWith(store: Store, run: RunPlace): readonly string[] | null {
  const text = readIfThere(store.files, fileOf(run));
  return text === null ? null : text.split('\n').filter((line) => line !== '');
}

/** Takes the place of what was said before. On the disk when it returns, so that no value stands in the record before what computed it. */
export function writeComputedWith(store: Store, run: RunPlace, texts: readonly string[]): void {
  replaceWhole(store.files, fileOf(run), texts.map((text) => `${text}\n`).join(''), temporaryFile(run));
  store.files.syncFolder(ownFolder(run));
}

const fileOf = (run: RunPlace): string => join(ownFolder(run), 'computed-with.jsonl');

/** Values of a run by metric key and step. */
export type Recorded = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** What stands in the record, to compare recomputed epochs with. */
export const recorded = (store: Store, run: RunPlace): Recorded =>
  new Map(Object.entries(readMetrics(store, run)).map(([key, points]) => [key, new Map(points.map(({ step, value }) => [step, value]))]));

/** `new`: not in the record. `equal`: the same double. `close`: within 1e-5 relative, or 1e-8. */
export type Agreement = 'new' | 'equal' | 'close' | 'different';

/** How a value computed again agrees with the record. Two NaN are equal; 0 and -0 aren't. */
export function compareWithRecord(record: Recorded, key: string, step: number, value: number): Agreement {
  const before = record.get(key)?.get(step);
  if (before === undefined) return 'new';
  if (Object.is(before, value)) return 'equal';
  const distance = Math.abs(before - value);
  return distance <= 1e-8 + 1e-5 * Math.abs(before) && Number.isFinite(distance) ? 'close' : 'different';
}
