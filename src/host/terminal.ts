import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import type { TextStyle, Told } from '../report/kit/tables.js';

import pc from 'picocolors';
import { endNow, EXIT } from './exit.js';
import { folded, visibleText } from '../diagnostics/columns.js';
import { starredOut } from '../diagnostics/secrets.js';

/** Where a command speaks: stdout carries results only; people read stderr. */
export interface Terminal {
  /** A result, with a line break after it. On a terminal, lines that are too wide are broken between words. */
  out(text: string): void;
  /** A result for programs or as a model wrote it, with a line break after it: never broken. */
  data(text: string): void;
  /** A line for a person: progress, notes, diagnostics. */
  err(text: string): void;
  /** Redraws the last lines of a live terminal, none of them wider than it; `null` ends it. Does nothing elsewhere. */
  live(lines: string | null): void;
  /** A live line of what takes seconds, with the seconds, until anything else is said. Does nothing elsewhere. */
  busy(doing: string): void;
  readonly isLive: boolean;
  /** Whether each epoch, or each trial, leaves a line. */
  readonly leavesLines: boolean;
  /** Columns of the live terminal, but for two: there it writes its own `^C`, which would break a full line. */
  readonly width: number;
  /** Columns of stdout; 120 where it is no terminal. */
  readonly outWidth: number;
  /** Whether a person reads stdout as it comes: what is said last stands beside the prompt. */
  readonly isOutTerminal: boolean;
  readonly color: Colors;
  readonly outColor: Colors;
}

export type Colors = ReturnType<typeof pc.createColors>;

/** How training is told: a line that is redrawn, which takes a terminal; a line that stays for each epoch, with the other one below it; neither. */
export const PROGRESS = ['live', 'lines', 'none'] as const;

interface TerminalOptions {
  readonly quiet: boolean;
  /** Of nobody's choice, what fits: live on a terminal, lines elsewhere. */
  /** `plain`: lines and nothing else, as in a log. */
  readonly progress?: (typeof PROGRESS)[number] | 'plain';
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
  if (!given.has(stream)) send(stream, visibleText(starredOut(text), isColored(stream) ? OURS : undefined));
}

/** For people: `write`, with lines that are too wide for a terminal broken between words. */
export const tell = (stream: NodeJS.WriteStream, text: string): void =>
  write(stream, stream.isTTY && stream.columns ? folded(text, stream.columns) : text);

/** On a terminal unless NO_COLOR is set; elsewhere, in a log, where FORCE_COLOR asks for it. */
function isColored(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR: no, FORCE_COLOR: force, TERM: kind } = process.env;
  if (no) return false;
  return force ? force !== '0' && force !== 'false' : Boolean(stream.isTTY) && kind !== 'dumb';
}

/** The colours and weights that `picocolors` sets and takes back. */
const OURS = /\u001b\[(?:[012379]|2[123479]|3\d|4[0-79]|9[0-7])m/g;

/** Moves the cursor of the live terminal. */
function steer(sequence: string): void {
  if (!given.has(process.stderr)) process.stderr.write(sequence);
}

export function openTerminal({ quiet, progress }: TerminalOptions): Terminal {
  const canRedraw = Boolean(process.stderr.isTTY) && !process.env['CI'] && process.env['TERM'] !== 'dumb';
  const isLive = canRedraw && progress !== 'none' && progress !== 'plain' && !quiet;
  let drawn = 0;
  let ticking: NodeJS.Timeout | undefined;
  const draw = (lines: string): void => {
    write(process.stderr, lines);
    drawn = lines.split('\n').length;
  };
  const erase = (): void => {
    if (drawn > 0) steer(`\r${drawn > 1 ? `\x1b[${drawn - 1}A` : ''}\x1b[J`);
    drawn = 0;
  };
  const clear = (): void => {
    clearInterval(ticking);
    erase();
  };
  return {
    out(text) {
      clear();
      tell(process.stdout, `${text}\n`);
    },
    data(text) {
      clear();
      write(process.stdout, `${text}\n`);
    },
    err(text) {
      clear();
      if (!quiet) tell(process.stderr, `${text}\n`);
    },
    live(lines) {
      if (!isLive) return;
      clear();
      if (lines !== null) draw(lines);
    },
    busy(doing) {
      if (!isLive) return;
      clear();
      draw(`${doing}…`);
      let seconds = 0;
      ticking = setInterval(() => {
        erase();
        draw(`${doing}… ${(seconds += 1)} s`);
      }, 1000).unref();
    },
    isLive,
    leavesLines: progress === 'lines' || (!isLive && progress !== 'none'),
    get width() {
      return (process.stderr.columns || 80) - 2;
    },
    get outWidth() {
      return process.stdout.columns || 120;
    },
    isOutTerminal: Boolean(process.stdout.isTTY),
    color: pc.createColors(isColored(process.stderr)),
    outColor: pc.createColors(isColored(process.stdout)),
  };
}

export const styleOf = (colors: Colors): TextStyle => ({ heading: colors.bold, faint: colors.dim });

/** How a text on stdout is set: with what width it has, where that is a terminal. */
export const howTold = ({ outColor, isOutTerminal, outWidth }: Terminal): Told => ({
  style: styleOf(outColor),
  ...(isOutTerminal && { width: outWidth }),
});
