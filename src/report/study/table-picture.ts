import type { TableReport } from '../../study/evidence.js';
import { html, type Html, trusted } from '../kit/html.js';
import { cut, wrap } from '../kit/tables.js';
import { FAINT, inLight, INK } from '../kit/colours.js';
import { FONT_FAMILY } from '../kit/render.js';
import { type ClaimLine, claimLines } from './claim-lines.js';
import { drawRanks, heightOfRanks, RANKS_STYLE } from './ranks-picture.js';
import { axisOf, drawAxis, drawStrip, STRIP_HEIGHT, STRIP_STYLE } from './strip.js';
import { MARKS, viewTable, WORDS } from './table-view.js';

/** Pixels of a strip, and of what stands around it. */
const WIDTH = 640;
const MARGIN = 16;
const GAP = 40;
const LINE = 15;
const HEADING = 2.2 * LINE;
const LABEL = 2 * LINE;
const AXIS = 24;
/** Characters of small text that a strip's width has room for. */
const CHARACTERS = 92;
/** More claims about one column than this stand in two rows, so that the picture fits on a page. */
const MOST_BELOW = 6;

/** Every claim as the page of the table draws it, under what it is about: a part for each column of the table, whose strips have one axis. */
export function tablePicture(report: TableReport): string {
  const view = viewTable(report.config, report.judged);
  const columns = claimLines(view, report).flatMap(({ heading, lines }) => {
    const shown = lines.filter(({ kind }) => kind !== 'not_claimable');
    return shown.length === 0 ? [] : [{ heading, lines: shown }];
  });
  const legend = LEGEND.flatMap((sentence) => wrap(sentence, CHARACTERS));
  const parts = [
    textAt('title', cut(view.title ?? view.name, 66), MARGIN, MARGIN + LINE),
    ...legend.map((line, index) => textAt('faint', line, MARGIN, MARGIN + (index + 2.3) * LINE)),
  ];
  let y = MARGIN + (legend.length + 2) * LINE;
  for (const column of columns) {
    parts.push(...partOf(column, y));
    y += HEADING + Math.max(...halvesOf(column).map(heightOfLines)) + AXIS;
  }
  const across = Math.max(1, ...columns.map((column) => halvesOf(column).length));
  const [width, height] = [2 * MARGIN + across * WIDTH + (across - 1) * GAP, y + MARGIN];
  return `${
    html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
      <style>
        ${trusted(STYLE)}
      </style>
      <rect width="${width}" height="${height}" fill="white" />
      ${parts}
    </svg>`.html
  }\n`;
}

interface Column {
  readonly heading: string;
  readonly lines: readonly ClaimLine[];
}

function halvesOf({ lines }: Column): readonly (readonly ClaimLine[])[] {
  const half = Math.ceil(lines.length / 2);
  return lines.length > MOST_BELOW ? [lines.slice(0, half), lines.slice(half)] : [lines];
}

function partOf(column: Column, top: number): readonly Html[] {
  const axis = axisOf(column.lines.map(({ strip }) => strip));
  const halves = halvesOf(column).flatMap((lines, index) => {
    const x = MARGIN + index * (WIDTH + GAP);
    const yOf = (line: number): number => top + HEADING + heightOfLines(lines.slice(0, line));
    return [
      ...lines
        .map((line) => ({ ...line, name: `${MARKS[line.kind]} ${line.about}` }))
        .flatMap(({ name, kind, strip, ranking }, line) => [
          textAt('label', cut(name, CHARACTERS), x, yOf(line) + 1.5 * LINE),
          placed(ranking ? drawRanks(ranking, kind, name) : drawStrip(strip, axis, name), x, yOf(line) + LABEL, heightOf(ranking)),
        ]),
      // A picture of ranks has an axis of its own.
      ...(lines.every(({ ranking }) => ranking) ? [] : [placed(drawAxis(axis), x, yOf(lines.length), AXIS)]),
    ];
  });
  return [textAt('heading', cut(column.heading, 80), MARGIN, top + HEADING), ...halves];
}

const heightOf = (ranking: ClaimLine['ranking']): number => (ranking ? heightOfRanks(ranking) : STRIP_HEIGHT);
const heightOfLines = (lines: readonly ClaimLine[]): number => lines.reduce((total, line) => total + LABEL + heightOf(line.ranking), 0);

const textAt = (kind: string, words: string, x: number, y: number): Html => html`<text class="${kind}" x="${x}" y="${y}">${words}</text>`;

/** A drawing whose positions are shares of the width, in a place of its own. */
const placed = (drawing: Html, x: number, y: number, height: number): Html =>
  html`<svg x="${x}" y="${y}" width="${WIDTH}" height="${height}" overflow="visible">${drawing}</svg>`;

const LEGEND = [
  'Dots: our seeds, or the number of a row that nobody trains; open dots: those of the other row, in a claim about two. Grey columns: the runs of the source. Dashed line: what they are compared with. Band: what counts as the same.',
  'Diamond: our mean with the interval that decides; against runs that were printed rounded, the mean of ours rounded alike.',
  (['reproduced', 'differs', 'inconclusive'] as const).map((kind) => `${MARKS[kind]} ${WORDS[kind]}`).join(', '),
];

const STYLE = inLight(
  `
text { font-family: ${FONT_FAMILY}; font-size: 11px; fill: ${INK}; }
.title { font-size: 14px; font-weight: bold; }
.heading { font-size: 12px; font-weight: bold; }
.faint { fill: ${FAINT}; }
.strip { overflow: visible; }
${STRIP_STYLE}
${RANKS_STYLE}`.trim(),
);
