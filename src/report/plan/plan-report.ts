import { formatCount, formatSetting } from '../../diagnostics/numbers.js';
import { markdownBlock, markdownBlocks, markdownTable } from '../kit/markdown.js';
import { columnsOf, type PlainTable } from '../kit/plain-table.js';

/** What would be done, as the plan of an experiment, a sweep or a table gives it to whatever shows it. */
export interface PlanReport {
  readonly name: string;
  readonly description?: string;
  /** Sentences before everything else. */
  readonly lead: readonly string[];
  readonly sections: readonly PlanSection[];
  /** What `plan --json` prints. */
  readonly json: object;
}

export interface PlanSection {
  readonly title: string;
  readonly content: readonly Block[];
}

/** A paragraph, a table, or what is known of the data. */
export type Block = string | PlainTable | { readonly facts: readonly KnownFact[] };

interface KnownFact {
  readonly name: string;
  readonly value: number | string;
  readonly note?: string;
}

/** A whole number as a count, another one to six digits, words as they are. */
export const factText = (value: number | string): string =>
  typeof value === 'string' ? value : Number.isInteger(value) ? formatCount(value) : formatSetting(value, 6);

/** A plan as Markdown. */
export const planMarkdown = ({ name, description, lead, sections }: PlanReport): string =>
  markdownBlocks([
    [`# ${markdownBlock(name)}`],
    description === undefined ? [] : [markdownBlock(description)],
    ...lead.map((sentence) => [markdownBlock(sentence)]),
    ...sections.flatMap(({ title, content }) => [[`## ${markdownBlock(upperFirst(title))}`], ...content.flatMap(blocksOf)]),
  ]);

function blocksOf(block: Block): readonly (readonly string[])[] {
  if (typeof block === 'string') return [[markdownBlock(block)]];
  if (!('facts' in block)) return [markdownTable(block), ...(block.notes ?? []).map((note) => [markdownBlock(note)])];
  if (block.facts.length === 0) return [];
  return [
    markdownTable({ columns: columnsOf('', '', ''), rows: block.facts.map(({ name, value, note = '' }) => [name, factText(value), note]) }),
  ];
}

const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
