import * as messages from '../diagnostics/reading-messages.js';
import type { Words } from '../diagnostics/words.js';
import { type Fault, sourceOf } from './located.js';

/** Bytes to text: UTF-8, with or without a byte order mark. `text` keeps the mark, so that it can be written back as it was. */
export function decode(file: string, bytes: Uint8Array): { readonly text: string } | { readonly fault: Fault; readonly isUtf16: boolean } {
  const wide = utf16(bytes);
  const broken = wide ?? brokenUtf8(bytes);
  if (!broken) return { text: strict().decode(bytes) };
  const { words, text, at } = broken;
  const fault = { words, span: { source: sourceOf(file, text), start: at, end: Math.min(at + 1, text.length) } };
  return { fault, isUtf16: wide !== undefined };
}

interface Broken {
  readonly words: Words;
  /** What can be shown of the text, and the offset of the fault in it. */
  readonly text: string;
  readonly at: number;
}

const strict = () => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A byte order mark says it; without one, text in Latin letters has a zero in every other byte. */
function utf16(bytes: Uint8Array): Broken | undefined {
  const [a = 1, b = 1, c = 1, d = 1] = bytes;
  const little = (a === 0xff && b === 0xfe) || (b === 0 && d === 0 && a !== 0 && c !== 0);
  const big = (a === 0xfe && b === 0xff) || (a === 0 && c === 0 && b !== 0 && d !== 0);
  if (!little && !big) return undefined;
  const text = new TextDecoder(little ? 'utf-16le' : 'utf-16be').decode(bytes);
  return { words: messages.utf16(), text, at: 0 };
}

function brokenUtf8(bytes: Uint8Array): Broken | undefined {
  if (decodes(bytes, bytes.length, false)) return undefined;
  const good = decodablePrefix(bytes);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, good), { stream: true });
  const offset = new TextEncoder().encode(text).length;
  const rest = new TextDecoder('utf-8').decode(bytes.subarray(offset));
  const shown = (text + rest).replace(/^\uFEFF/, '');
  return { words: messages.notUtf8(offset, bytes[offset] ?? 0), text: shown, at: shown.length - rest.length };
}

/** The longest prefix that is UTF-8, or could become it with more bytes. */
function decodablePrefix(bytes: Uint8Array): number {
  let [good, bad] = [0, bytes.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (decodes(bytes, middle, true)) good = middle;
    else bad = middle;
  }
  return good;
}

function decodes(bytes: Uint8Array, length: number, stream: boolean): boolean {
  try {
    strict().decode(bytes.subarray(0, length), { stream });
    return true;
  } catch {
    return false;
  }
}
