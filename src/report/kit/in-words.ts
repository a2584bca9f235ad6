import { formatCount, formatMeasure, formatSetting, plural } from '../../diagnostics/numbers.js';
import type { TokensRow, View } from '../../views/view.js';

/** Of more lines, bars or rows, the first are told, and how many there are besides. */
const MOST = 12;

const told = (parts: readonly string[], kind: string): string =>
  [...parts.slice(0, MOST), ...(parts.length > MOST ? [`and ${formatCount(parts.length - MOST)} more ${kind}`] : [])].join('; ');

interface Told {
  readonly name: string;
  readonly points: readonly { readonly at: string; readonly value: number }[];
}

/** Lines for those who don't see them: where each begins and ends, and what it stays between. */
export const linesInWords = (lines: readonly Told[]): string => `${told(lines.map(lineInWords), 'lines')}.`;

function lineInWords({ name, points }: Told): string {
  const finite = points.filter(({ value }) => Number.isFinite(value));
  const [first, last] = [finite[0], finite.at(-1)];
  if (!first || !last) return `${name}: no number`;
  if (finite.length === 1) return `${name}: ${formatMeasure(first.value, 3)} at ${first.at}`;
  const low = finite.reduce((a, b) => Math.min(a, b.value), Infinity);
  const high = finite.reduce((a, b) => Math.max(a, b.value), -Infinity);
  const ends = [first.value, last.value];
  const between = low < Math.min(...ends) || high > Math.max(...ends);
  return (
    `${name}: ${formatMeasure(first.value, 3)} at ${first.at}, ${formatMeasure(last.value, 3)} at ${last.at}` +
    (between ? `, between ${formatMeasure(low, 3)} and ${formatMeasure(high, 3)} on the way` : '') +
    (finite.length < points.length ? ', and not a number elsewhere' : '')
  );
}

/** Levels that lines are compared with. */
export const levelsInWords = (levels: readonly { readonly name: string; readonly value: number }[]): string =>
  levels.map(({ name, value }) => ` Dashed: ${name}, ${formatSetting(value, 3)}.`).join('');

/** A number of a view for people: a count with all of its digits, a measure to three of them. */
export const viewNumber = (value: number): string => (Number.isInteger(value) ? formatCount(value) : formatMeasure(value, 3));

const MOST_TOKENS = 3;

/** `cold 0.41, soup 0.12, was 0.0830`: what counts most in a text. */
export const heaviestInWords = ({ tokens, weights }: TokensRow): string =>
  tokens
    .map((token, place) => ({ token, weight: weights[place] ?? Number.NaN }))
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, MOST_TOKENS)
    .map(({ token, weight }) => `${token} ${formatMeasure(weight, 3)}`)
    .join(', ');

/** What a view shows, for those who don't see it. */
export function viewInWords(view: Exclude<View, { kind: 'text' }>): string {
  switch (view.kind) {
    case 'matrix': {
      const rows = view.values.map((row, index) => {
        const most = row.reduce((best, value, column) => (value > (row[best] ?? -Infinity) ? column : best), 0);
        const whole = row.reduce((sum, value) => sum + value, 0);
        return `${view.rows.names[index]}: mostly ${view.columns.names[most]}, ${viewNumber(row[most] ?? 0)} of ${viewNumber(whole)}`;
      });
      return `${plural(rows.length, 'row')} of ${view.rows.title} by ${plural(view.columns.names.length, 'column')} of ${view.columns.title}. ${told(rows, 'rows')}.`;
    }
    case 'curve':
      return `${view.y} over ${view.x}. ${linesInWords(
        view.lines.map(({ name, points }) => ({ name, points: points.map(([x, value]) => ({ at: viewNumber(x), value })) })),
      )}`;
    case 'series':
      return `${view.y} over ${view.x}. ${linesInWords(
        view.lines.map(({ name, values }) => ({ name, points: values.map((value, place) => ({ at: view.at[place] ?? '', value })) })),
      )}`;
    case 'bars':
      return `${view.y} by ${view.x}. ${told(
        view.bars.map(({ name, value }) => `${name}: ${viewNumber(value)}`),
        'bars',
      )}.`;
    case 'histogram': {
      const most = view.counts.reduce((best, count, index) => (count > (view.counts[best] ?? 0) ? index : best), 0);
      const end = (index: number): string => formatMeasure(view.from + index * view.width, 3);
      const whole = view.counts.reduce((sum, count) => sum + count, 0);
      return `${formatCount(whole)} ${view.y} by ${view.x}, from ${end(0)} to ${end(view.counts.length)}; most of them, ${formatCount(view.counts[most] ?? 0)}, from ${end(most)} to ${end(most + 1)}.`;
    }
    case 'tokens':
      return `What counted most in ${plural(view.rows.length, 'example')}. ${told(
        view.rows.map((row) => `${row.name}, ${row.note}: ${heaviestInWords(row)}`),
        'examples',
      )}.`;
    default:
      return view satisfies never;
  }
}
