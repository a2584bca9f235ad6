import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOfError } from '../diagnostics/diagnostic.js';

/** A file held open; the path is for error messages. */
export interface OpenFile {
  readonly descriptor: number;
  readonly path: string;
}

interface FileFacts {
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  readonly directory: boolean;
  readonly file: boolean;
}

interface Entry {
  readonly name: string;
  readonly directory: boolean;
  /** False of a pipe, a socket, a device, and of a link that leads to none. */
  readonly file: boolean;
}

/** Every way in which the record touches the disk; each is one system call, or one read of a whole. Refusals are RecordErrors. */
export interface Files {
  /** Every write goes to the end. Makes the file when it isn't there; `replace` empties it when it is. */
  open(path: string, mode: 'append' | 'replace'): OpenFile;
  /** Writes all of it, or throws; may have written a part then. */
  write(file: OpenFile, content: string | Uint8Array): void;
  /** Returns when the content is on the disk. */
  sync(file: OpenFile): void;
  close(file: OpenFile): void;
  /** Makes names that were created, renamed or removed in a folder durable. Where a system can't, it does nothing. */
  syncFolder(path: string): void;
  truncate(path: string, size: number): void;
  /** Sets the time of change to now. */
  touch(path: string): void;
  /** A file takes the place of another; a folder only that of an empty one, else ENOTEMPTY or EEXIST. */
  rename(from: string, to: string): void;
  /** A second name for the same file; fails with EEXIST when the name is taken, so of several processes one succeeds. */
  link(from: string, to: string): void;
  /** Nothing happens when the file isn't there. */
  remove(path: string): void;
  removeTree(path: string): void;
  /** Nothing happens when the folder isn't there, or holds something. */
  removeEmpty(path: string): void;
  /** One level; nothing happens when the folder is there. */
  makeFolder(path: string): void;
  read(path: string): Uint8Array;
  /** At most `most` bytes from `offset` on; fewer at the end of the file. */
  readFrom(path: string, offset: number, most: number): Uint8Array;
  /** Sorted by name. */
  list(path: string): readonly Entry[];
  stat(path: string): FileFacts | null;
}

/** Called before every call on the disk; what it throws is thrown in place of the call. */
type BeforeCall = (call: keyof Files, path: string) => void;

/** To open a pipe without it waits for whoever is at its other end. Windows knows no such pipes. */
const { O_RDONLY, O_WRONLY, O_CREAT, O_APPEND, O_TRUNC, O_NONBLOCK = 0 } = fs.constants;
const openFlags = { append: O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK, replace: O_WRONLY | O_CREAT | O_APPEND | O_TRUNC | O_NONBLOCK };

/** The disk. `flush` waits until a file or a folder is on it; tests needn't. */
export function diskFiles(before: BeforeCall = () => {}, flush: (descriptor: number) => void = fs.fsyncSync): Files {
  const guarded = <T>(call: keyof Files, path: string, run: () => T): T => {
    try {
      before(call, path);
      return run();
    } catch (error) {
      throw translated(error, path);
    }
  };
  return {
    open: (path, mode) => guarded('open', path, () => ({ descriptor: fs.openSync(path, openFlags[mode]), path })),
    write: (file, content) => guarded('write', file.path, () => writeAll(file.descriptor, content)),
    sync: (file) => guarded('sync', file.path, () => flush(file.descriptor)),
    close: (file) => guarded('close', file.path, () => fs.closeSync(file.descriptor)),
    syncFolder: (path) => guarded('syncFolder', path, () => syncFolder(path, flush)),
    truncate: (path, size) => guarded('truncate', path, () => fs.truncateSync(path, size)),
    touch: (path) => guarded('touch', path, () => touch(path)),
    rename: (from, to) => guarded('rename', to, () => fs.renameSync(from, to)),
    link: (from, to) => guarded('link', to, () => fs.linkSync(from, to)),
    remove: (path) => guarded('remove', path, () => fs.rmSync(path, { force: true })),
    removeTree: (path) => guarded('removeTree', path, () => fs.rmSync(path, { force: true, recursive: true })),
    removeEmpty: (path) => guarded('removeEmpty', path, () => removeEmpty(path)),
    makeFolder: (path) => guarded('makeFolder', path, () => makeFolder(path)),
    read: (path) => guarded('read', path, () => readRegular(path)),
    readFrom: (path, offset, most) => guarded('readFrom', path, () => readFrom(path, offset, most)),
    list: (path) => guarded('list', path, () => list(path)),
    stat: (path) => guarded('stat', path, () => stat(path)),
  };
}

