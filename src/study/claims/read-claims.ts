import type { CellName, Claim, PublishedClaim, Terms } from './claim.js';
import type { TableConfig, WrittenClaim } from './document.js';
import { type Printed, readPublished } from './published.js';
import type { ReferenceRuns } from './reference.js';
import { studentTQuantile } from '../../statistics/student-t.js';

/**
 * The claims of a table that no rule objects to, each in the one form that it has.
 *
 * @param references what each `reference:` text names, read before.
 */
export const readClaims = ({ claims }: TableConfig, references: ReadonlyMap<string, ReferenceRuns>): readonly Claim[] =>
  claims.map((claim) => readClaim(claim, references));

function readClaim(written: WrittenClaim, references: ReadonlyMap<string, ReferenceRuns>): Claim {
  const { published, reference, at_most: atMost, at_least: atLeast, lower, higher, than, ratio, equivalent } = written;
  const terms = termsOf(written);
  const paired = written.paired === 'seed';
  const cell = cellName(written.cell);

  if (published !== undefined) {
    const printed = printedNumber(published);
    const spread = spreadOf(printed, written.spread);
    return { ...terms, kind: 'published', cell, published: printed, reading: written.reading ?? 'mean', ...(spread && { spread }) };
  }
  if (reference !== undefined) {
    const read = references.get(reference);
    if (!read) throw new Error(`the reference ${reference} was not read`);
    return { ...terms, kind: 'reference', cell, ...read, ...(written.printed !== undefined && { printed: written.printed }) };
  }
  if (atMost !== undefined || atLeast !== undefined) {
    const side = atMost === undefined ? 'at_least' : 'at_most';
    const bound = atMost ?? atLeast ?? 0;
    const share = written.of === 'runs' && written.share !== undefined ? { share: written.share } : {};
    return { ...terms, kind: 'limit', cell, side, bound: typeof bound === 'number' ? bound : printedNumber(bound), ...share };
  }
  if (lower || higher) {
    const direction = lower ? 'lower' : 'higher';
    const order = { direction, of: cellName(lower ?? higher), than: cellName(than), by: written.by ?? 0, paired } as const;
    if (written.probability !== undefined) return { ...terms, kind: 'probability', ...order, bound: written.probability };
    return { ...terms, kind: 'rank', ...order, ...(written.test === 'sign' && { test: 'sign' as const }) };
  }
  if (ratio) {
    const side = ratio.at_least === undefined ? 'at_most' : 'at_least';
    return {
      ...terms,
      kind: 'ratio',
      of: cellName(ratio.of),
      to: cellName(ratio.to),
      side,
      bound: ratio.at_least ?? ratio.at_most ?? 1,
      paired,
    };
  }
  const [of, to] = equivalent ?? [];
  return { ...terms, kind: 'equivalent', of: cellName(of), to: cellName(to), margin: written.margin ?? 0, paired };
}

const termsOf = (written: WrittenClaim): Terms => ({
  confidence: written.confidence ?? 0.95,
  ...(written.margin !== undefined && { margin: written.margin }),
  ...(written.because !== undefined && { because: written.because }),
  ...(written.source !== undefined && { source: written.source }),
  ...(written.device_bound && { deviceBound: written.device_bound }),
  ...(written.diverged === 'exclude' && { excludesDiverged: true }),
  ...(written.deterministic && { deterministic: true }),
});

const cellName = ([row = '', column = '']: readonly string[] = []): CellName => [row, column];

function printedNumber(text: string | number): Printed {
  const printed = readPublished(String(text));
  if (!printed) throw new Error(`${text} is no printed number`);
  return printed;
}

/** The standard deviation of single runs, whatever of it was printed. */
function spreadOf({ plusMinus }: Printed, spread: WrittenClaim['spread']): PublishedClaim['spread'] {
  if (!spread || plusMinus === undefined) return undefined;
  const { kind, runs } = spread;
  const sd = {
    standard_deviation: plusMinus,
    standard_error: plusMinus * Math.sqrt(runs),
    interval: (plusMinus * Math.sqrt(runs)) / studentTQuantile(0.975, runs - 1),
  }[kind];
  return { sd, runs };
}
