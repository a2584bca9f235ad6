import { describe, expect, it } from 'vitest';
import { stateOf as stateOfRay } from '../../src/launch/ray/api.js';
import { forgotten, readSacct, readSqueue, stateOf } from '../../src/launch/slurm/slurm.js';

const inOurWords = (state: string, reason = 'None'): string => {
  const found = stateOf({ id: '17_3', state, reason });
  return found.kind === 'ended' ? found.how : found.kind;
};

describe("Slurm's states in our words", () => {
  // Every code of "JOB STATE CODES" and "JOB STATES" in squeue(1) of Slurm 22.05 to 25.05.
  it.each([
    ['PENDING', 'waiting'],
    ['CONFIGURING', 'waiting'],
    ['REQUEUED', 'waiting'],
    ['REQUEUE_FED', 'waiting'],
    ['REQUEUE_HOLD', 'waiting'],
    ['RESV_DEL_HOLD', 'waiting'],
    ['SPECIAL_EXIT', 'waiting'],
    ['RUNNING', 'running'],
    ['COMPLETING', 'running'],
    ['SUSPENDED', 'running'],
    ['STOPPED', 'running'],
    ['SIGNALING', 'running'],
    ['STAGE_OUT', 'running'],
    ['RESIZING', 'running'],
    ['COMPLETED', 'done'],
    ['CANCELLED', 'cancelled'],
    ['REVOKED', 'cancelled'],
    ['TIMEOUT', 'timed out'],
    ['DEADLINE', 'timed out'],
    ['NODE_FAIL', 'node failed'],
    ['BOOT_FAIL', 'node failed'],
    ['OUT_OF_MEMORY', 'out of memory'],
    ['PREEMPTED', 'preempted'],
    ['FAILED', 'failed'],
    ['LAUNCH_FAILED', 'failed'],
  ])('%s: %s', (state, expected) => expect(inOurWords(state)).toBe(expected));

  it('tells the ends apart in the reason, and says what to do', () => {
    const reason = (state: string): string => {
      const found = stateOf({ id: '17_3', state, reason: 'None' }, 'runs/3.txt');
      return found.kind === 'ended' ? found.reason : '';
    };
    expect(['CANCELLED', 'TIMEOUT', 'NODE_FAIL', 'OUT_OF_MEMORY', 'FAILED'].map(reason)).toEqual([
      'job 17_3 was cancelled',
      'the time limit of job 17_3 came before the end of a step: give run_on.time more',
      'the node of job 17_3 failed',
      'job 17_3 was ended because it used more memory than it has: give run_on.memory more',
      'job 17_3 failed; what it printed is in runs/3.txt',
    ]);
  });

  it('says when a job waits for a person', () => {
    const held = stateOf({ id: '17_3', state: 'PENDING', reason: 'launch failed requeued held' });
    expect(held).toEqual({
      kind: 'waiting',
      reason: 'job 17_3 waits for a person (launch failed requeued held): scontrol release 17_3 lets it begin, scancel 17_3 ends it',
    });
    expect(stateOf({ id: '17_3', state: 'PENDING', reason: 'PartitionTimeLimit' })).toEqual({
      kind: 'waiting',
      reason: 'job 17_3 will not begin as it is (PartitionTimeLimit): scancel 17_3 ends it, then change run_on',
    });
    for (const reason of ['Resources', 'Priority', 'BeginTime', 'JobArrayTaskLimit'])
      expect(stateOf({ id: '17_3', state: 'PENDING', reason })).toEqual({ kind: 'waiting' });
  });

  it('takes an element that Slurm forgot before it began for cancelled, since that leaves no trace', () => {
    expect(forgotten('17_3', false)).toMatchObject({ how: 'cancelled' });
    expect(forgotten('17_3', true)).toMatchObject({ how: 'gone' });
  });
});

describe('what the programs of Slurm print', () => {
  it('squeue: an element a line; the comment may hold what separates', () => {
    expect(readSqueue('17|3|RUNNING|None|retable 000001 a|b c\n18|N/A|PENDING|Priority|other\n\n')).toEqual([
      { id: '17_3', array: '17', index: 3, state: 'RUNNING', reason: 'None', comment: 'retable 000001 a|b c' },
    ]);
  });
  it('sacct: who cancelled is left out', () => {
    expect(readSacct('17_3|CANCELLED by 1000\n17_4|COMPLETED\n17_[5-9]|PENDING\n')).toEqual(
      new Map([
        ['17_3', 'CANCELLED'],
        ['17_4', 'COMPLETED'],
      ]),
    );
  });
});

describe("Ray's states in our words", () => {
  it.each([
    [{ status: 'PENDING' }, 'waiting'],
    [{ status: 'RUNNING' }, 'running'],
    [{ status: 'SUCCEEDED', driver_exit_code: 0 }, 'done'],
    [{ status: 'STOPPED' }, 'cancelled'],
    [{ status: 'FAILED', error_type: 'JOB_SUPERVISOR_ACTOR_START_TIMEOUT', message: 'timed out' }, 'never began'],
    [{ status: 'FAILED', driver_exit_code: 3, message: 'Job entrypoint command failed with exit code 3' }, 'failed'],
    [{ status: 'FAILED', driver_exit_code: -9, message: 'failed with exit code -9' }, 'failed'],
    [{ status: 'FAILED', message: 'The actor died because its node died' }, 'node failed'],
    [{ status: 'FAILED', message: 'Task was killed due to the node running low on memory: OutOfMemory, oom' }, 'out of memory'],
  ])('%j: %s', (job, expected) => {
    const found = stateOfRay('retable-1', job);
    expect(found.kind === 'ended' ? found.how : found.kind).toBe(expected);
  });
});
