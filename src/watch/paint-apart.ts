import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Paint } from './painter.js';
import type { Asked, Drawn } from './painting-process.js';

/** Seconds after which a process that has nothing to draw is ended: its memory is what it costs. */
const IDLE = 20;

/** Draws in a process of its own, which begins with the first picture and ends when none was asked for in a while. */
export function paintApart(): { readonly paint: Paint; close(): void } {
  const waiting = new Map<number, { readonly resolve: (html: string) => void; readonly reject: (error: Error) => void }>();
  let child: ChildProcess | undefined;
  let idle: NodeJS.Timeout | undefined;
  let last = 0;

  function begin(): ChildProcess {
    const begun = fork(fileURLToPath(new URL('./painting-process.js', import.meta.url)), { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    begun.on('message', (drawn: Drawn) => {
      const asked = waiting.get(drawn.number);
      waiting.delete(drawn.number);
      if ('html' in drawn) asked?.resolve(drawn.html);
      else asked?.reject(new Error(drawn.error));
      if (waiting.size === 0) idle = setTimeout(close, 1000 * IDLE).unref();
    });
    begun.once('exit', () => {
      if (child === begun) child = undefined;
      for (const { reject } of waiting.values()) reject(new Error('the process that draws has ended'));
      waiting.clear();
    });
    begun.on('error', () => begun.kill());
    return begun;
  }

  function close(): void {
    child?.kill();
    child = undefined;
  }

  return {
    paint: (painting) =>
      new Promise((resolve, reject) => {
        clearTimeout(idle);
        child ??= begin();
        const asked: Asked = { number: ++last, painting };
        waiting.set(asked.number, { resolve, reject });
        child.send(asked);
      }),
    close,
  };
}
