import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { buffer } from 'node:stream/consumers';
import { isatty } from 'node:tty';
import { Refusal } from './exit.js';
import { callIt } from './folders.js';

/** A file of data that a person names; `-` stands for what is piped in, which is kept as a file for as long as the process lives. */
export async function dataFile(named: string | undefined): Promise<string | undefined> {
  if (named !== '-') return named;
  if (isatty(0)) {
    throw new Refusal('"-" stands for data that another command gives, and there is none', {
      help: 'cat data.csv | retable predict RUN -, or name the file',
    });
  }
  const folder = mkdtempSync(join(tmpdir(), 'retable-input-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'data');
  writeFileSync(file, await buffer(process.stdin));
  callIt(file, 'standard input');
  return file;
}
