import { formatMeasure, percent, plain, plural } from '../../../diagnostics/numbers.js';
import { listed } from '../../../diagnostics/words.js';
import { isDecided } from '../../verdicts/verdict.js';
import { meanInterval, median, medianAbsoluteDeviation } from '../../../statistics/means.js';
import { whichIsWider, widerOf } from '../../by-examples.js';
import { possible } from '../../verdicts/estimate.js';
import { allEqual } from '../../verdicts/preconditions.js';
import { cellsOf, isOverDataSets } from '../claim.js';
import { countsRuns, kindOver, nounOf, runsOfOne } from '../over-seeds.js';
import { type CellRuns, levelsOf, seriesOf, valuesOf } from '../samples.js';
import { recordedAs } from '../wording.js';
import { type Rule, constantCells, eachCell, eachClaim, fewOf, isJudged, judgedSeeds, seedList, tableNoun } from './rule.js';

/** With so many seeds an outcome that is missed is rarer than 1 in 20. */
const MANY_SEEDS = 59;

export const fewSeedsMissRareOutcomes: Rule = {
  id: 'F1',
  truth: 'what so few seeds cannot see',
  check({ judgements, names, cell }) {
    const counts = judgements
      .filter(({ claim, verdict }) => isJudged(verdict.kind) && !isOverDataSets(claim))
      .map(({ claim, verdict }) => verdict.numbers.n * Math.max(1, ...cellsOf(claim).map((name) => runsOfOne(cell(name)))));
    const n = Math.min(...counts.filter((seeds) => seeds > 0));
    if (n >= MANY_SEEDS) return [];
    const noun = tableNoun({ names, cell });
    const of = noun === 'split' ? 'splits' : 'runs';
    const missed = (seeds: number) => percent(1 - 0.05 ** (1 / seeds), 2);
    const text = `${plural(n, noun)} can miss an outcome that happens in up to ${missed(n)} of ${of} (1 - 0.05^(1/${n})); ${2 * n} ${noun}s: ${missed(2 * n)}.`;
    return [{ text, claims: [] }];
  },
};

export const outliersAreKept: Rule = eachCell('F5', 'a run that stands apart', ({ label, each, finished }, { overSeeds }) => {
  if (countsRuns(overSeeds)) return undefined;
  const values = finished.map(({ value }) => value);
  if (values.length < 3) return undefined;
  const reach = 3 * 1.4826 * medianAbsoluteDeviation(values);
  const center = median(values);
  const apart = finished.filter(({ value }) => Math.abs(value - center) > Math.max(reach, 1e-12 * Math.abs(center)));
  if (apart.length === 0) return undefined;
  const which = apart.map(({ seed, value }) => `${each ?? 'seed'} ${seed}: ${plain(Number(value.toPrecision(4)))}`).join(', ');
  const [runs, stand] = apart.length === 1 ? ['One', 'stands apart; it is kept'] : [String(apart.length), 'stand apart; they are kept'];
  return `${runs} of ${plural(values.length, each ?? 'run')} of ${label} (${which}) ${stand}.`;
});

export const cellsHaveEqualSeeds: Rule = {
  id: 'F6',
  truth: 'cells that rest on different numbers of seeds',
  check({ names, cell }) {
    const counts = names.map((name) => seriesOf(cell(name)).finished.length).filter((n) => n > 0);
    const [least, most] = [Math.min(...counts), Math.max(...counts)];
    return counts.length > 0 && least < most
      ? [{ text: `Cells have different numbers of ${tableNoun({ names, cell })}s (${least} to ${most}).`, claims: [] }]
      : [];
  },
};

export const codeIsOne: Rule = eachCell('F11', 'runs of different code', ({ leftOut, differences, finished, diverged }) => {
  if (leftOut === 0) return undefined;
  const told = differences.filter((difference) => difference !== '');
  const why = told.length === 0 ? '' : ` (${told.join('; ')})`;
  return `Runs of different code: ${leftOut} of ${leftOut + judgedSeeds({ finished, diverged })} left out${why}.`;
});

