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
  { kind: 'series', x: 'month', y: 'passengers', at: ['1960-01', '1960-02'], lines: [{ name: 'truth', values: [417, Number.NaN] }] },
  { kind: 'text', text: 'cat for dog: 1\ndog for cat: 0' },
];
