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
  (vega as unknown as { readonly textMetrics: { width: typeof widthOf } }).textMetrics.width = widthOf;
  const spec = vegaLite.compile(chart).spec;
  const view = new vega.View(vega.parse(spec), { renderer: 'none' });
  vega.resetSVGDefIds();
  try {
    const drawn = (await view.toSVG()).replaceAll(SAYS_TITLE, '').replaceAll(ROLES, '').replaceAll(' aria-label=', ' data-told=');
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

/** Without a canvas Vega takes every character for 0.8 of its size, and leaves half a picture empty beside long names. */
export function widthOf(item: { readonly fontSize?: number; readonly fontWeight?: string | number }, text: unknown): number {
  const widths = [...String(text)].map((character) => (character > '\u2e7f' ? 1 : (WIDTHS.get(character) ?? 0.7)));
  const isBold = item.fontWeight === 'bold' || Number(item.fontWeight) >= 600;
  return (isBold ? 1.12 : 1) * (item.fontSize ?? 11) * widths.reduce((sum, width) => sum + width, 0);
}

/** Of DejaVu Sans, from its table of metrics, in units of its size. */
const WIDTHS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    0.3: "ijlIJ'",
    0.35: ' ,./:;\\|-ft',
    0.41: '!()[]r',
    0.52: '*_`?"scz',
    0.6: 'vxyTYPaoekFL',
    0.64: '$0123456789{}bdghnpquSEKRVXA',
    0.72: 'BCUZ',
    0.78: 'DGHNOQ&',
    0.84: '#+<=>^~wM',
    0.99: 'm%W@',
  }).flatMap(([width, characters]) => [...characters].map((character) => [character, Number(width)] as const)),
);

/** A picture is one image with one description; what a mark says is for a hand that points at it. */
const SAYS_TITLE = / aria-roledescription="(?:sub)?title" aria-label="[^"]*"/g;
const ROLES = / (?:role|aria-roledescription|aria-hidden)="[^"]*"/g;

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
