import pc from 'picocolors';

/** Where a command speaks: stdout carries results only; people read stderr. */
export interface Terminal {
  /** A result, with a line break after it. */
  out(text: string): void;
  /** A line for a person: progress, notes, diagnostics. */
  err(text: string): void;
  /** Redraws the last line of a live terminal; `null` ends it. Does nothing elsewhere. */
  live(line: string | null): void;
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

export function openTerminal({ quiet, progress }: TerminalOptions): Terminal {
  const isLive = Boolean(process.stderr.isTTY) && !process.env['CI'] && progress && !quiet;
  let drawn = false;
  const clear = (): void => {
    if (drawn) process.stderr.write('\r\x1b[2K');
    drawn = false;
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
    live(line) {
      if (!isLive) return;
      clear();
      if (line === null) return;
      process.stderr.write(line);
      drawn = true;
    },
    isLive,
    get width() {
      return process.stderr.columns || 80;
    },
    color: pc.createColors(pc.isColorSupported && Boolean(process.stderr.isTTY)),
    outColor: pc.createColors(pc.isColorSupported && Boolean(process.stdout.isTTY)),
  };
}
