import picocolors from 'picocolors';
import { type Diagnostic, firstOf, MOST_TOLD, type Place } from './diagnostic.js';
import { plural } from './numbers.js';
import { visible, visibleWidth } from './columns.js';

/** Columns of a line that are shown; a longer one is cut to what stands around the caret. */
const WINDOW = 120;

/**
 * A report as a compiler gives it:
 *
 *     experiments/lstm_addition.yaml:13:3: error[unknown-key]: model lstm has no key "hiden_size"
 *        13 |   hiden_size: 32
 *           |   ^^^^^^^^^^
 *           = help: did you mean "hidden_size"?
 */
export function printDiagnostics(diagnostics: readonly Diagnostic[], { color }: { readonly color: boolean }): string {
  const paint = picocolors.createColors(color);
  const told = firstOf(diagnostics);
  return [...told.map((diagnostic) => printOne(diagnostic, paint)), summary(told, paint)].join('\n\n');
}

type Paint = ReturnType<typeof picocolors.createColors>;

function printOne({ severity, code, message, help, place }: Diagnostic, paint: Paint): string {
  const tint = severity === 'error' ? paint.red : paint.yellow;
  const where = place ? `${isArgument(place) ? place.file : `${place.file}:${place.line}:${place.column}`}: ` : '';
  const title = `${paint.bold(where)}${paint.bold(tint(`${severity}[${code}]`))}${paint.bold(`: ${message}`)}`;
  if (!place) return [title, ...(help ? [`  ${paint.bold('help')}: ${help}`] : [])].join('\n');
  const number = isArgument(place) ? '' : String(place.line);
  const gutter = (text: string) => paint.blue(`${text.padStart(5)} |`);
  const { line, indent, carets } = excerpt(place);
  return [
    title,
    `${gutter(number)} ${line}`.trimEnd(),
    `${gutter('')} ${indent}${tint(carets)}`,
    ...(help ? [`${paint.blue('      =')} ${paint.bold('help')}: ${help}`] : []),
  ].join('\n');
}

/** Options and environment variables have one line and no number. */
const isArgument = ({ file }: Place): boolean => file.startsWith('--') || /^[A-Z][A-Z0-9_]*$/.test(file);

/** The line around the place, and what goes under it. Tabs stay tabs, so that the carets line up in any terminal. */
function excerpt({ text, column, length }: Place): { readonly line: string; readonly indent: string; readonly carets: string } {
  const all = Array.from(text);
  const [start, end] = windowAround(all.length, column - 1, length);
  const shown = all.slice(start, end).map(visible);
  const [left, right] = [start > 0 ? '…' : '', end < all.length ? '…' : ''];
  const before = shown.slice(0, column - 1 - start).join('');
  const marked = shown.slice(column - 1 - start, column - 1 - start + length).join('');
  const blank = before.split('\t').map((part) => ' '.repeat(visibleWidth(part)));
  return {
    line: `${left}${shown.join('')}${right}`,
    indent: (left ? ' ' : '') + blank.join('\t'),
    carets: '^'.repeat(Math.max(1, visibleWidth(marked.replaceAll('\t', ' ')))),
  };
}

function windowAround(total: number, from: number, length: number): readonly [number, number] {
  if (total <= WINDOW) return [0, total];
  const start = Math.max(0, Math.min(from - Math.floor((WINDOW - Math.min(length, WINDOW)) / 2), total - WINDOW));
  return [start, start + WINDOW];
}

function summary(diagnostics: readonly Diagnostic[], paint: Paint): string {
  const counted = (severity: Diagnostic['severity']): readonly string[] => {
    const count = diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
    return count === 0 ? [] : [plural(count, severity)];
  };
  const files = new Set(diagnostics.flatMap(({ place }) => (place && !isArgument(place) ? [place.file] : [])));
  const counts = [...counted('error'), ...counted('warning')].join(', ');
  const [file] = files;
  const where = files.size > 1 ? ` in ${files.size} files` : file === undefined ? '' : ` in ${file}`;
  return paint.bold(`${diagnostics.length === MOST_TOLD ? `the first ${counts}` : counts || 'no mistakes'}${where}`);
}
