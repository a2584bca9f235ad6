import type { Problem } from '../../diagnostics/diagnostic.js';
import { formatBytes } from '../../diagnostics/numbers.js';
import type { Fact } from '../stage.js';

/** How the bytes of a text may be read, by the names of the WHATWG encoding standard. The first three need no word in a document. */
export const ENCODINGS = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-1252',
  'windows-1250',
  'windows-1251',
  'iso-8859-1',
  'iso-8859-15',
  'macintosh',
  'gb18030',
  'big5',
  'shift_jis',
  'euc-kr',
] as const;
type Encoding = (typeof ENCODINGS)[number];

/** Why bytes are no text, or not the text that they are said to be. */
export type Fault =
  /** More than one string holds: Node itself would end the process. */
  | { readonly is: 'too-large'; readonly bytes: number }
  /** Another kind of file, known by how it begins. */
  | { readonly is: 'other-file'; readonly name: string; readonly help: string }
  /** A byte that no character of the encoding holds, in a line counted from 1. */
  | { readonly is: 'wrong-byte'; readonly encoding: Encoding; readonly byte: number; readonly line: number };

type Decoded = { readonly text: string; readonly encoding: Encoding } | { readonly fault: Fault };

/**
 * Bytes to text, without a byte order mark. Where no encoding is stated: what a byte order mark says; UTF-16 where every other byte is zero; UTF-8;
 * and Windows-1252 (which holds Latin-1) where all that is no ASCII is an ordinary sign of Western Europe with ASCII around it. Anything else is
 * not guessed: the letters of another alphabet would come out as nonsense, and nobody would be told.
 */
export function decodeData(bytes: Uint8Array, stated?: Encoding): Decoded {
  if (bytes.length > LARGEST_TEXT) return { fault: { is: 'too-large', bytes: bytes.length } };
  const isText = isUtf8(bytes);
  const other = isText ? undefined : otherFile(bytes);
  if (other) return { fault: other };
  const encoding = stated ?? encodingOf(bytes, isText);
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return { text: isLatin(encoding) ? withWindowsSigns(text) : text, encoding };
  } catch {
    return { fault: firstFault(bytes, encoding) };
  }
}

/** Characters that a string of Node can hold; a character has a byte at least. */
export const LARGEST_TEXT = 2 ** 29 - 24;

/** In the encoding standard Latin-1 is another name of Windows-1252. */
const isLatin = (encoding: Encoding): boolean => encoding === 'windows-1252' || encoding === 'iso-8859-1';

/** What Windows-1252 has from 0x80 on; five of the bytes stand for nothing. Some versions of Node leave control characters there. */
const WINDOWS = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
const withWindowsSigns = (text: string): string => text.replaceAll(/[\u0080-\u009f]/g, (sign) => WINDOWS.charAt(sign.charCodeAt(0) - 0x80));

function encodingOf(bytes: Uint8Array, isText: boolean): Encoding {
  const [a, b, c = 1, d = 1] = bytes;
  const isWide = c === 0 && d === 0;
  if (!isWide && ((a === 0xff && b === 0xfe) || (b === 0 && d === 0))) return 'utf-16le';
  if ((a === 0xfe && b === 0xff) || (!isWide && a === 0 && c === 0 && b !== 0)) return 'utf-16be';
  return !isText && isWestern(bytes) ? 'windows-1252' : 'utf-8';
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

type Sort = 'ascii letter' | 'ascii' | 'capital' | 'small' | 'quote' | 'joint' | 'sign' | 'rare';

/** What bytes of Windows-1252 are in a text of Western Europe. */
const SORTS: readonly Sort[] = Array.from({ length: 256 }, (_, byte): Sort => {
  if (byte < 0x80) return /[a-z]/i.test(String.fromCharCode(byte)) ? 'ascii letter' : 'ascii';
  const sign = withWindowsSigns(String.fromCharCode(byte));
  if ('ŒÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜ'.includes(sign)) return 'capital';
  if ('œßàáâãäåæçèéêëìíîïñòóôõöøùúûü'.includes(sign)) return 'small';
  if ('“”«»…'.includes(sign)) return 'quote';
  if ('‘’–—·\u00a0'.includes(sign)) return 'joint';
  return '€£§©°±²³´µ¹¼½¾×÷'.includes(sign) ? 'sign' : 'rare';
});

const LETTERS: ReadonlySet<Sort> = new Set<Sort>(['ascii letter', 'capital', 'small']);
const FOREIGN: ReadonlySet<Sort> = new Set<Sort>(['capital', 'small', 'sign']);

/**
 * Is all that is no ASCII what texts of Western Europe in Windows-1252 are full of? In another encoding the same bytes are letters: there signs and quotes
 * stand in the middle of words, or letters and signs in a row.
 */
function isWestern(bytes: Uint8Array): boolean {
  const sort = (at: number): Sort => SORTS[bytes[at] ?? 0] ?? 'ascii';
  const isForeign = (at: number): boolean => FOREIGN.has(sort(at));
  for (let at = 0; at < bytes.length; at++) {
    const here = sort(at);
    const inWord = LETTERS.has(sort(at - 1)) && LETTERS.has(sort(at + 1));
    if (here === 'rare' || ((here === 'sign' || here === 'quote') && inWord)) return false;
    // "größe" has two small letters in a row; nothing has three.
    if (isForeign(at) && isForeign(at - 1) && (here !== 'small' || sort(at - 1) === 'sign' || isForeign(at - 2))) return false;
  }
  return true;
}

function firstFault(bytes: Uint8Array, encoding: Encoding): Fault {
  // The longest part that can be read, from its beginning to the end of its last whole character.
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (canBegin(bytes.subarray(0, middle), encoding)) good = middle;
    else bad = middle;
  }
  const read = new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes.subarray(0, good), { stream: true });
  const at = encoding === 'utf-8' ? new TextEncoder().encode(read).length : good;
  return { is: 'wrong-byte', encoding, byte: bytes[at] ?? 0, line: read.split('\n').length };
}

