import { formatCount, formatDuration, formatMeasure, minuteOf } from '../../diagnostics/numbers.js';
import { partOf, type Replicate } from '../../language/replicate.js';
import { cellsOf, type Claim } from '../../study/claims/claim.js';
import type { Judgement } from '../../study/claims/facts.js';
import { isUnderTable, type JudgedTable, sameCell } from '../../study/claims/judge-table.js';
import { tuningText, withoutKind } from '../../study/claims/wording.js';
import type { RowEvidence, TableEvidence, TableReport } from '../../study/evidence.js';
import {
  columnHeading,
  commandList,
  factTable,
  folded,
  html,
  type Html,
  htmlTable,
  pageText,
  preformatted,
  sideways,
} from '../kit/html.js';
import type { Ranking } from '../../study/verdicts/verdict.js';
import type { PlainColumn } from '../kit/tables.js';
import { tookSeconds } from '../../run/run-record.js';
import { claimLines } from './claim-lines.js';
import { drawRanks, RANKS_STYLE } from './ranks-picture.js';
import { axisOf, drawAxis, drawStrip, SLIM, type Strip, STRIP_STYLE, stripOf, stripOfRuns } from './strip.js';
import { besides } from './why.js';
import {
  bracketOf,
  type CellView,
  type ClaimView,
  countWords,
  KINDS,
  MARKS,
  type TableView,
  valueText,
  viewTable,
  WORDS,
} from './table-view.js';

/**
 * A judged table as one page that needs nothing else: what came out, where the numbers lie, and all that someone needs who doesn't believe it.
 */
export function tablePage(report: TableReport): string {
  const { config, judged, evidence } = report;
  const view = viewTable(config, judged);
  return pageText({
    title: view.title ?? view.name,
    style: TABLE_PAGE_STYLE,
    lead: [
      ...(config.description === undefined ? [] : [html`<p>${config.description}</p>`]),
      ...(view.source === undefined ? [] : [html`<p class="faint">Published: ${view.source}</p>`]),
      countChips(view),
    ],
    sections: [
      ...(judged.judgements.length === 0 ? [] : [{ title: 'Verdicts', content: [glance(view, report)] }]),
      { title: 'Ours and theirs', content: [verdictTable(view), underTable(view), noteList(view)] },
      { title: 'Where the numbers lie', content: [LEGEND, ...figuresOf(view, report)] },
      { title: 'Runs', content: runTables(view, report) },
      { title: 'To repeat it', content: [commandList(evidence.commands)] },
      { title: 'Configuration', content: [...differences(evidence), ...evidence.rows.map(configurationOf)] },
      { title: 'Data', content: dataOf(evidence) },
      { title: 'Where it was made', content: environmentsOf(evidence, judged.registered) },
      {
        title: 'The document',
        content: [html`<p class="faint"><code>${evidence.file}</code></p>`, preformatted('The document', evidence.text)],
      },
    ],
  });
}

const chip = (kind: ClaimView['kind'], text = WORDS[kind]): Html => html`<span class="status ${kind}">${MARKS[kind]} ${text}</span>`;

const countChips = ({ counts }: TableView): Html =>
  html`<p class="chips">${KINDS.flatMap((kind) => (counts[kind] ? [chip(kind, countWords(kind, counts[kind])), ' '] : []))}</p>`;

// The table

/** One column has room for its claims beside it; of several, each has them below its value. */
const verdictTable = ({ columns, rows }: TableView): Html => {
  const isOne = columns.length === 1;
  return sideways(
    'Ours and theirs',
    html`<table class="verdicts ${isOne ? 'one' : 'several'}">
      <thead>
        <tr>
          ${columnHeading('')}${columns.map((column) => columnHeading(column, 'value'))}${isOne ? columnHeading('published') : ''}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ label, cells }) =>
            html`<tr>
              <th scope="row">${label}</th>
              ${cells.map((cell, column) => {
                const value = html`<div class="number">${valueOf(cell)}</div>`;
                const kind = `value ${cell.worst ?? ''}`;
                return isOne
                  ? html`<td class="${kind}" data-column="${columns[column] ?? ''}">${value}</td>
                      <td>${claimList(cell)}</td>`
                  : html`<td class="${kind}" data-column="${columns[column] ?? ''}">${value}${claimList(cell)}</td>`;
              })}
            </tr>`,
        )}
      </tbody>
    </table>`,
  );
};

