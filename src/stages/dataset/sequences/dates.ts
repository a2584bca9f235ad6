/** Reads a date or a time in one form; undefined for what is not written so, or is no day of the calendar. */
type DateReader = (text: string) => Instant | undefined;

/** Why a pattern says no form of a date, and the pattern that was probably meant. */
interface PatternFault {
  readonly why: string;
  readonly meant?: string | undefined;
}

type Unit = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'fraction';
/** From the largest to the smallest: a moment is known down to one of them, and no larger one may be left out in between. */
const UNITS: readonly Unit[] = ['year', 'month', 'day', 'hour', 'minute', 'second', 'fraction'];

const MONTHS = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december'];
const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const short = (names: readonly string[]): string => names.map((name) => name.slice(0, 3)).join('|');

interface Letters {
  readonly unit: Unit | 'half' | 'zone' | 'weekday';
  readonly source: string;
  readonly read: (text: string) => Partial<Parts> & { readonly isAfternoon?: boolean };
}

const number = (unit: Exclude<Unit, 'fraction'>, source: string): Letters => ({ unit, source, read: (text) => ({ [unit]: Number(text) }) });
const month = (source: string): Letters => ({
  unit: 'month',
  source,
  read: (text) => ({ month: MONTHS.findIndex((name) => name.startsWith(text.slice(0, 3).toLowerCase())) + 1 }),
});
/** 00 to 68 are of this century, as POSIX has it. */
const century = (text: string): number => Number(text) + (Number(text) < 69 ? 2000 : 1900);
const zone: Letters = {
  unit: 'zone',
  source: String.raw`Z|[+-]\d\d(?::?\d\d)?`,
  read: (text) => ({ zone: readZone(text.toUpperCase()) }),
};

/** The letters of Unicode's date patterns (LDML) that are read. */
const LETTERS: Readonly<Record<string, Letters>> = {
  yyyy: number('year', String.raw`\d{4}`),
  yy: { unit: 'year', source: String.raw`\d\d`, read: (text) => ({ year: century(text) }) },
  M: number('month', String.raw`\d{1,2}`),
  MM: number('month', String.raw`\d\d`),
  MMM: month(`(?:sept|${short(MONTHS)})\\.?`),
  MMMM: month(MONTHS.join('|')),
  d: number('day', String.raw`\d{1,2}`),
  dd: number('day', String.raw`\d\d`),
  H: number('hour', String.raw`\d{1,2}`),
  HH: number('hour', String.raw`\d\d`),
  h: number('hour', '1[0-2]|0?[1-9]'),
  hh: number('hour', '1[0-2]|0[1-9]'),
  m: number('minute', String.raw`\d{1,2}`),
  mm: number('minute', String.raw`\d\d`),
  s: number('second', String.raw`\d{1,2}`),
  ss: number('second', String.raw`\d\d`),
  a: { unit: 'half', source: String.raw`[ap]\.?m\.?`, read: (text) => ({ isAfternoon: /^p/i.test(text) }) },
  E: { unit: 'weekday', source: `(?:${short(DAYS)})\\.?`, read: () => ({}) },
  EEE: { unit: 'weekday', source: `(?:${short(DAYS)})\\.?`, read: () => ({}) },
  EEEE: { unit: 'weekday', source: DAYS.join('|'), read: () => ({}) },
  X: zone,
  XX: zone,
  XXX: zone,
};
const fraction = (digits: number): Letters => ({
  unit: 'fraction',
  source: String.raw`\d{${digits}}`,
  read: (text) => ({ fraction: text }),
});

/** What a person is told of the letters. */
export const LETTERS_TOLD =
  'yyyy or yy, M, MM, MMM (Jan) or MMMM (January), d or dd, H or HH (0 to 23), h with a (AM, PM), mm, ss, SSS, XXX (+01:00)';

const TOKEN = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+|'/g;

/** Makes a reader of a pattern: `dd/MM/yyyy`, `d MMM yyyy h:mm a`. Text stands in single quotes, but for a `T` alone. */
export function compilePattern(pattern: string): DateReader | PatternFault {
  const form = formOf(pattern);
  if ('why' in form) return { why: form.why, meant: meantBy(pattern) };
  const { fields, source } = form;
  const whole = new RegExp(`^${source}$`, 'i');
  const dated = fields.some(({ unit }) => unit === 'year' || unit === 'month' || unit === 'day');
  return (text) => {
    const found = whole.exec(text);
    if (!found) return undefined;
    const { isAfternoon, ...parts } = Object.assign({}, ...fields.map(({ read }, i) => read(found[i + 1] ?? ''))) as ReturnType<
      Letters['read']
    >;
    const hour = isAfternoon === undefined || parts.hour === undefined ? parts.hour : (parts.hour % 12) + (isAfternoon ? 12 : 0);
    return instantOf({ ...parts, ...(hour === undefined ? {} : { hour }), dated });
  };
}

