import { html } from '../kit/html.js';
import { commandList, factTable, folded, htmlTable, pageText, pictureFigure } from '../kit/page.js';
import type { PlainTable } from '../kit/plain-table.js';
import type { Picture } from '../run/run-page.js';

export interface SweepPage {
  readonly title: string;
  readonly description?: string;
  /** The notes of this table are what to make of it. */
  readonly results: PlainTable;
  readonly pictures: readonly Picture[];
  /** What was varied, and how. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly trials: PlainTable;
  readonly commands: readonly { readonly command: string; readonly does: string }[];
  /** The document, and where it stands. */
  readonly file: string;
  readonly text: string;
}

/** A sweep as one page that needs nothing else. */
export const sweepPage = ({ title, description, results, pictures, facts, trials, commands, file, text }: SweepPage): string =>
  pageText({
    title,
    lead: description === undefined ? [] : [html`<p>${description}</p>`],
    sections: [
      { title: 'Results', content: [...(results.notes ?? []).map((note) => html`<p class="note">${note}</p>`), htmlTable(results)] },
      ...(pictures.length === 0
        ? []
        : [
            { title: 'Pictures', content: [html`<div class="gallery">${pictures.map(({ name, svg }) => pictureFigure(name, svg))}</div>`] },
          ]),
      { title: 'What was varied', content: [factTable(facts)] },
      { title: 'Trials', content: [folded(`All ${trials.rows.length}, with their runs`, htmlTable(trials))] },
      { title: 'To repeat it', content: [commandList(commands)] },
      { title: 'The document', content: [html`<p class="faint"><code>${file}</code></p>`, html`<pre>${text}</pre>`] },
    ],
  });