const claimList = ({ claims }: CellView): Html =>
  html`<div class="claims">${claims.map((claim) => html`<div>${chip(claim.kind)} ${claimOf(claim)}</div>`)}</div>`;

const valueOf = (cell: CellView): Html =>
  cell.value === '' ? html`<span class="faint">–</span>` : html`<strong>${cell.value}</strong> <span class="n">${bracketOf(cell)}</span>`;

const claimOf = ({ claimed, source, notes }: ClaimView): Html =>
  html`<span>${claimed}${source === undefined ? '' : html` <span class="faint">${source}</span>`}${references(notes)}</span>`;

const references = (notes: readonly number[]): Html | string => (notes.length === 0 ? '' : html`<sup>${notes.join(', ')}</sup>`);

const underTable = ({ under }: TableView): Html =>
  html`${under.map((claim) => html`<p class="between">${chip(claim.kind)} <span>${claim.claimed}${references(claim.notes)}</span></p>`)}`;

const noteList = ({ legend, footnotes, margins, reading }: TableView): Html =>
  html`${legend === '' ? '' : html`<p class="faint small">${legend}</p>`}
    <ol class="notes">
      ${footnotes.map((text) => html`<li>${text}</li>`)}
    </ol>
    ${[...margins.map((text) => `Margin ${text}.`), ...reading].map((text) => html`<p class="faint small">${text}</p>`)}`;

// The pictures

/** More lines than these stand in two rows where the page is wide enough, so that a screen holds all of them. */
const MOST_BELOW = 8;

/** Every claim as one line, under its column: what it is about, and where our runs lie to it. The lines of a column have one axis. */
function glance(view: TableView, report: TableReport): Html {
  const columns = claimLines(view, report);
  return html`${columns.map(({ heading, lines: mine }) => {
    const axis = axisOf(mine.map(({ strip }) => strip));
    const half = mine.length > MOST_BELOW ? Math.ceil(mine.length / 2) : mine.length;
    return html`${columns.length > 1 ? html`<h3>${heading}</h3>` : ''}
      <div class="glance">
        ${[mine.slice(0, half), mine.slice(half)].map((part) =>
          part.length === 0
            ? ''
            : html`<div>
                ${part.map(
                  ({ kind, about, strip, ranking }) =>
                    html`<div class="line">
                      <span class="about"><span class="status ${kind}" title="${WORDS[kind]}">${MARKS[kind]}</span> ${about}</span>
                      ${ranking ? drawRanks(ranking, kind, `${heading}, ${about}`) : drawStrip(strip, axis, `${heading}, ${about}`, SLIM)}
                    </div>`,
                )}
                ${part.every(({ ranking }) => ranking) ? '' : html`<div class="line"><span></span>${drawAxis(axis)}</div>`}
              </div>`,
        )}
      </div>`;
  })}`;
}

const LEGEND = html`<p class="faint">
  Dots are our runs, one a seed, or the known number of a row that nobody trains. The bar with the diamond is the interval that decides, in
  the colour of its verdict:
  <em>reproduced</em> when it lies inside the shaded margin, <em>differs</em> when it lies outside. Grey columns are the runs of the source,
  the line is their mean or the published value.
</p>`;

