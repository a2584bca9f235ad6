import { dataSeed } from '../planning/look-at-data.js';
import type { Plan } from '../planning/plan.js';
import type { Initializer, Stage } from '../stages/stage.js';

/** What the seed of the data draws, in words. `isOtherData`: whether the data's digest is another one with another seed. */
export const drawnData = ({ config }: Plan, dataset: Stage | undefined, isOtherData: () => boolean): readonly string[] =>
  dataset?.draws?.(config.values.dataset) ?? (isOtherData() ? ['the data'] : []);

/** What is another one from split to split, in words: what the seed of the data decides, and all that the seed does. `drawn`: what the former draws. */
export const variesBySplit = (plan: Plan, drawn: () => readonly string[]): readonly string[] => [
  ...variesBySeed(plan, drawn),
  ...(plan.config.values.training.shuffle ? ['order of the examples'] : []),
  ...drawn(),
];

/**
 * What is another one from seed to seed, in words, by the streams of numbers that training takes: those of the seed itself, and those of the data where
 * `dataset.seed` follows it. `drawn`: what the seed of the data draws.
 */
export function variesBySeed(plan: Plan, drawn: () => readonly string[]): readonly string[] {
  const { config, model, initialWeights } = plan;
  const isDataDrawn = dataSeed({ ...config.values, seed: plan.seed + 1 }) !== dataSeed(config.values);
  return [
    ...(!initialWeights && model.parameters.some(({ initializer }) => isDrawn(initializer)) ? ['initial values'] : []),
    ...(isDataDrawn && config.values.training.shuffle ? ['order of the examples'] : []),
    ...(model.masks.some(({ rate }) => rate > 0) ? ['dropout'] : []),
    ...(isDataDrawn ? drawn() : []),
  ];
}

function isDrawn(initializer: Initializer): boolean {
  switch (initializer.kind) {
    case 'zeros':
    case 'constant':
      return false;
    case 'normal':
    case 'uniform':
    case 'orthogonal':
      return true;
    case 'blocks':
      return initializer.blocks.some(isDrawn);
    case 'vectors':
      return isDrawn(initializer.otherwise);
    default:
      return initializer satisfies never;
  }
}
