import { type Diagnostic, firstOf, isError, type Problem } from '../diagnostics/diagnostic.js';
import { diagnose, type SourceDoc } from './source.js';

/** All mistakes that were found; and, where their help says enough to go on, what would stand here if it had been followed. */
export interface Invalid<T> {
  readonly diagnostics: readonly Diagnostic[];
  readonly repaired?: T;
}

export const isInvalid = <T extends object>(found: T | Invalid<T>): found is Invalid<T> => 'diagnostics' in found;

/** What a phase made and found: mistakes between fields keep nobody from looking further. */
export const withMistakes = <T extends { readonly warnings: readonly Diagnostic[] }>(made: T): T | Invalid<T> =>
  made.warnings.some(isError) ? { diagnostics: made.warnings, repaired: made } : made;

/**
 * The next phase of a document. It looks at a repaired one too, and what it finds there is told together with what was found before: a person
 * hears of all mistakes in one go. What stands at the very place of an earlier mistake follows from it, and isn't told.
 */
export function andThen<
  T extends { readonly doc: SourceDoc },
  U extends { readonly doc?: SourceDoc; readonly warnings?: readonly Diagnostic[] },
>(before: T | Invalid<T>, next: (given: T) => U | Invalid<U>): U | Invalid<U> {
  if (!isInvalid(before)) return next(before);
  const { diagnostics, repaired } = before;
  if (!repaired) return { diagnostics };
  const after = next(repaired);
  const further = isInvalid(after) ? after : { diagnostics: after.warnings ?? [], repaired: after };
  return { ...further, diagnostics: together(repaired.doc, diagnostics, further.diagnostics) };
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
