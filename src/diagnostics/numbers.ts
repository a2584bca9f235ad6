/** Numbers for people. All are pure and speak one language: comma for thousands, point for decimals. */

/** `62500` -> `62,500`; for counts. */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return formatSpecial(count);
  const [whole = '', fraction] = String(Math.abs(count)).split('.');
  if (whole.includes('e')) return String(count);
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${count < 0 ? '-' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
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
  return formatGrouped(value.toFixed(decimals));
}

/** Without trailing zeros, for what was chosen and not measured: `0.1768`, `0.5`, `1e-8`. */
export function formatSetting(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return formatSpecial(value);
  return shortExponent(String(Number(value.toPrecision(digits))));
}

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

const formatGrouped = (text: string): string =>
  text.replace(/^(-?)(\d+)/, (_, sign: string, whole: string) => sign + whole.replace(/\B(?=(\d{3})+$)/g, ','));
