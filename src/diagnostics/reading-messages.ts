import { formatCount } from './numbers.js';
import { didYouMean, listed, lowerFirst, quote, type Words } from './words.js';

// What is said of a file that is not there, is no text, or is no YAML.

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

export const noRegularFile = (what: string): string => `it is ${what}, and a file is read twice: write what it gives to a file first`;

export const tooLarge = (size: number, most: number, instead?: string): string =>
  `it has ${megabytes(size)}, and ${megabytes(most)} is the most that is read${instead === undefined ? '' : `: ${instead}`}`;

const megabytes = (bytes: number): string => `${formatCount(Number((bytes / 1e6).toFixed(1)))} MB`;

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

export const yamlSyntax = (reason: string): Words => ({
  code: 'yaml-syntax',
  message: `this is not YAML: ${lowerFirst(reason)}`,
  ...(/^alias /i.test(reason) && { help: STAR_NEEDS_QUOTES }),
});

const STAR_NEEDS_QUOTES = 'put quotes around text that starts with "*"';

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
  help: guess ? `did you mean *${guess}?` : STAR_NEEDS_QUOTES,
});

export const endlessAlias = (name: string): Words => ({
  code: 'endless-alias',
  message: `the alias *${name} stands inside of the value that it repeats`,
});

export const aliasBomb = (most: number): Words => ({
  code: 'alias-bomb',
  message: `the aliases of this file stand for more than ${formatCount(most)} values`,
  help: 'aliases of aliases multiply; write the values that are needed',
});

export const tooDeep = (): Words => ({ code: 'too-deep', message: 'values are nested more than a hundred deep here' });

export const integerTooLarge = (text: string): Words => ({
  code: 'integer-too-large',
  message: `${text} cannot be told from its neighbours: whole numbers are exact up to 9007199254740991`,
  help: 'use a smaller number, or quotes if it is a name',
});