export const divergedAreCounted: Rule = {
  id: 'F12',
  truth: 'seeds that diverged, ours and theirs',
  check: (facts) => [...oursDiverged.check(facts), ...theirsDiverged.check(facts)],
};

const oursDiverged: Rule = eachCell('F12', 'seeds of ours that diverged', (series) => {
  const { label, each: noun = 'seed', diverged, senseless } = series;
  if (diverged.length === 0) return undefined;
  const lost = diverged.filter((seed) => !senseless.includes(seed));
  const told = [
    ...(lost.length > 0 ? [`${lost.length} of ${plural(judgedSeeds(series), noun)} of ${label} diverged (${seedList(lost, noun)})`] : []),
    ...(senseless.length > 0
      ? [
          `${senseless.length} of ${plural(judgedSeeds(series), noun)} of ${label} finished with a value that is no number (${seedList(senseless, noun)})`,
        ]
      : []),
  ];
  return `${told.join('; ')}.`;
});

const theirsDiverged: Rule = eachClaim('F12', 'runs of a reference that diverged', ({ claim }) => {
  if (claim.kind !== 'reference' || !claim.diverged) return undefined;
  const all = claim.runs.length + claim.diverged;
  return `${claim.diverged} of ${plural(all, 'run')} of the reference diverged; its mean is that of the other ${claim.runs.length}.`;
});

/** Who has no value is no accident: those that stopped early are not like the others. */
export const unrecordedAreCounted: Rule = eachCell(
  'F18',
  'seeds that have no value where the column looks',
  (series, { at, metric, overSeeds }) => {
    const { label, each: noun = 'seed', unrecorded } = series;
    if (unrecorded.length === 0 || overSeeds === 'failures' || judgedSeeds(series) === 0) return undefined;
    const n = judgedSeeds(series) + unrecorded.length;
    const has = unrecorded.length === 1 ? 'has' : 'have';
    const what = `${unrecorded.length} of ${plural(n, noun)} of ${label} ${has} no ${recordedAs(metric, at)} (${seedList(unrecorded, noun)})`;
    const remedy = typeof at === 'number' ? ' Runs that stop early have a last epoch: "at: last".' : '';
    return `${what}, and which ones may be no accident: no verdict is decided by the others.${remedy}`;
  },
);

export const missingAreCounted: Rule = eachCell('F19', 'seeds that are not there yet', (series, { seeds }) => {
  const { label, each: noun = 'seed', finished, diverged, crashed, unrecorded } = series;
  if (judgedSeeds(series) === 0) return undefined;
  const there = new Set([...finished.map(({ seed }) => seed), ...diverged, ...crashed, ...unrecorded]);
  const missing = seeds.filter((seed) => !there.has(seed));
  const told = [
    ...(crashed.length > 0
      ? [`${crashed.length} failed and ${crashed.length === 1 ? 'is' : 'are'} to be repeated (${seedList(crashed, noun)})`]
      : []),
    ...(missing.length > 0 ? [`${missing.length} ${missing.length === 1 ? 'has' : 'have'} not run (${seedList(missing, noun)})`] : []),
  ];
  return told.length === 0 ? undefined : `Of ${plural(seeds.length, noun)} of ${label} ${told.join(', ')}.`;
});

export const bestIsNotMean: Rule = eachClaim('F13', 'a best epoch beside a published last', ({ claim }, { columns }) => {
  if (claim.kind !== 'published' && claim.kind !== 'reference') return undefined;
  const column = claim.cell[1];
  if (columns[column]?.at !== 'best') return undefined;
  return `Column ${column} holds the best epoch of each run, which flatters it unless the source reports the best too.`;
});