interface Form {
  readonly fields: readonly Letters[];
  /** A regular expression with a group for each field. */
  readonly source: string;
}

function formOf(pattern: string): Form | { readonly why: string } {
  const fields: Letters[] = [];
  let source = '';
  for (const [token, quoted] of pattern.matchAll(TOKEN)) {
    const isText = quoted !== undefined || !/^[A-Za-z]/.test(token) || token === 'T';
    const field = /^S+$/.test(token) ? fraction(token.length) : Object.hasOwn(LETTERS, token) ? LETTERS[token] : undefined;
    if (isText) source += literal(quoted === undefined ? token : quoted === '' ? "'" : quoted.replaceAll("''", "'"));
    else if (field) {
      fields.push(field);
      source += `(${field.source})`;
    } else return { why: `${JSON.stringify(token)} is no part of a date` };
  }
  const why = faultOfFields(fields);
  return why === undefined ? { fields, source } : { why };
}

const literal = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`).replaceAll(/\s+/g, String.raw`\s+`);

function faultOfFields(fields: readonly Letters[]): string | undefined {
  const units = fields.map(({ unit }) => unit);
  const twice = units.find((unit, i) => units.indexOf(unit) < i);
  if (twice !== undefined) return `it holds the ${twice} twice`;
  const present = UNITS.map((unit) => units.includes(unit));
  const [first, last] = [present.indexOf(true), present.lastIndexOf(true)];
  if (first < 0) return 'it holds no part of a date';
  const gap = UNITS.find((_, i) => i > first && i < last && !present[i]);
  if (gap !== undefined) return `it has no ${gap}`;
  const isHalf = fields.some(({ source }) => source === LETTERS['h']?.source || source === LETTERS['hh']?.source);
  if (isHalf !== units.includes('half'))
    return isHalf ? 'h is an hour from 1 to 12, which needs a (AM or PM)' : 'a (AM or PM) goes with h, an hour from 1 to 12';
  return undefined;
}

/** As C, Python and moment.js write what LDML writes otherwise. */
const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/%d/g, 'dd'],
  [/%m/g, 'MM'],
  [/%Y/g, 'yyyy'],
  [/%y/g, 'yy'],
  [/%H/g, 'HH'],
  [/%I/g, 'hh'],
  [/%M/g, 'mm'],
  [/%S/g, 'ss'],
  [/%f/g, 'SSSSSS'],
  [/%p/g, 'a'],
  [/%b/g, 'MMM'],
  [/%B/g, 'MMMM'],
  [/%a/g, 'EEE'],
  [/%A/g, 'EEEE'],
  [/%z/g, 'XX'],
  [/%F/g, 'yyyy-MM-dd'],
  [/%T/g, 'HH:mm:ss'],
];

function meantBy(pattern: string): string | undefined {
  const lower = pattern
    .replaceAll('Y', 'y')
    .replaceAll('D', 'd')
    .replaceAll('A', 'a')
    .replace(/(?<!y)y(?!y)/, 'yyyy');
  const candidates = [
    ELSEWHERE.reduce((text, [from, to]) => text.replaceAll(from, to), pattern),
    lower,
    // m is a minute, and M a month.
    lower.replaceAll('m', 'M'),
    lower.replace(/m+/, (month) => month.toUpperCase()),
    lower.replace(/([Hh]+[^A-Za-z]+)M+/, '$1mm'),
    lower.replaceAll('h', 'H'),
    lower.replaceAll('h', 'H').replace(/m+/, (month) => month.toUpperCase()),
  ];
  return candidates.find((candidate) => candidate !== pattern && !('why' in formOf(candidate)));
}

/** Forms in which people write dates, an exact one before a loose one: days and months of two digits before those of one or two. */
function* commonPatterns(): Iterable<string> {
  const times = ['HH:mm', 'HH:mm:ss', 'HH:mm:ss.SSS', 'H:mm', 'H:mm:ss', 'hh:mm a', 'h:mm a', 'h:mm:ss a', 'h a', 'ha', 'H.mm', 'HH.mm'];
  yield* times;
  for (const date of commonDates()) {
    yield date;
    for (const between of [' ', ', ', 'T']) for (const time of times) yield `${date}${between}${time}`;
  }
}

function* commonDates(): Iterable<string> {
  for (const [day, month] of [
    ['dd', 'MM'],
    ['d', 'M'],
  ]) {
    for (const mark of ['/', '.', '-', ' ']) {
      for (const year of ['yyyy', 'yy']) {
        for (const parts of [
          [day, month, year],
          [month, day, year],
          [year, month, day],
        ])
          yield parts.join(mark);
      }
      yield [month, 'yyyy'].join(mark);
    }
    yield* [`${day}.${month}.`, `${day}/${month}`, `${month}/${day}`, `${day}.${month}`];
    for (const name of ['MMM', 'MMMM']) {
      yield* [
        `${day} ${name} yyyy`,
        `${day}-${name}-yyyy`,
        `${day}-${name}-yy`,
        `${name} ${day}, yyyy`,
        `${name} ${day} yyyy`,
        `${day}. ${name} yyyy`,
      ];
      yield* [`EEE, ${day} ${name} yyyy`, `${day} ${name}`, `${name} ${day}`, `${name} yyyy`, `${name}-yy`, name];
    }
  }
  yield* ['ddMMyyyy', 'MMddyyyy', 'yyyyMMdd'];
}

/**
 * The forms that all of these texts may be written in, at most one for each order of day, month and year: several where the texts alone don't say
 * which is the day. Empty where it is none that people commonly use.
 */
export function guessPatterns(texts: readonly string[]): readonly string[] {
  const [first = ''] = texts;
  const fits: string[] = [];
  for (const pattern of commonPatterns()) {
    const read = compilePattern(pattern);
    if (typeof read === 'function' && read(first) && texts.every((text) => read(text))) fits.push(pattern);
  }
  const order = (pattern: string): string => [...new Set(pattern.replaceAll(/[^yMdHhmsSa]/g, ''))].join('');
  return fits.filter((pattern, i) => fits.findIndex((other) => order(other) === order(pattern)) === i);
}

/** A moment, or a time of day. Without a zone it is somebody's local time, which is before or after another local time and nothing else. */
export interface Instant {
  /** Whole seconds since 1970-01-01T00:00 (UTC where there is a zone), or since midnight. */
  readonly seconds: number;
  /** Of a second, below 1: apart, since a double holds no nanoseconds of a date. */
  readonly fraction: number;
  readonly zoned: boolean;
  /** A time of day has no date. */
  readonly dated: boolean;
}

export const before = (a: Instant, b: Instant): number => a.seconds - b.seconds || a.fraction - b.fraction;

/** Parts of a date and a time as they are written; those that are left out are the first of their kind. */
interface Parts {
  readonly year?: number;
  /** From 1. */
  readonly month?: number;
  readonly day?: number;
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
  /** Digits behind the decimal mark. */
  readonly fraction?: string;
  /** Minutes ahead of UTC. */
  readonly zone?: number | undefined;
  readonly dated: boolean;
}

/** The moment that parts say; undefined where the calendar or the clock has none. 24:00 is the end of a day, and a minute may have a second 60. */
function instantOf({
  year = 2000,
  month = 1,
  day = 1,
  hour = 0,
  minute = 0,
  second = 0,
  fraction = '',
  zone,
  dated,
}: Parts): Instant | undefined {
  const isTime = (hour < 24 && minute < 60 && second <= 60) || (hour === 24 && minute === 0 && second === 0 && !/[1-9]/.test(fraction));
  if (!isTime || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return undefined;
  const days = dated ? daysSince1970(year, month, day) : 0;
  return {
    seconds: ((days * 24 + hour) * 60 + minute - (zone ?? 0)) * 60 + second,
    fraction: fraction === '' ? 0 : Number(`0.${fraction}`),
    zoned: zone !== undefined,
    dated,
  };
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

const daysOf = (year: number, month: number): number => (month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31);

/** In the Gregorian calendar, also before there was one. Years begin with March, so that a leap day is the last of its year. */
function daysSince1970(year: number, month: number, day: number): number {
  const [from, since] = month > 2 ? [year, month - 3] : [year - 1, month + 9];
  return (
    365 * from + Math.floor(from / 4) - Math.floor(from / 100) + Math.floor(from / 400) + Math.floor((153 * since + 2) / 5) + day - 719_469
  );
}

/** `2020-01-25`, `2020-01-25T07:00` and `2020-01-25 07:00:30`, as nearly all files hold them: without making a text of each part. */
function readPlain(text: string): Instant | undefined {
  const { length } = text;
  if (length !== 10 && length !== 16 && length !== 19) return undefined;
  // What is no digit makes the whole no number.
  const digit = (at: number): number => {
    const value = text.charCodeAt(at) - 48;
    return value >= 0 && value <= 9 ? value : Number.NaN;
  };
  const two = (at: number): number => 10 * digit(at) + digit(at + 1);
  const [year, month, day] = [100 * two(0) + two(2), two(5), two(8)];
  const [hour, minute, second] = [length > 10 ? two(11) : 0, length > 10 ? two(14) : 0, length > 16 ? two(17) : 0];
  const isMarked = text[4] === '-' && text[7] === '-' && (length === 10 || ((text[10] === 'T' || text[10] === ' ') && text[13] === ':'));
  if (!isMarked || (length === 19 && text[16] !== ':') || Number.isNaN(year + month + day + hour + minute + second)) return undefined;
  return instantOf({ year, month, day, hour, minute, second, dated: true });
}

const DATE = String.raw`(?<year>\d{4}|[+-]\d{6})(?:(?<mark>[-/.])(?<month>\d\d)(?:\k<mark>(?<day>\d\d))?|-?W(?<week>\d\d)(?:-?(?<weekday>[1-7]))?|-(?<ordinal>\d{3})|(?<month2>\d\d)(?<day2>\d\d)(?=T))?`;
const TIME = String.raw`(?<hour>\d\d)(?:(?<colon>:?)(?<minute>\d\d)(?:\k<colon>(?<second>\d\d)(?:[.,](?<fraction>\d+))?)?)?`;
const ZONE = String.raw`(?: ?(?<zone>[Zz]|UTC|GMT|[+-]\d\d(?::?\d\d)?))?`;
/** What most files hold, and what is read ten times as fast without names of its groups. */
const COMMON = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(Z|[+-]\d\d:\d\d)?)?$/;
const DATED = new RegExp(`^${DATE}(?:[Tt ]${TIME}${ZONE})?$`);
const CLOCK = new RegExp(`^T?${TIME}${ZONE}$`);

/**
 * A date, a date with a time, or a time of ISO 8601: calendar dates, week dates and ordinal dates, of any precision, with or without a zone. The year
 * may also be set off by `/` or `.`: with the year in front nobody means another order.
 */
export function readIso8601(text: string): Instant | undefined {
  const plain = readPlain(text);
  if (plain) return plain;
  const common = COMMON.exec(text);
  if (common) {
    const [, year, month, day, hour = 0, minute = 0, second = 0, fraction = '', zone] = common;
    return instantOf({
      year: Number(year),
      month: Number(month),
      day: Number(day),
      hour: Number(hour),
      minute: Number(minute),
      second: Number(second),
      fraction,
      zone: zone === undefined ? undefined : readZone(zone),
      dated: true,
    });
  }
  const date = DATED.exec(text)?.groups;
  const groups = date ?? (/^T|:/.test(text) ? CLOCK.exec(text)?.groups : undefined);
  if (!groups) return undefined;
  const number = (name: string): number | undefined => (groups[name] === undefined ? undefined : Number(groups[name]));
  const time = {
    hour: number('hour') ?? 0,
    minute: number('minute') ?? 0,
    second: number('second') ?? 0,
    fraction: groups['fraction'] ?? '',
    zone: groups['zone'] === undefined ? undefined : readZone(groups['zone']),
  };
  if (!date) return instantOf({ ...time, dated: false });
  const year = Number(groups['year']);
  const day = dayOf(year, number);
  const begin = instantOf({
    ...time,
    year,
    month: number('month') ?? number('month2') ?? 1,
    day: number('day') ?? number('day2') ?? 1,
    dated: true,
  });
  return begin && day !== undefined ? { ...begin, seconds: begin.seconds + day * 86_400 } : undefined;
}

/** Days from January 1 to what a week date or an ordinal date says; 0 for others, undefined for one that the year does not have. */
function dayOf(year: number, number: (name: string) => number | undefined): number | undefined {
  const [week, ordinal] = [number('week'), number('ordinal')];
  if (ordinal !== undefined) return ordinal >= 1 && ordinal <= (isLeap(year) ? 366 : 365) ? ordinal - 1 : undefined;
  if (week === undefined) return 0;
  // The first week is that of January 4; 1970-01-01 was a Thursday, and a week begins on Monday.
  const monday = (of: number): number => {
    const fourth = daysSince1970(of, 1, 4);
    return fourth - ((((fourth + 3) % 7) + 7) % 7);
  };
  const first = monday(year);
  if (week < 1 || week > (monday(year + 1) - first) / 7) return undefined;
  return first + 7 * (week - 1) + (number('weekday') ?? 1) - 1 - daysSince1970(year, 1, 1);
}

/** Minutes ahead of UTC: `Z`, `+01`, `+0100`, `-05:30`. */
function readZone(text: string): number {
  const [, sign, hours = 0, minutes = 0] = /^([+-])(\d\d):?(\d\d)?$/.exec(text) ?? [];
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (60 * Number(hours) + Number(minutes));
}
