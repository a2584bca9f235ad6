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
