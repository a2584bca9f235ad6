import { codeOfError } from '../diagnostics/unreadable.js';

/** Whether there is a process of this number; one of another user counts. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOfError(error) === 'EPERM';
  }
}
