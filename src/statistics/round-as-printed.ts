/**
 * A value as a source printed it in steps of `unit`: the nearest, ties to even, as Python and C print. With decimals the double itself must
 * be the tie (1.25 -> 1.2, where `toFixed` gives 1.3; 1.35, which is a little more as a double, -> 1.4). Above 1 so must it (65 -> 60,
 * 1250 -> 1200). Steps that are no power of ten, such as 0.05 or 1/20000, have no exact doubles: there 1e-9 of a step is no distance.
 */
export function roundAsPrinted(value: number, unit: number): number {
  if (unit === 0 || !Number.isFinite(value)) return value;
  const decimals = Math.round(-Math.log10(unit));
  const isPlace = Math.abs(10 ** -decimals - unit) <= 1e-9 * unit;
  if (!isPlace || decimals < 0 || decimals > 15) return Number((steps(value, unit) * unit).toPrecision(15));
  return Number(isBinaryTie(value, decimals) ? tieToEven(value, decimals) : value.toFixed(decimals));
}

/** How many steps, ties to even: what is left over is exact for whole steps (`%` does not round). */
function steps(value: number, unit: number): number {
  const isWhole = Number.isInteger(unit);
  const below = isWhole ? (value - (value % unit)) / unit : Math.floor(value / unit);
  const left = isWhole ? (value % unit) / unit : value / unit - below;
  const isTie = Math.abs(Math.abs(left) - 0.5) <= (isWhole ? 0 : TIE * Math.max(1, Math.abs(below)));
  const nearest = isTie ? below + (below % 2 === 0 ? 0 : Math.sign(left)) : below + Math.round(left);
  return nearest + 0;
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

const TIE = 1e-9;