function canBegin(bytes: Uint8Array, encoding: Encoding): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

const MAGIC: readonly (readonly [begins: string, name: string, help: string])[] = [
  ['PK\x03\x04', 'a workbook or another archive', 'save the table as CSV in the program that wrote it'],
  ['\xd0\xcf\x11\xe0', 'an Excel workbook', 'save the table as CSV in the program that wrote it'],
  ['\x1f\x8b', 'packed by gzip', 'unpack it: gunzip -k FILE'],
  ['PAR1', 'a Parquet file', 'write it as CSV: pandas.read_parquet(file).to_csv(name, index=False)'],
  ['\x89HDF', 'an HDF5 file', 'write its array with numpy.save, or its table as CSV'],
  ['\x93NUMPY', 'a NumPy array', 'write format: npy'],
  ['%PDF', 'a PDF', 'a table as CSV is read'],
];

function otherFile(bytes: Uint8Array): Fault | undefined {
  const begins = String.fromCharCode(...bytes.subarray(0, 8));
  const known = MAGIC.find(([magic]) => begins.startsWith(magic));
  return known && { is: 'other-file', name: known[1], help: known[2] };
}

/** What a person is told of bytes that are not the text that they should be. `option`: the document can say the encoding. */
export function unreadableText(file: string, fault: Fault, { option }: { readonly option: boolean }): Problem {
  const path = ['file'];
  if (fault.is === 'other-file')
    return { code: 'not-a-text', path, message: `${file} is ${fault.name}, not a text`, help: fault.help.replace('FILE', shellWord(file)) };
  if (fault.is === 'too-large')
    return {
      code: 'too-large',
      path,
      message: `${file} has ${formatBytes(fault.bytes)}, and ${formatBytes(LARGEST_TEXT)} of text is the most that is read`,
      help: 'take a part of it, or write numbers as .npy',
    };
  const { encoding, line } = fault;
  const byte = `0x${fault.byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return {
    code: encoding === 'utf-8' ? 'not-utf8' : 'wrong-encoding',
    path,
    message: `${file} is not a text in ${encoding.toUpperCase()}`,
    help: `line ${line} holds the byte ${byte}; ${helpOfEncoding(file, option)}`,
  };
}

/** A command that works as it stands, in the folder of the document. */
function helpOfEncoding(file: string, option: boolean): string {
  const command = `iconv -f WINDOWS-1252 -t UTF-8 ${shellWord(file)} > ${shellWord(renamed(file, '-utf8'))}`;
  return option
    ? `write its encoding, as encoding: windows-1252 (windows-1251 for Cyrillic, gb18030 for Chinese, shift_jis for Japanese), or convert it: ${command}`
    : `convert it: ${command} (WINDOWS-1251 for Cyrillic, GB18030 for Chinese, SHIFT_JIS for Japanese)`;
}

/** Said where no document names the encoding, and it is not the usual one. */
export const encodingFact = (encoding: Encoding, { option }: { readonly option: boolean }): readonly Fact[] =>
  encoding === 'utf-8'
    ? []
    : [
        {
          key: 'encoding',
          name: 'encoding',
          value: encoding,
          note: `The file is no UTF-8${option ? `; encoding: ${encoding} says so in the document` : ''}.`,
        },
      ];

/** `data/own.csv` -> `data/own-utf8.csv` */
export const renamed = (file: string, part: string): string => file.replace(/(\.[^./\\]*)?$/, `${part}$1`);

/** A file's name as a shell takes it. */
export const shellWord = (text: string): string => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);
