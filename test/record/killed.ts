import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * How a program begins that a test kills again and again: it goes on with the run that it finds, or starts it, and has `store`, `machine` and
 * `writer`. `built` gives the import of a file of the record.
 */
export const beginning = (built: (module: string) => string, root: string): string => `
  import { writeSync } from 'node:fs';
  import { takeLease } from ${built('lease')};
  import { openStore, prepareStore, runId } from ${built('layout')};
  import { thisMachine } from ${built('lease')};
  import { findByWork } from ${built('works')};
  import { reopenRun } from ${built('start')};
  import { startRun } from ${built('start')};
  const store = openStore(${JSON.stringify(root)});
  const machine = thisMachine(process.pid, () => true);
  const [before] = findByWork(store, 'work');
  if (before && takeLease(store, before.place, machine, Date.now()).kind === 'held') throw new Error('held');
  const start = { experiment: 'kill', runId: runId('work', 1, prepareStore(store)), runName: 'kill', user: 'u', startTime: 1, owner: machine.self };
  const more = { parameters: { a: '1' }, tags: { 'retable.work': 'work' }, datasets: [] };
  const writer = before ? reopenRun(store, before.place) : startRun(store, { ...start, ...more });`;

/** Starts a program that tells numbers, line by line, and kills it so many milliseconds after its first word; gives the largest that it told. */
export async function killAfter(program: string, milliseconds: number, onFirstWord: () => unknown = () => {}): Promise<number> {
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const closed = once(child, 'close');
  await Promise.race([once(child.stdout, 'data'), closed.then(() => Promise.reject(new Error('the program ended by itself')))]);
  await onFirstWord();
  await wait(milliseconds);
  child.kill('SIGKILL');
  await closed;
  return Math.max(...output.slice(0, output.lastIndexOf('\n')).split('\n').map(Number));
}
