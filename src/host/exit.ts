/** What a process says with its exit status. */
export const EXIT = {
  done: 0,
  /** The work failed: it diverged or crashed, the disk is full, somebody else holds the run. */
  failed: 1,
  /** The input is wrong: a file, an option, an engine that isn't installed. */
  input: 2,
  /** A claim of a table differs; of `register`, the table is not the one that was kept, or had been looked at. */
  differs: 3,
  /** 128 + 2, 128 + 15: stopped by SIGINT, SIGTERM. */
  interrupted: 130,
  terminated: 143,
} as const;

let ending = false;
/** Whether this program ends the process, and not somebody else's code in it. */
export const isEnding = (): boolean => ending;
export const beginEnd = (): void => void (ending = true);

/** Ends the process at once, in the middle of a command. */
export function endNow(status: number): never {
  beginEnd();
  exit(status);
}

/** Node's own, whatever a module puts in its place later. */
export const exit: (status: number) => never = process.exit.bind(process);

/** A request that cannot be carried out, said in one sentence and an optional way out; nothing was lost. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly help: string | undefined;
  constructor(message: string, options: { readonly status?: number; readonly help?: string } = {}) {
    super(message);
    this.status = options.status ?? EXIT.input;
    this.help = options.help;
  }
}