export const testIsNotSelectedOn: Rule = {
  id: 'F14',
  truth: 'choices made on test data',
  check({ names, cell, columns, rows = {} }) {
    const isOfTest = (name: string) =>
      names.some((each) => each[1] === name && rows[each[0]]?.baseline === undefined && cell(each).role === 'test');
    const ofColumns = Object.entries(columns).flatMap(([name, { metric, at }]) =>
      at === 'best' && isOfTest(name) ? [`The epoch in column ${name} was chosen on the test data that it reports (${metric}).`] : [],
    );
    const ofRows = Object.entries(rows).flatMap(([name, { selectedOnTest }]) =>
      selectedOnTest === undefined ? [] : [`Row ${name} chose its epoch on test data (${selectedOnTest}).`],
    );
    const ofSweeps = Object.entries(rows).flatMap(([name, { tuning }]) =>
      tuning?.isOnTest ? [`Row ${name} chose its configuration on test data (${tuning.by}).`] : [],
    );
    return [...ofColumns, ...ofRows, ...ofSweeps].map((text) => ({ text, claims: [] }));
  },
};

export const testIsUnseen: Rule = {
  id: 'F15',
  truth: 'test examples that training has seen',
  check({ names, cell, rows = {} }) {
    const isTested = (row: string) => names.some((name) => name[0] === row && cell(name).role === 'test');
    const seen = Object.entries(rows).flatMap(([row, { testOverlap = 0 }]) =>
      testOverlap > 0 && isTested(row) ? [{ row, share: percent(testOverlap) }] : [],
    );
    return Array.from(new Set(seen.map(({ share }) => share)), (share) => {
      const found = seen.flatMap((each) => (each.share === share ? [each.row] : []));
      const whose = found.length === 1 ? `row ${found.join()} are also in its` : `rows ${found.join(', ')} are also in their`;
      return { text: `${share} of the test examples of ${whose} train split.`, claims: [] };
    });
  },
};

/** One line where all runs are of one earlier engine, a note of each cell where they are not: its seeds, or its rows, are not of one making. */
export const engineIsTodays: Rule = {
  id: 'F17',
  truth: 'runs of the engine as it was',
  check(facts) {
    const cells = facts.names.map((name) => seriesOf(facts.cell(name))).filter((series) => judgedSeeds(series) > 0);
    const [difference, ...others] = new Set(cells.flatMap(({ earlier }) => earlier.map((each) => each.difference)));
    if (difference === undefined) return [];
    const isOne = others.length === 0 && cells.every((series) => series.earlier.length === judgedSeeds(series));
    if (!isOne) return earlierSeeds.check(facts);
    const speed = facts.names.some((name) => facts.cell(name).isSpeed) ? ' Speeds are of that engine.' : '';
    return [{ text: `All runs were made with ${difference}: the same arithmetic, rounded otherwise.${speed}`, claims: [] }];
  },
};

const earlierSeeds: Rule = eachCell('F17', 'cells of which some runs are of the engine as it was', (series, { isSpeed }) => {
  const { each: noun = 'seed', earlier } = series;
  if (earlier.length === 0) return undefined;
  const groups = Array.from(new Set(earlier.map(({ difference }) => difference)), (difference) => {
    const seeds = earlier.filter((each) => each.difference === difference).map(({ seed }) => seed);
    const which = seeds.length === judgedSeeds(series) ? `all of its ${noun}s` : seedList(seeds, noun);
    return `${which} with ${difference}`;
  });
  const what = isSpeed ? 'Speeds of an earlier engine' : 'Runs of an earlier engine, the same arithmetic rounded otherwise';
  return `${what}: ${groups.join('; ')}.`;
});

export const constantValuesAreTold: Rule = eachClaim('F21', 'a verdict on values that do not vary', ({ claim, verdict }, { cell }) => {
  if (!isDecided(verdict.kind)) return undefined;
  // Of several data sets, each counts once.
  if (isOverDataSets(claim)) return undefined;
  const constant = constantCells(claim, cell).map(({ label, finished }) => {
    const [first] = finished;
    return `all ${plural(finished.length, 'run')} of ${label} gave ${plain(first?.value ?? Number.NaN)}`;
  });
  if (constant.length === 0) return undefined;
  const why = claim.deterministic
    ? ', on purpose as the claim says'
    : ': the metric may be at its bound, or the seed may change nothing, and then more seeds say no more than one';
  return `The verdict rests on values that do not vary: ${constant.join(', ')}${why}.`;
});

