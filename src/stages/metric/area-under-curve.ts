import { Type } from '../../language/type.js';
import type { CurveView } from '../../views/view.js';
import { type Collected, defineStage, type Measured } from '../stage.js';
import { classNames } from '../fitted.js';
import { reportTooManyClasses, reportUnlessClasses } from './classes.js';
import { type Averaged, averageOptions, reportClass } from './hits.js';
import { eachAnswer } from './probabilities.js';

/*
 * How well the probability of a class puts its members before all others, over every threshold; each class against all others. Of classes without
 * members, or without anything else, there is no such number, and they are left out of a mean.
 */

/** Weights that are at or above a threshold, for each probability that was answered, from the highest on. */
interface Threshold {
  readonly members: number;
  readonly others: number;
}

/** Rank by rank; what has the same probability is one threshold. */
function thresholdsOf(split: Collected, index: number): readonly Threshold[] {
  const answers: { readonly probability: number; readonly weight: number; readonly isMember: boolean }[] = [];
  eachAnswer(split, ({ probabilities, right, weight }) =>
    answers.push({ probability: probabilities[index] ?? Number.NaN, weight, isMember: right === index }),
  );
  answers.sort((a, b) => b.probability - a.probability);
  const thresholds: Threshold[] = [];
  let [members, others] = [0, 0];
  for (const [place, { probability, weight, isMember }] of answers.entries()) {
    if (isMember) members += weight;
    else others += weight;
    if (answers[place + 1]?.probability !== probability) thresholds.push({ members, others });
  }
  return thresholds;
}

/** The area under the share of members over the share of others, by trapezoids. */
function underRoc(thresholds: readonly Threshold[]): number {
  const { members, others } = thresholds.at(-1) ?? { members: 0, others: 0 };
  let [area, before] = [0, { members: 0, others: 0 }];
  for (const next of thresholds) {
    area += ((next.others - before.others) * (next.members + before.members)) / 2;
    before = next;
  }
  return members * others === 0 ? Number.NaN : area / (members * others);
}

/** The sum of the precisions, each times what the recall grew by: no trapezoids, which would be too good. */
function averagePrecision(thresholds: readonly Threshold[]): number {
  const { members } = thresholds.at(-1) ?? { members: 0 };
  let [area, before] = [0, 0];
  for (const next of thresholds) {
    area += ((next.members - before) * next.members) / (next.members + next.others);
    before = next.members;
  }
  return members === 0 ? Number.NaN : area / members;
}

type Point = readonly [x: number, y: number];

/** Points of a line that can be told apart. */
const MOST_POINTS = 200;
/** Lines that can be told apart. */
const MOST_LINES = 10;

const thinned = (points: readonly Point[]): readonly Point[] => {
  const step = Math.max(1, Math.ceil(points.length / MOST_POINTS));
  return points.filter((_, index) => index % step === 0 || index === points.length - 1);
};

interface Curve {
  readonly kind: string;
  readonly summary: string;
  readonly x: string;
  readonly y: string;
  readonly area: (thresholds: readonly Threshold[]) => number;
  readonly points: (thresholds: readonly Threshold[]) => readonly Point[];
}

const options = {
  average: Type.Optional(
    Type.Enum(['macro', 'weighted'], {
      otherwise: 'macro',
      description: 'macro: the mean over classes; weighted: the mean by how often each is right.',
    }),
  ),
  class: averageOptions.class,
};

const define = ({ kind, summary, x, y, area, points }: Curve) =>
  defineStage({
    slot: 'metric',
    kind,
    version: 1,
    summary,
    options: Type.Object(options),

    plan(asked, upstream, report) {
      reportUnlessClasses(kind, upstream, report);
      reportClass(asked as Averaged, upstream.data, report);
      if (asked.class === undefined) reportTooManyClasses(kind, upstream.data, report);
      return { better: 'higher', deterministic: true, unit: 'share', collects: true };
    },

    create: (_tools, { average, class: name }, _spec, { data }) => ({
      evaluate(split): Measured {
        const names = classNames(data);
        const asked = name === undefined ? [...names.keys()] : [names.indexOf(name)];
        const classes = asked.map((index) => {
          const thresholds = thresholdsOf(split, index);
          return { name: names[index] ?? '', thresholds, area: area(thresholds), weight: thresholds.at(-1)?.members ?? 0 };
        });
        const known = classes.filter((each) => !Number.isNaN(each.area));
        const sum = (of: (each: (typeof known)[number]) => number): number => known.reduce((total, each) => total + of(each), 0);
        const weightOf = (each: (typeof known)[number]): number => (average === 'weighted' ? each.weight : 1);
        const drawn = known.toSorted((a, b) => b.weight - a.weight).slice(0, MOST_LINES);
        const view: CurveView = {
          kind: 'curve',
          x,
          y,
          lines: drawn.map((each) => ({ name: each.name, points: thinned(points(each.thresholds)) })),
          ...(drawn.length < known.length && { note: `the ${MOST_LINES} classes of ${known.length} that have the most members` }),
        };
        return { value: sum((each) => each.area * weightOf(each)) / sum(weightOf), ...(drawn.length > 0 && { view }) };
      },
    }),
  });

/**
 * The chance that a member of a class is given a higher probability of it than another example is, ties counting half; each class against all others,
 * and the mean over classes. As scikit-learn's `roc_auc_score(multi_class='ovr')`; of two classes both have the same area.
 */
export const areaUnderRoc = define({
  kind: 'area_under_roc',
  summary:
    'The area under the ROC curve: how often an example of a class gets a higher probability of that class than an example of another class.',
  x: 'share of others that is taken for the class',
  y: 'share of the class that is found',
  area: underRoc,
  points(thresholds) {
    const { members, others } = thresholds.at(-1) ?? { members: 0, others: 0 };
    return [[0, 0], ...thresholds.map((each): Point => [each.others / others, each.members / members])];
  },
});

/**
 * The mean precision over all thresholds by which one more member of a class is found: `sum (R_n - R_{n-1}) P_n`, as scikit-learn's
 * `average_precision_score`. Of two classes it is another one for each; scikit-learn means class 1.
 */
export const areaUnderPrecisionRecall = define({
  kind: 'area_under_precision_recall',
  summary: 'The mean precision over all thresholds (area under the precision-recall curve); for rare classes.',
  x: 'share of the class that is found',
  y: 'share of the answers that is right',
  area: averagePrecision,
  points(thresholds) {
    const { members } = thresholds.at(-1) ?? { members: 0 };
    return thresholds.map((each): Point => [each.members / members, each.members / (each.members + each.others)]);
  },
});
