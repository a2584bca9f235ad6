import { visibleText } from '../../diagnostics/columns.js';
import type { PlainTable } from './tables.js';

/** A piece of HTML, told apart from text so that nothing is escaped twice or not at all. */
export interface Html {
  readonly html: string;
}

type Child = Html | string | number | readonly Child[];

/** HTML from a template: texts are escaped, pieces of HTML and lists of them are taken as they are. */
export function html(strings: TemplateStringsArray, ...values: readonly Child[]): Html {
  return { html: strings.map((part, index) => (index === 0 ? part : render(values[index - 1] ?? '') + part)).join('') };
}

/** Text that is HTML already: an SVG picture, a style sheet. */
export const trusted = (text: string): Html => ({ html: text });

function render(child: Child): string {
  if (typeof child === 'string') return escape(child);
  if (typeof child === 'number') return String(child);
  return 'html' in child ? child.html : child.map(render).join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string): string => visibleText(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

/** A page that needs nothing else: no network, no script; for screens, phones and paper, by day and by night. */
interface Page {
  readonly title: string;
  /** Under the title. */
  readonly lead?: readonly Html[];
  readonly sections: readonly PageSection[];
  /** Styles that only this page has, behind the common ones. */
  readonly style?: string;
}

interface PageSection {
  readonly title: string;
  readonly content: readonly Html[];
}

export function pageText({ title, lead = [], sections, style = '' }: Page): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <style>
          ${trusted(`${PAGE_STYLE}\n${style}`.trim())}
        </style>
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          ${lead}
        </header>
        <main>${sections.map(sectionOf)}</main>
      </body>
    </html> `;
  return `${page.html.trim()}\n`;
}

const sectionOf = ({ title, content }: PageSection): Html =>
  html`<section>
    <h2>${title}</h2>
    ${content}
  </section>`;

/** Wider than the page, it is moved sideways by itself. */
export const htmlTable = ({ columns, rows }: PlainTable): Html =>
  html`<div class="wide">
    <table class="numbers">
      <thead>
        <tr>
          ${columns.map(({ heading, align }) => html`<th scope="col" class="${align ?? 'left'}">${heading}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells) =>
            html`<tr>
              ${columns.map(({ align }, column) => html`<td class="${align ?? 'left'}">${cells[column] ?? ''}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;

/** Names with what they stand for, and in a third column where that is from. */
export const factTable = (facts: readonly (readonly [name: string | Html, value: string | Html, origin?: string])[]): Html => {
  const hasOrigins = facts.some(([, , origin]) => origin !== undefined);
  return html`<div class="wide">
    <table>
      <tbody>
        ${facts.map(
          ([name, value, origin = '']) =>
            html`<tr>
              <th scope="row">${name}</th>
              <td>${value}</td>
              ${hasOrigins ? html`<td class="faint">${origin}</td>` : ''}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
};

export const commandList = (commands: readonly { readonly command: string; readonly does: string }[]): Html =>
  html`<dl class="commands">
    ${commands.map(
      ({ command, does }) =>
        html`<dt><code>${command}</code></dt>
          <dd>${does}</dd>`,
    )}
  </dl>`;

/** What is folded away on a screen; on paper all of it stands there. */
export const folded = (summary: string | Html, ...content: readonly Html[]): Html =>
  html`<details>
    <summary>${summary}</summary>
    ${content}
  </details>`;

/** A drawn picture: it takes the width that there is, and keeps its shape. On a dark page its colours are turned. */
export const pictureFigure = (name: string, svg: string): Html =>
  html`<figure class="drawn" aria-label="${name.replaceAll('_', ' ')}">${trusted(scalable(svg))}</figure>`;

/** Without its fixed size a picture takes the width that there is; its viewBox keeps its shape. */
const scalable = (svg: string): string => svg.replace(/^<svg([^>]*?) width="(\d+)" height="\d+"/, '<svg$1 style="max-width:$2px"');

/** The style sheet of pages: readable lines on any screen, light or dark as the reader's system is, black on white on paper. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1d2329; --faint: #626b75; --line: #e1e5e9; --shade: #f4f6f8; --accent: #0067a3;
  --good: #00694c; --good-shade: #dcf1e8; --bad: #a8320a; --bad-shade: #fce4d8; --open: #7a5a00; --open-shade: #fbf0cf;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #14181c; --ink: #e3e7ea; --faint: #98a2ac; --line: #2c343b; --shade: #1d2329; --accent: #5cb6ee;
    --good: #52cda3; --good-shade: #12352a; --bad: #ff9a70; --bad-shade: #43210f; --open: #e6c157; --open-shade: #3a2f0c;
  }
  figure.drawn svg { filter: invert(0.93) hue-rotate(180deg); }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 72rem; color: var(--ink); background: var(--paper);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 2.75rem 0 0.9rem; padding-bottom: 0.35rem; border-bottom: 1px solid var(--line); font-size: 1.15rem; }
h3 { margin: 1.75rem 0 0.4rem; font-size: 1rem; }
p { margin: 0.4rem 0; max-width: 46rem; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.88em; }
code { overflow-wrap: anywhere; }
.wide th code { overflow-wrap: normal; }
pre { margin: 0.5rem 0; padding: 0.8rem 1rem; overflow-x: auto; background: var(--shade); border-radius: 0.35rem; line-height: 1.45; }
.faint { color: var(--faint); }
.status { padding: 0.1rem 0.5rem; border-radius: 0.25rem; background: var(--shade); color: var(--ink); white-space: nowrap; }
.status.finished, .status.reproduced { background: var(--good-shade); color: var(--good); }
.status.failed, .status.diverged, .status.differs { background: var(--bad-shade); color: var(--bad); }
.status.inconclusive { background: var(--open-shade); color: var(--open); }
.note { padding: 0.5rem 0.9rem; border-left: 3px solid var(--accent); background: var(--shade); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.35rem 1.5rem 0.35rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: normal; }
th:last-child, td:last-child { padding-right: 0; }
th.right, td.right { text-align: right; }
thead th { color: var(--faint); }
.numbers td { white-space: nowrap; }
.gallery { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 34rem), 1fr)); gap: 1rem 2rem; }
figure { margin: 0; }
figure svg { display: block; width: 100%; height: auto; }
.commands dt { margin-top: 0.5rem; }
.commands dd { margin: 0; color: var(--faint); }
details { margin: 0.4rem 0; border-bottom: 1px solid var(--line); }
summary { padding: 0.4rem 0; cursor: pointer; }
details > .wide { margin: 0.2rem 0 1rem; }
@media print {
  @page { margin: 16mm 14mm; }
  body { padding: 0; max-width: none; font-size: 9.5pt; }
  h2 { margin-top: 1.6rem; break-after: avoid; }
  h3 { break-after: avoid; }
  figure, tr { break-inside: avoid; }
  pre { white-space: pre-wrap; }
  .wide { overflow: visible; }
  table { font-size: 8.5pt; }
  th, td { padding-right: 0.8rem; overflow-wrap: anywhere; }
  .numbers td { white-space: normal; }
  .gallery { grid-template-columns: 1fr 1fr; }
  .status { border: 1px solid currentcolor; }
  details::details-content { content-visibility: visible; display: block; }
  summary { list-style: none; }
}
`.trim();

/** A style sheet with the colours of a bright page in place of their names, for pictures: few programs that draw know variables. */
export function inLight(style: string): string {
  const light = new Map(
    Array.from(PAGE_STYLE.slice(0, PAGE_STYLE.indexOf('@media')).matchAll(/--([a-z-]+): (#[0-9a-f]+)/g), ([, name = '', colour = '']) => [
      name,
      colour,
    ]),
  );
  return style.replace(/var\(--([a-z-]+)\)/g, (variable, name: string) => light.get(name) ?? variable);
}
