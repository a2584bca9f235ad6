/** How the trials of a sweep or a table are to be trained, and where. */
export interface LaunchRequest {
  /** Of each trial, as text of the command line: it stands in for what its document says. */
  readonly threads: string;
  readonly engine?: string;
  readonly device?: string;
  /** The address of an MLflow server, or `off`. */
  readonly track?: string;
  /** Trials at a time; left out: as many as the document says, or as this machine has cores. */
  readonly workers?: number;
  /** The kind of `run_on` that stands in for the document's. */
  readonly on?: string;
  /** False: hands the trials over to a cluster, and leaves. */
  readonly wait: boolean;
  /** The first failure lets no other trial begin. */
  readonly failFast: boolean;
}
