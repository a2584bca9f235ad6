import type { Problem } from '../../../diagnostics/diagnostic.js';
import { formatCount, formatSetting, plural } from '../../../diagnostics/numbers.js';
import { quote } from '../../../diagnostics/words.js';
import { orAccept } from '../../../language/threats.js';
import type { Fitted } from '../../stage.js';
import { joined } from '../../transform/arithmetic.js';
import { outsideOf } from '../ranges.js';
import { valuesIn, within, withoutMissing } from './columns.js';
import type { Options } from './options.js';
import type { Part } from './parts.js';
import { featuresOf, type SeriesContent } from './read.js';

/** A series in its parts, as it stands in the file and as a model reads it. */
interface Looked {
  readonly content: SeriesContent;
  /** The first one trains. */
  readonly parts: readonly Part[];
  /** Steps of a season; 1 where there is none. */
  readonly season: number;
  /** A column after its transforms, series by series, each as long as it is in the file. */
  readonly read: (column: string) => readonly Float64Array[];
  /** What training saw of each column after its transforms. */
  readonly ranges: NonNullable<Fitted['ranges']>;
}

/** What makes a good forecast of this series mean less than it seems to, in the order of a document. */
export function threatsOf(options: Options, looked: Looked): readonly Problem[] {
  return [
    ...tellingColumns(options, looked),
    ...droppedWindows(options, looked),
    ...outsideTheRange(options, looked),
    ...shorterThanASeason(options, looked),
  ];
}

const testOf = ({ parts }: Pick<Looked, 'parts'>): Part | undefined => parts.find(({ split }) => split === 'test');

function droppedWindows({ drop_last_window: dropped }: Options, { parts }: Looked): readonly Problem[] {
  if (dropped === 0 || !testOf({ parts })) return [];
  const last = dropped === 1 ? 'last forecast of the test is' : `last ${formatCount(dropped)} forecasts of the test are`;
  return [
    {
      code: 'test-rows-dropped',
      path: ['drop_last_window'],
      message: `the ${last} left out, and nothing is wrong with ${dropped === 1 ? 'it' : 'them'}`,
      help: `leave drop_last_window out, ${orAccept('test-rows-dropped')}`,
    },
  ];
}

/**
 * Values of the test beyond the least and the most of training, both as the model reads them. Of values like those that train some lie outside
 * by chance: it must be more.
 */
function outsideTheRange({ targets, transform = [] }: Options, { content, parts, read, ranges }: Looked): readonly Problem[] {
  const test = testOf({ parts });
  if (!test) return [];
  return targets.flatMap((target, index) => {
    const columns = read(target);
    const tested = known(content.all.map((each, of) => within(columns[of] ?? new Float64Array(), each, test)));
    const range = ranges[target];
    const outside = range ? outsideOf(tested, range) : 0;
    if (!range || outside === 0) return [];
    const isChanged = transform.some(({ columns: of }) => !Array.isArray(of) || of.includes(target));
    const changed = isChanged ? ', transformed,' : '';
    return [
      {
        code: 'outside-the-range-of-train',
        severity: 'warning',
        path: ['targets', index],
        message: `${formatCount(outside)} of ${formatCount(tested.length)} test values of ${quote(target)}${changed} lie outside of what training saw (${formatSetting(range.least, 4)} to ${formatSetting(range.most, 4)})`,
        help: 'a log, or a difference from the step or the season before, brings a series that grows into its range',
      },
    ];
  });
}

function shorterThanASeason({ split }: Options, { parts, season }: Looked): readonly Problem[] {
  const test = testOf({ parts });
  if (!test || season <= 1 || test.to - test.from >= season) return [];
  return [
    {
      code: 'too-short',
      severity: 'warning',
      path: split ? ['split', 'test'] : ['kind'],
      message: `the test has ${plural(test.to - test.from, 'step')}, and a season ${formatCount(season)}: it says nothing of the rest of a season`,
      help: `test a season or more${split ? '' : ': split: {test: {from: ...}}'}`,
    },
  ];
}

/** With fewer steps, a column may go along with the target by accident. */
const FEWEST = 5;

/**
 * Columns that hold the answer where the model reads it: over all of training, a value equals the target `lead` steps later. The last value of a
 * feature is that of the origin, the last one of a known column that of the end of the forecast; of each, `window` steps are read.
 */
function tellingColumns(options: Options, { content, parts }: Looked): readonly Problem[] {
  const [train] = parts;
  const { targets, known: given = [], horizon, window } = options;
  if (!train) return [];
  const valuesOf = (column: string): readonly Float64Array[] => valuesIn(content, column, train);
  const find = (key: 'features' | 'known', names: readonly string[], least: number, most: number): readonly Problem[] =>
    names.flatMap((name, index) => {
      if (targets.includes(name)) return [];
      const values = valuesOf(name);
      for (const target of targets) {
        const answers = valuesOf(target);
        for (let lead = least; lead <= most; lead++)
          if (tells(values, answers, lead)) return [columnTells([key, index], name, target, lead)];
      }
      return [];
    });
  return [
    ...(options.features ? find('features', featuresOf(options), 1, horizon + window - 1) : []),
    ...find('known', given, 1 - horizon, window - 1),
  ];
}

function columnTells(path: Problem['path'], name: string, target: string, lead: number): Problem {
  const when = lead === 0 ? 'of the same step' : `${plural(Math.abs(lead), 'step')} ${lead > 0 ? 'later' : 'before'}`;
  return {
    code: 'sees-the-answer',
    severity: 'warning',
    path,
    message: `${quote(name)} equals the target ${quote(target)} ${when}, and the model reads it before it is to answer`,
    help: `take it out of ${path[0]}, unless it is known before the answer is`,
  };
}

function tells(values: readonly Float64Array[], answers: readonly Float64Array[], lead: number): boolean {
  const seen = new Set<number>();
  let count = 0;
  for (const [of, column] of values.entries()) {
    const target = answers[of] ?? new Float64Array();
    for (let at = Math.max(0, -lead); at < column.length - Math.max(0, lead); at++) {
      const [value = Number.NaN, answer = Number.NaN] = [column[at], target[at + lead]];
      if (Number.isNaN(value) || Number.isNaN(answer)) continue;
      if (value !== answer) return false;
      count += 1;
      if (seen.size < 2) seen.add(value);
    }
  }
  return count >= FEWEST && seen.size > 1;
}

/** Below this share of the mean size of its values, a value is near 0. */
const NEAR = 0.01;

/** By split, how many of its values to forecast are near 0; splits without any, and all where there is none, are left out. */
export function nearZero(
  { targets }: Options,
  content: SeriesContent,
  parts: readonly Part[],
): { readonly nearZero?: Readonly<Record<string, number>> } {
  const counts = parts.flatMap((part) => {
    const count = targets.reduce((total, target) => {
      const values = known(valuesIn(content, target, part));
      const size = values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
      return total + values.reduce((near, value) => near + (Math.abs(value) < NEAR * size ? 1 : 0), 0);
    }, 0);
    return count === 0 ? [] : [[part.split, count] as const];
  });
  return counts.length === 0 ? {} : { nearZero: Object.fromEntries(counts) };
}

/** Values of all series that are there. */
const known = (columns: readonly Float64Array[]): Float64Array => withoutMissing(joined(columns));
