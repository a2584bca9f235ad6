import { endNow, EXIT } from '../host/exit.js';
import { outliveTerminal, type Terminal } from '../host/terminal.js';
import type { ListenForStop } from '../launch/train-works.js';

/**
 * The first Ctrl-C lets the running trials finish, the second stops them at their last epoch, the third ends everything at once. A scheduler's
 * SIGTERM doesn't wait; a second one ends everything. Jobs of a cluster are left alone by either.
 */
export const stopTrialsOnSignals =
  (terminal: Terminal): ListenForStop =>
  (launched) => {
    outliveTerminal();
    let stage: ReturnType<ListenForStop>['stage'] = 'working';
    let status: number = EXIT.done;
    const onInterrupt = (): void => {
      status = EXIT.interrupted;
      if (stage === 'working') {
        if (launched.leave) return leave();
        stage = 'draining';
        terminal.err('letting the trials that are running finish; press Ctrl-C again to stop them at their last epoch');
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
      terminal.err('stopping after this step; press Ctrl-C again to stop at once');
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
  };
