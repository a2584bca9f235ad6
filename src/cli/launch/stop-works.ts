import { EXIT } from '../exit.js';
import type { Terminal } from '../terminal.js';
import type { Launched } from './launcher.js';

/** `draining`: what is at work comes to its end. `stopping`: it stops after its last step. */
export type Stage = 'working' | 'draining' | 'stopping';

/** The first Ctrl-C lets the running trials finish, the second stops them at their last epoch, the third ends everything at once. A scheduler's SIGTERM doesn't wait. */
export function listenForStop(launched: Launched, terminal: Terminal): { readonly stage: Stage; readonly status: number; off(): void } {
  let stage: Stage = 'working';
  let status: number = EXIT.interrupted;
  const onInterrupt = (): void => {
    if (stage === 'working') {
      stage = 'draining';
      terminal.err('finishing the trials that are at work; once more to stop them at their last epoch');
      launched.drain();
    } else if (stage === 'draining') stopNow();
    else {
      launched.kill();
      process.exit(status);
    }
  };
  const stopNow = (): void => {
    stage = 'stopping';
    terminal.err('stopping; once more to end at once');
    launched.stop();
  };
  const onTerminate = (): void => {
    status = EXIT.terminated;
    if (stage !== 'stopping') stopNow();
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
    off() {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
    },
  };
}