export const disk: Files = diskFiles();

/** The disk to be read alone: who would write is refused, as by a disk that may not be written. */
export const readOnly: Files = diskFiles((call, path) => {
  if (!['read', 'readFrom', 'list', 'stat'].includes(call)) throw new RecordError(path, call, 'EROFS');
});

/** The folder and all that leads to it. Tries again where another process takes an empty one away meanwhile. */
export function makeFolders(files: Files, path: string, tries = 5): void {
  try {
    files.makeFolder(path);
  } catch (error) {
    if (!failedWith(error, 'ENOENT') || dirname(path) === path || tries === 0) throw error;
    makeFolders(files, dirname(path));
    makeFolders(files, path, tries - 1);
  }
}

/**
 * A new file with its content on the disk (`soon`: handed to the system, which brings it there within half a minute), before anybody knows
 * of it. When that fails, nothing stays.
 */
export function writeNew(files: Files, path: string, content: string | Uint8Array, soon = false): void {
  const file = files.open(path, 'replace');
  try {
    files.write(file, content);
    if (!soon) files.sync(file);
  } catch (error) {
    quietly(() => files.remove(path));
    throw error;
  } finally {
    quietly(() => files.close(file));
  }
}

/** The whole file or none of it: written beside, on the disk, renamed. `beside` lies on the same disk. */
export function replaceWhole(files: Files, path: string, content: string | Uint8Array, beside: string): void {
  writeNew(files, beside, content);
  files.rename(beside, path);
}

