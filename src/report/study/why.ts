import { forShell } from '../../diagnostics/words.js';
import { cellsOf, type CellName, type Claim } from '../../study/claims/claim.js';
import type { TableConfig } from '../../study/claims/document.js';
import { explain, isAbout } from './explain.js';
import type { JudgedTable } from '../../study/claims/judge-table.js';
import { fixed, formatCount, formatDuration, formatMeasure, placesOf, plain, plural } from '../../diagnostics/numbers.js';
import { recordedAs } from '../../study/claims/wording.js';
import { tookSeconds } from '../run/run-record.js';
import { PLAIN_TABLE, type TableStyle } from './table-terminal.js';
import { rowOf, type RowEvidence, type TableEvidence, valueText } from './table-evidence.js';
import { MARKS, type TableView, WORDS } from './table-view.js';
import { textTable, wrap } from '../kit/text-table.js';

interface Why {
  readonly config: TableConfig;
  readonly judged: JudgedTable;
  readonly view: TableView;
  readonly evidence: TableEvidence;
  readonly cell: CellName;
}

/** A number of a table, walked back: the runs that it is the mean of, what is claimed of it and why that came out so, and all that made it. */
export function describeWhy(why: Why, style: TableStyle = PLAIN_TABLE, width = 120): string {
  const { evidence, cell } = why;
  const row = rowOf(evidence, cell);
  if (!row) return '';
  const blocks = [
    headline(why, row, style),
    section('runs', runLines(why, row), style),
    ...claimBlocks(why, style, width),
    section('settings', [`${row.base}, ${formatCount(row.parameterCount)} parameters`, ...settingLines(row, style)], style),
    section('data', dataLines(row), style),
    section(
      'code',
      [
        Object.entries(row.stages)
          .map(([slot, stage]) => `${slot} ${stage}`)
          .join(', '),
        row.engine,
      ],
      style,
    ),
    section(
      'made on',
      machineLines(evidence, row).flatMap((line) => wrap(line, width - 2, /(?<=,)\s/)),
      style,
    ),
    section('again', againLines(why, row), style),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

const section = (title: string, lines: readonly string[], style: TableStyle): readonly string[] =>
  lines.length === 0 ? [] : [style.heading(title), ...lines.map((line) => `  ${line}`)];

function headline({ config, judged, view, cell: [row, column] }: Why, { label, runs }: RowEvidence, style: TableStyle): readonly string[] {
  const shown = view.rows.flatMap(({ cells }) => cells).find((each) => each.row === row && each.column === column);
  const { metric = '', at = 'last', unit } = config.columns[column] ?? {};
  const when =
    at === 'last'
      ? 'after the last epoch'
      : at === 'best'
        ? 'at its best epoch'
        : at === 'median'
          ? 'at the median of its epochs'
          : `after epoch ${at}`;
  const found = judged.cells.find(({ name }) => name[0] === row && name[1] === column);
  const value = shown?.value
    ? [shown.value, shown.spread, unit].filter(Boolean).join(' ')
    : runs.some(({ outcome }) => outcome === 'finished')
      ? `no value: its runs do not record ${recordedAs(metric, at)}`
      : 'no value yet';
  const spread = found?.ours ? `; sd ${formatMeasure(found.ours.sd, 3)}; beside it the 95 % interval of the mean` : '';
  return [
    style.heading(`${label}: ${found?.worst ? style.verdict(found.worst, value) : value}`),
    style.faint(`${metric} ${when}, mean of ${plural(found?.n ?? 0, 'seed')}${spread}`),
  ];
}

function runLines({ cell: [, column] }: Why, { runs }: RowEvidence): readonly string[] {
  if (runs.length === 0) return ['none is finished'];
  return textTable(
    runs.map(({ id, seed, outcome, values, started, ended, seconds }) => [
      `seed ${seed}`,
      valueText(values[column], outcome),
      `run ${id}`,
      ended === undefined
        ? ''
        : `${new Date(ended).toISOString().slice(0, 16).replace('T', ' ')} UTC, took ${formatDuration(tookSeconds({ seconds, started, ended }) ?? 0)}`,
    ]),
    ['left', 'right'],
  );
}

// Claims

function claimBlocks(
  { config, judged, view, evidence, cell: [row, column] }: Why,
  style: TableStyle,
  width: number,
): readonly (readonly string[])[] {
  const sources = new Set<string>();
  return judged.judgements.flatMap(({ claim, verdict }, index) => {
    if (!isAbout(claim, row, column)) return [];
    const provenance = claim.kind === 'reference' ? claim.provenance : undefined;
    const isNews = provenance !== undefined && !sources.has(provenance);
    if (provenance !== undefined) sources.add(provenance);
    const steps = [
      publishedLine(claim, config.claims[index]?.reference),
      ...(isNews ? [`from ${provenance}`] : []),
      marginLine(claim, verdict.numbers.margin),
      ...(verdict.numbers.n > 0 ? explain(claim, verdict) : []),
      `so ${verdict.wording}`,
      ...judged.footnotes.flatMap(({ text, claims }) => (claims.includes(index) ? [`note: ${text}`] : [])),
    ];
    const title = `${style.verdict(verdict.kind, `${MARKS[verdict.kind]} ${WORDS[verdict.kind]}`)}  ${view.claimed[index] ?? ''}  ${style.faint(evidence.claims[index] ?? '')}`;
    const lines = steps.flatMap((step) =>
      step === undefined ? [] : wrap(step, width - 6).map((line, part) => (part === 0 ? `  · ${line}` : `    ${line}`)),
    );
    return [[title, ...lines]];
  });
}

/** Where the number is from, with all of a reference: `122 runs: 1.0 × 101, 1.1 × 14, 1.2 × 7`. */
function publishedLine(claim: Claim, reference: string | undefined): string | undefined {
  const from = claim.source === undefined ? '' : `, ${claim.source}`;
  switch (claim.kind) {
    case 'published':
      return `published as ${claim.published.text}${from}`;
    case 'reference': {
      const counts = new Map<number, number>();
      for (const run of claim.runs) counts.set(run, (counts.get(run) ?? 0) + 1);
      const print = (value: number): string => (claim.printed > 0 ? fixed(value, placesOf(claim.printed)) : plain(value));
      const shown = Array.from(counts, ([value, count]) => (count === 1 ? print(value) : `${print(value)} × ${count}`)).join(', ');
      return `${claim.runs.length} runs of ${reference ?? 'a reference'}${from}: ${shown}`;
    }
    case 'limit':
    case 'rank':
    case 'probability':
    case 'ratio':
    case 'equivalent': {
      const others = cellsOf(claim).map((cell) => cell.join(' '));
      return others.length > 1 || from !== '' ? `about ${others.join(' and ')}${from}` : undefined;
    }
    default:
      return claim satisfies never;
  }
}

function marginLine({ margin, because }: Claim, used: number | undefined): string | undefined {
  if (margin !== undefined && margin > 0) return `margin ${plain(margin)}${because === undefined ? '' : `, because: ${because}`}`;
  return used === undefined || used === 0 ? undefined : `margin ${plain(Number(used.toPrecision(3)))} by default`;
}

// What made it

const settingLines = ({ configuration }: RowEvidence, style: TableStyle): readonly string[] =>
  textTable(configuration.map(({ path, value, origin }) => [path, value, style.faint(origin)]));

const dataLines = ({ data: { kind, digest, facts } }: RowEvidence): readonly string[] => [
  `${kind}, SHA-256 ${digest}`,
  ...facts.map(({ name, value }) => `${name}: ${value}`),
];

function machineLines({ environments }: TableEvidence, { runs }: RowEvidence): readonly string[] {
  const used = Array.from(new Set(runs.map(({ environment }) => environment)));
  return used.map((index) => (environments[index] ?? []).map(([name, value]) => `${name} ${value}`).join(', '));
}

const againLines = ({ evidence: { file, records }, cell: [row] }: Why, { runs, base }: RowEvidence): readonly string[] => [
  `npx retable run ${forShell(file)} --only ${forShell(row)}`,
  ...(runs[0] ? [`npx retable show ${runs[0].id.slice(0, 8)}`, `npx retable report ${runs[0].id.slice(0, 8)}`] : []),
  `npx retable plan ${forShell(base)} --origins`,
  `records in ${records}`,
];
