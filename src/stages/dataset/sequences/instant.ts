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
export interface Parts {
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
export function instantOf({
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
export function readZone(text: string): number {
  const [, sign, hours = 0, minutes = 0] = /^([+-])(\d\d):?(\d\d)?$/.exec(text) ?? [];
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (60 * Number(hours) + Number(minutes));
}
