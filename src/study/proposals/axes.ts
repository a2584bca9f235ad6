import { normalCdf, normalQuantile } from '../../statistics/distributions.js';
import type { AxisConfig } from './document.js';

/** The values of one path: listed, or a function of a number in [0, 1), with the number that a value comes from. */
export type Values =
  { readonly listed: readonly unknown[] } | { readonly draw: (u: number) => number; readonly locate: (value: number) => number };

/** Numbers that nobody wrote down have so many digits: a person can copy them. */
const DIGITS = 6;

export function valuesOf(axis: AxisConfig): Values {
  if (isList(axis)) return { listed: axis };
  switch (axis.kind) {
    case 'choice':
      return { listed: axis.values };
    case 'range':
      return { listed: Array.from({ length: countOf(axis) ?? 0 }, (_, index) => tidy(axis.low + index * axis.step, 12)) };
    case 'integer':
      return { listed: Array.from({ length: countOf(axis) ?? 0 }, (_, index) => axis.low + index) };
    case 'uniform':
      return {
        draw: (u) => within(axis, axis.low + u * (axis.high - axis.low)),
        locate: (value) => share(value - axis.low, axis.high - axis.low),
      };
    case 'log_uniform':
      return {
        draw: (u) => within(axis, axis.low * (axis.high / axis.low) ** u),
        locate: (value) => share(Math.log(value / axis.low), Math.log(axis.high / axis.low)),
      };
    case 'normal':
      return {
        draw: (u) => tidy(axis.mean + axis.sd * normalQuantile(inside(u))),
        locate: (value) => normalCdf((value - axis.mean) / axis.sd),
      };
    default:
      return axis satisfies never;
  }
}

/** How many values are listed, without listing them; undefined where they are drawn. */
export function countOf(axis: AxisConfig): number | undefined {
  if (isList(axis)) return axis.length;
  switch (axis.kind) {
    case 'choice':
      return axis.values.length;
    case 'range':
      return Math.floor((axis.high - axis.low) / axis.step + 1e-9) + 1;
    case 'integer':
      return axis.high - axis.low + 1;
    default:
      return undefined;
  }
}

const isList = (axis: AxisConfig): axis is readonly unknown[] => Array.isArray(axis);

const tidy = (value: number, digits = DIGITS): number => Number(value.toPrecision(digits));
const within = ({ low, high }: { readonly low: number; readonly high: number }, value: number): number =>
  Math.min(high, Math.max(low, tidy(value)));

const share = (part: number, whole: number): number => (whole === 0 ? 0.5 : Math.min(1, Math.max(0, part / whole)));

/** As far out as 32 bits reach. */
const EDGE = 2 ** -33;
const inside = (u: number): number => Math.min(1 - EDGE, Math.max(EDGE, u));
