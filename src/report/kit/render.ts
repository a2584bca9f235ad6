import { fileURLToPath } from 'node:url';
import type { Config, TopLevelSpec } from 'vega-lite';
import { visibleText } from '../../diagnostics/columns.js';
import { FAINT, INK, LINE, PAPER } from './colours.js';
import { html } from './html.js';

/** A picture as data, with what it shows in words. */
export type Chart = TopLevelSpec & { readonly description: string };

/**
 * A chart as SVG text; the same bytes for the same chart. It says what it shows in words, and on which axes its lines are measured, so that a page
 * can tell the value that somebody points at. The libraries load on the first call.
 */
export async function renderSvg(chart: Chart): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  const spec = vegaLite.compile(chart).spec;
  const view = new vega.View(vega.parse(spec), { renderer: 'none' });
  vega.resetSVGDefIds();
  try {
    const drawn = (await view.toSVG()).replaceAll(SAYS_TITLE, '');
    const axes = ['x', 'y'].flatMap((name) => {
      const scale = spec.scales?.find((each) => each.name === name);
      if (scale?.type !== 'linear' && scale?.type !== 'log') return [];
      const { domain, range } = view.scale(name) as { domain(): readonly number[]; range(): readonly number[] };
      return [html` data-${name}="${[scale.type, ...domain(), ...range()].join(' ')}"`];
    });
    const { at } = (chart.usermeta ?? {}) as { readonly at?: readonly string[] };
    const places = at ? html` data-at="${JSON.stringify(at)}"` : '';
    return visibleText(drawn).replace('<svg', () => html`<svg role="img" aria-label="${chart.description}"${axes}${places}`.html);
  } finally {
    view.finalize();
  }
}

/** The words of a title stand in the picture's description. */
const SAYS_TITLE = / role="graphics-symbol" aria-roledescription="(?:sub)?title" aria-label="[^"]*"/g;

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

/** One look for all pictures: dark words, light grid, on white. */

const FONT = 'DejaVu Sans';
export const FONT_FAMILY = `${FONT}, Verdana, sans-serif`;

export const THEME: Config = {
  font: FONT_FAMILY,
  background: PAPER,
  // A picture is told by one sentence, its description; what a mark says is for a hand that points at it.
  aria: false,
  view: { stroke: null },
  title: {
    anchor: 'start',
    frame: 'group',
    color: INK,
    fontSize: 14,
    fontWeight: 'bold',
    subtitleColor: FAINT,
    subtitleFontSize: 12,
    subtitlePadding: 5,
    offset: 14,
  },
  axis: {
    domainColor: FAINT,
    tickColor: FAINT,
    tickSize: 4,
    gridColor: LINE,
    gridWidth: 1,
    labelColor: FAINT,
    labelFontSize: 12,
    labelPadding: 5,
    titleColor: INK,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    titlePadding: 10,
  },
  axisX: { grid: false, labelFlush: false },
  axisY: { domain: false, ticks: false },
  legend: { labelColor: INK, labelFontSize: 12 },
};
