import {
  levelText,
  decimalsOf,
  fixed,
  formatCount,
  formatDuration,
  formatMeasure,
  minuteOf,
  percent,
  placesOf,
  plain,
  plural,
  probability,
  pValue,
  signed,
} from '../../diagnostics/numbers.js';
import { forShell, listed, withArticle } from '../../diagnostics/words.js';
import { describeReplicate } from '../../language/replicate.js';
import { ANYWHERE, type Interval } from '../../statistics/means.js';
import { type CellName, cellsOf, type Claim } from '../../study/claims/claim.js';
import type { TableConfig } from '../../study/claims/document.js';
import type { Judgement } from '../../study/claims/facts.js';
import type { JudgedTable } from '../../study/claims/judge-table.js';
import { countsRuns, takesWhat } from '../../study/claims/over-seeds.js';
import { whichIsWider } from '../../study/by-examples.js';
import { byAtLeast, decimalsBeside, effectSizes, recordedAs, SIDES, tuningText, withOneAccident } from '../../study/claims/wording.js';
import type { RowEvidence, TableEvidence } from '../../study/evidence.js';
import type { Numbers, Verdict } from '../../study/verdicts/verdict.js';
import { textBlocks, textTable, wrap } from '../kit/tables.js';
import { tookSeconds } from '../../run/run-record.js';
import { PLAIN_TABLE, type TableStyle } from './table-texts.js';
import { bracketOf, eachOf, MARKS, oneByOne, rowOf, type TableView, valueText, WORDS } from './table-view.js';

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
    ...(row.baseline ? [] : [section('runs', runLines(why, row), style)]),
    ...claimBlocks(why, style, width),
    section(
      'settings',
      [row.baseline || isOpen(row) ? row.base : `${row.base}, ${formatCount(row.parameterCount)} parameters`, ...settingLines(row, style)],
      style,
    ),
    section('selected by', row.tuning ? wrap(tuningText(row.tuning), width - 2) : [], style),
    section('data', dataLines(row), style),
    section(
      'code',
      [
        Object.entries(row.stages)
          .map(([slot, stage]) => `${slot} ${stage}`)
          .join(', '),
        ...(row.baseline ? [] : [row.engine]),
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
  return textBlocks(blocks);
}

/** A row whose sweep has selected nothing yet. */
const isOpen = ({ tuning }: RowEvidence): boolean => tuning !== undefined && 'missing' in tuning.selected;

const section = (title: string, lines: readonly string[], style: TableStyle): readonly string[] =>
  lines.length === 0 ? [] : [style.heading(title), ...lines.map((line) => `  ${line}`)];

function headline(
  { config, judged, view, cell: [row, column] }: Why,
  { label, runs, baseline }: RowEvidence,
  style: TableStyle,
): readonly string[] {
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
  if (baseline) {
    const value = shown?.value ? [shown.value, unit].filter(Boolean).join(' ') : 'no number';
    return [
      style.heading(`${label}: ${found?.worst ? style.verdict(found.worst, value) : value}`),
      style.faint(
        `${metric} of ${baseline.name}, which learns nothing: known without training, exactly ${plain(found?.mean ?? Number.NaN)}`,
      ),
    ];
  }
  const value = shown?.value
    ? [shown.value, unit, bracketOf(shown)].filter(Boolean).join(' ')
    : runs.some(({ outcome }) => outcome === 'finished')
      ? `no value: its runs do not record ${recordedAs(metric, at)}`
      : 'no value yet';
  const over =
    found?.over && `${takesWhat(found.over.seeds)}${found.over.interval ? `; its 95 % interval is ${range(found.over.interval)}` : ''}`;
  const spread = found?.ours ? `; sd ${formatMeasure(found.ours.sd, 3)}; 95 % interval of the mean ${range(found.ours.interval)}` : '';
  const levels = found?.levels
    ? `; sd ${formatMeasure(found.levels.between, 3)} between splits, ${formatMeasure(found.levels.within, 3)} within them (${found.levels.size} seeds each)`
    : '';
  return [
    style.heading(`${label}: ${found?.worst ? style.verdict(found.worst, value) : value}`),
    style.faint(
      over === undefined
        ? `${metric} ${when}, mean of ${plural(found?.n ?? 0, found?.each ?? 'seed')}${spread}${levels}`
        : `${metric} ${when}; the column ${over}`,
    ),
    ...(found?.byExamples ? [style.faint(whichIsWider([{ examples: found.byExamples, seeds: found.ours?.interval }], metric))] : []),
  ];
}

function runLines({ cell: [, column] }: Why, { runs }: RowEvidence): readonly string[] {
  if (runs.length === 0) return ['none is finished'];
  return textTable(
    runs.map((run) => [
      describeReplicate(run),
      valueText(run.values[column], run.outcome),
      `run ${run.id}`,
      run.ended === undefined ? '' : `${minuteOf(run.ended)} UTC, took ${formatDuration(tookSeconds(run) ?? 0)}`,
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
  return judged.judgements.flatMap((judgement, index) => {
    const { claim, limit, verdict } = judgement;
    if (!isAbout(claim, row, column)) return [];
    const provenance = claim.kind === 'reference' ? claim.provenance : undefined;
    const isNews = provenance !== undefined && !sources.has(provenance);
    if (provenance !== undefined) sources.add(provenance);
    const steps = [
      publishedLine(claim, config.claims[index]?.reference),
      ...(isNews ? [`from ${provenance}`] : []),
      marginLine(claim, verdict.numbers.margin),
      ...(verdict.numbers.n > 0
        ? explain(limit ?? claim, verdict, countsRuns(config.columns[cellsOf(claim)[0]?.[1] ?? '']?.over_seeds), eachOf(config))
        : []),
      ...stageLines(judgement),
      `so ${verdict.wording}`,
      ...besides(judgement),
      ...judged.footnotes.flatMap(({ text, claims }) => (claims.includes(index) ? [`note: ${text}`] : [])),
    ];
    const title = `${style.verdict(verdict.kind, `${MARKS[verdict.kind]} ${WORDS[verdict.kind]}`)}  ${view.claimed[index] ?? ''}  ${style.faint(evidence.claims[index] ?? '')}`;
    const lines = steps.flatMap((step) =>
      step === undefined ? [] : wrap(step, width - 6).map((line, part) => (part === 0 ? `  · ${line}` : `    ${line}`)),
    );
    return [[title, ...lines]];
  });
}

/** How large the difference is, and what one run more that went wrong would make of the verdict. */
export const besides = ({ effects, oneAccident }: Judgement): readonly string[] => [
  ...(effects ? [effectSizes(effects)] : []),
  ...(oneAccident ? [withOneAccident(oneAccident)] : []),
];

/** Of a claim whose seeds come in stages: which stage its verdict is of, at which level, and how that level came to be. */
function stageLines({ claim: { confidence }, stage, verdict: { numbers } }: Judgement): readonly string[] {
  if (!stage || stage.number === 0) return [];
  const { length: stages } = stage.look.stages ?? [];
  const at = `stage ${stage.number} of ${stages}, ${plural(stage.seeds, 'seed')}`;
  const spent = `the chance of an error, ${percent(1 - confidence)}, is spent over all ${stages} stages together (Pocock 1977)`;
  return [`${at}: ${spent}${numbers.alpha === undefined ? '' : `, and each of them is judged at ${percent(numbers.alpha)}`}`];
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
    case 'across': // its rows stand in its heading
      return claim.source;
    case 'ranks': {
      const rows = claim.methods.map(
        (method, index) =>
          `${method} ${listed(
            (claim.of[index] ?? []).map(([row]) => row),
            'and',
          )}`,
      );
      return `about ${rows.join('; ')}${from}`;
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

const againLines = (
  { evidence: { file, records }, cell: [row] }: Why,
  { runs, base, baseline, tuning }: RowEvidence,
): readonly string[] => [
  ...(baseline ? [] : [`npx retable run ${forShell(file)} --only ${forShell(row)}`]),
  ...(tuning ? [`npx retable report ${forShell(tuning.sweep)}`] : []),
  ...(runs[0] ? [`npx retable show ${runs[0].id.slice(0, 8)}`, `npx retable report ${runs[0].id.slice(0, 8)}`] : []),
  `npx retable plan ${forShell(base)} --origins`,
  ...(baseline ? [] : [`records in ${records}`]),
];

/** How a verdict was come to: what was compared, with which numbers, and what would have decided otherwise. A sentence each. */
export function explain(
  claim: Claim,
  { numbers }: Verdict,
  countsRunsOfColumn = false,
  each: TableView['each'] = 'seed',
): readonly string[] {
  if (countsRunsOfColumn) return ofCounts(claim, numbers);
  switch (claim.kind) {
    case 'published':
      return claim.spread ? ofDifference(numbers, 'the published mean') : ofPrint(claim, numbers);
    case 'reference':
      return [
        ...(claim.printed > 0 ? [`ours are rounded to ${plain(claim.printed)} first, as theirs were`] : []),
        ...(numbers.spreadFrom === 'reference' ? ['our spread is taken as theirs, which is the larger one'] : []),
        ...ofDifference(numbers, 'their mean'),
        ...ofRounding(numbers),
        ...(numbers.rankP === undefined ? [] : [`for information: an exact rank test of equal distributions has ${pValue(numbers.rankP)}`]),
      ];
    case 'limit':
      return claim.share === undefined ? ofMean(numbers, claim.side) : ofShare(claim.share, numbers);
    case 'rank':
      return ofRank(claim, numbers, each);
    case 'probability':
      return ofProbability(claim, numbers);
    case 'across':
      return ofRank(claim, numbers, each);
    case 'ranks':
      return ofRanking(claim, numbers);
    case 'ratio':
      return [
        `geometric means are compared${claim.paired ? `, ${oneByOne(each)}` : ''}`,
        ...between(numbers, 'the ratio is'),
        `reproduced needs all of that ${SIDES[claim.side]} ${plain(claim.bound)}, differs none of it`,
      ];
    case 'equivalent':
      return [
        ...between(numbers, claim.paired ? `the mean of the differences, ${oneByOne(each)}, is` : 'the difference of the means is', signed),
        `reproduced needs all of that within ±${plain(claim.margin)}, differs none of it`,
      ];
    default:
      return claim satisfies never;
  }
}

/** Of a column that counts runs. */
function ofCounts(claim: Claim, numbers: Numbers): readonly string[] {
  const { zone, margin = 0, p, pOpposite, alpha, reference } = numbers;
  if (p !== undefined && alpha !== undefined) {
    const name =
      claim.kind === 'rank' && claim.paired
        ? "McNemar's exact test over pairs of equal seeds"
        : 'the exact test of two shares, whatever they are (Barnard)';
    const opposite = pOpposite === undefined ? '' : `, ${probability(pOpposite)} for the opposite`;
    return [`${name}: ${pValue(p)}${opposite}`, `reproduced needs the first to be at most ${levelText(alpha)}, differs the second`];
  }
  if (!zone) return [];
  if (reference)
    return [
      ...between(numbers, 'the difference of the shares is', signed),
      `that is what exact tests of two shares do not reject, whatever the shares are (Chan and Zhang); reproduced needs all of it within ±${plain(margin)}, differs none of it`,
    ];
  return [
    ...between(numbers, 'the share of our runs is'),
    `reproduced needs all of that between ${plain(zone[0])} and ${plain(zone[1])}, differs none of it (Clopper and Pearson)`,
  ];
}

function ofPrint(
  { published, reading, margin = published.unit }: Extract<Claim, { kind: 'published' }>,
  numbers: Numbers,
): readonly string[] {
  const half = published.unit / 2;
  const [low, high] = [published.value - half, published.value + half];
  const zone = `${published.text} in print may have been ${plain(low)} to ${plain(high)}; with the margin ${plain(margin)}, ${plain(low - margin)} to ${plain(high + margin)} counts as the same`;
  const isOfRuns = reading === 'procedure';
  return [
    zone,
    ...between(numbers, `our ${whatOf(numbers)} is`),
    ...(numbers.runInterval ? [`one more run of ours would fall ${range(numbers.runInterval)}`] : []),
    `reproduced needs ${isOfRuns ? 'one more run' : `our ${whatOf(numbers)}`} inside of the zone; differs needs it outside${isOfRuns ? '' : ', and one more run of ours beyond what the print may have been'}`,
  ];
}

function ofDifference(numbers: Numbers, theirs: string): readonly string[] {
  const { reference, margin, zone, se, df } = numbers;
  if (!reference) return [];
  const [, edge = margin ?? 0] = zone ?? [];
  const decimals = decimalsOf([reference.mean - reference.sd, reference.mean + reference.sd]) + 1;
  return [
    `${theirs} is ${fixed(reference.mean, decimals)}, one run to the next varies by ${fixed(reference.sd, decimals)} (${plural(reference.n, 'run')})`,
    ...between(numbers, 'ours minus theirs is', signed),
    ...(se === undefined || df === undefined
      ? []
      : [`that rests on a standard error of ${plain(Number(se.toPrecision(3)))} with ${Number(df.toFixed(1))} degrees of freedom (Welch)`]),
    `reproduced needs all of that within ±${plain(edge)}, differs none of it`,
  ];
}

function ofRounding({ exactInterval, hidden = 0 }: Numbers): readonly string[] {
  if (!exactInterval) return [];
  const decimals = decimalsOf(exactInterval);
  const [low, high] = exactInterval.map((end) => signed(end, decimals));
  const hides = hidden > 0 ? `, with up to ${plain(Number(hidden.toPrecision(2)))} of their mean that the print hides` : '';
  return [`the same must hold before rounding, where the difference is between ${low} and ${high}${hides}`];
}

const ofMean = (numbers: Numbers, side: 'at_most' | 'at_least'): readonly string[] => {
  // Of too few runs nothing was decided.
  if (!numbers.zone) return [];
  const [low, high] = numbers.zone;
  return [
    ...between(numbers, `our ${whatOf(numbers)} is`),
    `reproduced needs all of that ${SIDES[side]} ${plain(side === 'at_most' ? high : low)}, differs none of it`,
  ];
};

/** `median`: what is judged of our seeds. */
const whatOf = ({ estimate }: Numbers): string => estimate?.of ?? 'mean';

const ofShare = (share: number, numbers: Numbers): readonly string[] => [
  ...between(numbers, 'the share of runs that keep the limit is'),
  `reproduced needs all of that at least ${plain(share)}, differs none of it (Clopper and Pearson)`,
];

function ofRank(
  claim: Extract<Claim, { kind: 'rank' | 'across' }>,
  { p, pOpposite, alpha }: Numbers,
  each: TableView['each'],
): readonly string[] {
  const { direction, by, test } = claim;
  const over = claim.kind === 'across' ? 'over the data sets, each of which counts once' : `over pairs of equal ${each}s`;
  const ofPairs = test === 'sign' ? `the sign test ${over}` : `the exact signed rank test ${over}`;
  const name = claim.kind === 'across' || claim.paired ? ofPairs : 'the exact rank sum test';
  if (p === undefined || alpha === undefined) return [name];
  const opposite = by > 0 ? `less than that` : 'the opposite';
  const found = `${pValue(p)} for ${direction}${byAtLeast(by)}${pOpposite === undefined ? '' : `, ${probability(pOpposite)} for ${opposite}`}`;
  return [`${name}: ${found}`, `reproduced needs the first to be at most ${levelText(alpha)}, differs the second`];
}

function ofRanking({ methods, best }: Extract<Claim, { kind: 'ranks' }>, { n, ranking, p, alpha }: Numbers): readonly string[] {
  if (!ranking || p === undefined || alpha === undefined) return [];
  const { chiSquared, f, isExact, criticalDifference, first } = ranking;
  const k = methods.length;
  const counted = isExact
    ? 'among all orders of the methods on each data set'
    : `by F(${k - 1}, ${(k - 1) * (n - 1)}) ${Number.isFinite(f) ? plain(Number(f.toPrecision(4))) : 'without bound'}, the form of Iman and Davenport`;
  const apart = `apart are mean ranks ${plain(Number(criticalDifference.toPrecision(4)))} from each other or more, Nemenyi's critical difference`;
  const needs = `p to be at most ${levelText(alpha)}`;
  return [
    `on each data set, which counts once, the ${first} value has rank 1, and ties have their mean rank`,
    `Friedman's χ² ${plain(Number(chiSquared.toPrecision(4)))}: ${pValue(p)} ${counted}`,
    `${apart}: if all were equal, any two would be with a chance of ${percent(alpha)}`,
    best === undefined
      ? `reproduced needs ${needs}; that methods are equal is never shown`
      : `reproduced needs ${needs} and ${methods[best]} before each of the others by that, differs one of them before ${methods[best]}`,
  ];
}

function ofProbability({ direction, by, bound, paired }: Extract<Claim, { kind: 'probability' }>, numbers: Numbers): readonly string[] {
  const [what, how] = paired
    ? ['a run is', 'Clopper and Pearson, of pairs of equal seeds']
    : ['a run of the one is', 'Brunner and Munzel, whatever the spreads'];
  return [
    `ties count half; the interval is by ${how}`,
    ...between(numbers, `the probability that ${what} ${direction}${byAtLeast(by)} is`),
    `reproduced needs all of that at least ${plain(bound)}, differs none of it`,
  ];
}

/** `our mean is between 1.02 and 1.05: a 95 % interval, 2.5 % of error on each side at this look` */
function between(
  { interval, alpha, zone = ANYWHERE, estimate, mean = estimate?.value ?? 0 }: Numbers,
  what: string,
  show = fixed,
): readonly string[] {
  if (!interval || alpha === undefined) return [];
  const decimals = decimalsBeside(interval, zone, mean);
  const [low, high] = interval.map((end) => show(end, decimals));
  return [
    `${what} between ${low} and ${high}: ${withArticle(percent(1 - 2 * alpha))} interval, ${percent(alpha)} of error on each side at this look`,
  ];
}

const range = (interval: Interval): string => {
  const decimals = decimalsOf(interval);
  return `between ${fixed(interval[0], decimals)} and ${fixed(interval[1], decimals)}`;
};

/** Whether a claim is about this cell, alone or with another. */
export const isAbout = (claim: Claim, row: string, column: string): boolean => cellsOf(claim).some(([r, c]) => r === row && c === column);
