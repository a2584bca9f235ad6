import { EXIT } from './exit.js';
import { outliveTerminal, type Terminal } from './terminal.js';

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** The first Ctrl-C asks for an orderly end, which comes within about a tenth of a second; the second one ends the process at once. */
export function listenForStop(terminal: Terminal): { readonly signal: StopSignal | undefined; off(): void } {
  outliveTerminal();
  let asked: StopSignal | undefined;
  const onSignal = (signal: StopSignal): void => {
    if (asked) process.exit(signal === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted);
    asked = signal;
    terminal.err('stopping; once more to stop at once');
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    get signal() {
      return asked;
    },
    off() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
