import { type AcrossClaim, type CellName, cellsOf, type Claim, isOverDataSets, type RanksClaim } from './claim.js';
import { type Level, levelOf, type InterimLooks } from './interim-looks.js';
import { limitByKnown } from './known.js';
import { withWorst } from './pairs.js';
import { countsRuns, judgedSeries, nounOf, runsOfOne } from './over-seeds.js';
import { type CellRuns, type Series, seriesOf, valuesOf } from './samples.js';
import { fisherExact } from '../../statistics/tests.js';
import { constantOf, FEWEST, nothingToJudge, zeroSpread } from '../verdicts/preconditions.js';
import { judgeAcross } from '../verdicts/across.js';
import { judgeEquivalent } from '../verdicts/equivalent.js';
import { judgeKnown } from '../verdicts/known.js';
import { judgeLimit } from '../verdicts/limit.js';
import { judgeProbability } from '../verdicts/probability.js';
import { judgePublished } from '../verdicts/published.js';
import { type Comparative, judgeRank } from '../verdicts/rank.js';
import { judgeRanks } from '../verdicts/ranks.js';
import { judgeRatio } from '../verdicts/ratio.js';
import { judgeReference } from '../verdicts/reference.js';
import { judgeEqualShares, judgePublishedShare, judgeShareLimit, judgeShareOrder } from '../verdicts/share.js';
import { isDecided, type Verdict } from '../verdicts/verdict.js';
import * as wording from './wording.js';

type LevelKind = Parameters<typeof levelOf>[0];

export interface Judging {
  readonly cell: (name: CellName) => CellRuns;
  readonly interimLooks: InterimLooks;
  /** What ours ran on, in a word: `CPU`. */
  readonly device: string;
}

/**
 * One claim, one verdict.
 *
 *     claim, runs ─judgedSeries─▶ series ─preconditions─▶ a rule of the claim's kind ─▶ verdict ─diverged seeds stand against it─▶ verdict
 *                   newest procedure, one run a seed
 *
 * What is claimed against a known number is a limit, and what is claimed of one is decided by comparing.
 */
export function judge(written: Claim, { cell, interimLooks, device }: Judging): Verdict {
  const claim = limitByKnown(written, cell) ?? written;
  const cells = cellsOf(claim).map(cell);
  const [{ label = '', known } = {}] = cells;
  if (known !== undefined && (claim.kind === 'published' || claim.kind === 'limit')) return judgeKnown(claim, label, known);
  if (claim.kind === 'across' || claim.kind === 'ranks') return judgeOverDataSets(claim, { cell, interimLooks, device });
  // What is claimed of a share of the runs is of single runs, whatever the column takes over the seeds.
  const isOfRuns = claim.kind === 'limit' && claim.share !== undefined;
  const all = cells.map((each) => ({
    series: isOfRuns ? seriesOf(each) : judgedSeries(each, claim.excludesDiverged),
    metric: wording.recordedAs(each.metric, each.at),
    awaits: each.awaits,
  }));
  const verdict = unlessUnrecorded(all, judgeFinished(claim, { cell, interimLooks, device }, cells, all));
  const [{ series } = { series: {} }] = all;
  return typeof verdict.further === 'number' ? { ...verdict, further: verdict.further * runsOfOne(series) } : verdict;
}

function judgeOverDataSets(claim: AcrossClaim | RanksClaim, { cell, interimLooks, device }: Judging): Verdict {
  const [first] = cellsOf(claim).map(cell);
  const { alpha, next } = levelOf('rank', interimLooks, claim.confidence);
  const gated = first && elsewhere(claim, first, device);
  if (gated) return gated;
  if (claim.kind === 'ranks')
    return judgeRanks(
      claim,
      claim.of.map((cells) => cells.map(cell)),
      alpha,
    );
  return judgeAcross(claim, claim.of.map(cell), claim.than.map(cell), wordsOf(first), { alpha, nextAlpha: next });
}

const wordsOf = (runs: CellRuns | undefined): Comparative =>
  runs?.isSpeed ? { lower: 'slower', higher: 'faster' } : { lower: 'lower', higher: 'higher' };

