import type { Problem } from './diagnostic.js';

/**
 * Every sentence that a person reads when something is wrong, one function each. The rest of the program reports *what* is wrong; how
 * to say it is decided here. A message is one sentence without a full stop; its help says what to write instead.
 */
export type Words = Pick<Problem, 'code' | 'message' | 'help'>;

const didYouMean = (word: string | undefined): { readonly help?: string } =>
  word === undefined ? {} : { help: `did you mean ${quote(word)}?` };
export const quote = (text: string): string => JSON.stringify(text);

export function listed(words: readonly string[], conjunction = 'or'): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} ${conjunction} ${last}`;
}

// Reading a file

export const missingFile = (file: string, guess: string | undefined): Words => ({
  code: 'missing-file',
  message: `there is no file ${file}`,
  ...didYouMean(guess),
});

export const isDirectory = (file: string, documents: readonly string[]): Words => ({
  code: 'is-directory',
  message: `${file} is a folder, not a file`,
  help: documents.length > 0 ? `it holds ${listed(documents, 'and')}` : 'it holds no YAML files',
});

export const noPermission = (file: string): Words => ({
  code: 'no-permission',
  message: `${file} may not be read`,
  help: `allow it with: chmod u+r ${file}`,
});

export const unreadable = (file: string, reason: string): Words => ({ code: 'unreadable', message: `${file} cannot be read: ${reason}` });

export const notUtf8 = (offset: number, byte: number): Words => ({
  code: 'not-utf8',
  message: `this file is not UTF-8: byte 0x${byte.toString(16).toUpperCase().padStart(2, '0')} at offset ${offset} is not part of any character`,
  help: byte >= 0xa0 ? `save it as UTF-8; in Latin-1 this byte is ${quote(String.fromCharCode(byte))}` : 'save it as UTF-8',
});

export const utf16 = (): Words => ({
  code: 'not-utf8',
  message: 'this file is UTF-16, and documents are read as UTF-8',
  help: 'save it as UTF-8',
});

export const controlCharacter = (character: string): Words => ({
  code: 'control-character',
  message:
    character === '\r'
      ? 'a carriage return without a line feed ends this line'
      : `the character U+${codeOf(character)} may not stand in a YAML file`,
  help: character === '\r' ? 'save the file with line ends LF or CRLF' : 'delete it; most editors show it only when told to',
});

export const mergeConflict = (): Words => ({
  code: 'merge-conflict',
  message: 'a merge left both of its sides in this file',
  help: 'keep one of them, and delete the lines with <<<<<<<, ======= and >>>>>>>',
});

export const oddBlank = (blanks: string): Words => ({
  code: 'odd-blank',
  message: `this blank is the character U+${codeOf(blanks)}, which YAML does not take for a space`,
  help: 'replace it by a space; text copied from web pages often holds such',
});

const codeOf = (character: string): string => character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');

// YAML

export const emptyFile = (): Words => ({
  code: 'empty-file',
  message: 'there is nothing in this file',
  help: 'an experiment starts with "experiment: NAME"',
});

export const severalDocuments = (): Words => ({
  code: 'several-documents',
  message: 'a second document starts here, and a file holds one',
  help: 'put it into a file of its own, or delete the line "---"',
});

export const oldYaml = (): Words => ({
  code: 'yaml-version',
  message: 'documents are read as YAML 1.2, not 1.1',
  help: 'delete this line; true and false are the only truth values, and 010 is ten',
});

export const tabIndent = (): Words => ({
  code: 'tab-indent',
  message: 'a tab indents this line, and YAML allows only spaces there',
  help: 'replace each tab by two spaces',
});

export const tooDeeplyIndented = (): Words => ({
  code: 'indentation',
  message: 'this line is indented deeper than the one above it, which already has a value',
  help: 'align it with the keys that it belongs to',
});

export const unevenIndent = (): Words => ({
  code: 'indentation',
  message: 'this line starts at another column than the keys beside it',
  help: 'keys of one mapping start at the same column',
});

export const notClosed = (opening: string): Words => ({
  code: 'not-closed',
  message: `this ${opening} is never closed`,
  help: `add ${{ '[': 'a ]', '{': 'a }' }[opening] ?? `another ${opening}`} where it ends`,
});

export const colonInValue = (): Words => ({
  code: 'colon-in-value',
  message: 'a value on the same line cannot itself be "key: value"',
  help: 'put quotes around text that holds ": ", or write a mapping as {key: value}',
});

export function missingColon(line: string): Words {
  const [, key = line, separator = '', value = '…'] = /^([\w.-]+)(\s*[=:：]?\s*)(.*)$/.exec(line) ?? [];
  return {
    code: 'missing-colon',
    message: separator === ':' ? 'a blank is missing after the colon' : 'this line is not "key: value"',
    help: `write ${quote(`${key}: ${value || '…'}`)}`,
  };
}

export const reservedStart = (character: string): Words => ({
  code: 'reserved-character',
  message: `a value cannot start with ${quote(character)} in YAML`,
  help: 'put quotes around it',
});

export const unknownTag = (tag: string): Words => ({
  code: 'unknown-tag',
  message: `the tag ${tag} means nothing here`,
  help: 'delete it; put quotes around text that starts with "!"',
});

export function unexpected(text: string, isAfterValue: boolean): Words {
  if (/^[\]}]/.test(text))
    return { code: 'unexpected', message: `no bracket is open that this ${text.charAt(0)} could close`, help: 'delete it' };
  return {
    code: 'unexpected',
    message: 'this does not belong to what stands before it',
    help: isAfterValue
      ? 'put quotes around the whole text'
      : 'write each "key: value" and each "- item" on a line of its own, aligned with those beside it',
  };
}

export const listOnKeyLine = (): Words => ({
  code: 'list-on-key-line',
  message: 'a list of "- " items starts on the line below its key',
  help: 'break the line before "- ", or write [item, item]',
});

export const emptyItem = (): Words => ({
  code: 'empty-item',
  message: 'there is nothing between these commas',
  help: 'delete one of them',
});

export const badEscape = (): Words => ({
  code: 'bad-escape',
  message: 'a backslash in double quotes starts an escape, and this is none',
  help: 'use single quotes, or write the backslash twice',
});

export const missingBlankAfterDash = (): Words => ({
  code: 'missing-blank',
  message: 'a blank is missing after the dash of this item',
  help: 'write "- " in front of each item of a list',
});

export const yamlSyntax = (reason: string): Words => ({ code: 'yaml-syntax', message: `this is not YAML: ${lowerFirst(reason)}` });

export const duplicateKey = (key: string, line: number): Words => ({
  code: 'duplicate-key',
  message: `${quote(key)} is written twice`,
  help: `it has a value on line ${line} already; keep one of the two`,
});

export const emptyKey = (): Words => ({ code: 'empty-key', message: 'a name is missing before the colon' });

export const complexKey = (): Words => ({
  code: 'complex-key',
  message: 'a list or a mapping cannot be a key',
  help: 'text that holds brackets needs quotes',
});

export const mergeOfNoMapping = (): Words => ({
  code: 'bad-merge',
  message: '"<<" merges mappings, and this is none',
  help: 'write <<: *NAME, where &NAME stands before a mapping',
});

export const unknownAnchor = (name: string, guess: string | undefined): Words => ({
  code: 'unknown-anchor',
  message: `no anchor &${name} stands above this alias`,
  help: guess ? `did you mean *${guess}?` : `put quotes around text that starts with "*"`,
});

export const endlessAlias = (name: string): Words => ({
  code: 'endless-alias',
  message: `the alias *${name} stands inside of the value that it repeats`,
});

export const aliasBomb = (most: number): Words => ({
  code: 'alias-bomb',
  message: `the aliases of this file stand for more than ${most.toLocaleString('en')} values`,
  help: 'aliases of aliases multiply; write the values that are needed',
});

export const tooDeep = (): Words => ({ code: 'too-deep', message: 'values are nested more than a hundred deep here' });

export const integerTooLarge = (text: string): Words => ({
  code: 'integer-too-large',
  message: `${text} cannot be told from its neighbours: whole numbers are exact up to 9007199254740991`,
  help: 'use a smaller number, or quotes if it is a name',
});

// The kind of a document

export const noMapping = (): Words => ({
  code: 'no-mapping',
  message: 'a document is a mapping of keys to values',
  help: 'it starts with "experiment: NAME"',
});

export const noDocumentKind = (guess: string | undefined): Words => ({
  code: 'no-document-kind',
  message: 'this is neither an experiment nor a sweep nor a table',
  help: guess ? `did you mean ${quote(guess)}?` : 'say which with one of the keys "experiment: NAME", "sweep: NAME", "table: NAME"',
});

export const twoDocumentKinds = (first: string, second: string): Words => ({
  code: 'two-document-kinds',
  message: `a document has one of the keys ${quote(first)} and ${quote(second)}, not both`,
  help: 'split it into two files',
});

export const otherDocumentKind = (wanted: string, found: string): Words => ({
  code: 'other-document-kind',
  message: `this is a ${found}, and an ${wanted} is needed here`,
});

// --set and other overrides

export const noAssignment = (): Words => ({
  code: 'bad-set',
  message: '--set takes a path and a value, PATH=VALUE',
  help: 'for example: --set model.hidden_size=64',
});

export const emptyPathPart = (): Words => ({ code: 'bad-set', message: 'a name is missing in this path' });

export const blockValue = (): Words => ({
  code: 'bad-set',
  message: 'this value reads as several lines of YAML',
  help: `put quotes around text that holds ": " or starts with "- ", and write mappings as {key: value}`,
});

export const noSuchItem = (list: string, length: number, index: string): Words => ({
  code: 'no-such-item',
  message: /^\d+$/.test(index) ? `${list} has no item ${index}` : `${list} is a list, and ${quote(index)} is no number of an item`,
  help: length === 0 ? 'it is empty' : `its items are ${length === 1 ? '0' : `0 to ${length - 1}`}; ${length} adds one`,
});

export const belowScalar = (path: string, value: string, key: string): Words => ({
  code: 'below-a-value',
  message: `${path} is ${value}, which has nothing below it`,
  help: `to replace it by a mapping, write ${path}={${key}: …}`,
});

// What the schema says

export const unknownKey = (where: string, key: string, help: string): Words => ({
  code: 'unknown-key',
  message: `${where} has no key ${quote(key)}`,
  help,
});

export const meant = (key: string): string => `did you mean ${quote(key)}?`;
export const belongsTo = (key: string, owner: string): string => `${quote(key)} belongs to ${owner}`;
export const meantElsewhere = (key: string, owner: string): string => `did you mean ${quote(key)}, which belongs to ${owner}?`;
export const knownKeys = (keys: readonly string[]): string =>
  keys.length > 0 ? `its keys are ${listed(keys, 'and')}` : 'it takes no keys';

export const missingKey = (where: string, key: string, about: string | undefined): Words => ({
  code: 'missing-key',
  message: `${where} needs ${quote(key)}`,
  ...(about ? { help: about } : {}),
});

export const missingSection = (where: string, key: string, kinds: readonly string[]): Words => ({
  code: 'missing-key',
  message: `${where} needs ${quote(key)}`,
  help: `add "${key}: {kind: …}"; kinds of ${key}: ${kinds.join(', ')}`,
});

export const missingKind = (where: string, slot: string, kinds: readonly string[], written: string | undefined): Words => ({
  code: 'missing-kind',
  message: `${where} does not say its kind`,
  help: written ? `did you mean "kind" by ${quote(written)}?` : `add "kind: …"; kinds of ${slot}: ${kinds.join(', ')}`,
});

export const unknownKind = (slot: string, kind: string, kinds: readonly string[], guess: string | undefined): Words => ({
  code: 'unknown-kind',
  message: `there is no ${slot} of kind ${quote(kind)}`,
  help: `${guess ? `did you mean ${quote(guess)}? ` : ''}${kinds.length > 0 ? `kinds: ${kinds.join(', ')}` : 'none is known'}`,
});

export const wrongType = (path: string, expected: string, got: string, help: string | undefined): Words => ({
  code: 'wrong-type',
  message: `${path} must be ${expected}, got ${got}`,
  ...(help ? { help } : {}),
});

export const notIndented = (section: string): Words => ({
  code: 'not-indented',
  message: `${section} is empty, because the lines below it are not indented`,
  help: `put two blanks in front of each line that belongs to ${section}`,
});

export const outOfRange = (path: string, range: string, got: string, help: string | undefined): Words => ({
  code: 'out-of-range',
  message: `${path} must be ${range}, got ${got}`,
  ...(help ? { help } : {}),
});

export const unknownWord = (path: string, expected: string, got: string, guess: string | undefined): Words => ({
  code: 'unknown-word',
  message: `${path} must be ${expected}, got ${got}`,
  ...didYouMean(guess),
});

export const badText = (path: string, got: string, description: string | undefined): Words => ({
  code: 'bad-text',
  message: `${path} cannot be ${got}`,
  ...(description ? { help: `it is ${lowerFirst(description)}` } : {}),
});

export const tooFew = (path: string, least: number): Words => ({
  code: 'too-few',
  message: `${path} needs ${least === 1 ? 'an item' : `${least} items`} at least`,
});

export const repeated = (path: string): Words => ({ code: 'repeated', message: `${path} names the same twice` });

// Rules between fields

export const metricTwice = (kind: string, first: number): Words => ({
  code: 'metric-twice',
  message: `the metric ${kind} is listed twice`,
  help: `metrics.${first} measures it already; narrow one of them with "splits: [...]", or delete it`,
});

export const nameIsReserved = (name: string): Words => ({
  code: 'reserved-name',
  message: `an experiment cannot be called ${quote(name)}: it stands for the newest run`,
  help: 'give it a name of its own',
});

export const nameReadsAsId = (name: string): Words => ({
  code: 'name-like-id',
  message: `${quote(name)} could also be the start of a run's id`,
  help: 'a name with another letter than a to f in it is never taken for an id',
});

export const deviceOfEngine = (engine: string, device: string, devices: readonly string[]): Words => ({
  code: 'device-of-engine',
  message: `the engine ${engine} does not compute on ${device}`,
  help: `it takes ${listed(devices)}`,
});

export const carriedAndShuffled = (): Words => ({
  code: 'carried-and-shuffled',
  message: 'the state of one batch is carried into the next, but batches are shuffled',
  help: 'set shuffle: false where batches continue one another, or recurrent_state: reset where they do not',
});

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
