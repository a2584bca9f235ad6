import type { Config } from 'vega-lite';

/** One look for all pictures: dark text, light grid, colours of Okabe & Ito (2008) that the colour-blind can tell apart. */

export const FONT = 'DejaVu Sans';
export const FONT_FAMILY = `${FONT}, Verdana, sans-serif`;
export const INK = '#222222';
export const FAINT = '#767676';
const GRID = '#e6e6e6';

export const PALETTE = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#555555'] as const;

/** A split has its colour in every picture; other series take those of the palette in order. */
const SPLIT_COLOURS: Readonly<Record<string, string>> = { test: '#0072b2', train: '#d55e00', validation: '#009e73' };

export const colourOf = (series: string, index: number): string => SPLIT_COLOURS[series] ?? PALETTE[index % PALETTE.length] ?? INK;

export const THEME: Config = {
  font: FONT_FAMILY,
  background: 'white',
  view: { stroke: null },
  title: {
    anchor: 'start',
    frame: 'group',
    color: INK,
    fontSize: 14,
    fontWeight: 'bold',
    subtitleColor: FAINT,
    subtitleFontSize: 11,
    subtitlePadding: 5,
    offset: 14,
  },
  axis: {
    domainColor: '#999999',
    tickColor: '#999999',
    tickSize: 4,
    gridColor: GRID,
    gridWidth: 1,
    labelColor: '#444444',
    labelFontSize: 11,
    labelPadding: 5,
    titleColor: '#444444',
    titleFontSize: 11,
    titleFontWeight: 'normal',
    titlePadding: 10,
  },
  axisX: { grid: false, labelFlush: false },
  axisY: { domain: false, ticks: false },
};
