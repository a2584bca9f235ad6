import type { Problem } from '../../../diagnostics/diagnostic.js';
import { formatCount, plural } from '../../../diagnostics/numbers.js';
import { listed, quote } from '../../../diagnostics/words.js';
import { orAccept } from '../../../language/threats.js';
import { LETTERS_TOLD } from '../sequences/dates.js';

/** What a person reads of a series that can't be read, one function each. */

const FILE = ['file'];

export const emptyFile = (): Problem => ({ code: 'empty-file', path: FILE, message: 'the file holds no row' });

export const missingColumn = (path: Problem['path'], name: string, columns: readonly string[], meant: string | undefined): Problem => ({
  code: 'missing-column',
  path,
  message: `the file has no column ${name === '' ? 'without a name' : quote(name)}`,
  help: meant === undefined ? `its columns are ${columns.map(quote).join(', ')}` : `did you mean ${quote(meant)}?`,
});

export const badPattern = (pattern: string, why: string, meant: string | undefined): Problem => ({
  code: 'bad-pattern',
  path: ['time', 'written'],
  message: `${quote(pattern)} says no form of a date: ${why}`,
  help: meant === undefined ? `its letters are ${LETTERS_TOLD}` : `did you mean ${quote(meant)}?`,
});

const columnOf = (name: string): string => (name === '' ? 'the column without a name' : quote(name));

export const noTime = (place: string, column: string): Problem => ({
  code: 'missing-value',
  path: FILE,
  message: `${place}: ${columnOf(column)} is empty, and it says when`,
  help: 'give the row its time, or take it out',
});

export const unreadTime = (
  place: string,
  column: string,
  text: string,
  written: string | undefined,
  patterns: readonly string[],
): Problem => ({
  code: 'unknown-time',
  path: FILE,
  message: `${place}: ${columnOf(column)} is ${quote(text)}, which is ${written === undefined ? 'no date of ISO 8601' : `not written ${written}`}`,
  help:
    patterns.length === 0
      ? `say how it is written: ${readAs(column, 'dd.MM.yyyy')}`
      : patterns.length === 1
        ? `write ${readAs(column, patterns[0] ?? '')}`
        : `write which one it is: ${patterns.map((pattern) => readAs(column, pattern)).join(' or ')}`,
});

const readAs = (column: string, pattern: string): string => `time: {column: ${column === '' ? '""' : column}, written: ${pattern}}`;

export const timeTwice = (place: string, when: string, series: string | undefined): Problem => ({
  code: 'time-twice',
  path: FILE,
  message: `${place}: ${when} is there twice${series === undefined ? '' : ` in the series ${quote(series)}`}`,
  help:
    series === undefined
      ? 'if the file holds several series, name the column that tells them apart: series: COLUMN; else take one of the rows out'
      : 'take one of the rows out',
});

export const unevenStep = (place: string, when: string, expected: string, step: string): Problem => ({
  code: 'uneven-steps',
  path: FILE,
  message: `${place}: after ${when} comes no whole number of steps: a step is a ${step}, and ${expected} was expected`,
  help: 'a forecast counts steps, so rows must be evenly apart: sum them up by day, week or month first',
});

export const gap = (place: string, from: string, to: string, steps: number): Problem => ({
  code: 'gap',
  path: FILE,
  message: `${place}: ${plural(steps, 'step')} missing between ${from} and ${to}`,
  help: 'write missing: forward to repeat the last value there, or missing: drop to leave out the windows that hold a gap',
});

export const missingValue = (place: string, column: string, text: string): Problem => ({
  code: 'missing-value',
  path: FILE,
  message: `${place}: ${quote(column)} is ${text === '' ? 'empty' : `${quote(text)}, which stands for a missing value`}`,
  help: 'write missing: forward to repeat the last value, or missing: drop to leave out the windows that hold it',
});

export const beginsMissing = (place: string, column: string): Problem => ({
  code: 'missing-value',
  path: FILE,
  message: `${place}: ${quote(column)} is missing from the first step on, and no value comes before it`,
  help: 'take the first rows out, or write missing: drop',
});

export const notANumber = (place: string, column: string, text: string): Problem => ({
  code: 'not-a-number',
  path: FILE,
  message: `${place}: ${quote(column)} is ${quote(text)}, which is no number`,
});

export const notTransformed = (index: number, kind: string, place: string, column: string, value: number, why: string): Problem => ({
  code: 'not-transformed',
  path: ['transform', index, 'kind'],
  message: `${place}: ${quote(column)} is ${value}, and ${kind} can't change it: ${why}`,
  help:
    kind === 'log'
      ? 'write an offset that brings all values above 0, columns: [COLUMN] with those that have logarithms, or leave log out'
      : 'write columns: [COLUMN] with those that it can change, or leave it out',
});

export const unreadColumn = (path: Problem['path'], name: string, known: readonly string[]): Problem => ({
  code: 'missing-column',
  path,
  message: `${quote(name)} is no column that is read`,
  help: `they are ${known.map(quote).join(', ')}`,
});

export const longSeason = (season: number, steps: number): Problem => ({
  code: 'long-season',
  path: ['season'],
  message: `a season of ${plural(season, 'step')} is longer than what trains, ${plural(steps, 'step')}`,
  help: 'leave season out to have it found, or write season: 1 for none',
});

export const longMean = (last: number, steps: number): Problem => ({
  code: 'long-mean',
  path: ['mean_of_last'],
  message: `the mean of ${formatCount(last)} last values needs more than trains, ${plural(steps, 'step')}`,
  help: 'write a smaller number; the mean of all that trains is the naive forecast "mean"',
});

