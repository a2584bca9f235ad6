import pc from 'picocolors';

/** Where a command speaks: stdout carries results only; people read stderr. */
export interface Terminal {
  /** A result, with a line break after it. */
  out(text: string): void;
  /** A line for a person: progress, notes, diagnostics. */
  err(text: string): void;
  /** Redraws the last lines of a live terminal, none of them wider than it; `null` ends it. Does nothing elsewhere. */
  live(lines: string | null): void;
  readonly isLive: boolean;
  /** Columns of the live terminal. */
  readonly width: number;
  readonly color: Colors;
  readonly outColor: Colors;
}

export type Colors = ReturnType<typeof pc.createColors>;

export interface TerminalOptions {
  readonly quiet: boolean;
  readonly progress: boolean;
}

/** A reader that went away (`retable plan FILE | head`) is no fault: what is said goes nowhere, and the work goes on. */
function survivePipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.listenerCount('error') > 0) continue;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

export function openTerminal({ quiet, progress }: TerminalOptions): Terminal {
  survivePipes();
  const isLive = Boolean(process.stderr.isTTY) && !process.env['CI'] && progress && !quiet;
  let drawn = 0;
  const clear = (): void => {
    if (drawn > 0) process.stderr.write(`\r${drawn > 1 ? `\x1b[${drawn - 1}A` : ''}\x1b[J`);
    drawn = 0;
  };
  return {
    out(text) {
      clear();
      process.stdout.write(`${text}\n`);
    },
    err(text) {
      clear();
      if (!quiet) process.stderr.write(`${text}\n`);
    },
    live(lines) {
      if (!isLive) return;
      clear();
      if (lines === null) return;
      process.stderr.write(lines);
      drawn = lines.split('\n').length;
    },
    isLive,
    get width() {
      return process.stderr.columns || 80;
    },
    color: pc.createColors(pc.isColorSupported && Boolean(process.stderr.isTTY)),
    outColor: pc.createColors(pc.isColorSupported && Boolean(process.stdout.isTTY)),
  };
}
