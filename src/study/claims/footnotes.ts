import { listed } from '../../diagnostics/words.js';
import type { Claim } from './claim.js';
import {
  acceptedThreatsAreTold,
  bestIsNotMean,
  cellsHaveEqualSeeds,
  codeIsOne,
  constantValuesAreTold,
  deterministicIsChecked,
  divergedAreCounted,
  engineIsTodays,
  examplesOrSeeds,
  fewSeedsMissRareOutcomes,
  knownNumbersAreTold,
  levelsAreTold,
  missingAreCounted,
  outliersAreKept,
  overSeedsIsTold,
  testIsNotSelectedOn,
  testIsUnseen,
  unrecordedAreCounted,
  variationIsTold,
} from './footnotes/of-cells.js';
import {
  allSeedsAreAskedFor,
  budgetsAreEqual,
  interimLooksAreDeclared,
  looksAreUsual,
  protocolIsKept,
  seedsAreNotSelectedOn,
  selectionIsTold,
  stagesAreTold,
} from './footnotes/of-conduct.js';
import {
  confidenceIsUsual,
  deviceBoundNumbersStayThere,
  familiesAreCorrected,
  fewTestExamples,
  marginsByDefault,
  pairsAreWhole,
  publishedRunMovesMoreThanMargin,
  ranksAndMeansAgree,
  smallDifferencesAreSeen,
  timesAreDependent,
  verdictRestsOnRounding,
  wideRunsAreTold,
  zonesCanBeMissed,
} from './footnotes/of-verdicts.js';
import { type Footnote, type JudgedFacts, NUMERALS, type Rule, timesIn } from './footnotes/rule.js';
import type { InterimLooks } from './interim-looks.js';

/** In the order of their numbers; equal texts are one footnote. */
export function footnotesOf(facts: JudgedFacts): readonly Footnote[] {
  const found = rules.flatMap(({ id, check }) => check(facts).map((note) => ({ id, ...note })));
  const texts = Array.from(new Map(found.map((note) => [`${note.id} ${note.text}`, note])).values());
  return texts.map((note) => ({
    ...note,
    claims: Array.from(new Set(found.filter(({ id, text }) => id === note.id && text === note.text).flatMap(({ claims }) => claims))),
  }));
}

/**
 * How verdicts are to be read, and how often they are wrong by the levels at which they were judged: none where nothing was. Over the declared
 * looks the chance is 1 - confidence; looks beyond them come on top.
 */
export function readingOf({ judgements, interimLooks }: Pick<JudgedFacts, 'judgements' | 'interimLooks'>): readonly string[] {
  const judged = judgements.flatMap(({ claim, verdict: { numbers } }) => {
    const { declared, number, stages } = interimLooks(claim);
    return numbers.alpha === undefined
      ? []
      : [{ alpha: numbers.alpha, declared, stages, overall: overallChance(claim, numbers.alpha, { declared, number }) }];
  });
  if (judged.length === 0) return [];
  const isRounded = judgements.some(({ claim }) => claim.kind === 'reference' && claim.printed > 0);
  const now = timesIn(judged.map(({ alpha }) => alpha));
  const several = judged.find(({ declared }) => declared > 1);
  const over = several
    ? several.stages
      ? ` over all ${NUMERALS[several.declared] ?? several.declared} stages (${listed(several.stages.map(String), 'and')} seeds, 1 in ${now} at each)`
      : ` over the ${NUMERALS[several.declared] ?? several.declared} looks that are declared (1 in ${now} at this one)`
    : '';
  const rate = `a verdict is wrong about 1 time in ${timesIn(judged.map(({ overall }) => overall))}${over}`;
  const reading = `reproduced = what counts as the same holds all of our interval. With the truth on the edge of that, ${rate}, if runs are independent and not strongly skewed (see statistics).`;
  return [...(isRounded ? [ROUNDED_ALIKE] : []), reading];
}

/** Of a wrong verdict over all looks so far and all that are declared. */
const overallChance = ({ confidence }: Claim, alpha: number, { declared, number }: InterimLooks): number =>
  Math.min(1, number > declared ? number * alpha : 1 - confidence);

/** Printed where ours are held against runs that a source printed rounded. */
const ROUNDED_ALIKE =
  'Against runs that were printed rounded, ours are rounded alike first: the means in such a verdict are of rounded values.';

export const rules: readonly Rule[] = [
  fewSeedsMissRareOutcomes,
  marginsByDefault,
  publishedRunMovesMoreThanMargin,
  verdictRestsOnRounding,
  wideRunsAreTold,
  outliersAreKept,
  cellsHaveEqualSeeds,
  timesAreDependent,
  interimLooksAreDeclared,
  smallDifferencesAreSeen,
  familiesAreCorrected,
  codeIsOne,
  divergedAreCounted,
  bestIsNotMean,
  testIsNotSelectedOn,
  testIsUnseen,
  deviceBoundNumbersStayThere,
  engineIsTodays,
  unrecordedAreCounted,
  missingAreCounted,
  pairsAreWhole,
  confidenceIsUsual,
  looksAreUsual,
  zonesCanBeMissed,
  constantValuesAreTold,
  deterministicIsChecked,
  ranksAndMeansAgree,
  acceptedThreatsAreTold,
  knownNumbersAreTold,
  fewTestExamples,
  examplesOrSeeds,
  protocolIsKept,
  overSeedsIsTold,
  selectionIsTold,
  budgetsAreEqual,
  seedsAreNotSelectedOn,
  allSeedsAreAskedFor,
  variationIsTold,
  levelsAreTold,
  stagesAreTold,
];
