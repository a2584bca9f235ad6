import type { Problem } from '../../diagnostics/diagnostic.js';
import { type CellName, cellsOf, type Claim } from './claim.js';
import type { TableConfig, WrittenClaim } from './document.js';
import { formsOf } from './forms.js';
import * as messages from './messages.js';
import { type Printed, readPublished } from './published.js';
import { ANYWHERE, type Interval } from '../../statistics/means.js';
import { isByDefault, type KnownMetric, marginOf, weaknessOf, zoneOf } from './zones.js';

/** A metric as the plan of a row knows it. */
export interface PlannedMetric extends KnownMetric {
  readonly metric: string;
  /** `share`, `percent`, `` for none. */
  readonly unit: string;
}

/**
 * Claims beside what their metrics can be: a number that no run can give, as 98.7 of a share; and a zone that holds what a model reaches that has
 * learned nothing, so that *reproduced* would tell nothing. One that nobody chose is a mistake, one that a person declares is a warning.
 *
 * @param known what is planned of a cell; undefined where its row cannot be planned.
 */
export function implausible(
  { claims: written }: TableConfig,
  claims: readonly Claim[],
  known: (cell: CellName) => PlannedMetric | undefined,
): readonly Problem[] {
  return claims.flatMap((claim, index): readonly Problem[] => {
    const [cell] = cellsOf(claim);
    const [metric, claimed] = [cell && known(cell), written[index]];
    const form = claimed && formsOf(claimed)[0];
    if (!metric || !claimed || form === undefined) return [];
    const path = ['claims', index] as const;
    const outside = outOfRange(claim, claimed, metric);
    if (outside) return [{ ...outside.words, path: [...path, outside.key] }];
    const weak = wordsOfWeakness(claim, metric);
    if (weak) return [{ ...weak, path: [...path, form], severity: isByDefault(claim) ? 'error' : 'warning' }];
    return inPercent(claim, metric).map((words) => ({ ...words, path: [...path, form], severity: 'warning' }));
  });
}

type Key = keyof WrittenClaim;

/** The first number of a claim that its metric cannot be, with the key that it stands at. */
function outOfRange(
  claim: Claim,
  written: WrittenClaim,
  { metric, range = ANYWHERE, unit }: PlannedMetric,
): { readonly key: Key; readonly words: messages.Words } | undefined {
  const isOutside = ({ value, unit: step }: Pick<Printed, 'value' | 'unit'>): boolean =>
    value + step / 2 < range[0] || value - step / 2 > range[1];
  const about = { metric, range };
  const shareOf = (value: number): string | undefined => (unit === 'share' && value > 1 && value <= 100 ? percentOf(value) : undefined);
  switch (claim.kind) {
    case 'published': {
      const { published } = claim;
      if (!isOutside(published)) return undefined;
      const guess = unit === 'share' && published.value > 1 && published.value <= 100 ? `${published.text} %` : undefined;
      return {
        key: 'published',
        words: messages.outOfRange(published.text, about, guess && readPublished(guess) ? JSON.stringify(guess) : undefined),
      };
    }
    case 'reference': {
      const value = claim.runs.find((run) => isOutside({ value: run, unit: claim.printed }));
      return value === undefined ? undefined : { key: 'reference', words: messages.runOutOfRange(value, about, shareOf(value)) };
    }
    case 'limit': {
      const { bound, side } = claim;
      const printed = typeof bound === 'number' ? { value: bound, unit: 0, text: String(bound) } : bound;
      if (!isOutside(printed)) return undefined;
      const guess = typeof bound === 'number' ? shareOf(bound) : shareOf(bound.value) && JSON.stringify(`${bound.text} %`);
      return { key: side, words: messages.outOfRange(printed.text, about, guess) };
    }
    case 'rank':
    case 'probability':
    case 'across':
      return written.by !== undefined && claim.by >= range[1] - range[0]
        ? { key: 'by', words: messages.differenceOutOfRange(claim.by, about, shareOf(claim.by)) }
        : undefined;
    case 'ranks':
    case 'ratio':
    case 'equivalent':
      return undefined;
    default:
      return claim satisfies never;
  }
}

