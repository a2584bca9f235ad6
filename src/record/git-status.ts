/** Which source a run was made from. */
export interface GitFacts {
  /** Null before the first commit. */
  readonly commit: string | null;
  /** Null on a detached head. */
  readonly branch: string | null;
  /** Whether a file that git knows differs from the commit. */
  readonly dirty: boolean;
  /** Files that git neither knows nor ignores. */
  readonly untracked: number;
}

/** Reads `git status --porcelain=v2 --branch`; null when the text isn't of that kind, as outside of a repository. */
export function parseGitStatus(text: string): GitFacts | null {
  const lines = text.split('\n');
  const header = (name: string): string | null => lines.find((line) => line.startsWith(`# ${name} `))?.slice(name.length + 3) ?? null;
  const commit = header('branch.oid');
  const branch = header('branch.head');
  if (commit === null) return null;
  return {
    commit: commit === '(initial)' ? null : commit,
    branch: branch === '(detached)' ? null : branch,
    dirty: lines.some((line) => /^[12u] /.test(line)),
    untracked: lines.filter((line) => line.startsWith('? ')).length,
  };
}
