/** An experiment that was written for a person, and in a few words what it is. */
export interface Draft {
  readonly text: string;
  readonly summary: string;
  /** What of the data it leaves out, and why: a sentence each. */
  readonly notes: readonly string[];
}
