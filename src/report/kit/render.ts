import { fileURLToPath } from 'node:url';
import type { TopLevelSpec } from 'vega-lite';
import { visibleText } from '../../diagnostics/columns.js';
import { FONT } from './theme.js';

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
