/** Vectors of words as a file has them. */
export interface WordVectors {
  /** Numbers of a vector. */
  readonly size: number;
  /** Of the words that were asked for, those that the file has. */
  readonly found: ReadonlyMap<string, Float32Array>;
}

/**
 * The vectors of some words, out of a text file of GloVe or of word2vec (which fastText writes too): a line holds a word and its numbers, with blanks
 * between them; the first line of word2vec says how many words there are, and how many numbers each has. A word may hold blanks, as some of GloVe do: the
 * numbers are the last ones. Of a word that is there twice the first line counts. Throws what is wrong, with its line.
 */
export function readWordVectors(bytes: Uint8Array, isWanted: (word: string) => boolean): WordVectors {
  const packed = PACKED.find(({ begins }) => begins.every((byte, at) => bytes[at] === byte));
  if (packed) throw new Error(`it is a ${packed.kind}: unpack it first`);
  const found = new Map<string, Float32Array>();
  let size = 0;
  let line = 0;
  for (const text of linesOf(bytes)) {
    line += 1;
    if (line === 1) {
      const [count, said] = text.split(/\s+/).map(Number);
      const isHeader = /^\d+\s+\d+\s*$/.test(text);
      size = isHeader ? (said ?? 0) : text.trimEnd().split(/\s+/).length - 1;
      if (size < 1 || count === 0) throw new Error('line 1 holds no word with its numbers');
      if (isHeader) continue;
    }
    const end = endOfWord(text, size);
    const word = text.slice(0, end);
    if (end <= 0 || !isWanted(word) || found.has(word)) {
      if (end <= 0 && text.trim() !== '') throw new Error(`line ${line} holds no word with ${size} numbers`);
      continue;
    }
    const vector = Float32Array.from(text.slice(end).trim().split(/\s+/), Number);
    if (!vector.every(Number.isFinite))
      throw new Error(`line ${line} holds something else than ${size} numbers behind ${JSON.stringify(word)}`);
    found.set(word, vector);
  }
  if (size === 0) throw new Error('it is empty');
  return { size, found };
}

const PACKED: readonly { readonly kind: string; readonly begins: readonly number[] }[] = [
  { kind: 'gzip file', begins: [0x1f, 0x8b] },
  { kind: 'zip file', begins: [0x50, 0x4b, 3, 4] },
];

/** A file may be longer than a text can be, so it is never made one as a whole. */
function* linesOf(bytes: Uint8Array): Iterable<string> {
  const decoder = new TextDecoder();
  for (let begin = 0; begin < bytes.length;) {
    const next = bytes.indexOf(NEWLINE, begin);
    const end = next < 0 ? bytes.length : next;
    yield decoder.decode(bytes.subarray(begin, end)).replace(/\r$/, '');
    begin = end + 1;
  }
}

const NEWLINE = 10;

/** Where the word ends: before the last `size` numbers; 0 where there are fewer. */
function endOfWord(text: string, size: number): number {
  let end = text.trimEnd().length;
  for (let number = 0; number < size && end > 0; number++) {
    while (end > 0 && text[end - 1] !== ' ' && text[end - 1] !== '\t') end--;
    while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--;
  }
  return end;
}
