/** Numbers for people. All are pure and speak one language: comma for thousands, point for decimals. */

/** `62500` -> `62,500`; for counts. */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return formatSpecial(count);
  return grouped(String(count));
}

/** `1 run`, `1,200 runs` */
export const plural = (count: number, noun: string): string => `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;

/** To so many significant digits: `0.98731` -> `0.9873`, `12345.6` -> `12,346`, `0.0000123` -> `1.23e-5`. Keeps the zeros that were measured: `0.5000`. */
export function formatMeasure(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return formatSpecial(value);
  if (value === 0) return '0';
  const size = Math.abs(Number(value.toPrecision(digits)));
  if (size < 1e-4 || size >= 1e9) return shortExponent(value.toExponential(digits - 1));
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return grouped(value.toFixed(decimals));
}

/** Without trailing zeros, for what was chosen and not measured: `0.1768`, `0.5`, `1e-8`. */
export function formatSetting(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return formatSpecial(value);
  return shortExponent(String(Number(value.toPrecision(digits))));
}

/** What was set, as it was typed; of a number that was drawn, which has more digits than anybody types, the first four. */
export function shortSetting(value: string): string {
  const [, whole = '', decimals] = /^-?(\d+)\.(\d+)(?:e[-+]?\d+)?$/.exec(value) ?? [];
  return decimals === undefined || (whole + decimals).replace(/^0+/, '').length <= TYPED ? value : formatSetting(Number(value));
}
const TYPED = 5;

/** `0.4 s`, `12 s`, `1 min 12 s`, `2 h 5 min`, `3 d 4 h`: the two largest units that matter. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return 'unknown';
  if (seconds < 0.0995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const units: readonly (readonly [string, number])[] = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ];
  const first = units.findIndex(([, size]) => whole >= size);
  const [name, size] = units[first] ?? ['s', 1];
  const [nextName, nextSize] = units[first + 1] ?? ['', Infinity];
  const rest = Math.floor((whole % size) / nextSize);
  return `${Math.floor(whole / size)} ${name}${rest > 0 ? ` ${rest} ${nextName}` : ''}`;
}

/** `1.5 MB`; powers of 1000, as disks and networks count. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let amount = bytes;
  let unit = 0;
  while (amount >= 999.5 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? amount : formatSetting(amount, 3)} ${units[unit]}`;
}

const formatSpecial = (value: number): string => (Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity');

/** `1.230e-5` and `1e+21` without what carries nothing: `1.230e-5`, `1e21`. */
const shortExponent = (text: string): string => text.replace('e+', 'e');

/** Comma for thousands; what has an exponent stays as it is. */
const grouped = (text: string): string =>
  text.includes('e') ? text : text.replace(/^(-?)(\d+)/, (_, sign: string, whole: string) => sign + whole.replace(/\B(?=(\d{3})+$)/g, ','));

// In sentences, with as many digits as mean something

/** An interval this small beside its numbers has no width: what is left is what binary numbers add. */
const DUST = 1e-12;
/** How many digits of a number are shown where nothing says how sure it is. */
const DIGITS = 6;

/**
 * Decimals to which an interval is worth printing: two digits of its half width where that begins with 1 or 2, else one. Where it has no width,
 * what its ends need, and the numbers that are printed beside it.
 */
export function decimalsOf([low, high]: readonly [number, number], ...beside: readonly number[]): number {
  const half = Math.abs(high - low) / 2;
  const shown = [low, high, ...beside].filter(Number.isFinite);
  const size = Math.max(0, ...shown.map(Math.abs));
  if (!(half > DUST * size) || !Number.isFinite(half)) return Math.max(0, ...shown.map((value) => placesOf(value, DIGITS)));
  const exponent = Math.floor(Math.log10(half));
  return Math.min(20, Math.max(0, (half / 10 ** exponent < 3 ? 1 : 0) - exponent));
}

/** Decimals with which so many digits of a number are seen: 0.5250 has four of them. */
export function decimalsFor(value: number, digits: number): number {
  if (value === 0 || !Number.isFinite(value)) return 0;
  const [, exponent = '0'] = value.toExponential(digits - 1).split('e');
  return Math.min(20, Math.max(0, digits - 1 - Number(exponent)));
}

/** Decimals that a number needs: 0.85 -> 2, 67044.5 -> 1. */
export function placesOf(value: number, most = 12): number {
  if (!Number.isFinite(value)) return 0;
  const [digits = '', exponent = '0'] = String(Number(value.toPrecision(most))).split('e');
  return Math.min(20, Math.max(0, (digits.split('.')[1]?.length ?? 0) - Number(exponent)));
}

export const fixed = (value: number, decimals: number): string => withoutMinusZero(grouped(value.toFixed(Math.min(decimals, 20))));

/** Always with its sign, but zero. */
export function signed(value: number, decimals: number): string {
  const text = fixed(value, decimals);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** Without what binary numbers add: 0.9500000000000001 -> `0.95`. */
export const plain = (value: number): string => grouped(String(Number(value.toPrecision(12))));

/** Two digits: 0.031, 0.91; below 0.0001 one: 8e-9. Never zero: what is too small for a double is `less than 1e-300`. */
export function probability(p: number): string {
  if (p < LEAST_P) return `less than ${LEAST_P}`;
  if (p < 1e-4) return p.toExponential(0);
  return String(Number(p.toPrecision(2)));
}

/** `p = 0.031`; one that is too small for a number is told as smaller than it. */
export const pValue = (p: number): string => (p < SMALLEST_P ? `p < ${SMALLEST_P}` : `p = ${probability(p)}`);
const SMALLEST_P = 1e-300;

/** `97.5 %`, `45 %`. What is short of all is never rounded to 100 %. */
export function percent(share: number, digits = 3): string {
  const value = Number((100 * share).toPrecision(12));
  const rounded = Number(value.toPrecision(digits));
  return `${rounded === 100 && value < 100 ? Number((100 - Number((100 - value).toPrecision(1))).toPrecision(12)) : rounded} %`;
}

/** `0.46`: two decimals, and more where rounding would make 0, 1 or what it is compared with of what is neither. */
export function shareText(share: number, ...comparedWith: readonly number[]): string {
  const isTold = (decimals: number): boolean =>
    [0, 1, ...comparedWith].every((edge) => Math.sign(Number(share.toFixed(decimals)) - edge) === Math.sign(share - edge));
  return share.toFixed([2, 3, 4, 6, 9].find(isTold) ?? 12);
}

/** Six digits of what was measured, all that a sentence needs; of a large number every whole one. */
export const measured = (value: number): string =>
  plain(Number(Math.abs(value) < 10 ** DIGITS ? value.toPrecision(DIGITS) : value.toFixed(0)));

/** Four digits of a level to compare with. */
export const levelText = (value: number): string => plain(Number(value.toPrecision(4)));

const withoutMinusZero = (text: string): string => (/[1-9]/.test(text) ? text : text.replace('-', ''));
const LEAST_P = 1e-300;

/** A moment in milliseconds since 1970, in UTC: `2026-03-01 09:30`. */
export const minuteOf = (time: number): string => new Date(time).toISOString().slice(0, 16).replace('T', ' ');

/** A moment in milliseconds since 1970, by the clock of this machine: `2026-03-01 10:30`. */
export function localMinuteOf(time: number): string {
  const at = new Date(time);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}
