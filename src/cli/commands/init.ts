import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { type Diagnostic, InputError, isError, whyUnreadable } from '../../diagnostics/diagnostic.js';
import { formatCount } from '../../diagnostics/numbers.js';
import { missingFile, noPermission } from '../../diagnostics/reading-messages.js';
import { forShell, nearest } from '../../diagnostics/words.js';
import { isJsonList } from '../../formats/jsonl.js';
import { EXIT, Refusal } from '../../host/exit.js';
import { refuseNewFile, writeNewFile } from '../../host/output.js';
import { isInvalid } from '../../language/source.js';
import { acceptWithWarnings, examineBytes } from '../../run/prepare.js';
import { decodeData, unreadableText } from '../../stages/dataset/encoding.js';
import { jsonList } from '../../stages/dataset/sequences/messages.js';
import type { Run } from '../command.js';
import { cannot, type Draft } from '../init/draft.js';
import { experimentsOfFolder } from '../init/experiment-of-folder.js';
import { experimentOfSequences, type Format } from '../init/experiment-of-sequences.js';
import { experimentsOfSeries } from '../init/experiment-of-series.js';
import { experimentOfText, SHORTEST_TEXT } from '../init/experiment-of-text.js';
import { experimentOfTagged, experimentsOfTexts } from '../init/experiment-of-texts.js';
import { experimentsOfWide } from '../init/experiment-of-wide.js';
import { isTable } from '../init/tell-tables.js';
import { observeOn } from '../observe.js';
import { pathFrom, schemaLine } from '../schema-line.js';

/**
 * Writes an experiment on a person's own data that runs as it is: a text, a series to forecast, texts with a class each, tagged words, or sequences as CSV, JSON Lines or NumPy. It is checked before it is
 * written; where the data are no experiment, one sentence says why.
 */
export const run: Run = async ([file = ''], options, terminal) => {
  const bytes = isFolder(file) ? undefined : readData(file);
  const output = options.output ?? join(dirname(file), `${nameOf(file)}.yaml`);
  refuseNewFile(output);
  const written = (draft: Draft): string => `${schemaLine(output, 'experiment')}${draft.text}`;
  const draft = draftOf(file, bytes, output, (each) => isClean(output, written(each)));
  const text = written(draft);
  acceptWithWarnings(checked(file, output, text), observeOn(terminal));
  writeNewFile(output, text);
  terminal.err([draft.summary, ...draft.notes, `wrote ${output}`].join('\n'));
  terminal.out(`npx retable run ${forShell(output)}`);
  return EXIT.done;
};

/** Of several ways to write an experiment on the data, the first one that `isGood`, or the first of all. */
function draftOf(file: string, bytes: Uint8Array | undefined, output: string, isGood: (draft: Draft) => boolean): Draft {
  const [path, name] = [pathFrom(output, file), experimentName(nameOf(file))];
  if (!bytes) {
    const drafts = experimentsOfFolder({ folder: file, path, name });
    return drafts.find(isGood) ?? drafts[0] ?? never();
  }
  const what = { file, path, name, bytes };
  const ending = extname(file).toLowerCase();
  if (ending === '.npy') return experimentOfSequences({ ...what, format: 'npy' });
  const text = decodeText(file, bytes);
  const format = FORMATS[ending] ?? (isTable(text) ? 'csv' : undefined);
  const tagged = experimentOfTagged(what);
  if (tagged) return tagged;
  const texts = format === undefined ? [] : experimentsOfTexts(what);
  const ofTexts = texts.find(isGood) ?? texts[0];
  if (ofTexts) return ofTexts;
  const wide = format === 'csv' ? experimentsOfWide(what) : [];
  const ofWide = wide.find(isGood) ?? wide[0];
  if (ofWide) return ofWide;
  const forecasts = format === 'csv' ? experimentsOfSeries(what) : [];
  const forecast = forecasts.find(isGood) ?? forecasts[0];
  if (forecast) return forecast;
  if (format !== undefined) return experimentOfSequences({ ...what, format });
  if (isJsonList(text)) {
    const { message, help } = jsonList(file);
    throw new Refusal(message, help === undefined ? {} : { help });
  }
  const { length } = [...text];
  if (length < SHORTEST_TEXT) {
    throw cannot(
      file,
      `has ${formatCount(length)} characters, and a model needs ${SHORTEST_TEXT} at least to learn anything from`,
      'take a longer text: a chapter, notes of a year, a program',
    );
  }
  return experimentOfText({ ...what, text });
}