function figuresOf(view: TableView, { judged, evidence }: TableReport): readonly Html[] {
  const cells = view.rows.flatMap(({ label, cells: ofRow }) =>
    ofRow.map((cell, column) => ({ label, cell, column: view.columns[column] ?? '' })),
  );
  const drawn = cells.map(({ label, cell, column }) => {
    const name = [cell.row, cell.column] as const;
    const mine = judged.judgements.filter(({ claim }) => !isUnderTable(claim) && cellsOf(claim).some((each) => sameCell(each, name)));
    const strips = mine.map((judgement) => stripOf(judgement, evidence));
    if (strips.length === 0 && !cell.n) return '';
    return figureOf(`${label}, ${column}`, valueOf(cell), strips.length > 0 ? strips : [stripOfRuns(name, evidence)], cell.claims, mine);
  });
  const under = judged.judgements.filter(({ claim }) => isUnderTable(claim));
  const between = under.map((judgement, index) => {
    const [claim] = [view.under[index]];
    if (!claim) return '';
    const { ranking } = judgement.verdict.numbers;
    if (ranking) return figureOfRanks(claim, ranking);
    return figureOf(claim.claimed, firstAbove(judgement.claim), [stripOf(judgement, evidence)], [claim], [judgement]);
  });
  return [html`<div class="figures">${drawn}${between}</div>`];
}

const figureOfRanks = (claim: ClaimView, ranking: Ranking): Html =>
  html`<figure class="cell">
    <figcaption><strong>${claim.claimed}</strong><span class="faint">mean ranks; a bar joins methods that are not apart</span></figcaption>
    <div class="against">
      <p>${chip(claim.kind)} ${claimOf(claim)}</p>
      ${drawRanks(ranking, claim.kind, claim.claimed)}
      <p class="faint small">${withoutKind(claim.kind, claim.wording)}</p>
    </div>
  </figure>`;

const firstAbove = (claim: Claim): Html => {
  if (claim.kind === 'across') return html`<span class="faint">a dot a data set: the one less the other</span>`;
  const [[first = ''] = [], [second = ''] = []] = cellsOf(claim);
  return html`<span class="faint"><span class="key ours"></span> ${first} <span class="key other"></span> ${second}</span>`;
};

function figureOf(
  title: string,
  value: Html,
  strips: readonly Strip[],
  claims: readonly ClaimView[],
  judgements: readonly Judgement[],
): Html {
  const axis = axisOf(strips);
  return html`<figure class="cell">
    <figcaption><strong>${title}</strong><span>${value}</span></figcaption>
    ${strips.map((strip, index) => {
      const [claim, judgement] = [claims[index], judgements[index]];
      return html`<div class="against">
        ${claim ? html`<p>${chip(claim.kind)} ${claimOf(claim)}</p>` : ''}${drawStrip(strip, axis, claim && claim.claimed !== title ? `${title}, ${claim.claimed}` : title)}
        ${claim ? html`<p class="faint small">${withoutKind(claim.kind, claim.wording)}</p>` : ''}
        ${judgement ? besides(judgement).map((text) => html`<p class="faint small">${text}</p>`) : ''}
      </div>`;
    })}
    ${drawAxis(axis)}
  </figure>`;
}

// What it rests on

function runTables(view: TableView, { config, evidence }: TableReport): readonly Html[] {
  const columns = Object.keys(config.columns);
  const right = { align: 'right' } as const;
  const parts = [...(config.folds === undefined ? [] : ['fold' as const]), ...(config.splits === undefined ? [] : ['split' as const])];
  const isSpread = evidence.environments.length > 1;
  const header: readonly PlainColumn[] = [
    { heading: 'row' },
    ...['seed', ...parts].map((heading) => ({ heading, ...right })),
    ...view.columns.map((heading) => ({ heading, ...right })),
    { heading: 'took', ...right },
    { heading: 'finished (UTC)' },
    ...(isSpread ? [{ heading: 'where', ...right }] : []),
    { heading: 'run' },
  ];
  const replicateOf = (replicate: Partial<Replicate> = {}): readonly string[] =>
    (['seed', ...parts] as const).map((part) => String(replicate[part] ?? ''));
  const rows = evidence.rows.flatMap(({ label, runs, baseline }) => {
    if (baseline) return [[label, ...replicateOf(), ...columns.map((column) => knownText(baseline.values[column]))]];
    if (runs.length === 0) return [[label, ...replicateOf(), ...columns.map(() => 'not run')]];
    return runs.map(({ id, seed, fold, split, outcome, values, started, ended, seconds, environment }, index) => [
      index === 0 ? label : '',
      ...replicateOf({ seed, ...partOf({ fold, split }) }),
      ...columns.map((column) => valueText(values[column], outcome)),
      ...(ended === undefined ? ['', ''] : [formatDuration(tookSeconds({ seconds, started, ended }) ?? 0), minuteOf(ended)]),
      ...(isSpread ? [String(environment + 1)] : []),
      id,
    ]);
  });
  return [htmlTable({ columns: header, rows }, 'Runs')];
}

