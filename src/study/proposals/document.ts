import { accept } from '../../language/experiment.js';
import { type Static, Type } from '../../language/type.js';
import { runOn } from '../../launch/run-on.js';
import { foldsSchema, seedsSchema } from '../replicates.js';

const low = Type.Number({ examples: [1], description: 'The smallest value.' });
const high = Type.Number({ examples: [10], description: 'The largest value.' });

/** How an axis gets its values where they are not listed. */
export const axisKinds = {
  range: Type.Object(
    {
      low,
      high,
      step: Type.Number({ exclusiveMinimum: 0, examples: [1], description: 'From one value to the next, beginning at low.' }),
    },
    { description: 'Numbers at equal distances.' },
  ),
  integer: Type.Object(
    {
      low: Type.Integer({ examples: [1], description: 'The smallest value.' }),
      high: Type.Integer({ examples: [10], description: 'The largest value.' }),
    },
    { description: 'All whole numbers between two.' },
  ),
  uniform: Type.Object({ low, high }, { description: 'Numbers drawn evenly between two.' }),
  log_uniform: Type.Object(
    {
      low: Type.Number({ exclusiveMinimum: 0, examples: [0.0001], description: 'The smallest value.' }),
      high: Type.Number({ exclusiveMinimum: 0, examples: [0.1], description: 'The largest value.' }),
    },
    { description: 'Numbers drawn between two so that 0.001 to 0.01 is as likely as 0.01 to 0.1.' },
  ),
  normal: Type.Object(
    {
      mean: Type.Number({ examples: [0], description: 'The middle.' }),
      sd: Type.Number({ exclusiveMinimum: 0, examples: [1], description: 'The standard deviation.' }),
    },
    { description: 'Numbers drawn from a normal distribution.' },
  ),
  choice: Type.Object(
    {
      values: Type.Array(
        {},
        { minItems: 1, uniqueItems: true, examples: [[16, 32]], description: 'What can be drawn, all equally likely.' },
      ),
    },
    { description: 'Any of some values.' },
  ),
};
const axis = Type.Tagged(axisKinds);

const proposals = Type.Integer({ minimum: 1, examples: [20], description: 'Configurations to propose; each is trained with every seed.' });
const seed = Type.Integer({ minimum: 0, default: 1, description: 'Where the proposals come from; it is not a seed of training.' });

/** What a `sweep:` document takes, in the order in which a person reads one. */
export const sweepSchema = Type.Object({
  sweep: Type.String({
    pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$',
    description: 'The name of the sweep: letters, digits, "_", "-" and ".".',
  }),
  description: Type.Optional(Type.String({ description: 'What it is about, in a sentence or two.' })),
  base: Type.String({ minLength: 1, path: true, description: 'The experiment that is varied, relative to the file of the sweep.' }),
  vary: Type.Array(Type.Map(Type.Either([Type.Array({}, { minItems: 1 }), axis])), {
    minItems: 1,
    description: 'Each item is an axis, PATH: VALUES. All combinations of the axes are tried; several paths in one item change together.',
  }),
  set: Type.Optional(Type.Map({}, { description: 'What is changed in the base for all of its trials, PATH: VALUE.' })),
  exclude: Type.Array(Type.Map({}), { default: [], description: 'Combinations to leave out, {PATH: VALUE, …}.' }),
  search: Type.Tagged(
    {
      grid: Type.Object({}, { description: 'All combinations of the values.' }),
      random: Type.Object({ trials: proposals, seed }, { description: 'Combinations drawn at random.' }),
      sobol: Type.Object({ trials: proposals, seed }, { description: 'Combinations that are spread evenly.' }),
      tpe: Type.Object(
        {
          trials: proposals,
          round: Type.Integer({
            minimum: 1,
            default: 8,
            description:
              'How many configurations are proposed together; the next round learns from their results. The first round has at least ten.',
          }),
          seed,
        },
        { description: 'Combinations near the best so far.' },
      ),
    },
    {
      default: { kind: 'grid' } as never,
      description: 'Which combinations are tried.',
    },
  ),
  seeds: seedsSchema,
  folds: foldsSchema,
  select: Type.Object(
    {
      metric: Type.String({ pattern: '^[^/\\s]+/[^/\\s]+$', description: 'A metric as recorded, SPLIT/METRIC.' }),
      at: Type.Either([Type.Enum(['last', 'best']), Type.Integer({ minimum: 1, examples: [10] })], {
        default: 'last',
        description: 'Which value counts: that of the last epoch, of the best, or of a numbered one.',
      }),
    },
    { description: 'What configurations are compared by; the metric knows its direction.' },
  ),
  prune: Type.Optional(
    Type.Tagged(
      {
        successive_halving: Type.Object(
          {
            first: Type.Integer({ minimum: 1, examples: [5], description: 'The epoch of the first comparison.' }),
            factor: Type.Integer({
              minimum: 2,
              default: 3,
              description: 'At each comparison one of this many configurations goes on, for this many times as long.',
            }),
          },
          { description: 'All configurations begin together.' },
        ),
        hyperband: Type.Object(
          {
            first: Type.Integer({ minimum: 1, examples: [5], description: 'The epoch of the first comparison of the first bracket.' }),
            factor: Type.Integer({
              minimum: 2,
              default: 3,
              description:
                'At each comparison one of this many configurations goes on, for this many times as long; each bracket begins this many times later.',
            }),
          },
          { description: 'Several brackets, each compared for the first time at another epoch: late learners get a chance.' },
        ),
      },
      { description: 'Configurations are compared on the way, by the mean over their seeds; the worse ones are left unfinished.' },
    ),
  ),
  run_on: runOn,
  accept,
});

/** How an axis gets its values: listed, or said how. */
export type AxisConfig = readonly unknown[] | Static<typeof axis>;

/** The value of a `sweep:` document after its defaults are filled in. */
export type SweepConfig = Static<typeof sweepSchema>;
