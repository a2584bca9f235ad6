import { codeOfError } from '../diagnostics/diagnostic.js';
import { type Machine, thisMachine } from '../record/lease.js';

/** Whether there is a process of this number; one of another user counts. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOfError(error) === 'EPERM';
  }
}

/** This process on this machine, as leases on runs name it. */
export const machineHere = (): Machine => thisMachine(process.pid, isRunning);