const percentOf = (value: number): string => String(Number((value / 100).toPrecision(12)));

function wordsOfWeakness(claim: Claim, known: PlannedMetric): messages.Words | undefined {
  const weakness = weaknessOf(claim, known);
  if (weakness === undefined) return undefined;
  const { metric, chance = Number.NaN, range = ANYWHERE, unit } = known;
  const what = weakness === 'holds chance' ? { metric, chance } : { metric, range };
  if (claim.kind === 'equivalent') return messages.wideMargin(claim.margin, what, unit === 'share' && claim.margin >= 1);
  const zone = zoneOf(claim);
  if (!zone || (claim.kind !== 'published' && claim.kind !== 'reference' && claim.kind !== 'limit')) return undefined;
  const center = centerOf(claim);
  const farther = center - range[0] > range[1] - center ? range[0] : range[1];
  const forbidden = weakness === 'holds chance' ? chance : claim.kind === 'limit' ? center : farther;
  return messages.weakZone({
    zone,
    what,
    isByDefault: isByDefault(claim),
    margin: claim.kind === 'limit' ? undefined : marginOf(claim),
    isSpread: claim.kind === 'reference' && claim.margin === undefined && marginOf(claim) > claim.printed,
    isPercent: unit === 'share' && (claim.margin ?? 0) >= 1,
    ...remedyOf(claim, forbidden),
  });
}

const centerOf = (claim: Extract<Claim, { kind: 'published' | 'reference' | 'limit' }>): number => {
  const zone: Interval = zoneOf(claim) ?? ANYWHERE;
  if (claim.kind === 'limit') return typeof claim.bound === 'number' ? claim.bound : claim.bound.value;
  return (zone[0] + zone[1]) / 2;
};

/** What would leave the value out: a smaller margin, or where the print alone is too coarse, one with more places. */
function remedyOf(
  claim: Extract<Claim, { kind: 'published' | 'reference' | 'limit' }>,
  forbidden: number,
): { readonly enough?: number; readonly finer?: string } {
  const center = centerOf(claim);
  const printed =
    claim.kind === 'published' ? claim.published : claim.kind === 'limit' && typeof claim.bound !== 'number' ? claim.bound : undefined;
  const room = Math.abs(center - forbidden) - (printed?.unit ?? 0) / 2;
  const least = claim.kind === 'reference' ? claim.printed : (printed?.unit ?? 0) / 5;
  if (claim.kind !== 'limit' && room > least)
    return { enough: Math.max(roundBelow(room / 2), claim.kind === 'reference' ? claim.printed : 0) };
  if (!printed || center === forbidden) return {};
  const places = [1, 2, 3, 4].find((more) => 1.5 * 10 ** -more < Math.abs(center - forbidden));
  return places === undefined ? {} : { finer: center.toFixed(places) };
}

/** 0.046 -> 0.02: 1, 2 or 5 times a power of ten. */
function roundBelow(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const digit = [5, 2, 1].find((candidate) => candidate * power <= value) ?? 1;
  return Number((digit * power).toPrecision(1));
}

/** A metric that counts in percent, and a number that was written as a share, or with a sign that makes it one. */
function inPercent(claim: Claim, { metric, unit }: PlannedMetric): readonly messages.Words[] {
  const printed =
    claim.kind === 'published' ? claim.published : claim.kind === 'limit' && typeof claim.bound !== 'number' ? claim.bound : undefined;
  const value = printed?.value ?? (claim.kind === 'limit' && typeof claim.bound === 'number' ? claim.bound : undefined);
  if (value === undefined || !['percent', '%'].includes(unit) || value <= 0 || value > 1) return [];
  return [messages.shareOfPercent(printed?.text ?? String(value), metric, String(Number((100 * value).toPrecision(12))))];
}
