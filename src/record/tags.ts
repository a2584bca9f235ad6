import type { GitFacts } from './environment.js';
import { limits, shortened } from './keys.js';

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
