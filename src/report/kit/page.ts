import { html, type Html, trusted } from './html.js';
import { PAGE_STYLE } from './page-style.js';
import type { PlainTable } from './plain-table.js';

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
