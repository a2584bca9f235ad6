import type { CellName, Claim, LimitClaim, PublishedClaim, Terms } from './claim.js';
import type { TableConfig, WrittenClaim } from './document.js';
import { type FormedClaim, formed, isKnown, isRows } from './forms.js';
import { type Printed, readPublished } from './published.js';
import type { ReferenceRuns } from './reference.js';
import { studentTQuantile } from '../../statistics/distributions.js';

/**
 * The claims of a table that no rule objects to, each in the one form that it has.
 *
 * @param references what each `reference:` text names, read before.
 */
export const readClaims = (config: TableConfig, references: ReadonlyMap<string, ReferenceRuns>): readonly Claim[] =>
  config.claims.map((claim) => readClaim(formed(claim), references, isKnown(config, claim.cell)));

function readClaim(written: FormedClaim, references: ReadonlyMap<string, ReferenceRuns>, isOfKnown: boolean): Claim {
  const terms = termsOf(written);
  const paired = written.paired === 'seed';
  switch (written.form) {
    case 'published': {
      const { cell, published, reading = 'mean' } = written;
      const printed = printedNumber(published);
      const spread = spreadOf(printed, written.spread);
      // A known number rounds to what is printed, or it does not.
      const exactly = isOfKnown && terms.margin === undefined ? { margin: 0 } : {};
      return { ...terms, ...exactly, kind: 'published', cell: cellName(cell), published: printed, reading, ...(spread && { spread }) };
    }
    case 'reference': {
      const { cell, reference, printed } = written;
      const read = references.get(reference);
      if (!read) throw new Error(`the reference ${reference} was not read`);
      return { ...terms, kind: 'reference', cell: cellName(cell), ...read, ...(printed !== undefined && { printed }) };
    }
    case 'at_most':
      return { ...terms, kind: 'limit', ...limitOf(written, written.at_most), side: 'at_most' };
    case 'at_least':
      return { ...terms, kind: 'limit', ...limitOf(written, written.at_least), side: 'at_least' };
    case 'lower':
    case 'higher': {
      const { form, than, by = 0, probability, test, share } = written;
      const claimed = form === 'lower' ? written.lower : written.higher;
      if (isRows(claimed) && isRows(than)) {
        const sides = { of: cellNames(claimed), than: cellNames(than) };
        return { ...terms, kind: 'across', direction: form, ...sides, by, ...(test === 'sign' && { test }) };
      }
      if (isRows(claimed) || isRows(than)) throw new Error('a rule has both sides alike');
      const order = { direction: form, of: cellName(claimed), than: cellName(than), by, paired };
      if (probability !== undefined) return { ...terms, kind: 'probability', ...order, bound: probability };
      return { ...terms, kind: 'rank', ...order, ...(test === 'sign' && { test }), ...(share !== undefined && { share }) };
    }
    case 'ratio': {
      const { of, to, at_least: atLeast, at_most: atMost = 1 } = written.ratio;
      const side = atLeast === undefined ? 'at_most' : 'at_least';
      return { ...terms, kind: 'ratio', of: cellName(of), to: cellName(to), side, bound: atLeast ?? atMost, paired };
    }
    case 'equivalent': {
      const [of, to] = written.equivalent;
      return { ...terms, kind: 'equivalent', of: cellName(of), to: cellName(to), margin: written.margin, paired };
    }
    case 'ranks': {
      const { methods, column, best } = written.ranks;
      const names = Object.keys(methods);
      const of = Object.values(methods).map((rows) => cellNames({ rows, column }));
      const dataSets = of[0]?.length ?? 0;
      return { ...terms, kind: 'ranks', methods: names, of, dataSets, ...(best !== undefined && { best: names.indexOf(best) }) };
    }
    default:
      return written satisfies never;
  }
}

const limitOf = ({ cell, of, share }: WrittenClaim, bound: number | string): Pick<LimitClaim, 'cell' | 'bound' | 'share'> => ({
  cell: cellName(cell),
  bound: typeof bound === 'number' ? bound : printedNumber(bound),
  ...(of === 'runs' && share !== undefined && { share }),
});

const termsOf = (written: WrittenClaim): Terms => ({
  confidence: written.confidence ?? 0.95,
  ...(written.margin !== undefined && { margin: written.margin }),
  ...(written.because !== undefined && { because: written.because }),
  ...(written.source !== undefined && { source: written.source }),
  ...(written.device_bound && { deviceBound: written.device_bound }),
  ...(written.diverged === 'exclude' && { excludesDiverged: true }),
  ...(written.deterministic && { deterministic: true }),
});

const cellNames = ({ rows, column }: { readonly rows: readonly string[]; readonly column: string }): readonly CellName[] =>
  rows.map((row) => [row, column]);

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
