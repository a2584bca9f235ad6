import { describe, expect, it } from 'vitest';
import { curveChart, viewChart } from '../../src/report/kit/chart.js';
import { renderSvg } from '../../src/report/kit/render.js';
import { runCharts } from '../../src/report/run/run-charts.js';
import { sweepChart, sweepInWords } from '../../src/report/study/sweep-chart.js';
import { VIEWS } from '../views/views.js';
import { points, RUN } from './fixture.js';

const labelOf = (svg: string): string | undefined => /^<svg role="img" aria-label="([^"]*)"/.exec(svg)?.[1];

describe('a picture says in words', () => {
  it('what curves measure, where they begin and end, and what they are compared with', async () => {
    const series = [
      { name: 'train', points: points(0.3, 0.5, 0.1) },
      { name: 'test', points: points(0.25, Number.NaN) },
      { name: 'lost', points: points(Number.NaN) },
    ];
    const chart = curveChart({ title: 'adding: loss', measure: 'loss (nats)', series, levels: [{ name: 'chance', value: 0.25 }] });
    expect(labelOf(await renderSvg(chart))).toBe(
      'adding: loss. loss (nats) over epochs. train: 0.300 at epoch 1, 0.100 at epoch 3, between 0.100 and 0.500 on the way; ' +
        'test: 0.250 at epoch 1; lost: no number. Dashed: chance, 0.25.',
    );
  });

  it('what every kind of view shows', () => {
    const said = VIEWS.flatMap((view) => (view.kind === 'text' ? [] : [viewChart(view, 'a title', '').description]));
    expect(said).toMatchInlineSnapshot(`
      [
        "a title. 2 rows of right class by 2 columns of answer. cat: mostly cat, 3 of 4; dog: mostly dog, 4 of 4.",
        "a title. true positives over false positives. cat: 0 at 0, 1.00 at 0.250.",
        "a title. recall by class. cat: 0.750.",
        "a title. passengers over month. truth: 417 at 1960-01.",
        "a title. 6 forecasts by error, from -0.500 to 1.50; most of them, 3, from 0 to 0.500.",
        "a title. What counted most in 1 example. line 7, cat (80 %), right is dog: barked 0.750, it 0.125.",
      ]
    `);
  });

  it('which configuration of a sweep is the best, and which the worst', () => {
    const cell = (size: number, mean: number | undefined) => ({ at: [size], mean, interval: undefined });
    const picture = {
      title: 'sizes',
      measure: 'test/loss',
      better: 'lower' as const,
      axes: ['size'],
      cells: [cell(4, 0.5), cell(8, 0.25), cell(16, undefined)],
    };
    expect(sweepChart(picture).description).toBe(
      'sizes. test/loss of 3 configurations of size; lower is better. Best size 8: 0.2500; worst size 4: 0.5000.',
    );
    expect(sweepInWords({ ...picture, cells: [] })).toBe('sizes. test/loss of 0 configurations of size: none came to a number.');
  });
});

it('a curve says its name to who points at it, and nothing else in a picture is read out', async () => {
  const [loss] = await Promise.all(runCharts(RUN).map(({ spec }) => renderSvg(spec)));
  const inside = (loss ?? '').replace(/^<svg[^>]*>/, '');
  expect([...inside.matchAll(/(?:role|aria-[a-z]+|data-told)="([^"]*)"/g)].map(([, name]) => name)).toEqual(['train', 'test']);
  expect(loss).toMatch(/^<svg[^>]* data-x="linear 0 20 0 400" data-y="linear [^"]* 260 0"/);
});
