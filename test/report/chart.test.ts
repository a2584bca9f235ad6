import { compile } from 'vega-lite';
import { describe, expect, it } from 'vitest';
import { curveChart, type CurveChart, viewChart } from '../../src/report/kit/chart.js';
import { decideScale, downsample, finitePieces, pixelOf, placesToTell } from '../../src/report/kit/scale.js';
import { renderPng, renderSvg } from '../../src/report/kit/render.js';
import { runCharts } from '../../src/report/run/run-charts.js';
import fc from '../support/properties.js';
import { points, RUN } from './fixture.js';

const chart = (change: Partial<CurveChart> = {}): CurveChart => ({
  title: 'loss',
  measure: 'loss',
  series: [{ name: 'train', points: points(0.3, 0.2, 0.1) }],
  ...change,
});

/** The words of a picture, in order. */
const wordsOf = (svg: string): readonly string[] => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text ?? '');

/** Where words of a picture stand: `translate(x,y)` of each text that matches. */
const placesOf = (svg: string, words: RegExp): readonly (readonly [number, number])[] =>
  [...svg.matchAll(/<text[^>]*transform="translate\(([-\d.]+),([-\d.]+)\)[^>]*>([^<]*)</g)]
    .filter(([, , , text]) => words.test(text ?? ''))
    .map(([, x, y]) => [Number(x), Number(y)]);

describe('decideScale', () => {
  it.each<[string, readonly number[], object, ReturnType<typeof decideScale>]>([
    [
      'a share that is well above zero',
      [0.1, 0.93],
      { unit: 'share' },
      { type: 'linear', domain: [0, 1], ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] },
    ],
    ['small shares', [0.001, 0.004], { unit: 'share' }, { type: 'linear', domain: [0, 0.004], ticks: [0, 0.001, 0.002, 0.003, 0.004] }],
    [
      'a falling loss',
      [0.2365, 0.007],
      { logarithmic: true },
      { type: 'log', domain: [0.005, 0.5], ticks: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5] },
    ],
    [
      'a loss that fell little',
      [0.2, 0.1],
      { logarithmic: true },
      { type: 'linear', domain: [0.1, 0.2], ticks: [0.1, 0.12, 0.14, 0.16, 0.18, 0.2] },
    ],
    ['zero among them: no logarithm', [1, 0], { logarithmic: true }, { type: 'linear', domain: [0, 1], ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] }],
    ['many decades', [1e-9, 10], { logarithmic: true }, { type: 'log', domain: [1e-9, 10], ticks: [1e-9, 1e-7, 1e-5, 0.001, 0.1, 10] }],
    ['nothing', [], {}, { type: 'linear', domain: [0, 1], ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] }],
    ['all zero', [0, 0], {}, { type: 'linear', domain: [0, 1], ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] }],
    [
      'what is not finite',
      [Number.NaN, 2, Number.POSITIVE_INFINITY, 1],
      {},
      { type: 'linear', domain: [1, 2], ticks: [1, 1.2, 1.4, 1.6, 1.8, 2] },
    ],
  ])('%s', (_, values, hints, scale) => {
    expect(decideScale(values, hints)).toEqual(scale);
  });

  it('holds every value, and its ticks rise within its ends', () => {
    const value = fc.double({ min: -1e15, max: 1e15, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), fc.boolean(), (values, logarithmic) => {
        const scale = decideScale(values, { logarithmic });
        const slack = (scale.domain[1] - scale.domain[0]) * 1e-9;
        for (const one of values) {
          expect(one).toBeGreaterThanOrEqual(scale.domain[0] - slack);
          expect(one).toBeLessThanOrEqual(scale.domain[1] + slack);
        }
        expect(scale.ticks.length).toBeGreaterThan(1);
        expect(scale.ticks.length).toBeLessThanOrEqual(11);
        expect(scale.ticks).toEqual([...new Set(scale.ticks)].toSorted((a, b) => a - b));
      }),
    );
  });

  it('puts the middle of a logarithm half way', () => {
    expect(pixelOf({ type: 'log', domain: [0.01, 1], ticks: [] }, 0.1, 300)).toBeCloseTo(150, 9);
    expect(pixelOf({ type: 'linear', domain: [0, 4], ticks: [] }, 1, 300)).toBe(225);
  });
});

