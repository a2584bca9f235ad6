import { formatCount } from './numbers.js';

/** Where a value was written: a range on one line of a file, or a command-line argument (`--set a.b=1`). Lines and columns count from 1. */
export interface Place {
  /** The path as the person typed it, or `--set`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Characters under the caret; at least 1. */
  readonly length: number;
  /** The whole line, without its line break. */
  readonly text: string;
}

/** One mistake, or one warning, told to a person. Phases report paths; places are added once, on the way out. */
export interface Diagnostic {
  /** Stable, kebab-case, searchable in the docs: `unknown-key`. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** One sentence, without a full stop at its end. */
  readonly message: string;
  /** What to write instead, or what to do: `did you mean "hidden_size"?`. */
  readonly help?: string;
  readonly place?: Place;
}

/** How many mistakes of a document are looked for: what follows them is of the same kinds, or comes of them. */
export const MOST_TOLD = 100;

/** The first of very many, and errors rather than warnings, in the order in which they are given. */
export function firstOf<T extends Pick<Problem, 'severity'>>(found: readonly T[]): readonly T[] {
  if (found.length <= MOST_TOLD) return found;
  const isWarning = ({ severity }: T): boolean => severity === 'warning';
  const told = new Set(found.filter((each) => !isWarning(each)).slice(0, MOST_TOLD));
  for (const each of found) if (told.size < MOST_TOLD) told.add(each);
  return found.filter((each) => told.has(each));
}

export const isError = ({ severity }: Diagnostic): boolean => severity === 'error';

/** What a stage or a rule knows: the path of a value in the document (`['metrics', 0, 'kind']`), and whether the key or the value is wrong. */
export interface Problem {
  readonly code: string;
  readonly path: readonly (string | number)[];
  readonly at?: 'key' | 'value';
  readonly message: string;
  readonly help?: string;
  readonly severity?: 'error' | 'warning';
}

/** Thrown where nothing can go on; the command line prints the diagnostics and exits with 2. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((d) => d.message).join('\n'));
    this.diagnostics = diagnostics;
  }
}

/** Why a file can't be read, where a person can do something about it. */
export type Unreadable = 'missing' | 'folder' | 'forbidden';

/** The name that the system or Node gives to what went wrong: `ENOENT`; undefined where there is none. */
export const codeOfError = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** By what the system says. */
export function whyUnreadable(error: unknown): Unreadable | undefined {
  switch (codeOfError(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'missing';
    case 'EISDIR':
      return 'folder';
    case 'EACCES':
    case 'EPERM':
      return 'forbidden';
    default:
      return undefined;
  }
}

/** Takes a mistake to where it is told. */
export type Report = (problem: Problem) => void;

/** Tells the first few of many mistakes, and with the last of them how many more there are. `end` must be called when all are known. */
interface FewReport extends Report {
  readonly end: () => void;
}

const MOST_OF_ONE_KIND = 5;

/** A file that is wrong in one place is often wrong in a thousand. */
export function few(report: Report): FewReport {
  const told: Problem[] = [];
  let more = 0;
  const tell = (problem: Problem): void => {
    if (told.length < MOST_OF_ONE_KIND) told.push(problem);
    else more += 1;
  };
  const end = (): void => {
    for (const [i, problem] of told.entries()) {
      const isLast = i === told.length - 1 && more > 0;
      report(isLast ? { ...problem, message: `${problem.message}; and ${formatCount(more)} more such mistakes` } : problem);
    }
  };
  return Object.assign(tell, { end });
}