const FORMATS: Readonly<Record<string, Format>> = { '.csv': 'csv', '.tsv': 'csv', '.tab': 'csv', '.jsonl': 'jsonl', '.ndjson': 'jsonl' };

// ------------------------------------------------------------------------------------------------ reading

const isFolder = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;

function never(): never {
  throw new Error('a folder became no experiment, without a word');
}

function readData(file: string): Uint8Array {
  try {
    if (!statSync(file).isFile())
      throw cannot(file, 'is no file on disk, and an experiment reads its data again', 'save the data to a file');
    const bytes = readFileSync(file);
    if (!/\.ya?ml$/i.test(file)) return bytes;
  } catch (error) {
    const why = whyUnreadable(error);
    if (why === 'missing') throw new InputError([{ ...missingFile(file, nearestFile(file)), severity: 'error' }]);
    if (why === 'forbidden') throw new InputError([{ ...noPermission(file), severity: 'error' }]);
    if (error instanceof Refusal) throw error;
    throw cannot(file, `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw cannot(file, 'is a document, and init takes data', 'for example: retable init notes.txt');
}

function nearestFile(file: string): string | undefined {
  try {
    const found = nearest(basename(file), readdirSync(dirname(file)));
    return found === undefined ? undefined : join(dirname(file), found);
  } catch {
    return undefined;
  }
}

/** As datasets read it: UTF-8, and what is plainly another encoding. */
function decodeText(file: string, bytes: Uint8Array): string {
  const decoded = decodeData(bytes);
  if ('text' in decoded) {
    if (!decoded.text.includes('\0')) return decoded.text;
    throw cannot(file, 'is no text', HELP_NO_TEXT);
  }
  if (bytes.includes(0) && decoded.fault.is === 'wrong-byte') throw cannot(file, 'is no text', HELP_NO_TEXT);
  const { message, help } = unreadableText(file, decoded.fault, { option: false });
  throw new Refusal(message, help === undefined ? {} : { help });
}

const HELP_NO_TEXT = 'init takes a text, or sequences as .csv, .jsonl or .npy';

// ------------------------------------------------------------------------------------------------ writing

/** The document as `check` finds it. A mistake that is left is one of the data: it is told, and nothing is written. */
function checked(file: string, output: string, text: string) {
  const examined = examineBytes(output, new TextEncoder().encode(text), {});
  if (!isInvalid(examined)) return examined;
  const fault: Diagnostic | undefined = examined.diagnostics.find(isError);
  throw cannot(file, `can't become an experiment: ${fault?.message ?? 'its document is refused'}`, fault?.help);
}

/** Whether nothing is said against a document, not even a warning. */
function isClean(output: string, text: string): boolean {
  const examined = examineBytes(output, new TextEncoder().encode(text), {});
  return !isInvalid(examined) && examined.warnings.length === 0;
}

/** Letters, digits, "_", "-" and "."; what else the file's name holds becomes "_". */
const nameOf = (file: string): string =>
  basename(file, extname(file))
    .replaceAll(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 100) || 'experiment';

/** A run is called by its experiment's name, by an id's first characters, or "latest": a name that reads as one of the others gets a word more. */
const experimentName = (name: string): string => (name === 'latest' || /^[0-9a-f]{4,32}$/.test(name) ? `${name}_data` : name);