describe('curves', () => {
  it('break where there is no number', () => {
    const pieces = finitePieces(points(Number.NaN, 1, 2, Number.POSITIVE_INFINITY, 3));
    expect(pieces.map((piece) => piece.map(({ step }) => step))).toEqual([[2, 3], [5]]);
  });

  it('keep their ends, their order and every extreme when they are thinned out', () => {
    const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 500 });
    fc.assert(
      fc.property(values, fc.integer({ min: 6, max: 100 }), (numbers, limit) => {
        const all = points(...numbers);
        const kept = downsample(all, limit);
        expect(kept.length).toBeLessThanOrEqual(limit);
        expect(kept[0]).toBe(all[0]);
        expect(kept.at(-1)).toBe(all.at(-1));
        expect(kept.map(({ step }) => step)).toEqual(kept.map(({ step }) => step).toSorted((a, b) => a - b));
        const extremes = (list: typeof kept) => [Math.min(...list.map(({ value }) => value)), Math.max(...list.map(({ value }) => value))];
        expect(extremes(kept)).toEqual(extremes(all));
      }),
    );
  });
});

describe('curveChart', () => {
  it.each<[string, Partial<CurveChart>]>([
    ['one epoch', { series: [{ name: 'train', points: points(0.3) }] }],
    ['no epoch', { series: [{ name: 'train', points: [] }] }],
    ['no series', { series: [] }],
    ['no number', { series: [{ name: 'train', points: points(Number.NaN, Number.NEGATIVE_INFINITY) }] }],
    ['all equal', { series: [{ name: 'train', points: points(0.25, 0.25) }] }],
    [
      '10,000 epochs',
      { logarithmic: true, series: [{ name: 'train', points: points(...Array.from({ length: 10_000 }, (_, i) => 1 / (i + 1))) }] },
    ],
    [
      'a band',
      {
        series: [
          {
            name: 'mean',
            points: points(1, 2),
            band: [
              { step: 1, low: 0.5, high: 1.5 },
              { step: 2, low: Number.NaN, high: 3 },
            ],
          },
        ],
      },
    ],
    ['a level that is not a number', { levels: [{ name: 'chance', value: Number.NaN }] }],
    ['words that need escaping', { title: '<b>&"', series: [{ name: '<i>&', points: points(1) }] }],
  ])('draws %s without a warning', async (_, change) => {
    const warnings: string[] = [];
    const logger = {
      level: () => logger,
      warn: (...words: readonly unknown[]) => (warnings.push(words.join(' ')), logger),
      info: () => logger,
      debug: () => logger,
      error: () => logger,
    };
    compile(curveChart(chart(change)), { logger });
    expect(warnings).toEqual([]);
    const svg = await renderSvg(curveChart(chart(change)));
    expect(svg).toMatch(/^<svg[^>]*>[\s\S]*<\/svg>$/);
    expect(svg).not.toMatch(/ (?:d|transform|[xy]2?|width|height)="[^"]*(?:NaN|Infinity|undefined)/);
  });

  it('is the same text for the same data', async () => {
    const draw = () => renderSvg(curveChart(chart({ levels: [{ name: 'chance', value: 0.25 }] })));
    expect(await draw()).toBe(await draw());
  });

  it('names curves and levels at their ends, with what they ended at', async () => {
    const svg = await renderSvg(curveChart(chart({ levels: [{ name: 'chance', value: 0.25 }] })));
    expect(wordsOf(svg)).toEqual(expect.arrayContaining(['train: 0.100', 'chance: 0.25', 'epoch', 'loss']));
  });

  it('keeps names that end close together a line apart, in the order of their curves and inside the picture', async () => {
    const series = [0.1, 0.1002, 0.1001, 0.0999].map((end, index) => ({ name: `net${index}`, points: points(0.3, end) }));
    const svg = await renderSvg(curveChart(chart({ series })));
    const places = placesOf(svg, /^net/).map(([, y]) => y);
    const names = wordsOf(svg).filter((word) => word.startsWith('net'));
    expect(names.map((name) => name.slice(0, 4))).toEqual(['net1', 'net2', 'net0', 'net3']);
    places.slice(1).forEach((y, index) => expect(y - (places[index] ?? 0)).toBeGreaterThanOrEqual(14.9));
    expect(Math.max(...places)).toBeLessThanOrEqual(305);
  });

  it('says where a curve left the numbers', async () => {
    const svg = await renderSvg(curveChart(chart({ series: [{ name: 'train', points: points(1, 2, Number.POSITIVE_INFINITY) }] })));
    expect(wordsOf(svg)).toEqual(expect.arrayContaining(['Infinity', 'train: Infinity']));
  });

  it('cuts names that are too long for the picture', async () => {
    const svg = await renderSvg(curveChart(chart({ title: 'long '.repeat(60), width: 300 })));
    const title = wordsOf(svg).find((word) => word.startsWith('long'));
    expect(title).toMatch(/…$/);
    expect((title ?? '').length).toBeLessThan(40);
  });
});

