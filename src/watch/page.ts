import { asset } from '../assets.js';
import { html, PAGE_STYLE, policyFor, scriptOf, trusted } from '../report/kit/html.js';
import type { Snapshot } from './view.js';

/** A page that was saved: all that it shows, without a server behind it. */
interface Saved {
  readonly snapshot: Snapshot;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The report of the one run or of the table that it is about, as HTML. */
  readonly report: string;
}

/**
 * The page: its style and its script are in it. Of a saved one all that it shows is, too. Texts of records come as JSON, and the script makes
 * text nodes of them; no other script runs on it, whatever a record holds.
 */
export function watchPage(title: string, saved?: Saved): string {
  const script = `${asset('report/page.js')}\n${asset('watch/page.js')}`;
  const data = saved === undefined ? '' : JSON.stringify(saved).replaceAll('<', '\\u003c');
  const scripts = html`${trusted(`<script type="application/json" id="saved">${data}</script>\n`)}${scriptOf(script)}`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <meta http-equiv="Content-Security-Policy" content="${policyFor(script, "connect-src 'self'", 'img-src data:')}" />
        <title>${title}</title>
        <style>
          ${trusted(`${PAGE_STYLE}\n${asset('watch/page.css')}`)}
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
