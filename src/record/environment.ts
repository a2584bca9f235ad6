import { limits, shortened } from './keys.js';

/** Where a run was made: what a person may want to know when digits differ. None of it is part of the work. */
export interface EnvironmentFacts {
  /** The package's own version. */
  readonly retable: string;
  readonly node: string;
  readonly platform: string;
  readonly architecture: string;
  /** The operating system's own version. */
  readonly system: string;
  readonly host: string;
  /** As the processor names itself; empty names are common in virtual machines. */
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Versions by package. */
  readonly packages: Readonly<Record<string, string>>;
}

/** The artifact `environment.json`: keys and packages in a fixed order, so that two of them compare line by line. */
export function formatEnvironment(facts: EnvironmentFacts): string {
  const { memoryBytes, packages, processor, ...rest } = facts;
  const sorted = Object.fromEntries(Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const memory = Math.round(memoryBytes / 1e8) / 10;
  return `${JSON.stringify({ ...rest, processor: processor.trim() || 'unknown', memory_gigabytes: memory, packages: sorted }, null, 2)}\n`;
}

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

interface TagFacts {
  /** The login name. */
  readonly user: string;
  /** The document, as the person typed it. */
  readonly source: string;
  /** How it was started, in MLflow's words. */
  readonly sourceType: 'LOCAL' | 'JOB';
  readonly git: GitFacts | null;
  /** Markdown, shown as the run's description. */
  readonly note?: string;
}

/** The tags that MLflow's page knows and shows. The run's name and its parent are added by `startRun`. */
export function standardTags({ user, source, sourceType, git, note }: TagFacts): Readonly<Record<string, string>> {
  return {
    'mlflow.user': user,
    'mlflow.source.name': source,
    'mlflow.source.type': sourceType,
    ...(git?.commit && { 'mlflow.source.git.commit': git.commit }),
    ...(git?.branch && { 'mlflow.source.git.branch': git.branch }),
    ...(git && { 'mlflow.source.git.dirty': git.dirty ? 'True' : 'False' }),
    ...(note && { 'mlflow.note.content': shortened(note, limits.tag) }),
  };
}
