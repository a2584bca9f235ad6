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
