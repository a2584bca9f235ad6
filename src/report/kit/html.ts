import { createHash } from 'node:crypto';
import { asset } from '../../assets.js';
import { visibleText } from '../../diagnostics/columns.js';
import { onPage, variables } from './colours.js';
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

/** A page that needs nothing else, for screens, phones and paper, by day and by night. Its script adds to it, and nothing is missing without. */
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
  const script = pageScript();
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta http-equiv="Content-Security-Policy" content="${policyFor(script)}" />
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
        ${scriptOf(script)}
      </body>
    </html> `;
  return `${page.html.trim()}\n`;
}

/** What is pointed at in a picture is told, and a heading sorts its table: `livePage`, and a call of it for the page that it stands in. */
export const pageScript = (): string => `${asset('report/page.js')}\nglobalThis.livePage(document);`;

export const scriptOf = (script: string): Html => trusted(`<script>${script}</script>`);

/** What a page may do: its own script by its hash; styles, which are in it; nothing comes from elsewhere, but for what is named besides. */
export const policyFor = (script: string, ...besides: readonly string[]): string =>
  [
    "default-src 'none'",
    `script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`,
    "style-src 'unsafe-inline'",
    ...besides,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

const sectionOf = ({ title, content }: PageSection): Html =>
  html`<section>
    <h2>${title}</h2>
    ${content}
  </section>`;

/** What may be wider than the page: it is moved sideways by itself, with the keyboard too. */
export const sideways = (label: string, content: Html): Html =>
  html`<div class="wide" tabindex="0" role="region" aria-label="${label}">${content}</div>`;

/** Text as it was written. */
export const preformatted = (label: string, text: string): Html =>
  html`<pre tabindex="0" role="region" aria-label="${label}">${text}</pre>`;

/** Lines of text; one that is longer than the page is wide goes on below itself, as far in as it begins. */
export const wrappedLines = (label: string, text: string): Html =>
  html`<pre class="lines" tabindex="0" role="region" aria-label="${label}">