export const unknownStart = (path: Problem['path'], text: string): Problem => ({
  code: 'unknown-time',
  path,
  message: `${quote(text)} is no step of the series`,
  help: 'write it as ISO 8601 does: 1957-01, 1957-01-31 or 1957-01-31T06:00',
});

export const splitsOutOfOrder = (): Problem => ({
  code: 'splits-out-of-order',
  path: ['split', 'validation'],
  message: 'validation begins after the test: parts of a series are in the order of time',
});

export const readsAhead = (index: number, kind: string): Problem => ({
  code: 'window-sees-future',
  path: ['transform', index, 'kind'],
  message: `${kind} makes another value of a step when values after it are changed: windows would hold what is not known yet`,
  help: `let apply read values up to each step alone, and fit take numbers from what trains; ${orAccept('window-sees-future')}`,
});

export const tooManyFolds = (count: number, most: number, test: number): Problem => ({
  code: 'empty-split',
  path: ['folds', 'count'],
  message: `the series is too short for ${plural(count, 'fold')}: each begins ${plural(test, 'step')} before the next one, and the first would have nothing to train on`,
  help: most > 1 ? `write ${most} at most, or a shorter test` : 'write a shorter test, or leave folds out',
});

export const noWindow = (path: Problem['path'], split: string, steps: number, needed: number): Problem => ({
  code: 'empty-split',
  path,
  message: `${split} has ${plural(steps, 'step')}, and a window with its forecast takes ${formatCount(needed)}`,
  help: 'write a shorter window or horizon, or another split',
});

export const allDropped = (path: Problem['path'], split: string): Problem => ({
  code: 'empty-split',
  path,
  message: `every window of ${split} holds a missing value`,
  help: 'write missing: forward to repeat the last value, a shorter window, or another split',
});

export const shortForKnown = (window: number, horizon: number): Problem => ({
  code: 'short-window',
  path: ['window'],
  message: `known columns are read ${plural(horizon, 'step')} ahead, and a window of ${formatCount(window)} has no room for that`,
  help: `write window: ${horizon} or more`,
});

export const targetKnown = (names: readonly string[]): Problem => ({
  code: 'sees-the-answer',
  path: ['known'],
  message: `${listed(names, 'and')} ${names.length === 1 ? 'is a target' : 'are targets'}, and known columns are read up to the end of a forecast`,
  help: 'take it out of known: what is forecast is not known in advance',
});

const ofSeries = (name: string | undefined): string => (name === undefined ? 'the series' : `the series ${quote(name)}`);

export const tooShortForForecast = (steps: number, needed: number, name: string | undefined): Problem => ({
  code: 'short-series',
  path: FILE,
  message: `${ofSeries(name)} has ${plural(steps, 'step')}, and a forecast reads ${formatCount(needed)}`,
  help: 'give the rows before them too',
});

export const holeBeforeForecast = (line: number, column: string, reads: number, name: string | undefined): Problem => ({
  code: 'missing-value',
  path: FILE,
  message: `${ofSeries(name)} lacks ${quote(column)} ${line === 0 ? 'at a step' : `in line ${line}`} among the last ${formatCount(reads)} that a forecast reads`,
  help: 'fill it in',
});

export const knownEnds = (column: string, horizon: number, name: string | undefined): Problem => ({
  code: 'missing-value',
  path: FILE,
  message: `${quote(column)} is known in advance, and ${ofSeries(name)} has none for the ${plural(horizon, 'step')} after its end`,
  help: 'add rows that hold it and leave the targets empty; the run must have been trained with missing: drop',
});

export const otherSteps = (step: string, trained: string): Problem => ({
  code: 'other-steps',
  path: FILE,
  message: `a step of the file is ${oneOf(step)}, and the run was trained on steps of ${oneOf(trained)}`,
  help: 'give rows that are as far apart: sum them up first, or take their mean',
});

/** `month`: one month; `3 months` as it is. */
const oneOf = (step: string): string => (/^\d|^one /.test(step) ? step : `one ${step}`);

export const noWindowAsked = (steps: number, needed: number, answered: boolean): Problem =>
  steps < needed
    ? {
        code: 'short-series',
        path: FILE,
        message: `the longest series has ${plural(steps, 'step')}, and ${answered ? 'a window with its forecast' : 'a forecast'} ${answered ? 'takes' : 'reads'} ${formatCount(needed)}`,
        help: 'give the rows before them too',
      }
    : {
        code: 'missing-value',
        path: FILE,
        message: `no ${formatCount(needed)} steps in a row have all values that ${answered ? 'a window with its forecast takes' : 'a forecast reads'}`,
        help: 'fill in what is missing',
      };

export const seriesWithoutWindow = (names: readonly string[], of: number): Problem => ({
  code: 'short-series',
  severity: 'warning',
  path: FILE,
  message: `${formatCount(names.length)} of ${formatCount(of)} series ${names.length === 1 ? 'has' : 'have'} too few steps in a row for a forecast: ${listed(names.slice(0, FEW_NAMES).map(quote), 'and')}${names.length > FEW_NAMES ? ' and others' : ''}`,
});

const FEW_NAMES = 5;

export const trainedOn = (count: number, of: number, from: string, to: string): Problem => ({
  code: 'trained-on',
  severity: 'warning',
  path: FILE,
  message: `${count === of ? (of === 1 ? 'the forecast is' : `all ${formatCount(of)} forecasts are`) : `${formatCount(count)} of ${plural(of, 'forecast')} ${count === 1 ? 'is' : 'are'}`} about dates that the run was trained on (${from} to ${to})`,
  help: 'where these are the same rows, the model has seen their answers, and an error on them says nothing of new data',
});
