import { Document, visit } from 'yaml';
import type { ResolvedConfig } from './experiment.js';
import { CONTROL } from './source.js';

/** The resolved values as an experiment document: nothing is left to defaults, and read again it gives the same values. */
export function writeResolved({ values }: ResolvedConfig): string {
  const document = new Document(values, { version: '1.2', aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      // One line for each value, whatever is in it; what may not stand in a file can be escaped only between double quotes.
      if (typeof node.value === 'string' && (node.value.includes('\n') || node.value.search(CONTROL) >= 0)) node.type = 'QUOTE_DOUBLE';
      // Without digits that can't be told apart: 1e+16 is a number that is read exactly, 10000000000000000 isn't.
      if (Number.isInteger(node.value) && !Number.isSafeInteger(node.value))
        Object.assign(node, { format: 'EXP', source: String(node.value) });
    },
  });
  return document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Infinity }).replace(CONTROL, escaped);
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