const knownText = (value: number | undefined): string => (value === undefined ? '–' : `${formatMeasure(value, 6)}, known`);

/** What is not the same in all rows that train, side by side: the table's own point. */
function differences({ rows: all }: TableEvidence): readonly Html[] {
  const rows = all.filter(({ baseline }) => !baseline);
  if (rows.length < 2) return [];
  const paths = Array.from(new Set(rows.flatMap(({ configuration }) => configuration.map(({ path }) => path))));
  const valueAt = ({ configuration }: RowEvidence, path: string): string => configuration.find((each) => each.path === path)?.value ?? '–';
  const differing = paths.filter((path) => new Set(rows.map((row) => valueAt(row, path))).size > 1);
  if (differing.length === 0) return [html`<p>All rows have the same configuration.</p>`];
  return [
    html`<h3>In what the rows differ</h3>`,
    htmlTable(
      {
        columns: [{ heading: 'setting' }, ...rows.map(({ label }) => ({ heading: label }))],
        rows: differing.map((path) => [path, ...rows.map((row) => valueAt(row, path))]),
      },
      'In what the rows differ',
    ),
  ];
}
const configurationOf = ({ label, base, configuration, stages, engine, parameterCount, baseline, tuning }: RowEvidence): Html =>
  folded(
    html`${label}
      <span class="faint"
        ><code>${base}</code>,
        ${baseline ? `${baseline.name}, not trained` : tuning && 'missing' in tuning.selected ? 'not selected yet' : `${formatCount(parameterCount)} parameters`}</span
      >`,
    factTable(
      [
        ...(tuning ? [['selected by', tuningText(tuning), ''] as const] : []),
        ...configuration.map(({ path, value, origin }) => [html`<code>${path}</code>`, value, origin] as const),
        ...Object.entries(stages).map(([slot, stage]) => [`version of ${slot}`, stage, ''] as const),
        ...(baseline ? [] : [['engine', engine, ''] as const]),
      ],
      `Configuration of ${label}`,
    ),
  );

/** Rows that learn from the same bytes share an entry. */
function dataOf({ rows }: TableEvidence): readonly Html[] {
  const digests = new Map(rows.map(({ data }) => [data.digest, data]));
  return Array.from(digests.values(), ({ kind, digest, facts }) =>
    factTable(
      [
        ['dataset', kind],
        ['used by', rows.flatMap((row) => (row.data.digest === digest ? [row.label] : [])).join('; ')],
        ['SHA-256 of its content', html`<code>${digest}</code>`],
        ...facts.map(({ name, value }) => [name, value] as const),
      ],
      `Dataset ${kind}, ${digest.slice(0, 8)}`,
    ),
  );
}

const environmentsOf = ({ environments, records, rows }: TableEvidence, registered: JudgedTable['registered']): readonly Html[] => [
  ...environments.map(
    (facts, index) => html`${environments.length > 1 ? html`<h3>${index + 1}</h3>` : ''} ${factTable(facts, `Environment ${index + 1}`)}`,
  ),
  factTable(
    [
      ['records', html`<code>${records}</code>`],
      ...(registered ? [[`SHA-256 of its protocol, ${registered.at.slice(0, 10)}`, html`<code>${registered.digest}</code>`] as const] : []),
      ['commits', Array.from(new Set(rows.flatMap(({ runs }) => runs.flatMap(({ commit }) => commit ?? [])))).join(', ') || 'not recorded'],
    ],
    'Records and commits',
  ),
];

