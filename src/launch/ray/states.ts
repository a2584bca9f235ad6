import type { JobState } from '../cluster/scheduler.js';
import { lastLine } from './head.js';

/** What Ray tells of a job, as far as we read it. */
export interface RayJob {
  readonly status: string;
  readonly message?: string | null;
  readonly error_type?: string | null;
  readonly driver_exit_code?: number | null;
}

/** A job in Ray's words in ours. One that waited for longer than the head allows has FAILED there, without having begun. */
export function stateOf(id: string, { status, message, error_type: error, driver_exit_code: exit }: RayJob): JobState {
  const ended = (how: Extract<JobState, { kind: 'ended' }>['how'], reason: string): JobState => ({ kind: 'ended', how, reason });
  switch (status) {
    case 'PENDING':
      return { kind: 'waiting' };
    case 'RUNNING':
      return { kind: 'running' };
    case 'SUCCEEDED':
      return ended('done', `job ${id} ended before all of its trials`);
    case 'STOPPED':
      return ended('cancelled', `job ${id} was stopped`);
    default:
      if (error === 'JOB_SUPERVISOR_ACTOR_START_TIMEOUT') return ended('never began', `job ${id} waited for longer than Ray allows`);
      if (/out of memory|oom/i.test(message ?? '')) return ended('out of memory', `job ${id} was ended because memory was short`);
      if (exit === -9) return ended('failed', `the process of job ${id} was killed`);
      if (/actor died|node died|unexpectedly/i.test(message ?? '')) return ended('node failed', `the node of job ${id} failed`);
      return ended('failed', `job ${id} failed${message ? `: ${lastLine(message)}` : ''}`);
  }
}
