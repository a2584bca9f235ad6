import type { Rejection } from '../cluster/rejection.js';
import type { Said } from './programs.js';

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