/** As `replaceWhole`, but false when the file is already there; of several processes that try, one gets true. */
export function createWhole(files: Files, path: string, content: string | Uint8Array, beside: string): boolean {
  writeNew(files, beside, content);
  try {
    files.link(beside, path);
    return true;
  } catch (error) {
    if (failedWith(error, 'EEXIST')) return false;
    if (!failedWith(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS')) throw error;
    return createUnlinked(files, path, beside);
  } finally {
    quietly(() => files.remove(beside));
  }
}

/** Memory cards and some disks of virtual machines know no second names: there, two processes within the same millisecond may both get true. */
function createUnlinked(files: Files, path: string, beside: string): boolean {
  if (files.stat(path)) return false;
  files.rename(beside, path);
  return true;
}

export const readText = (files: Files, path: string): string => Buffer.from(files.read(path)).toString('utf8');

/** Null when there is no such file, or its process ended while it was read. */
export function readIfThere(files: Files, path: string): string | null {
  try {
    return readText(files, path);
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENOTDIR', 'ESRCH')) return null;
    throw error;
  }
}

/** Whether a path could not be read because something else than a file stands there. */
export const isNoFile = (error: unknown): boolean => failedWith(error, 'EFTYPE', 'EISDIR', 'ELOOP', 'ENXIO');

/** Nothing when there is no such folder. */
export function listIfThere(files: Files, path: string): readonly Entry[] {
  try {
    return files.list(path);
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/** For the tidying after a failure, whose own failure would hide the first. */
export function quietly(run: () => void): void {
  try {
    run();
  } catch {
    // The first failure is the one to tell.
  }
}

function translated(error: unknown, path: string): unknown {
  const code = codeOfError(error);
  if (!(error instanceof Error) || error instanceof RecordError || code === undefined) return error;
  const call = 'syscall' in error && typeof error.syscall === 'string' ? error.syscall : 'call';
  return new RecordError(path, call, code, error);
}

function writeAll(descriptor: number, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  for (let written = 0; written < bytes.length;) written += fs.writeSync(descriptor, bytes, written);
}

function syncFolder(path: string, flush: (descriptor: number) => void): void {
  try {
    const descriptor = fs.openSync(path, 'r');
    try {
      flush(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  } catch (error) {
    const code = codeOfError(error);
    if (code !== 'EPERM' && code !== 'EISDIR' && code !== 'EINVAL') throw error;
  }
}

function touch(path: string): void {
  const now = new Date();
  fs.utimesSync(path, now, now);
}

function removeEmpty(path: string): void {
  try {
    fs.rmdirSync(path);
  } catch (error) {
    const code = codeOfError(error);
    if (code !== 'ENOENT' && code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

function makeFolder(path: string): void {
  try {
    fs.mkdirSync(path);
  } catch (error) {
    if (codeOfError(error) !== 'EEXIST' || !fs.statSync(path).isDirectory()) throw error;
  }
}

/** A pipe in a folder that was copied would let a reader wait for ever. */
function readRegular(path: string): Uint8Array {
  const facts = fs.statSync(path);
  if (!facts.isFile() && !facts.isDirectory()) throw new RecordError(path, 'read', 'EFTYPE');
  return fs.readFileSync(path);
}

function readFrom(path: string, offset: number, most: number): Uint8Array {
  const descriptor = fs.openSync(path, O_RDONLY | O_NONBLOCK);
  try {
    const bytes = new Uint8Array(most);
    return bytes.subarray(0, fs.readSync(descriptor, bytes, 0, most, offset));
  } finally {
    fs.closeSync(descriptor);
  }
}

const list = (path: string): readonly Entry[] =>
  fs
    .readdirSync(path, { withFileTypes: true })
    .map((entry) => ({
      name: entry.name,
      directory: entry.isDirectory(),
      file: entry.isFile() || leadsToFile(join(path, entry.name), entry),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));

const leadsToFile = (path: string, entry: fs.Dirent): boolean => entry.isSymbolicLink() && stat(path)?.file === true;

function stat(path: string): FileFacts | null {
  let facts: fs.Stats | undefined;
  try {
    facts = fs.statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    // A link that leads to itself leads nowhere.
    if (codeOfError(error) !== 'ELOOP') throw error;
  }
  return facts ? { size: facts.size, modified: facts.mtimeMs, directory: facts.isDirectory(), file: facts.isFile() } : null;
}

/** What of the outside world refused a call on the record. What was recorded before stays valid. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
  readonly file: string;
  /** The system call: `write`. */
  readonly call: string;
  /** The system's name of the reason: `ENOSPC`. */
  readonly code: string;
  constructor(file: string, call: string, code: string, cause?: unknown) {
    super(`${reasonOf(code)} (${code} in ${call}): ${file}`, { cause });
    this.file = file;
    this.call = call;
    this.code = code;
  }
}

/** Whether a call failed for this reason; anything that isn't a RecordError didn't. */
export const failedWith = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof RecordError && codes.includes(error.code);

/** What the system's name of a reason means: `ENOSPC`. */
export const reasonOf = (code: string): string => reasons[code] ?? 'the system refused';

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EACCES: 'no permission',
  EPERM: 'no permission',
  ENOENT: 'no such file or folder',
  EFTYPE: 'it is a pipe, a socket or a device, and a file is needed',
  ELOOP: 'it is a link that leads to itself',
  ENXIO: 'it is a pipe that nobody reads, or no device is behind it',
  EFBIG: 'it would be larger than this disk allows',
  EEXIST: 'the file exists already',
  ENOTDIR: 'a file stands where a folder is needed',
  EISDIR: 'a folder stands where a file is needed',
  ENAMETOOLONG: 'the name is too long for this disk',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files on this machine',
  EIO: 'the disk fails',
  EDELETED: 'this experiment was deleted on the page of MLflow, and has to be restored there',
  EBADMSG: 'what it holds makes no sense, and "retable store repair" may mend it',
  EVERSION: 'a newer retable made this, and this one neither reads nor writes it: install that version again',
  EARTIFACTS: 'MLflow can\'t open a store below a folder named "artifacts": take another path',
  ESTALE: 'the network disk lost the file',
};

/** What a JSON file of a record holds; null when it isn't there. A file that was cut, or holds something else, is a RecordError. */
export function readJsonIfThere<T>(files: Files, path: string, isRight: (value: unknown) => boolean): T | null {
  const text = readIfThere(files, path);
  return text === null ? null : parseJson<T>(text, path, isRight);
}

/** The value of a text of a record, as far as it is checked: the caller names what it must be. */
export function parseJson<T>(text: string, path: string, isRight: (value: unknown) => boolean): T {
  const value = valueOf(text);
  if (value === undefined || !isRight(value)) throw new RecordError(path, 'read', 'EBADMSG');
  return value as T;
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
