import type { Problem } from '../../diagnostics/diagnostic.js';
import { nearest } from '../../diagnostics/words.js';
import type { SweepConfig } from './document.js';
import { seedsOf } from '../replicates.js';
import * as messages from './messages.js';
import { countOf } from './axes.js';
import { axesOf, firstRound } from './propose.js';
import { MOST_DIMENSIONS } from './sobol.js';

/** More than a person means; a range with a step that is too small comes to millions. */
const MOST_TRIALS = 100_000;

/** A truth that must hold within a sweep's document, whatever its base is. */
type Rule = (config: SweepConfig) => readonly Problem[];

/** All that are broken of the rules that stand by themselves; else the first of those that take them, and each other, for granted. */
export function brokenRules(config: SweepConfig): readonly Problem[] {
  const problems = RULES.flatMap((rule) => rule(config));
  if (problems.length > 0) return problems;
  for (const rule of FURTHER_RULES) {
    const further = rule(config);
    if (further.length > 0) return further;
  }
  return [];
}

const axesHavePaths: Rule = ({ vary }) =>
  vary.flatMap((item, index) => (Object.keys(item).length === 0 ? [{ ...messages.emptyAxis(), path: ['vary', index] }] : []));

const seedsAreNoAxis: Rule = ({ vary, set = {} }) => [
  ...vary.flatMap((item, index) =>
    Object.keys(item).flatMap((path) =>
      path === 'seed' ? [{ ...messages.seedIsNoAxis(), path: ['vary', index, path], at: 'key' as const }] : [],
    ),
  ),
  ...('seed' in set ? [{ ...messages.seedIsNoAxis(), path: ['set', 'seed'], at: 'key' as const }] : []),
];

const whatIsSetIsNotVaried: Rule = ({ vary, set = {} }) =>
  Object.keys(set).flatMap((path) =>
    vary.some((item) => path in item) ? [{ ...messages.setAndVaried(path), path: ['set', path], at: 'key' as const }] : [],
  );

const foldsAreNoAxis: Rule = ({ vary, folds }) =>
  folds === undefined
    ? []
    : vary.flatMap((item, index) =>
        'fold' in item ? [{ ...messages.foldIsNoAxis(), path: ['vary', index, 'fold'], at: 'key' as const }] : [],
      );

const rangesHoldValues: Rule = ({ vary }) =>
  vary.flatMap((item, index) =>
    Object.entries(item).flatMap(([path, axis]) =>
      !Array.isArray(axis) && 'low' in axis && axis.low > axis.high
        ? [{ ...messages.emptyRange(path, axis.low, axis.high), path: ['vary', index, path, 'high'] }]
        : [],
    ),
  );

const pathsAreVariedOnce: Rule = ({ vary }) => {
  const seen = new Set<string>();
  return vary.flatMap((item, index) =>
    Object.keys(item).flatMap((path) => {
      const isSeen = seen.has(path);
      seen.add(path);
      return isSeen ? [{ ...messages.variedTwice(path), path: ['vary', index, path], at: 'key' as const }] : [];
    }),
  );
};

const tiedPathsHaveOneLength: Rule = (config) =>
  axesOf(config).flatMap(({ paths }, index) => {
    const lists = paths.flatMap(({ path, values }) => ('listed' in values ? [{ path, length: values.listed.length }] : []));
    const [first] = lists;
    const other = lists.find(({ length }) => length !== first?.length);
    if (!first || !other) return [];
    return [{ ...messages.tiedLengths(other.path, other.length, first.path, first.length), path: ['vary', index, other.path] }];
  });

const gridsAreListed: Rule = ({ vary, search }) =>
  search.kind !== 'grid'
    ? []
    : vary.flatMap((item, index) =>
        Object.entries(item).flatMap(([path, axis]) =>
          !Array.isArray(axis) && 'kind' in axis && CONTINUOUS.includes(axis.kind)
            ? [{ ...messages.continuousGrid(path, axis.kind), path: ['vary', index, path] }]
            : [],
        ),
      );

const CONTINUOUS: readonly string[] = ['uniform', 'log_uniform', 'normal'];

const sobolHasDimensions: Rule = ({ vary, search }) =>
  (search.kind === 'sobol' || search.kind === 'tpe') && vary.length > MOST_DIMENSIONS
    ? [{ ...messages.tooManyAxes(search.kind, MOST_DIMENSIONS), path: ['search'] }]
    : [];

const roundsLearn: Rule = ({ search }) => {
  if (search.kind !== 'tpe' || search.trials > firstRound(search.round)) return [];
  return [{ ...messages.oneRound(search.trials, firstRound(search.round)), path: ['search', 'trials'] }];
};

const excludedPathsAreVaried: Rule = ({ vary, exclude }) => {
  const varied = vary.flatMap((item) => Object.keys(item));
  return exclude.flatMap((combination, index) =>
    Object.keys(combination).flatMap((path) =>
      varied.includes(path)
        ? []
        : [{ ...messages.notVaried(path, nearest(path, varied)), path: ['exclude', index, path], at: 'key' as const }],
    ),
  );
};

const trialsCanBeCounted: Rule = (config) => {
  const lengths = config.vary.map((item) => Math.max(...Object.values(item).map((axis) => countOf(axis) ?? 1)));
  const combinations = config.search.kind === 'grid' ? lengths.reduce((product, length) => product * length, 1) : config.search.trials;
  const folds = config.folds === 'all' ? 1 : (config.folds?.length ?? 1);
  const trials = Math.max(combinations * folds * seedsOf(config).length, ...lengths);
  return trials > MOST_TRIALS ? [{ ...messages.tooManyTrials(trials, MOST_TRIALS), path: ['vary'], at: 'key' }] : [];
};

const RULES: readonly Rule[] = [
  axesHavePaths,
  seedsAreNoAxis,
  whatIsSetIsNotVaried,
  foldsAreNoAxis,
  rangesHoldValues,
  pathsAreVariedOnce,
  gridsAreListed,
  sobolHasDimensions,
  roundsLearn,
  excludedPathsAreVaried,
];

const FURTHER_RULES: readonly Rule[] = [trialsCanBeCounted, tiedPathsHaveOneLength];
