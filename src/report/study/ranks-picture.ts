import { fixed, plural } from '../../diagnostics/numbers.js';
import { listed } from '../../diagnostics/words.js';
import type { Ranking, VerdictKind } from '../../study/verdicts/verdict.js';
import { html, type Html } from '../kit/html.js';
import { cut } from '../kit/tables.js';
import { WORDS } from './table-view.js';

/** Pixels from the top, where not from another part. */
const DISTANCE = 16;
const TICKS = 38;
const AXIS = 44;
const BAR = 7;
const LABEL = 18;
/** Shares of the width between which ranks lie; names stand on both sides. */
const [FROM, TO] = [0.28, 0.72];
const GAP = 0.01;
/** Characters of a name. */
const NAME = 18;

/** How pictures of ranks look, in the colours of a page. */
export const RANKS_STYLE = `
.ranks { overflow: visible; }
.ranks text { fill: var(--ink); font-size: 11px; font-family: inherit; font-variant-numeric: tabular-nums; }
.ranks .tick { fill: var(--faint); }
.ranks .axis { stroke: var(--faint); stroke-width: 1; }
.ranks .method { stroke: var(--faint); stroke-width: 1; fill: none; }
.ranks .alike { stroke: var(--ink); stroke-width: 4; stroke-linecap: round; }
.ranks .critical { stroke: var(--accent); stroke-width: 2; }
`.trim();

export const heightOfRanks = (ranking: Ranking): number =>
  AXIS + BAR * (1 + alike(ranking).length) + LABEL * (0.5 + Math.ceil(ranking.methods.length / 2));

/**
 * Mean ranks with the critical difference (Demšar 2006), positions as shares of the width, so that text keeps its size:
 *
 *              ├──────┤ critical difference
 *              1      2      3
 *              ├──┬───┬──┬───┤
 *                 ▬▬▬▬▬            methods that are not apart
 *     GRU 1.25 ───┘   │  └─── 2.63 RNN
 *     LSTM 1.86 ──────┘
 */
export function drawRanks(ranking: Ranking, kind: VerdictKind, about: string): Html {
  const { methods, ranks, criticalDifference } = ranking;
  const k = methods.length;
  const at = (rank: number): string => percentOf(FROM + ((TO - FROM) * (rank - 1)) / (k - 1));
  const groups = alike(ranking);
  const order = inOrder(ranking);
  const end = Math.min(1 + criticalDifference, k);
  const first = AXIS + BAR * (1 + groups.length) + LABEL / 2;
  const rankAt = (place: number): number => ranks[order[place] ?? 0] ?? 1;
  const upright = (name: string, rank: number, from: number, to: number): Html => line(name, at(rank), from, at(rank), to);
  const methodAt = (place: number): Html => {
    const isLeft = place < Math.ceil(k / 2);
    const y = first + LABEL * (isLeft ? place : k - 1 - place);
    const [name, rank] = [cut(methods[order[place] ?? 0] ?? '', NAME), fixed(rankAt(place), 2)];
    const [edge, words, anchor, text] = isLeft
      ? [FROM - GAP, FROM - 2 * GAP, 'end', [name, rank]]
      : [TO + GAP, TO + 2 * GAP, 'start', [rank, name]];
    return html`${upright('method', rankAt(place), AXIS, y)}${line('method', at(rankAt(place)), y, percentOf(edge), y)}
      <text x="${percentOf(words)}" y="${y + 4}" text-anchor="${anchor}">${text.join(' ')}</text>`;
  };
  const said = ranksInWords(ranking, kind, about);
  return html`<svg class="ranks ${kind}" width="100%" height="${heightOfRanks(ranking)}" role="img" aria-label="${said}">
    ${line('critical', at(1), DISTANCE, at(end), DISTANCE)}
    ${[1, ...(end < k ? [end] : [])].map((rank) => upright('critical', rank, DISTANCE - 4, DISTANCE + 4))}
    <text x="${at(1)}" y="${DISTANCE - 7}">critical difference ${fixed(criticalDifference, 2)}</text>
    ${line('axis', at(1), AXIS, at(k), AXIS)}
    ${methods.map((_, index) => [
      upright('axis', index + 1, AXIS - 4, AXIS),
      html`<text class="tick" x="${at(index + 1)}" y="${TICKS}" text-anchor="middle">${index + 1}</text>`,
    ])}
    ${order.map((_, place) => methodAt(place))}
    ${groups.map(([from, to], index) => {
      const y = AXIS + BAR * (index + 1);
      return line('alike', at(rankAt(from)), y, at(rankAt(to)), y);
    })}
  </svg>`;
}

const line = (name: string, x1: string, y1: number, x2: string, y2: number): Html =>
  html`<line class="${name}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" />`;
const percentOf = (share: number): string => `${Number((100 * share).toFixed(3))}%`;

const inOrder = ({ methods, ranks }: Ranking): readonly number[] =>
  methods.map((_, method) => method).toSorted((a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0));

/** The longest stretches of methods, by places in the order of ranks, of which no two are apart. */
function alike(ranking: Ranking): readonly (readonly [from: number, to: number])[] {
  const order = inOrder(ranking);
  const stretches = order.map((method, from) => {
    const apart = order.findIndex((other) => ranking.before[method]?.includes(other));
    return [from, (apart === -1 ? order.length : apart) - 1] as const;
  });
  return stretches.filter(([from, to], index) => to > from && to > (stretches[index - 1]?.[1] ?? -1));
}

/** What the picture shows, for those who don't see it. */
function ranksInWords(ranking: Ranking, kind: VerdictKind, about: string): string {
  const { methods, ranks, criticalDifference } = ranking;
  const order = inOrder(ranking);
  const groups = alike(ranking).map(([from, to]) =>
    listed(
      order.slice(from, to + 1).map((method) => methods[method] ?? ''),
      'and',
    ),
  );
  return [
    `${about}: mean ranks of ${plural(methods.length, 'method')}: ${order.map((method) => `${methods[method]} ${fixed(ranks[method] ?? Number.NaN, 2)}`).join(', ')}`,
    `critical difference ${fixed(criticalDifference, 2)}`,
    groups.length === 0 ? 'all are apart' : `not apart: ${groups.join('; ')}`,
    WORDS[kind],
  ].join('; ');
}
