import { expect, test } from 'vitest';
import { createStreams } from '../../src/random/streams.js';
import { oddForecasts } from '../../src/validity/threats.js';

/** What forecasts of one step ahead show of how they came about; sound ones show nothing. */

const { normal } = createStreams(3).stream('walk');
const noise = Float64Array.from({ length: 200 }, () => normal());
const more = Float64Array.from({ length: 200 }, () => normal());
let level = 0;
const walk = noise.map((step) => (level += step));
const wave = noise.map((value, t) => 10 * Math.sin(t / 3) + value);

const later = (values: Float64Array, steps: number): Float64Array =>
  values.map((_, at) => values[Math.min(values.length - 1, Math.max(0, at + steps))] ?? 0);
const near = (values: Float64Array, by: number): Float64Array => values.map((value, at) => value + by * (more[at] ?? 0));

test.each<[string, Float64Array, Float64Array, RegExp | undefined]>([
  ['a constant', walk, near(new Float64Array(200).fill(3), 1e-4), /^On test every forecast is nearly the same/],
  ['the last value', walk, later(walk, -1), /^The forecasts of test repeat the last value that was read/],
  ['nearly the last value', wave, near(later(wave, -1), 0.3), /repeat the last value/],
  ['the next value', wave, near(later(wave, 1), 0.3), /as near to the step after as to their own/],
  ['the truth', walk, walk, undefined],
  ['near the truth', wave, near(wave, 1), undefined],
  ['no better than noise of the truth', noise, near(noise, 1), undefined],
  ['half of the way from the last value', wave, wave.map((value, at) => (value + (wave[at - 1] ?? 0)) / 2), undefined],
  ['noise', noise, more, undefined],
])('%s', (_, truth, forecast, said) => {
  const [found, ...others] = oddForecasts({ split: 'test', forecast, truth });
  expect(others).toEqual([]);
  if (said) expect(found).toMatch(said);
  else expect(found).toBeUndefined();
});
