import type { Finding } from '../host/finding.js';
import type { Terminal } from '../host/terminal.js';
import type { SourceDoc } from '../language/source.js';
import type { ObjectSchema, Static } from '../language/type.js';
import type { Store } from '../record/layout.js';
import type { Launcher } from './launcher.js';
import type { LaunchRequest } from './request.js';

/** A sweep or a table whose trials are to be trained. */
export interface Site {
  readonly store: Store;
  /** The id of its own run, which is on record. */
  readonly run: string;
  readonly title: string;
  readonly doc: SourceDoc;
  readonly launch: LaunchRequest;
  readonly terminal: Terminal;
}

/** A place where trials are trained. A new one is a folder that exports one of these, and a line in `run-on.ts`. */
export interface LauncherKind<O extends ObjectSchema = ObjectSchema> {
  /** What `run_on` of a document says of it beside its kind. */
  readonly options: O;
  /** Trials go on there when this process leaves (`--no-wait`). */
  readonly outlives: boolean;
  readonly launch: (options: Static<O>, site: Site) => Launcher;
  /** What of a study is queued or at work there, line by line; `run` is the id of the study's own run. */
  readonly describeJobs?: (store: Store, run: string) => Promise<readonly string[]>;
  /** What this machine has of it. */
  readonly doctor?: () => Promise<Finding>;
}
