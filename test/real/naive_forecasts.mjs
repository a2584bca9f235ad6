// Our naive forecasts from the end of the series that naive_forecasts.py wrote: `node test/real/naive_forecasts.mjs FILE`. Exits with 1 where one is
// further than 1e-9 from sktime's, as a share of max(1, |value|).
import { readFileSync } from 'node:fs';
import { argv, exit } from 'node:process';
import { forecastsOf, levelOf } from '../../dist/stages/dataset/series/forecasts.js';

const MOST = 1e-9;
const { steps, cases } = JSON.parse(readFileSync(argv[2] ?? '', 'utf8'));
let isOff = false;
for (const { season, values, forecasts } of cases) {
  const series = Float64Array.from(values);
  /** @type {any} */
  const options = { targets: ['y'], mean_of_last: 2 };
  const naive = forecastsOf(options, { own: { season, levels: { y: levelOf([series]) } } })['y'] ?? {};
  for (const [name, theirs] of Object.entries(forecasts)) {
    const ours = Array.from({ length: steps }, (_, at) => naive[name]?.(series, series.length - 1, at + 1) ?? Number.NaN);
    const distance = ours.reduce((most, value, at) => {
      const each = Math.abs(value - theirs[at]) / Math.max(1, Math.abs(theirs[at]));
      return each <= most ? most : each;
    }, 0);
    isOff ||= !(distance <= MOST);
    console.log(`${distance <= MOST ? 'equal' : 'OFF  '} ${distance.toExponential(1)} ${name} of ${series.length} steps, season ${season}`);
  }
}
exit(isOff ? 1 : 0);
