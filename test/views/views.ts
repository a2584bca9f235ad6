import type { View } from '../../src/views/view.js';

const names = ['cat', 'dog'];

/** One of each kind. */
export const VIEWS: readonly View[] = [
  {
    kind: 'matrix',
    rows: { title: 'right class', names },
    columns: { title: 'answer', names },
    values: [
      [3, 1],
      [0, 4],
    ],
  },
  {
    kind: 'curve',
    x: 'false positives',
    y: 'true positives',
    lines: [
      {
        name: 'cat',
        points: [
          [0, 0],
          [0.25, 1],
        ],
      },
    ],
  },
  { kind: 'bars', x: 'class', y: 'recall', bars: [{ name: 'cat', value: 0.75 }] },
  {
    kind: 'series',
    x: 'month',
    y: 'passengers',
    at: ['1960-01', '1960-02'],
    lines: [{ name: 'truth', values: [417, Number.NaN] }],
    bands: [{ name: '95 %', low: [400, 410], high: [430, 440] }],
    note: '1 step ahead',
  },
  { kind: 'histogram', x: 'error', y: 'forecasts', from: -0.5, width: 0.5, counts: [1, 3, 0, 2], around: 0, note: 'mean 0.1' },
  {
    kind: 'tokens',
    separator: ' ',
    rows: [{ name: 'line 7', note: 'cat (80 %), right is dog', tokens: ['it', 'barked', 'twice'], weights: [0.125, 0.75, 0] }],
  },
  { kind: 'text', text: 'cat for dog: 1\ndog for cat: 0' },
];
