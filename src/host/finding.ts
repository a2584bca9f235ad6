import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** One line of the table: a part that retable works with. */
export interface Finding {
  readonly part: string;
  readonly present: boolean;
  readonly usable: boolean;
  readonly version: string;
  /** What to do when it isn't usable, or what there is to know. */
  readonly advice: string;
  /** Nothing works without it. */
  readonly needed: boolean;
}

/** A part that is usable when it answers. */
export const optionalPart = (part: string, version: string | undefined, advice: string): Finding => ({
  part,
  present: version !== undefined,
  usable: version !== undefined,
  version: version ?? '',
  advice: version === undefined ? advice : '',
  needed: false,
});

export const versionIn = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : (/\d+(\.\w+)+/.exec(text)?.[0] ?? text);

/** The version of a package of the shell's Python, without importing it. */
export const pythonPackage = (name: string): Promise<string | undefined> =>
  firstLine('python3', ['-c', `import importlib.metadata as m; print(m.version("${name}"))`]);

/** What a program says first; undefined when it isn't there, fails, or takes longer than ten seconds. */
export async function firstLine(program: string, parameters: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(program, parameters, {
      timeout: 10_000,
      shell: process.platform === 'win32' && program === 'npm',
    });
    return stdout.trim().split('\n')[0] || undefined;
  } catch {
    return undefined;
  }
}
