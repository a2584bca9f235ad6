/**
 * A value as a source printed it with so many decimals: the nearest, exact binary ties to even, as Python and C print. `toFixed` differs
 * only in those ties: 1.25 -> 1.2 here, 1.3 there.
 */
export function roundAsPrinted(value: number, unit: number): number {
  if (unit === 0 || !Number.isFinite(value)) return value;
  const decimals = Math.round(-Math.log10(unit));
  const isPlace = Math.abs(10 ** -decimals - unit) <= 1e-9 * unit;
  if (!isPlace || decimals < 0 || decimals > 15) return Number((Math.round(value / unit) * unit).toPrecision(15));
  return Number(isBinaryTie(value, decimals) ? tieToEven(value, decimals) : value.toFixed(decimals));
}

/** Exactly between two neighbours: the decimals of the double end with a 5 behind the last place and nothing after it. */
function isBinaryTie(value: number, decimals: number): boolean {
  const halves = 2 * value * 10 ** decimals;
  if (Math.abs(halves - Math.round(halves)) > 1e-6 * Math.max(1, Math.abs(halves))) return false;
  const digits = Math.abs(value).toFixed(Math.min(100, decimals + 60));
  return /^50*$/.test(digits.slice(digits.indexOf('.') + 1 + decimals));
}

function tieToEven(value: number, decimals: number): number {
  const cut = Math.floor(Math.abs(value) * 10 ** decimals);
  const even = cut % 2 === 0 ? cut : cut + 1;
  return (Math.sign(value) * even) / 10 ** decimals;
}