export const deterministicIsChecked: Rule = eachClaim('F22', 'a claim of a deterministic value that varies', ({ claim }, { cell }) => {
  if (!claim.deterministic) return undefined;
  const varying = cellsOf(claim)
    .map((name) => seriesOf(cell(name)))
    .find((series) => !allEqual(valuesOf(series)));
  if (!varying) return undefined;
  const values = valuesOf(varying);
  const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => plain(Number(value.toPrecision(6))));
  return `Declared deterministic, but ${plural(values.length, 'run')} of ${varying.label} gave ${low} to ${high}: judged as any other value.`;
});

export const acceptedThreatsAreTold: Rule = {
  id: 'F27',
  truth: 'a threat that is there on purpose',
  check({ rows = {}, accepted: own = [] }) {
    const ofRows = Object.entries(rows).flatMap(([row, { accepted = [] }]) => accepted.map((each) => ({ ...each, row })));
    const texts = [...own.map((each) => ({ ...each, row: undefined })), ...ofRows].map(({ threat, because, found, row }) => {
      const text = `${found} (${threat}). Accepted: ${because.replace(/\.$/, '')}.`;
      return { row, text };
    });
    return Array.from(new Set(texts.map(({ text }) => text)), (text) => {
      const of = texts.flatMap((each) => (each.text === text && each.row !== undefined ? [each.row] : []));
      if (of.length === 0) return { text: text.charAt(0).toUpperCase() + text.slice(1), claims: [] };
      const whose = of.length === Object.keys(rows).length ? 'All rows' : `${of.length === 1 ? 'Row' : 'Rows'} ${of.join(', ')}`;
      return { text: `${whose}: ${text}`, claims: [] };
    });
  },
};

export const knownNumbersAreTold: Rule = {
  id: 'F28',
  truth: 'numbers that nobody trained',
  check({ rows = {}, names, cell }) {
    const told = Object.entries(rows).flatMap(([row, { baseline }]) => {
      const name = names.find(([of]) => of === row);
      const label = name ? cell(name).label : row;
      return baseline === undefined ? [] : [label === baseline ? label : `${label} (${baseline})`];
    });
    if (told.length === 0) return [];
    const what = told.length === 1 ? 'Its numbers are' : 'Their numbers are';
    return [
      { text: `Nothing is trained for ${told.join(', ')}. ${what} known without training, and have no seeds and no spread.`, claims: [] },
    ];
  },
};

/** A line a column, or several where its rows have other answers. */
export const examplesOrSeeds: Rule = {
  id: 'F30',
  truth: 'what other examples leave beside what seeds leave',
  check({ names, cell }) {
    const told = names.flatMap((name) => {
      const { byExamples, isGivenSplit = false, metric = '', label, ...runs } = cell(name);
      if (!byExamples || isGivenSplit || runs.overSeeds !== undefined) return [];
      const series = seriesOf({ ...runs, label });
      const seeds = series.finished.length > 1 ? possible(meanInterval(valuesOf(series), 0.025), series).interval : undefined;
      const widths = { examples: byExamples, seeds };
      return [{ metric, label, widths, wider: widerOf(widths) }];
    });
    return Array.from(new Set(told.map(({ metric, wider }) => metric + wider)), (answer) => {
      const group = told.filter(({ metric, wider }) => metric + wider === answer);
      const { metric = '' } = group[0] ?? {};
      const [labels, means] = [group.map(({ label }) => label), group.map(({ widths }) => widths)];
      const isAll = group.length === told.filter((each) => each.metric === metric).length;
      const sentence = whichIsWider(means, metric);
      const whose = isAll ? metric : `${metric} of ${listed(labels, 'and')}`;
      return { text: `${whose}: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`, claims: [] };
    });
  },
};

