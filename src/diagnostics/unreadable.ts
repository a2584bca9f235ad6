/** Why a file can't be read, where a person can do something about it. */
export type Unreadable = 'missing' | 'folder' | 'forbidden';

/** By what the system says. */
export function whyUnreadable(error: unknown): Unreadable | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
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
