import { visibleText } from '../../diagnostics/columns.js';

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