export const variationIsTold: Rule = {
  id: 'F33',
  truth: 'what a seed changes',
  check({ names, cell, rows = {} }) {
    const told = Object.entries(rows).flatMap(([row, { varies, variesBySplit }]) => {
      const runs = names.filter((name) => name[0] === row).map((name) => cell(name));
      const isRun = runs.some((each) => judgedSeeds(seriesOf(each)) > 0);
      return varies && isRun ? [{ label: runs[0]?.label ?? row, varies, variesBySplit }] : [];
    });
    const inGroups = (all: readonly { readonly label: string; readonly what: readonly string[] }[]): string => {
      const each = all.map(({ label, what }) => ({ label, what: what.join(', ') || 'nothing' }));
      const groups = Array.from(new Set(each.map(({ what }) => what)), (what) => {
        const labels = each.flatMap((one) => (one.what === what ? [one.label] : []));
        return labels.length === each.length ? what : `${what} (${fewOf(labels)})`;
      });
      return groups.join('; ');
    };
    if (told.length === 0) return [];
    const bySeed = inGroups(told.map(({ label, varies }) => ({ label, what: varies })));
    const bySplit = inGroups(told.flatMap(({ label, variesBySplit: what }) => (what ? [{ label, what }] : [])));
    const text =
      bySplit === ''
        ? `From seed to seed change: ${bySeed}.`
        : `From seed to seed of a split change: ${bySeed}. From split to split change: ${bySplit}.`;
    return [{ text, claims: [] }];
  },
};

/** What more seeds in each split can do, and what only more splits can (Bouthillier et al. 2021). */
export const levelsAreTold: Rule = eachCell('F43', 'the spread between splits, and within them', (series, { metric, at }) => {
  const levels = levelsOf(series);
  if (!levels || levels.between + levels.within === 0) return undefined;
  const { between, within, size, shareWithin } = levels;
  const shown = (sd: number): string => formatMeasure(sd, 2);
  const narrower = 1 - Math.sqrt(1 - shareWithin);
  const what = `${series.label}, ${recordedAs(metric, at)}: standard deviation ${shown(between)} between splits, ${shown(within)} within (${size} seeds each)`;
  if (between === 0)
    return `${what}; the splits differ by no more than their seeds make them differ, so that more seeds narrow the mean as much as more splits with as many runs.`;
  return `${what}; of the variance of the mean ${percent(shareWithin, 2)} comes from the seeds: more of them would narrow its interval by ${percent(narrower, 2)} at most, and the rest takes more splits.`;
});

/** What is judged in place of a mean, a line a column. */
export const overSeedsIsTold: Rule = {
  id: 'F36',
  truth: 'a column that takes something else than the mean over the seeds',
  check({ names, cell, columns, judgements }) {
    return Object.entries(columns).flatMap(([column, { over_seeds: overSeeds, label = column.replaceAll('_', ' ') }]) => {
      const [first] = names.filter((name) => name[1] === column).map(cell);
      if (overSeeds === undefined || overSeeds === 'mean' || !first) return [];
      const claims = judgements.flatMap(({ claim }, index) => (cellsOf(claim).some((name) => name[1] === column) ? [index] : []));
      return [{ text: `${label}: ${takenOver(first)}`, claims }];
    });
  },
};

function takenOver({ overSeeds, seeds }: CellRuns): string {
  switch (kindOver(overSeeds)) {
    case 'median':
      return 'the median over the seeds, with an interval that is exact whatever the shape; a diverged seed counts as the worst value.';
    case 'interquartile_mean':
      return 'the mean over the seeds without the least and the largest quarter (rounded down); a diverged seed counts as the worst value.';
    case 'failures':
      return 'how many runs diverged, with exact intervals; nothing is said of the value of those that did not.';
    case 'share':
      return 'how many runs keep the limit, with exact intervals; a diverged run does not.';
    case 'best_of': {
      const k = runsOfOne({ overSeeds });
      const over = seeds.slice(seeds.length - (seeds.length % k));
      const left =
        over.length === 0
          ? ''
          : `; ${seedList(over)} ${over.length === 1 ? 'fills' : 'fill'} no block and ${over.length === 1 ? 'counts' : 'count'} for nothing`;
      return `the best of each ${nounOf({ overSeeds })}, in the order of the document, and their mean: n counts blocks, and what they are held against is taken as such a best too${left}.`;
    }
    case 'mean':
      return '';
  }
}
