import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { html, PAGE_STYLE, trusted } from '../report/kit/html.js';
import type { Snapshot } from './view.js';

/** A page that was saved: all that it shows, without a server behind it. */
interface Saved {
  readonly snapshot: Snapshot;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The report of the one run or of the table that it is about, as HTML. */
  readonly report: string;
}

const asset = (name: string): string => readFileSync(new URL(`../../assets/watch/${name}`, import.meta.url), 'utf8');

/**
 * The page: its style and its script are in it. Of a saved one all that it shows is, too. Texts of records come as JSON, and the script makes
 * text nodes of them; no other script runs on it, whatever a record holds.
 */
export function watchPage(title: string, saved?: Saved): string {
  const script = asset('page.js');
  const data = saved === undefined ? '' : JSON.stringify(saved).replaceAll('<', '\\u003c');
  // The hash is of all between the tags.
  const scripts = trusted(`<script type="application/json" id="saved">${data}</script>\n<script>${script}</script>`);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <meta http-equiv="Content-Security-Policy" content="${policyFor(script)}" />
        <title>${title}</title>
        <style>
          ${trusted(`${PAGE_STYLE}\n${asset('page.css')}`)}
        </style>
      </head>
      <body>
        <header id="top"></header>
        <main id="main"><noscript>This page needs JavaScript; npx retable status and list say the same in a terminal.</noscript></main>
        ${scripts}
      </body>
    </html> `;
  return `${page.html.trim()}\n`;
}

/** The one script of the page by its hash; styles are in the page and in the pictures of reports; nothing comes from elsewhere. */
const policyFor = (script: string): string =>
  [
    "default-src 'none'",
    `script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`,
    "style-src 'unsafe-inline'",
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
