import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { parse } from 'yaml';
import { completeValue, isObject, kindsOf } from '../../language/check.js';
import { engine, experimentSchema } from '../../language/experiment.js';
import { readDocument } from '../../language/read.js';
import { launchers } from '../../launch/run-on.js';
import { DOCUMENT_KINDS, readSource } from '../../language/source.js';
import type { JsonSchema } from '../../language/type.js';
import { openStore } from '../../record/layout.js';
import { listRuns } from '../../record/reader.js';
import { wordOf } from '../../run/run-record.js';
import { stages as ourStages } from '../../stages/registry.js';
import { sweepSchema } from '../../study/proposals/document.js';
import { tableSchema } from '../../study/claims/document.js';
import type { Command, OptionName } from '../command.js';
import { COMMANDS } from '../commands.js';
import { flagsOf } from '../flags.js';
import { runsFolder } from '../../host/folders.js';
import { statusOf } from '../../run/attempt.js';
import { SHELLS } from './scripts.js';

/** How a word can go on. What ends in `/`, `=` or `.` goes on further: no space behind it. */
export interface Answer {
  readonly text: string;
  readonly about?: string;
}

/** What could stand in place of the last word; the words are those behind the program's name. */
export function answer(words: readonly string[]): readonly Answer[] {
  const [name = '', ...given] = words.slice(0, -1);
  const typed = words.at(-1) ?? '';
  if (words.length < 2)
    return startingWith(
      typed,
      COMMANDS.map(({ name: text, summary: about }) => ({ text, about })),
    );
  const command = COMMANDS.find((each) => each.name === name);
  if (!command) return [];
  const option = openOption(command, given);
  if (option === 'set' || option === 'vary') return completeSet(typed, given);
  if (option === 'only') return startingWith(typed, namesOf('rows', given));
  if (option !== undefined) return startingWith(typed, VALUES[option]?.() ?? []).concat(FILES.has(option) ? files(typed) : []);
  return typed.startsWith('-') ? startingWith(typed, optionsOf(command)) : argument(command, typed, given);
}

/** The option whose value stands here: the last word names it, or it takes several and only values came since. */
function openOption({ options }: Command, given: readonly string[]): OptionName | undefined {
  const at = given.findLastIndex((word) => word.startsWith('-'));
  const name = options.find((each) => flagNames(each).includes(given[at] ?? ''));
  if (name === undefined) return undefined;
  const [flags] = flagsOf(name);
  const isLast = at === given.length - 1;
  return flags.includes('<') && (isLast || flags.includes('...')) ? name : undefined;
}

const flagNames = (name: OptionName): readonly string[] => flagsOf(name)[0].match(/--?[a-z][a-z-]*/g) ?? [];

const optionsOf = ({ options }: Command): readonly Answer[] => [
  ...options.map((name) => ({ text: flagNames(name).at(-1) ?? '', about: flagsOf(name)[1] })),
  { text: '--help', about: 'what the command does, and its options' },
];

const VALUES: Readonly<Partial<Record<OptionName, () => readonly Answer[]>>> = {
  engine: () => textsOf(engine.properties.kind.enum ?? []),
  device: () => textsOf(engine.properties.device.enum ?? []),
  track: () => textsOf(['off']),
  on: () => textsOf(Object.keys(launchers)),
  search: () => textsOf(kindsOf(sweepSchema.properties.search.oneOf ?? [])),
};
const FILES: ReadonlySet<OptionName> = new Set(['output', 'runs', 'write']);

