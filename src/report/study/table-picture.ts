import { cellsOf } from '../../study/claims/claim.js';
import { isUnderTable } from '../../study/claims/judge-table.js';
import type { TableReport } from '../../study/evidence.js';
import { html, type Html, trusted } from '../kit/html.js';
import { cut, wrap } from '../kit/tables.js';
import { FAINT, inLight, INK } from '../kit/colours.js';
import { FONT_FAMILY } from '../kit/render.js';
import { axisOf, drawAxis, drawStrip, type Strip, STRIP_HEIGHT, STRIP_STYLE, stripOf } from './strip.js';
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
export function tablePicture({ config, judged, evidence }: TableReport): string {
  const view = viewTable(config, judged);
  const lines = judged.judgements.flatMap((judgement, index) => {
    const { claim, verdict } = judgement;
    if (verdict.kind === 'not_claimable') return [];
    const cells = cellsOf(claim);
    const labels = cells.map(([row]) => view.rows.find((each) => each.cells.some((cell) => cell.row === row))?.label ?? row);
    const about =
      claim.kind === 'across'
        ? (view.claimed[index] ?? '')
        : isUnderTable(claim)
          ? labels.join(' beside ')
          : `${labels[0]}, ${claim.source ?? view.claimed[index]}`;
    return [
      {
        column: cells[0]?.[1],
        isOfDifferences: claim.kind === 'across',
        name: `${MARKS[verdict.kind]} ${about}`,
        strip: stripOf(judgement, evidence),
      },
    ];
  });
  const columns = Object.keys(config.columns).flatMap((column, index) =>
    [false, true].flatMap((isOfDifferences) => {
      const mine = lines.filter((line) => line.column === column && line.isOfDifferences === isOfDifferences);
      const heading = view.columns[index] ?? column;
      return mine.length === 0
        ? []
        : [{ heading: isOfDifferences ? `${heading}, a dot a data set: the one less the other` : heading, lines: mine }];
    }),
  );
  const legend = LEGEND.flatMap((sentence) => wrap(sentence, CHARACTERS));
  const parts = [
    textAt('title', cut(view.title ?? view.name, 66), MARGIN, MARGIN + LINE),
    ...legend.map((line, index) => textAt('faint', line, MARGIN, MARGIN + (index + 2.3) * LINE)),
  ];
  let y = MARGIN + (legend.length + 2) * LINE;
  for (const column of columns) {
    parts.push(...partOf(column, y));
    y += HEADING + Math.max(...halvesOf(column).map(({ length }) => length)) * (LABEL + STRIP_HEIGHT) + AXIS;
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

interface Line {
  readonly name: string;
  readonly strip: Strip;
}

interface Column {
  readonly heading: string;
  readonly lines: readonly Line[];
}

function halvesOf({ lines }: Column): readonly (readonly Line[])[] {
  const half = Math.ceil(lines.length / 2);
  return lines.length > MOST_BELOW ? [lines.slice(0, half), lines.slice(half)] : [lines];
}

function partOf(column: Column, top: number): readonly Html[] {
  const axis = axisOf(column.lines.map(({ strip }) => strip));
  const halves = halvesOf(column).flatMap((lines, index) => {
    const x = MARGIN + index * (WIDTH + GAP);
    const yOf = (line: number): number => top + HEADING + line * (LABEL + STRIP_HEIGHT);
    return [
      ...lines.flatMap(({ name, strip }, line) => [
        textAt('label', cut(name, CHARACTERS), x, yOf(line) + 1.5 * LINE),
        placed(drawStrip(strip, axis, name), x, yOf(line) + LABEL, STRIP_HEIGHT),
      ]),
      placed(drawAxis(axis), x, yOf(lines.length), AXIS),
    ];
  });
  return [textAt('heading', cut(column.heading, 80), MARGIN, top + HEADING), ...halves];
}

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
${STRIP_STYLE}`.trim(),
);
