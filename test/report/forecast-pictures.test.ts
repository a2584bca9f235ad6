import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/planning/plan.js';
import { besideNaive, forecastViews, type SplitForecasts } from '../../src/run/forecast-pictures.js';
import type { SeriesView } from '../../src/views/view.js';

const planOf = (steps: number, names: readonly string[], validates = true): Plan =>
  ({ data: { splits: { train: {}, ...(validates && { validation: {} }), test: {} }, outputs: { steps, names } } }) as unknown as Plan;

/** Truth counts up, and each forecast is one too high; the naive one is two too low. */
function forecastsOf(
  split: string,
  windows: number,
  outputs: number,
  series: readonly (string | undefined)[] = [undefined],
): SplitForecasts {
  const truth = Float32Array.from({ length: windows * outputs }, (_, at) => Math.floor(at / outputs));
  const host = (values: Float32Array) => ({ shape: [windows, outputs], values });
  return {
    split,
    collected: {
      output: host(truth.map((value) => value + 1)),
      target: host(truth),
      weight: { shape: [windows], values: new Float32Array(windows).fill(1) },
    },
    rows: Array.from({ length: windows }, (_, row) => {
      const name = series[Math.floor((row * series.length) / windows)];
      return { ...(name !== undefined && { series: name }), times: Array.from({ length: outputs }, (__, step) => `day ${row + step}`) };
    }),
    naive: { name: 'persistence', values: truth.map((value) => value - 2) },
  };
}

const named = (plan: Plan, forecasts: SplitForecasts, validating?: SplitForecasts) =>
  new Map(forecastViews(plan, forecasts, validating?.collected).map(({ name, view }) => [name, view]));

describe('forecastViews', () => {
  it('sets the forecast between truth, naive forecast and intervals that validation tells', () => {
    const views = named(planOf(1, ['sales']), forecastsOf('test', 5, 1), forecastsOf('validation', 20, 1));
    expect([...views.keys()]).toEqual(['forecast', 'residuals', 'residuals_distribution']);
    expect(views.get('forecast')).toEqual({
      kind: 'series',
      x: 'time',
      y: 'sales',
      at: ['day 0', 'day 1', 'day 2', 'day 3', 'day 4'],
      lines: [
        { name: 'truth', values: [0, 1, 2, 3, 4] },
        { name: 'forecast', values: [1, 2, 3, 4, 5] },
        { name: 'persistence', values: [-2, -1, 0, 1, 2] },
      ],
      bands: [80, 95].map((share) => ({ name: `${share} %`, low: [0, 1, 2, 3, 4], high: [2, 3, 4, 5, 6] })),
      note: 'shaded: intervals of 80 and 95 %, from 20 forecasts of validation; they hold 100 and 100 % of the truth here',
    });
    expect(views.get('residuals')).toMatchObject({ around: 0, lines: [{ name: 'residual', values: [-1, -1, -1, -1, -1] }] });
    expect(views.get('residuals_distribution')).toMatchObject({
      counts: [5],
      around: 0,
      note: 'mean -1.00, standard deviation 0 of 5 forecasts',
    });
  });

  it('has no interval where nothing validates, and says so', () => {
    const { bands, note } = named(planOf(1, ['sales'], false), forecastsOf('test', 5, 1)).get('forecast') as SeriesView;
    expect(bands).toBeUndefined();
    expect(note).toContain('no intervals: nothing validates');
  });

  it('lets no split judge itself', () => {
    const validation = forecastsOf('validation', 20, 1);
    const views = named(planOf(1, ['sales']), validation, validation);
    expect([...views.keys()]).toEqual(['forecast']);
    expect((views.get('forecast') as SeriesView).bands).toBeUndefined();
  });

  it('shows the last forecasts of the first series, and says so', () => {
    const view = named(planOf(1, ['sales']), forecastsOf('test', 1000, 1, ['north', 'south'])).get('forecast') as SeriesView;
    expect(view.at).toHaveLength(300);
    expect(view.at.at(-1)).toBe('day 499');
    expect(view.y).toBe('sales of north');
    expect(view.note).toContain('the first of 2 series; the last 300 of 500 forecasts');
  });

  it('shows the first and the last step of a horizon, of each target', () => {
    const views = named(planOf(3, ['a/b', 'load']), forecastsOf('test', 8, 6));
    expect([...views.keys()].filter((name) => name.startsWith('forecast'))).toEqual([
      'forecast_a_b',
      'forecast_a_b_3_ahead',
      'forecast_load',
      'forecast_load_3_ahead',
    ]);
    expect((views.get('forecast_load_3_ahead') as SeriesView).note).toContain('3 steps ahead');
    expect((views.get('forecast_load_3_ahead') as SeriesView).at[0]).toBe('day 2');
  });
});

describe('besideNaive', () => {
  const curve = (name: string, at: number) => ({
    kind: 'curve' as const,
    x: 'steps ahead',
    y: 'error',
    lines: [{ name, points: [[1, at] as const] }],
  });

  it('puts the error of the naive forecast beside that of the model, once', () => {
    const joined = besideNaive(curve('sales', 3), curve('sales', 5), 'persistence');
    expect(joined).toEqual({ ...curve('forecast', 3), lines: [...curve('forecast', 3).lines, ...curve('persistence', 5).lines] });
    expect(besideNaive(joined, curve('sales', 5), 'persistence')).toEqual(joined);
  });

  it('names the targets where there are several', () => {
    const bars = (...values: readonly number[]) => ({
      kind: 'bars' as const,
      x: 'target',
      y: 'error',
      bars: values.map((value, index) => ({ name: `t${index}`, value })),
    });
    const joined = besideNaive(bars(1, 2), bars(3, 4), 'drift');
    expect(joined).toMatchObject({
      bars: [{ name: 't0' }, { name: 't1' }, { name: 't0, drift', value: 3 }, { name: 't1, drift', value: 4 }],
    });
  });
});
