import { fileURLToPath } from 'node:url';
import type { Config, TopLevelSpec } from 'vega-lite';
import { visibleText } from '../../diagnostics/columns.js';

/** A Vega-Lite spec as SVG text; the same bytes for the same spec. The libraries load on the first call. */
export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  const view = new vega.View(vega.parse(vegaLite.compile(spec).spec), { renderer: 'none' });
  vega.resetSVGDefIds();
  try {
    return visibleText(await view.toSVG());
  } finally {
    view.finalize();
  }
}

/** SVG as PNG, twice as large so that print is sharp; null where the optional `@resvg/resvg-js` is not installed. Uses no font of the system. */
export async function renderPng(svg: string, zoom = 2): Promise<Uint8Array | null> {
  const resvg = await import('@resvg/resvg-js').catch(() => null);
  if (!resvg) return null;
  const font = { loadSystemFonts: false, fontFiles: FONT_FILES, defaultFontFamily: FONT };
  return new resvg.Resvg(svg, { font, fitTo: { mode: 'zoom', value: zoom } }).render().asPng();
}

const FONT_FILES = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) =>
  fileURLToPath(new URL(`../../../assets/fonts/${file}`, import.meta.url)),
);

/** One look for all pictures: dark text, light grid, colours of Okabe & Ito (2008) that the colour-blind can tell apart. */

const FONT = 'DejaVu Sans';
export const FONT_FAMILY = `${FONT}, Verdana, sans-serif`;
export const INK = '#222222';
export const FAINT = '#767676';
const GRID = '#e6e6e6';

export const PALETTE = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#555555'] as const;

/** A split has its colour in every picture, and so have truth and forecast; other series take those of the palette in order. */
const KNOWN_COLOURS: Readonly<Record<string, string>> = {
  test: '#0072b2',
  train: '#d55e00',
  validation: '#009e73',
  truth: INK,
  forecast: '#0072b2',
};

export const colourOf = (series: string, index: number): string => KNOWN_COLOURS[series] ?? PALETTE[index % PALETTE.length] ?? INK;

/** Of lines in one picture: those without a colour of their own take what the others leave of the palette. */
export function coloursOf(names: readonly string[]): readonly string[] {
  const left = PALETTE.filter((colour) => !names.some((name) => KNOWN_COLOURS[name] === colour));
  const others = names.filter((name) => KNOWN_COLOURS[name] === undefined);
  return names.map((name) => KNOWN_COLOURS[name] ?? left[others.indexOf(name) % left.length] ?? INK);
}

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