/** What the page of a table has besides the common styles. Verdicts have their colours in text, in cells and in pictures. */
const TABLE_PAGE_STYLE = `
.chips { margin-top: 1rem; display: flex; flex-wrap: wrap; gap: 0.4rem; }
.small { font-size: 0.85em; }
.verdicts { width: 100%; font-size: 0.95em; }
.verdicts th[scope="row"] { font-weight: 600; }
.verdicts .value { border-left: 4px solid var(--line); padding-left: 0.9rem; }
.verdicts thead .value { border-left-color: transparent; }
.verdicts .number { white-space: nowrap; }
.verdicts .n { font-size: 0.85em; color: var(--faint); margin-left: 0.3em; }
.verdicts .value.reproduced { border-left-color: var(--good); }
.verdicts .value.differs { border-left-color: var(--bad); }
.verdicts .value.inconclusive { border-left-color: var(--open); }
.verdicts.one th[scope="row"], .verdicts.one .value { width: 1%; }
.verdicts.one th[scope="row"] { white-space: nowrap; }
.verdicts.several .claims { margin-top: 0.4rem; font-size: 0.92em; }
.verdicts.several .claims > div { flex-wrap: wrap; gap: 0.1rem 0.5rem; }
.claims > div, .between, .against > p:first-child { display: flex; gap: 0.5rem; align-items: baseline; margin-bottom: 0.3rem; }
.claims .status, .between .status, .against .status { font-size: 0.82em; flex: none; }
.between { margin: 0.8rem 0; }
.notes { margin: 1.2rem 0 0.6rem; padding-left: 1.4rem; font-size: 0.85em; color: var(--faint); max-width: 50rem; }
sup { color: var(--faint); font-size: 0.7em; line-height: 0; margin-left: 0.15em; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 2.5rem 3rem; margin-top: 1.2rem; }
figure.cell { min-width: 0; }
figure.cell figcaption { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; justify-content: space-between; padding-bottom: 0.35rem; border-bottom: 2px solid var(--line); }
figcaption .n { color: var(--faint); }
.against { padding-top: 0.55rem; }
.against p { margin: 0.15rem 0; max-width: none; }
figure svg.strip, figure svg.ranks { height: revert-layer; overflow: visible; }
.glance { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 0 2.5rem; }
.glance > div { min-width: 0; }
.glance .line { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); gap: 0 1rem; align-items: center; padding: 1px 0; break-inside: avoid; }
.glance .about { font-size: 0.85em; line-height: 1.25; }
.glance .status { padding: 0 0.3rem; }
.glance svg { display: block; overflow: visible; }
${STRIP_STYLE}
${RANKS_STYLE}
.key { display: inline-block; width: 0.6rem; height: 0.6rem; border-radius: 50%; border: 2px solid var(--accent); }
.key.ours { background: var(--accent); } .key.other { margin-left: 0.6rem; }
@media (max-width: 40rem) {
  .glance .line { grid-template-columns: 1fr; }
  .verdicts thead { display: none; }
  .verdicts, .verdicts tbody, .verdicts tr, .verdicts th, .verdicts td { display: block; }
  .verdicts tr { padding: 0.7rem 0; border-bottom: 1px solid var(--line); }
  .verdicts th, .verdicts td { border-bottom: 0; padding: 0.15rem 0; }
  .verdicts.one th[scope="row"], .verdicts.one .value { width: auto; white-space: normal; }
  .verdicts .value { padding-left: 0.7rem; margin: 0.3rem 0; }
  .verdicts .value::before { content: attr(data-column); display: block; font-size: 0.8em; color: var(--faint); }
}
@media print {
  .glance { grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: 0 1.5rem; }
  .figures { grid-template-columns: 1fr 1fr; gap: 1.2rem 2rem; }
  .verdicts td { overflow-wrap: normal; }
  figure.cell { break-inside: avoid; }
  .verdicts .value, .status, .strip, .strip *, .ranks * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`.trim();
