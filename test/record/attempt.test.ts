import { expect, test } from 'vitest';
import { type Attempt, nextStep } from '../../src/record/works.js';

const finished: Attempt = { status: 'FINISHED', outcome: null };
const diverged: Attempt = { status: 'FAILED', outcome: 'diverged' };
const crashed: Attempt = { status: 'FAILED', outcome: null };
const killed: Attempt = { status: 'KILLED', outcome: null };
const running: Attempt = { status: 'RUNNING', outcome: null };

test.each<[string, Attempt[], ReturnType<typeof nextStep>]>([
  ['nothing there', [], { kind: 'start', number: 1 }],
  ['finished', [finished], { kind: 'show', attempt: finished }],
  ['diverged', [diverged], { kind: 'show', attempt: diverged }],
  ['interrupted', [killed], { kind: 'continue', attempt: killed }],
  ['killed without a word', [running], { kind: 'continue', attempt: running }],
  ['failed with an exception', [crashed], { kind: 'start', number: 2 }],
  ['interrupted after a failure', [killed, crashed], { kind: 'continue', attempt: killed }],
  ['failed after it was finished', [crashed, finished], { kind: 'show', attempt: finished }],
])('%s', (_, attempts, step) => expect(nextStep(attempts, false)).toEqual(step));

test.each([[[finished]], [[killed]], [[running, finished]]])('a fresh attempt is a new one, whatever there is: %j', (attempts) =>
  expect(nextStep(attempts, true)).toEqual({ kind: 'start', number: attempts.length + 1 }),
);