function judgeFinished(
  claim: Exclude<Claim, AcrossClaim | RanksClaim>,
  { interimLooks, device }: Judging,
  cells: readonly CellRuns[],
  all: Parameters<typeof nothingToJudge>[0],
): Verdict {
  const [first, second] = cells;
  const [ours, other] = all.map(({ series }) => series);
  if (!first || !ours) throw new Error('a claim is about a cell at least');
  const gated = elsewhere(claim, first, device) ?? nothingToJudge(all);
  if (gated) return gated;
  if (countsRuns(first.overSeeds)) return judgeCounted(claim, cells, ours, other ?? ours, told);

  switch (claim.kind) {
    case 'published':
      return unlessDiverged(claim, [ours], judgePublished(claim, ours, first.resolution, told('other')));
    case 'reference':
      return unlessDiverged(claim, [ours], judgeReference(claim, ours, { theirs: told('reference'), own: told('wide') }));
    case 'limit': {
      const verdict = judgeLimit(claim, claim.excludesDiverged ? { ...ours, diverged: [] } : ours, first.resolution, told('other'));
      return claim.share === undefined ? unlessDiverged(claim, [ours], verdict) : verdict;
    }
    case 'rank':
    case 'probability': {
      const ranked = (runs: CellRuns | undefined, series: Series | undefined): Series =>
        claim.excludesDiverged || !series ? (series ?? ours) : withWorst(series, runs?.better ?? 'lower');
      const [of, than] = [ranked(first, ours), ranked(second, other)];
      return claim.kind === 'rank'
        ? judgeRank(claim, of, than, wordsOf(first), told('rank'))
        : judgeProbability(claim, of, than, wordsOf(first), told('rank'));
    }
    case 'ratio':
      return unlessDiverged(
        claim,
        [ours, other ?? ours],
        judgeRatio(claim, ours, other ?? ours, wording.timesAs(first.isSpeed ?? false), told('other')),
      );
    case 'equivalent':
      return unlessDiverged(claim, [ours, other ?? ours], judgeEquivalent(claim, ours, other ?? ours, told('other')));
    default:
      return claim satisfies never;
  }

  function told(kind: LevelKind): { readonly alpha: number; readonly nextAlpha: number } {
    const { alpha, next }: Level = levelOf(kind, interimLooks, claim.confidence);
    return { alpha, nextAlpha: next };
  }
}

/** Claims about a column that counts runs: those that make no sense of a share are refused before. */
function judgeCounted(
  claim: Exclude<Claim, AcrossClaim | RanksClaim>,
  cells: readonly CellRuns[],
  ours: Series,
  other: Series,
  told: (kind: LevelKind) => { readonly alpha: number; readonly nextAlpha: number },
): Verdict {
  const constant = constantOf(cells.filter(({ resolution }) => !resolution).map(seriesOf));
  if (constant && constant.finished.length >= FEWEST && !claim.deterministic)
    return zeroSpread(valuesOf(constant), 'seed', cells.length > 1 ? constant.label : '');
  switch (claim.kind) {
    case 'published':
      return judgePublishedShare(claim, ours, told('other'));
    case 'limit':
      return judgeShareLimit(claim, ours, told('other'));
    case 'rank':
      return judgeShareOrder(claim, ours, other, told('rank'));
    case 'equivalent':
      return judgeEqualShares(claim, ours, other, told('other'));
    case 'reference':
    case 'probability':
    case 'ratio':
      throw new Error(`no share of runs is judged by ${claim.kind}`);
    default:
      return claim satisfies never;
  }
}

/** Seeds without a value are not a sample of all: those that stopped early may be the better ones, or the worse. */
function unlessUnrecorded(all: readonly { readonly series: Series; readonly metric: string }[], verdict: Verdict): Verdict {
  const found = all.find(({ series }) => series.unrecorded.length > 0);
  if (!found || !isDecided(verdict.kind)) return verdict;
  const { finished, diverged, unrecorded } = found.series;
  const text = wording.someUnrecorded(
    unrecorded,
    finished.length + diverged.length + unrecorded.length,
    found.metric,
    verdict.wording,
    nounOf(found.series),
  );
  return { ...verdict, kind: 'inconclusive', reason: 'not recorded', further: 'never', wording: text };
}

/** What holds on another device than ours is not ours to claim. */
function elsewhere(claim: Claim, { unit }: CellRuns, device: string): Verdict | undefined {
  const { deviceBound } = claim;
  if (!deviceBound) return undefined;
  const measured = deviceBound === true ? undefined : deviceBound;
  if (measured?.toLowerCase() === device.toLowerCase()) return undefined;
  const number =
    claim.kind === 'published'
      ? `${claim.published.text}${unit ? ` ${unit}` : ''}`
      : claim.kind === 'rank' || claim.kind === 'probability' || isOverDataSets(claim)
        ? 'the order'
        : 'the number';
  const text = wording.otherDevice(number, measured, device);
  return { kind: 'not_claimable', reason: 'device', wording: text, numbers: { n: 0 }, couldDecide: false };
}

/** The mean of seeds of which some diverged is no number: unless the claim leaves them out, the best it can be is inconclusive. */
function unlessDiverged(claim: Claim, all: readonly Series[], verdict: Verdict): Verdict {
  const [series] = all.filter(({ diverged }) => diverged.length > 0);
  if (!series || series.finished.length === 0) return verdict;
  const n = series.finished.length + series.diverged.length;
  const theirs =
    claim.kind === 'reference' && claim.diverged !== undefined ? { diverged: claim.diverged, runs: claim.runs.length } : undefined;
  const pDiverged =
    theirs &&
    fisherExact([
      [series.diverged.length, series.finished.length],
      [theirs.diverged, theirs.runs],
    ]);
  const numbers = { ...verdict.numbers, ...(pDiverged !== undefined && { pDiverged }) };
  if (claim.excludesDiverged || !isDecided(verdict.kind)) return { ...verdict, numbers };
  const comparison =
    theirs && pDiverged !== undefined
      ? wording.againstDiverged(series.diverged.length, n, theirs.diverged, theirs.diverged + theirs.runs, pDiverged)
      : '';
  const text = wording.someDiverged(series.diverged, n, verdict.wording, comparison, nounOf(series));
  return { ...verdict, kind: 'inconclusive', reason: 'diverged', further: 'never', wording: text, numbers };
}