${text.split('\n').map((line) => html`<span style="padding-left:${line.search(/\S|$/)}ch">${line.trimStart()}</span>`)}</pre>`;

/** The heading of a column; one without words is no heading. */
export const columnHeading = (heading: string | Html, kind = ''): Html =>
  heading === '' ? html`<td></td>` : html`<th scope="col" class="${kind}">${heading}</th>`;

/** Called by its label where it is moved sideways. */
export const htmlTable = ({ columns, rows }: PlainTable, label: string): Html =>
  sideways(
    label,
    html`<table class="numbers">
      <thead>
        <tr>
          ${columns.map(({ heading, align }) => columnHeading(heading, align ?? 'left'))}
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
    </table>`,
  );

/** Names with what they stand for, and in a third column where that is from. */
export const factTable = (
  facts: readonly (readonly [name: string | Html, value: string | Html, origin?: string])[],
  label: string,
): Html => {
  const hasOrigins = facts.some(([, , origin]) => origin !== undefined);
  return sideways(
    label,
    html`<table>
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
    </table>`,
  );
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

/** Words of a picture are as large as this share of their size at least: a narrow page moves the picture sideways. */
const SMALLEST = 0.85;

/** A drawn picture in the colours of the page: it takes the width that there is, and keeps its shape. The keyboard reaches it and its values. */
export function pictureFigure(svg: string): Html {
  const width = Number(/ width="(\d+)"/.exec(svg)?.[1] ?? 0);
  const least = Math.round(SMALLEST * width);
  const drawn = onPage(svg).replace(/^<svg([^>]*?) width="\d+" height="\d+"/, `<svg tabindex="0" style="min-width:${least}px"$1`);
  return html`<figure class="drawn" style="flex-basis:${least}px;max-width:${width}px">${trusted(drawn)}</figure>`;
}

export const gallery = (pictures: readonly { readonly svg: string }[]): Html =>
  html`<div class="gallery">${pictures.map(({ svg }) => pictureFigure(svg))}</div>`;

/** The style sheet of pages: readable lines on any screen, light or dark as the reader's system is, black on white on paper. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; ${variables('day')} }
@media screen and (prefers-color-scheme: dark) { :root { ${variables('night')} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 76rem; color: var(--ink); background: var(--paper);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 2.75rem 0 0.9rem; padding-bottom: 0.35rem; border-bottom: 1px solid var(--line); font-size: 1.15rem; }
h3 { margin: 1.75rem 0 0.4rem; font-size: 1rem; }
p { margin: 0.4rem 0; max-width: 46rem; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.88em; }
code, .lines { overflow-wrap: anywhere; }
.lines { white-space: pre-wrap; }
.lines span { display: block; min-height: 1.45em; }
.wide th code { overflow-wrap: normal; }
pre { margin: 0.5rem 0; padding: 0.8rem 1rem; overflow-x: auto; background: var(--shade); border-radius: 0.35rem; line-height: 1.45; }
.weighed { max-width: 60rem; }
.weighed h3 { overflow-wrap: anywhere; }
.weighed p { max-width: none; overflow-wrap: anywhere; white-space: pre-wrap; }
.weighed span { padding: 0.1em 0; border-radius: 0.15em; background: color-mix(in srgb, var(--weight) var(--share), transparent);
  -webkit-print-color-adjust: exact; print-color-adjust: exact; }
.faint { color: var(--faint); }
.status { padding: 0.1rem 0.5rem; border-radius: 0.25rem; background: var(--shade); color: var(--ink); white-space: nowrap; }
.status.finished, .status.reproduced { background: var(--good-shade); color: var(--good); }
.status.failed, .status.diverged, .status.differs { background: var(--bad-shade); color: var(--bad); }
.status.inconclusive { background: var(--open-shade); color: var(--open); }
.note { padding: 0.5rem 0.9rem; max-width: 46rem; border-left: 3px solid var(--accent); background: var(--shade); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.35rem 1.5rem 0.35rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: normal; }
th:last-child, td:last-child { padding-right: 0; }
th.right, td.right { text-align: right; }
thead th { color: var(--faint); }
.numbers td { white-space: nowrap; }
thead button { border: 0; padding: 0; background: none; color: inherit; font: inherit; text-align: inherit; cursor: pointer; }
thead [aria-sort="ascending"] button::after { content: " \\2191"; }
thead [aria-sort="descending"] button::after { content: " \\2193"; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.gallery { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 1rem 2rem; }
.gallery > * { flex-grow: 1; min-width: 0; }
figure { margin: 0; }
figure.drawn { overflow-x: auto; }
figure svg { display: block; width: 100%; height: auto; }
figure.drawn :focus-visible { outline-offset: -2px; }
.pointed { position: fixed; z-index: 1; max-width: 20rem; padding: 0.2rem 0.5rem; border: 1px solid var(--faint); border-radius: 0.25rem;
  background: var(--paper); color: var(--ink); font-size: 0.8rem; white-space: pre-line; pointer-events: none; }
.pointer { stroke: var(--ink); stroke-width: 1; fill: none; pointer-events: none; }
.commands dt { margin-top: 0.5rem; }
.commands dd { margin: 0; color: var(--faint); }
details { margin: 0.4rem 0; border-bottom: 1px solid var(--line); }
summary { padding: 0.4rem 0; cursor: pointer; }
details > .wide { margin: 0.2rem 0 1rem; }
@media screen and (min-width: 96rem) { body { max-width: 92rem; } }
@media print {
  @page { margin: 16mm 14mm; }
  body { padding: 0; max-width: none; font-size: 9.5pt; }
  h2 { margin-top: 1.6rem; break-after: avoid; }
  h3 { break-after: avoid; }
  figure, tr, .weighed { break-inside: avoid; }
  .gallery { display: block; }
  figure.drawn { overflow: visible; }
  figure.drawn svg { min-width: 0 !important; }
  pre { white-space: pre-wrap; }
  .wide { overflow: visible; }
  table { font-size: 8.5pt; }
  th, td { padding-right: 0.8rem; overflow-wrap: anywhere; }
  .numbers td { white-space: normal; }
  .numbers td.right { white-space: nowrap; overflow-wrap: normal; }
  .status { border: 1px solid currentcolor; }
  details::details-content { content-visibility: visible; display: block; }
  summary { list-style: none; }
}
`.trim();
