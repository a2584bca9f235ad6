import { slurmProgram } from './programs.js';

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
