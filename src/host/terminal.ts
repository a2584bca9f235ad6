import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import type { TextStyle } from '../report/kit/tables.js';

import pc from 'picocolors';
import { endNow, EXIT } from './exit.js';
import { visibleText } from '../diagnostics/columns.js';
import { starredOut } from '../diagnostics/secrets.js';

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
  /** Columns of stdout; 120 where it is no terminal. */
  readonly outWidth: number;
  /** Whether a person reads stdout as it comes: what is said last stands beside the prompt. */
  readonly isOutTerminal: boolean;
  readonly color: Colors;
  readonly outColor: Colors;
}

export type Colors = ReturnType<typeof pc.createColors>;

interface TerminalOptions {
  readonly quiet: boolean;
  readonly progress: boolean;
}

/** What became of stdout and stderr: one that refused once is written to no more. */
const given = new Set<NodeJS.WriteStream>();
let outlives = false;

/**
 * For commands that train: work and record go on when nobody can hear of it any more, because the terminal was closed (SIGHUP, EIO) or the disk
 * that a log lies on is full (ENOSPC). `retable stop` ends them then.
 */
export function outliveTerminal(): void {
  outlives = true;
  // Node takes back what `nohup` asked for.
  if (process.listenerCount('SIGHUP') === 0) process.on('SIGHUP', letGo);
}

let letsGo = false;

/** At its end Node sets the terminal back to how it was, and aborts when there is none any more; it leaves alone what was opened anew. */
function letGo(): void {
  if (letsGo || process.platform === 'win32') return;
  letsGo = true;
  process.on('exit', () => {
    for (const descriptor of [0, 1, 2]) {
      try {
        closeSync(descriptor);
      } catch {
        // it was closed before
      }
      openSync(devNull, 'r+');
    }
  });
}

/** A reader that went away (`retable plan FILE | head`) is no fault: what is said goes nowhere, and the work goes on. */
export function survivePipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.listenerCount('error') > 0) continue;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      given.add(stream);
      if (error.code === 'EIO') letGo();
      if (error.code === 'EPIPE' || outlives) return;
      write(process.stderr, `error: the output can't be written: ${error.code ?? error.message}\n`);
      endNow(EXIT.failed);
    });
  }
}

let results: typeof process.stdout.write | undefined;

/** From now on stdout carries results only: what else is written there, by a person's module, goes to stderr. */
export function keepStdoutForResults(): void {
  if (results) return;
  results = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
}

const send = (stream: NodeJS.WriteStream, text: string, done?: () => void): boolean =>
  stream === process.stdout && results ? results(text, done) : stream.write(text, done);

/** When all that was written has left this process, or can't. */
export const quietlyWritten = async (): Promise<void> => {
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise<void>((resolve) => void send(stream, '', resolve))));
};

/** Writes where somebody can still read it: never a password of a URI, and of what texts may hold of commands to a terminal their pictures only. */
export function write(stream: NodeJS.WriteStream, text: string): void {
  if (!given.has(stream)) send(stream, visibleText(starredOut(text), stream.isTTY && pc.isColorSupported ? OURS : undefined));
}

/** The colours and weights that `picocolors` sets and takes back. */
const OURS = /\u001b\[(?:[012379]|2[123479]|3\d|4[0-79]|9[0-7])m/g;

/** Moves the cursor of the live terminal. */
function steer(sequence: string): void {
  if (!given.has(process.stderr)) process.stderr.write(sequence);
}

export function openTerminal({ quiet, progress }: TerminalOptions): Terminal {
  const isLive = Boolean(process.stderr.isTTY) && !process.env['CI'] && progress && !quiet;
  let drawn = 0;
  const clear = (): void => {
    if (drawn > 0) steer(`\r${drawn > 1 ? `\x1b[${drawn - 1}A` : ''}\x1b[J`);
    drawn = 0;
  };
  return {
    out(text) {
      clear();
      write(process.stdout, `${text}\n`);
    },
    err(text) {
      clear();
      if (!quiet) write(process.stderr, `${text}\n`);
    },
    live(lines) {
      if (!isLive) return;
      clear();
      if (lines === null) return;
      write(process.stderr, lines);
      drawn = lines.split('\n').length;
    },
    isLive,
    get width() {
      return process.stderr.columns || 80;
    },
    get outWidth() {
      return process.stdout.columns || 120;
    },
    isOutTerminal: Boolean(process.stdout.isTTY),
    color: pc.createColors(pc.isColorSupported && Boolean(process.stderr.isTTY)),
    outColor: pc.createColors(pc.isColorSupported && Boolean(process.stdout.isTTY)),
  };
}

export const styleOf = (colors: Colors): TextStyle => ({ heading: colors.bold, faint: colors.dim });
