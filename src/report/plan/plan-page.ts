import { factTable, html, type Html, htmlTable, pageText, pictureFigure } from '../kit/html.js';
import { joinedChart } from '../kit/chart.js';
import { type Chart, renderSvg } from '../kit/render.js';
import { factText, type PlanReport, type PlanSection, upperFirst } from './describe.js';
import { foldChart } from './folds.js';

/** A plan as one page that needs nothing else. */
export async function planPage({ name, description, lead, sections }: PlanReport): Promise<string> {
  const contents = await Promise.all(
    sections.map(async ({ title, content }) => ({
      title: upperFirst(title),
      content: await Promise.all(content.map((block) => blockOf(block, name, upperFirst(title)))),
    })),
  );
  return pageText({
    title: name,
    lead: [
      ...(description === undefined ? [] : [html`<p>${description}</p>`]),
      ...lead.map((sentence) => html`<p class="faint">${sentence}</p>`),
    ],
    sections: contents,
  });
}

async function blockOf(block: PlanSection['content'][number], name: string, title: string): Promise<Html> {
  if (typeof block === 'string') return html`<p>${block}</p>`;
  if ('folds' in block) return pictureFigure(await renderSvg(foldChart(block, name)));
  if ('facts' in block)
    return block.facts.length === 0
      ? html``
      : factTable(
          block.facts.map(({ name: fact, value, note = '' }) => [fact, factText(value), note]),
          title,
        );
  return html`${htmlTable(block, title)}${(block.notes ?? []).map((note) => html`<p class="faint">${note}</p>`)}`;
}

/** Folds on their line of time, of every experiment that the plan holds; undefined where there is none. */
export const planChart = ({ name, sections }: PlanReport): Chart | undefined =>
  joinedChart(
    sections.flatMap(({ content }) =>
      content.flatMap((block) => (typeof block !== 'string' && 'folds' in block ? [foldChart(block, name)] : [])),
    ),
  );