describe('runCharts', () => {
  it('draws a picture per metric, the loss first, speed not at all', () => {
    expect(runCharts(RUN).map(({ name }) => name)).toEqual(['loss', 'exact_match']);
  });

  it('shows the baselines of a metric where there are some', async () => {
    const baselines = { 'test/exact_match': { uniform: 0.001, unigram: 0.009 } };
    const match = runCharts({ ...RUN, baselines }).find(({ name }) => name === 'exact_match');
    const words = wordsOf(match ? await renderSvg(match.spec) : '');
    expect(words).toEqual(expect.arrayContaining(['uniform: 0.001', 'unigram: 0.009']));
    expect(words.join()).not.toContain('chance');
  });

  it('shows both splits, the chance level, the seed and the run', async () => {
    const [loss, match] = await Promise.all(runCharts(RUN).map(({ spec }) => renderSvg(spec)));
    expect(wordsOf(loss ?? '')).toEqual(
      expect.arrayContaining(['lstm_addition: loss', 'loss (mean squared error)', 'seed 1, run 3f2a9c44', 'train: 0.0160', 'test: 0.0144']),
    );
    expect(wordsOf(match ?? '')).toEqual(expect.arrayContaining(['exact match (share)', 'test: 0.971', 'chance: 0.009']));
  });
});

describe('renderPng', () => {
  it('draws its words without any font of the system', async () => {
    const [first] = runCharts(RUN);
    const svg = first ? await renderSvg(first.spec) : '';
    const png = await renderPng(svg);
    const wordless = await renderPng(svg.replaceAll(/<text[\s\S]*?<\/text>/g, ''));
    if (!png || !wordless) return;
    expect([...png.subarray(1, 4)].map((byte) => String.fromCharCode(byte)).join('')).toBe('PNG');
    expect(png.length).toBeGreaterThan(wordless.length + 2000);
    expect(await renderPng(svg)).toEqual(png);
  });
});

describe('placesToTell', () => {
  const months = (from: number, count: number): readonly string[] =>
    Array.from({ length: count }, (_, at) => new Date(Date.UTC(1950, from + at)).toISOString().slice(0, 7));

  it.each<[string, readonly string[], readonly string[]]>([
    ['years where some begin', months(0, 48), ['1950', '1951', '1952', '1953']],
    ['not the year in whose midst the series begins', months(5, 48), ['1951', '1952', '1953', '1954']],
    [
      'months within a year, each a stride apart',
      months(10, 14),
      ['1950-11', '1951-01', '1951-03', '1951-05', '1951-07', '1951-09', '1951-11'],
    ],
    [
      'hours within a day',
      Array.from({ length: 5 }, (_, hour) => `2024-02-29T0${hour}:00:00`),
      ['2024-02-29 00', '2024-02-29 01', '2024-02-29 02', '2024-02-29 03', '2024-02-29 04'],
    ],
    ['numbers that count', Array.from({ length: 101 }, (_, at) => String(at)), Array.from({ length: 11 }, (_, at) => String(10 * at))],
    ['nothing', [], []],
  ])('%s', (_, at, told) => expect([...placesToTell(at, 560).values()]).toEqual(told));

  it('leaves room for every text', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.integer({ min: 100, max: 900 }), (at, pixels) => {
        const told = [...placesToTell(at, pixels).values()];
        const widest = Math.max(1, ...told.map(({ length }) => length));
        expect(told.length).toBeLessThanOrEqual(Math.max(2, Math.floor(pixels / (widest * 7))) + 1);
      }),
    );
  });
});

