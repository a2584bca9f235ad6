import { forShell } from '../../diagnostics/shell.js';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../diagnostics/diagnostic.js';
import { decode } from '../../language/decode.js';
import { placeOf } from '../../language/located.js';
import { readDocument } from '../../language/read.js';
import type { Run } from '../command.js';
import { EXIT, Refusal } from '../exit.js';
import type { Draft } from '../init/draft.js';
import { experimentOfSequences, type Format } from '../init/experiment-of-sequences.js';
import { experimentOfText, SHORTEST_TEXT } from '../init/experiment-of-text.js';
import { prepare } from '../prepare.js';
import { packageRoot } from '../version.js';

/** Writes an experiment on a person's own data that runs as it is: a text, or sequences as CSV, JSON Lines or NumPy. */
export const run: Run = async ([file = ''], options, terminal) => {
  const bytes = readData(file);
  const output = options.output ?? join(dirname(file), `${nameOf(file)}.yaml`);
  if (existsSync(output))
    throw new Refusal(`${output} is there already, and nothing is overwritten`, { help: 'name another file with --output FILE' });
  const draft = draftOf(file, bytes, output);
  writeFileSync(output, `${schemaLine(output)}${draft.text}`, { flag: 'wx' });
  checkWritten(output, () => prepare(output, options, terminal));
  terminal.err(`${draft.summary}\nwrote ${output}`);
  terminal.out(`npx retable run ${forShell(output)}`);
  return EXIT.done;
};

function draftOf(file: string, bytes: Uint8Array, output: string): Draft {
  const what = { file: pathFrom(output, file), name: nameOf(file), bytes };
  const format = FORMATS[extname(file).toLowerCase()];
  if (format !== undefined) return experimentOfSequences({ ...what, format });
  const text = decodeText(file, bytes);
  if (text.length < SHORTEST_TEXT)
    throw new Refusal(`${file} has ${text.length} characters, and a model needs ${SHORTEST_TEXT} at least to learn anything from`, {
      help: 'take a longer text: a chapter, notes of a year, a program',
    });
  return experimentOfText({ ...what, text });
}

const FORMATS: Readonly<Record<string, Format>> = { '.csv': 'csv', '.jsonl': 'jsonl', '.ndjson': 'jsonl', '.npy': 'npy' };

function readData(file: string): Uint8Array {
  const read = readDocument(file);
  if ('diagnostics' in read) throw new InputError(read.diagnostics);
  if (/\.ya?ml$/.test(file))
    throw new Refusal(`${file} is a document, and init takes data`, { help: 'for example: retable init notes.txt' });
  return readFileSync(file);
}

function decodeText(file: string, bytes: Uint8Array): string {
  const decoded = decode(file, bytes);
  const isWide = 'fault' in decoded && decoded.isUtf16;
  if (!isWide && bytes.includes(0))
    throw new Refusal(`${file} is no text`, { help: 'init takes a text in UTF-8, or sequences as .csv, .jsonl or .npy' });
  if ('text' in decoded) return decoded.text;
  const { words, span } = decoded.fault;
  throw new InputError([{ ...words, severity: 'error', place: placeOf(span) }]);
}

/** What was written must hold no mistake; where the data hold one, it is told and nothing stays. */
function checkWritten(output: string, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    rmSync(output);
    throw error;
  }
}

/** Editors complete and check a document with the schema of the package that is installed above it. */
function schemaLine(output: string): string {
  const root = fileURLToPath(packageRoot);
  const holder = root.replace(/node_modules[\\/]retable[\\/]?$/, '');
  if (relative(holder, resolve(output)).startsWith('..')) return '';
  return `# yaml-language-server: $schema=${pathFrom(output, join(root, 'schemas', 'experiment.schema.json'))}\n`;
}

const pathFrom = (document: string, file: string): string => relative(dirname(resolve(document)), resolve(file)).replaceAll('\\', '/');

/** Letters, digits, "_", "-" and "."; what else the file's name holds becomes "_". */
const nameOf = (file: string): string =>
  basename(file, extname(file))
    .replaceAll(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 100) || 'experiment';
