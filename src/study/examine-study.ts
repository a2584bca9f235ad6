import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { listed, setArgument, withArticle, type Words } from '../diagnostics/words.js';
import { Refusal } from '../host/exit.js';
import { documentKind, readDocument } from '../language/read.js';
import { type LoadedAs, type LoadRequest } from '../language/load.js';
import { andThen, type Invalid, type SourceDoc } from '../language/source.js';
import { type Path } from '../language/located.js';
import { type Changes, loadWithStages } from '../run/prepare.js';
import { seedsOf } from './seeds.js';

/** Loads the document of a sweep or a table as it was read, and looks further at one without a mistake. `more`: how to have more seeds. */
export function examineStudy<
  Loaded extends LoadedAs<{ readonly seeds: number | readonly number[] }>,
  Examined extends { readonly warnings: readonly Diagnostic[] },
>(
  file: string,
  { set = [], seed }: Changes,
  load: (request: Omit<LoadRequest, 'stages'>) => Loaded | Invalid<Loaded>,
  more: string,
  look: (loaded: Loaded) => Examined | Invalid<Examined>,
  read = readDocument(file),
): Examined | Invalid<Examined> {
  if ('diagnostics' in read) return read;
  return andThen(load({ file, bytes: read.bytes, sets: set }), (loaded) => {
    if (seed !== undefined) refuseSeed(loaded.doc.kind, seedsOf(loaded.config), seed, more);
    return look(loaded);
  });
}

/** A base that cannot be read, or is no experiment, is a mistake of the study at this path; what is wrong inside of it is shown there. */
export function loadBase(doc: SourceDoc, path: Path, file: string, changes: Changes, wants: string): ReturnType<typeof loadWithStages> {
  const mistake = (words: Words): Diagnostic => ({ ...words, severity: 'error', place: doc.place(path) });
  const read = readDocument(file);
  if ('diagnostics' in read) return { diagnostics: read.diagnostics.map(({ message, help }) => mistake(baseUnreadable(message, help))) };
  const kind = documentKind(file);
  if (kind !== 'experiment') return { diagnostics: [mistake(baseOfOtherKind(file, kind, wants))] };
  return loadWithStages(file, read.bytes, { ...changes, set: [] });
}

const baseUnreadable = (message: string, help: string | undefined): Words => ({
  code: 'base-unreadable',
  message: `the base cannot be read: ${message}`,
  ...(help !== undefined && { help }),
});

const baseOfOtherKind = (base: string, kind: string, wants: string): Words => ({
  code: 'other-document-kind',
  message: `${base} is ${withArticle(kind)}, and ${wants}`,
});

/** How many seeds are named one by one. */
const NAMED = 8;

/** `--seed` beside a document that says its seeds itself. `more`: how to have more of them. */
function refuseSeed(kind: string, seeds: readonly number[], asked: string, more: string): never {
  const [first = 1] = seeds;
  const areOneByOne = seeds.length > 2 && seeds.every((seed, index) => seed === first + index);
  const named = areOneByOne
    ? `${first} to ${first + seeds.length - 1}`
    : seeds.length > NAMED
      ? `${seeds.slice(0, NAMED).join(', ')}, …`
      : listed(seeds.map(String), 'and');
  const one = /^\d+$/.test(asked) ? asked : '4';
  throw new Refusal(`a ${kind} has its own seeds: ${named}`, { help: `${setArgument(`seeds=[${one}]`)} for seed ${one} alone, ${more}` });
}