describe('a view', () => {
  const at = ['1960-01', '1960-02', '1960-03'];
  const lines = ['truth', 'forecast', 'persistence'].map((name, index) => ({ name, values: [400 + index, 410, 420] }));
  const drawn = (view: Parameters<typeof viewChart>[0]): Promise<string> => renderSvg(viewChart(view, 'sales: forecast of test', 'seed 1'));

  it('of a series has an axis near its values, each line named, and areas of its bands', async () => {
    const bands = [{ name: '95 %', low: [390, 400, 410], high: [410, 420, 430] }];
    const svg = await drawn({ kind: 'series', x: 'time', y: 'sales', at, lines, bands, note: 'the last 3 of 9 forecasts' });
    expect(wordsOf(svg)).toEqual(expect.arrayContaining(['truth', 'forecast', 'persistence', '390', '1960-02']));
    expect(svg).toContain('the last 3 of 9 forecasts');
    expect(wordsOf(svg)).not.toContain('0');
    expect(svg.match(/mark-area/g)).toHaveLength(1);
    // The naive one is dashed.
    expect(svg).toContain('stroke-dasharray="5,2"');
  });

  it('of values around a level has a stick for each', async () => {
    const svg = await drawn({ kind: 'series', x: 'time', y: 'error', at, lines: [{ name: 'residual', values: [3, -2, 1] }], around: 0 });
    expect(svg.match(/data-told="1960-0\d, residual: /g)).toHaveLength(3);
    expect(svg).not.toContain('mark-line');
  });

  const matrixOf = (size: number, more: object = {}) => {
    const names = Array.from({ length: size }, (_, index) => `class ${index}`);
    const values = names.map((_, r) => names.map((__, c) => (r === c ? 3 : c === (r + 1) % size ? 1 : 0)));
    return drawn({ kind: 'matrix', rows: { title: 'right', names }, columns: { title: 'answer', names }, values, ...more });
  };

  it('of counts has the share of its row below each, which is told too', async () => {
    const svg = await matrixOf(3, { shares: 'rows' });
    expect(wordsOf(svg).filter((word) => word === '75 %')).toHaveLength(3);
    expect(wordsOf(svg).filter((word) => word === '0')).toHaveLength(3);
    expect(svg.match(/data-told="class \d as class \d: 1 of 4 \(25 %\)"/g)).toHaveLength(3);
    expect(wordsOf(await matrixOf(3)).filter((word) => word.includes('%'))).toEqual([]);
  });

  it('of many classes writes the counts that are not 0, of more it draws them alone; names have room', async () => {
    const names = (svg: string) => wordsOf(svg).filter((word) => word.startsWith('class '));
    const of20 = await matrixOf(20, { shares: 'rows' });
    expect([wordsOf(of20).filter((word) => word === '0').length, wordsOf(of20).filter((word) => word === '3').length]).toEqual([0, 20]);
    expect(of20.match(/data-told=/g)).toHaveLength(400);
    expect(names(of20)).toHaveLength(40);
    const of100 = await matrixOf(100, { shares: 'rows' });
    expect(of100.match(/data-told=/g)).toHaveLength(200);
    expect(wordsOf(of100)).not.toContain('3');
    // Rows of 5 pixels, and words of 12.
    expect(names(of100)).toHaveLength(34 + 25);
  });

  it('of bars tells names that begin alike apart, and each value to who points at it', async () => {
    const bars = ['upper', 'lower'].map((part, index) => ({ name: `an activity number ${index} of the ${part} body`, value: index / 2 }));
    const svg = await drawn({ kind: 'bars', x: 'class', y: 'recall', bars });
    expect(svg).toContain('data-told="an activity number 1 of the lower body: 0.500"');
    const long = await drawn({
      kind: 'bars',
      x: 'class',
      y: 'recall',
      bars: bars.map(({ name, value }) => ({ name: name.replace(/\d /, ''), value })),
    });
    expect(wordsOf(long)).toEqual(expect.arrayContaining(['an activity…e upper body', 'an activity…e lower body']));
  });

  it('of more lines than there are colours has some dashed, and says what it leaves out', async () => {
    const ten = Array.from({ length: 10 }, (_, index) => ({ name: `class ${index}`, points: [[0, 0], [1, index]] as const })); // prettier-ignore
    const svg = await drawn({ kind: 'curve', x: 'others', y: 'members', lines: ten, note: 'the 10 classes of 20' });
    const looks = [...svg.matchAll(/data-told="class \d"[^>]*/g)].map(([mark]) => mark.match(/stroke(?:-dasharray)?="[^"]*"/g)?.join());
    expect(looks).toHaveLength(10);
    expect(new Set(looks).size).toBe(10);
    expect(svg).toContain('the 10 classes of 20');
  });

  it('of texts has a ground for each token, in lines that are as wide as the picture at most', async () => {
    const tokens = Array.from({ length: 60 }, (_, place) => `word${place}`);
    const weights = tokens.map((_, place) => place / 100);
    const rows = [{ name: 'line 7', note: 'cat (80 %)', tokens, weights }];
    const svg = await drawn({ kind: 'tokens', separator: ' ', rows });
    expect(wordsOf(svg)).toEqual(expect.arrayContaining(['line 7: cat (80 %)', ...tokens]));
    const grounds = [...svg.matchAll(/data-told="word(\d+): [^"]*" d="M([\d.]+),([\d.]+)h([\d.]+)[^"]*"[^>]* opacity="([\d.]+)"/g)].map(
      ([, ...parts]) => parts.map(Number),
    );
    expect(grounds).toHaveLength(60);
    for (const [place = 0, left = 0, , wide = 0, opacity] of grounds) {
      expect(left + wide).toBeLessThanOrEqual(640);
      expect(opacity).toBeCloseTo(place / 59, 2);
    }
    expect(new Set(grounds.map(([, , top]) => top)).size).toBeGreaterThan(3);
  });

  it('of a distribution has a bar for each interval, and the level that is marked', async () => {
    const svg = await drawn({ kind: 'histogram', x: 'error', y: 'forecasts', from: -1, width: 0.5, counts: [1, 4, 2], around: 0 });
    expect(svg.match(/data-told="[-\d.]+ to [-\d.]+: \d"/g)).toHaveLength(3);
    expect(svg.match(/<line [^>]*stroke="#1d2329"/g)).toHaveLength(1);
  });
});