/** By what the command says that it takes: `<file>`, `[run]`, `<action>`. */
function argument({ arguments: takes, name }: Command, typed: string, given: readonly string[]): readonly Answer[] {
  if (takes.endsWith('[file]') && given.length > 0) return files(typed);
  if (TEXT_BEHIND_RUN.has(name) && given.length > 0) return [];
  if (/run/.test(takes)) return startingWith(typed, runs()).concat(/^(?:run|report|watch)$/.test(name) ? files(typed, /\.ya?ml$/) : []);
  if (name === 'init') return files(typed);
  if (name === 'why' && given.length > 0) return startingWith(typed, namesOf(given.length === 1 ? 'rows' : 'columns', given));
  if (name === 'completion') return startingWith(typed, textsOf(SHELLS));
  if (name === 'store') return startingWith(typed, textsOf(['verify', 'repair', 'relocate', 'gc']));
  if (name === 'list')
    return startingWith(typed, textsOf([...new Set(listRuns(openStore(runsFolder(undefined))).map(({ experiment }) => experiment))]));
  if (name === 'schema') return [...startingWith(typed, textsOf(DOCUMENT_KINDS)), ...files(typed, /\.ya?ml$/)];
  return takes === '' || given.length > 5 ? [] : files(typed, /\.ya?ml$/);
}

const TEXT_BEHIND_RUN: ReadonlySet<string> = new Set(['name', 'tag', 'note']);

/** Files and folders; of files only those that are wanted. */
function files(typed: string, wanted = /(?:)/): readonly Answer[] {
  const folder = typed.endsWith('/') ? typed : typed.includes('/') ? `${dirname(typed)}/` : '';
  const begun = typed.endsWith('/') ? '' : basename(typed);
  try {
    return readdirSync(folder === '' ? '.' : folder, { withFileTypes: true })
      .filter(({ name }) => name.startsWith(begun) && (begun !== '' || !name.startsWith('.')) && name !== 'node_modules')
      .filter((entry) => entry.isDirectory() || wanted.test(entry.name))
      .map((entry) => ({ text: `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}` }))
      .toSorted((a, b) => (a.text < b.text ? -1 : 1));
  } catch {
    return [];
  }
}

const MOST_RUNS = 30;

/** The newest runs by the beginning of their ids; readers never write, so nothing is touched. */
const runs = (): readonly Answer[] => {
  const store = openStore(runsFolder(undefined));
  const newest = listRuns(store).slice(0, MOST_RUNS);
  return [
    { text: 'latest', about: 'the newest run' },
    ...newest.map((run) => ({ text: run.id.slice(0, 8), about: `${run.experiment}, ${wordOf(statusOf(store, run))}` })),
    ...textsOf([...new Set(newest.map(({ experiment }) => experiment))]),
  ];
};

/** The names that a table gives to its rows or columns. */
function namesOf(part: 'rows' | 'columns', given: readonly string[]): readonly Answer[] {
  const value = documentOf(given)?.value;
  const names = isObject(value) ? value[part] : undefined;
  return isObject(names) ? textsOf(Object.keys(names)) : [];
}

/** Of the document on the command line; without one, or with one that can't be read, of any experiment. */
function completeSet(typed: string, given: readonly string[]): readonly Answer[] {
  const { schema, value } = documentOf(given) ?? { schema: experimentSchema(ourStages), value: {} };
  return completeValue(typed, schema, value).map(({ text, description }) => ({
    text,
    ...(description !== undefined && { about: description }),
  }));
}

function documentOf(given: readonly string[]): { readonly schema: JsonSchema; readonly value: unknown } | undefined {
  const file = given.findLast((word) => /\.ya?ml$/.test(word));
  if (file === undefined) return undefined;
  try {
    const found = readDocument(file);
    if (!('bytes' in found)) return undefined;
    const { bytes } = found;
    const read = readSource(file, bytes);
    // A file in the middle of being written has mistakes; what it says so far still tells the kinds.
    if ('diagnostics' in read) return { schema: experimentSchema(ourStages), value: parse(bytes.toString('utf8')) as unknown };
    const { kind, value } = read.doc;
    if (kind === 'sweep') return { schema: sweepSchema, value };
    if (kind === 'table') return { schema: tableSchema, value };
    // A person's own modules are code, which runs when a person runs it.
    return { schema: experimentSchema(ourStages), value };
  } catch {
    return undefined;
  }
}

const textsOf = (texts: readonly (string | number | boolean)[]): readonly Answer[] => texts.map((text) => ({ text: String(text) }));
const startingWith = (typed: string, answers: readonly Answer[]): readonly Answer[] => answers.filter(({ text }) => text.startsWith(typed));
