import { execFile } from 'node:child_process';

/** A controller that is down lets each of its programs wait for some ten seconds. */
const PATIENCE = 60_000;

/** What one of Slurm's programs said. `code` is ENOENT where there is no such program. */
export interface Said {
  readonly ok: boolean;
  readonly code: number | string;
  readonly stdout: string;
  /** What the program complains of, on one line and without the program's name. */
  readonly complaint: string;
}

export const slurmProgram = (name: 'sbatch' | 'squeue' | 'scontrol' | 'scancel' | 'sacct', parameters: readonly string[]): Promise<Said> =>
  new Promise((resolve) => {
    execFile(name, parameters, { timeout: PATIENCE, maxBuffer: 256e6 }, (error, stdout, stderr) => {
      const complaint = stderr.trim().replace(/^\w+: (error: )?/gm, '');
      const code = error?.code ?? 0;
      resolve({ ok: error === null, code, stdout, complaint: complaint.split('\n').join('; ') || (error?.message ?? '') });
    });
  });
