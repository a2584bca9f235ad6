import { endNow, EXIT } from '../host/exit.js';
import { outliveTerminal, type Terminal } from '../host/terminal.js';
import type { Launched } from './launcher.js';

/** `draining`: what is at work comes to its end. `stopping`: it stops after its last step. `leaving`: it goes on without this process. */
type Stage = 'working' | 'draining' | 'stopping' | 'leaving';

interface StopListener {
  readonly stage: Stage;
  /** The exit status of whoever asked. */
  readonly status: number;
  /** What Ctrl-C does where trials go on without this process, as somebody wishes who doesn't wait at all. */
  leave(): void;
  off(): void;
}

/**
 * The first Ctrl-C lets the running trials finish, the second stops them at their last epoch, the third ends everything at once. A scheduler's
 * SIGTERM doesn't wait; a second one ends everything. Jobs of a cluster are left alone by either.
 */
export function listenForStop(launched: Launched, terminal: Terminal): StopListener {
  outliveTerminal();
  let stage: Stage = 'working';
  let status: number = EXIT.done;
  const onInterrupt = (): void => {
    status = EXIT.interrupted;
    if (stage === 'working') {
      if (launched.leave) return leave();
      stage = 'draining';
      terminal.err('finishing the trials that are at work; once more to stop them at their last epoch');
      launched.drain();
    } else if (stage === 'draining') stopNow();
    else killAll();
  };
  const killAll = (): void => {
    launched.kill();
    endNow(status);
  };
  const stopNow = (): void => {
    stage = 'stopping';
    terminal.err('stopping; once more to end at once');
    launched.stop();
  };
  const leave = (): void => {
    stage = 'leaving';
    void launched.leave?.().then((lines) => {
      for (const line of lines) terminal.err(line);
    });
  };
  const onTerminate = (): void => {
    status = EXIT.terminated;
    if (launched.leave) leave();
    else if (stage === 'stopping') killAll();
    else stopNow();
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  return {
    get stage() {
      return stage;
    },
    get status() {
      return status;
    },
    leave,
    off() {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
    },
  };
}
