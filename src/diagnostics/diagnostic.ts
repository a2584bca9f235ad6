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
