import { readFileSync } from 'node:fs';
import type { Stream } from '../src/random/streams.js';

/** How the results of one experiment spread over seeds. */
export interface Shape {
  readonly name: string;
  readonly mean: number;
  readonly sd: number;
  readonly draw: Draw;
}
export type Draw = (stream: Stream) => number;

const normal: Shape = { name: 'normal', mean: 0, sd: 1, draw: (stream) => stream.normal() };

const lognormal = logNormal('lognormal', 0.5);
const skewed = logNormal('lognormal, log-sd 1', 1);

/** 29 runs in 30 close together, one far up; and one in ten. */
const accidents = mixture('rare accidents', [
  { value: 1.05, weight: 29, spread: 0.02 },
  { value: 1.4, weight: 1, spread: 0.02 },
]);
const oftenAccidents = mixture('accidents, 1 in 10', [
  { value: 1.05, weight: 9, spread: 0.02 },
  { value: 1.4, weight: 1, spread: 0.02 },
]);

/** A normal seen through rounding to whole standard deviations. */
const rounded: Shape = { name: 'rounded to 1 sd', mean: 0, sd: Math.sqrt(1 + 1 / 12), draw: (stream) => Math.round(stream.normal()) };

/** Published runs of the d2l book, spread evenly over what each printed value may have been; near the bound of 1 over a fifth of it. */
const lstm = ofReference('LSTM of d2l', 'lstm_scratch', 0.1);
const deep = ofReference('deep LSTM of d2l', 'deep_lstm', 0.02);

/** Around 0 with sd 1: what a published number is judged with. */
export const STANDARD: readonly Shape[] = [normal, lognormal, skewed, accidents, oftenAccidents, lstm, rounded].map(standard);
export const NORMAL = standard(normal).draw;
export const SKEWED = standard(skewed).draw;
export const OFTEN = standard(oftenAccidents).draw;

/** In the units of a perplexity: what a reference is judged with, printed to 0.1. */
export const PERPLEXITIES: readonly Shape[] = [scaled(normal, 1.4, 0.085), scaled(lognormal, 1.15, 0.06), accidents, lstm, deep];

function standard(shape: Shape): Shape {
  return { ...shape, mean: 0, sd: 1, draw: (stream) => (shape.draw(stream) - shape.mean) / shape.sd };
}

/** ln of it is normal with this sd: mean e^(s²/2), variance (e^(s²) - 1) e^(s²). */
function logNormal(name: string, logSd: number): Shape {
  const [mean, square] = [Math.exp(logSd ** 2 / 2), Math.exp(logSd ** 2)];
  return { name, mean, sd: Math.sqrt((square - 1) * square), draw: (stream) => Math.exp(logSd * stream.normal()) };
}

function scaled(shape: Shape, mean: number, sd: number): Shape {
  return { ...shape, mean, sd, draw: (stream) => mean + (sd * (shape.draw(stream) - shape.mean)) / shape.sd };
}

interface Part {
  readonly value: number;
  readonly weight: number;
  /** Standard deviation around the value. */
  readonly spread: number;
}

function mixture(name: string, parts: readonly Part[], noise: (stream: Stream) => number = (stream) => stream.normal()): Shape {
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  const mean = parts.reduce((sum, { value, weight }) => sum + value * weight, 0) / total;
  const variance = parts.reduce((sum, { value, weight, spread }) => sum + weight * ((value - mean) ** 2 + spread ** 2), 0) / total;
  return {
    name,
    mean,
    sd: Math.sqrt(variance),
    draw(stream) {
      let left = stream.integer(total);
      const part = parts.find(({ weight }) => (left -= weight) < 0) ?? { value: Number.NaN, spread: 0 };
      return part.value + part.spread * noise(stream);
    },
  };
}

function ofReference(name: string, row: string, width: number): Shape {
  const file = new URL('../experiments/references/time_machine_d2l.json', import.meta.url);
  const { perplexity } = JSON.parse(readFileSync(file, 'utf8')) as { perplexity: Record<string, Record<string, Record<string, number>>> };
  const spread = width / Math.sqrt(12);
  const parts = Object.entries(perplexity[row]?.['pytorch'] ?? {}).map(([value, weight]) => ({ value: Number(value), weight, spread }));
  return mixture(name, parts, (stream) => Math.sqrt(12) * (stream.uniform() - 0.5));
}
