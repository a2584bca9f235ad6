import { type Diagnostic, firstOf, isError, type Problem } from '../diagnostics/diagnostic.js';
import { diagnose, type SourceDoc } from './source.js';

/** All mistakes that were found; and, where their help says enough to go on, what would stand here if it had been followed. */
export interface Faulty<T> {
  readonly diagnostics: readonly Diagnostic[];
  readonly mended?: T;
}

export const isFaulty = <T extends object>(found: T | Faulty<T>): found is Faulty<T> => 'diagnostics' in found;

/** What a phase made and found: mistakes between fields keep nobody from looking further. */
export const withMistakes = <T extends { readonly warnings: readonly Diagnostic[] }>(made: T): T | Faulty<T> =>
  made.warnings.some(isError) ? { diagnostics: made.warnings, mended: made } : made;

/**
 * The next phase of a document. It looks at a mended one too, and what it finds there is told together with what was found before: a person
 * hears of all mistakes in one go. What stands at the very place of an earlier mistake follows from it, and isn't told.
 */
export function goOn<
  T extends { readonly doc: SourceDoc },
  U extends { readonly doc?: SourceDoc; readonly warnings?: readonly Diagnostic[] },
>(before: T | Faulty<T>, next: (given: T) => U | Faulty<U>): U | Faulty<U> {
  if (!isFaulty(before)) return next(before);
  const { diagnostics, mended } = before;
  if (!mended) return { diagnostics };
  const after = next(mended);
  const further = isFaulty(after) ? after : { diagnostics: after.warnings ?? [], mended: after };
  return { ...further, diagnostics: together(mended.doc, diagnostics, further.diagnostics) };
}

/** By place, what the command line says last; what is wrong in an alias that is used twice is told once. */
export const inOrder = (doc: SourceDoc, problems: readonly Problem[]): readonly Diagnostic[] =>
  sorted(
    doc,
    firstOf(problems).map((problem) => diagnose(doc, problem)),
  );

function together(doc: SourceDoc, before: readonly Diagnostic[], later: readonly Diagnostic[]): readonly Diagnostic[] {
  const at = ({ place }: Diagnostic) => JSON.stringify([place?.file, place?.line, place?.column]);
  const told = new Set(before.map(at));
  return sorted(doc, [...before, ...later.filter((each) => !told.has(at(each)))]);
}

function sorted(doc: SourceDoc, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const id = ({ code, message, place }: Diagnostic) =>
    JSON.stringify([code === 'missing-key' ? message : code, place?.file === doc.file ? '' : place?.text, place?.line, place?.column]);
  const rank = ({ place }: Diagnostic) => (place?.file === doc.file ? [0, place.line, place.column] : [1, 0, 0]);
  const compare = (a: readonly number[], b: readonly number[]) => a.reduce((order, x, i) => order || x - (b[i] ?? 0), 0);
  const told = new Set<string>();
  return diagnostics.filter((each) => !told.has(id(each)) && told.add(id(each))).toSorted((a, b) => compare(rank(a), rank(b)));
}
