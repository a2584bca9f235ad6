import { execFile } from 'node:child_process';
import type { Rejection } from '../cluster/scheduler.js';

/** A controller that is down lets each of its programs wait for some ten seconds. */
const PATIENCE = 60_000;

/** What one of Slurm's programs said. `code` is ENOENT where there is no such program. */
interface Said {
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

/** What Slurm's programs complain about, by the key of `run_on` that it is said with. */
const KEYS: readonly (readonly [complaint: RegExp, key: string, help: string])[] = [
  [/invalid partition/i, 'partition', 'sinfo lists the partitions of this cluster'],
  [/invalid (qos|quality of service)/i, 'qos', 'sacctmgr show qos lists them'],
  [/invalid account/i, 'account', 'sacctmgr show associations user=$USER lists yours'],
  [/time limit/i, 'time', 'sinfo -o "%P %l" lists the longest times of the partitions'],
  [/gres|generic resource|tres/i, 'gres', 'sinfo -o "%P %G" lists what the nodes have'],
  [/memory/i, 'memory', 'sinfo -o "%P %m" lists the memory of the nodes, in MB'],
  [/invalid feature/i, 'constraint', 'sinfo -o "%P %f" lists the features of the nodes'],
  [/cpu count|more processors/i, 'cpus', 'sinfo -o "%P %c" lists the cores of the nodes'],
];

/** sbatch would not take an array. */
export function refusedBySbatch(said: Said): Rejection {
  if (said.code === 'ENOENT') return noSlurm('sbatch');
  if (UNREACHABLE.test(said.complaint)) return noAnswer(said);
  const message = `sbatch: ${said.complaint}`;
  const [, key, help] = KEYS.find(([words]) => words.test(said.complaint)) ?? [];
  return key === undefined || help === undefined ? { message } : { message, key, help };
}

const UNREACHABLE = /unable to contact|connection refused|timed out|socket/i;

export const noSlurm = (program: string): Rejection => ({
  message: `Slurm is not on this machine: there is no ${program}`,
  help: 'go to a login node of the cluster, or load its module; --on local trains on this machine',
});

/** The controller, or the way to it, is down. */
export const noAnswer = ({ complaint }: Said): Rejection => ({
  message: `Slurm does not answer: ${complaint}`,
  help: 'scontrol ping says when it is back; then give the same command again',
});

/**
 * Asks for this job to begin again. Only where Slurm still counts it as running: a SIGTERM before the time limit comes then, while one that a
 * person asked for (scancel), or that makes room for another job, comes with a state that says so.
 */
export async function requeueThis(variables: Readonly<Record<string, string | undefined>>): Promise<void> {
  const { SLURM_ARRAY_JOB_ID: array, SLURM_ARRAY_TASK_ID: task } = variables;
  if (array === undefined || task === undefined) return;
  const id = `${array}_${task}`;
  const shown = await slurmProgram('scontrol', ['show', 'job', '-o', id]);
  if (!/\bJobState=RUNNING\b/.test(shown.stdout)) return;
  const asked = await slurmProgram('scontrol', ['requeue', id]);
  if (!asked.ok) console.log(`Slurm does not let this job begin again: ${asked.complaint}`);
}
