import type { Document, YAMLError } from 'yaml';
import * as messages from '../diagnostics/messages.js';
import type { Fault } from './parse.js';
import type { Source } from './located.js';

/** What the YAML reader couldn't read, in our words; one fault for one mistake, although the reader often stumbles twice over it. */
export function syntaxFaults(source: Source, start: number, documents: readonly Document.Parsed[]): readonly Fault[] {
  const errors = documents.flatMap((document) => [...document.errors, ...document.warnings]);
  const byStart = new Map<number, YAMLError[]>();
  for (const error of errors) byStart.set(error.pos[0], [...(byStart.get(error.pos[0]) ?? []), error]);
  const faults = Array.from(byStart.values(), (group) => explain(source, start, group));
  if (documents.some((document) => document.directives.yaml.explicit && document.directives.yaml.version === '1.1')) {
    const at = Math.max(source.text.indexOf('%YAML', start), 0);
    faults.push({ words: messages.oldYaml(), span: { source, start: at, end: at + '%YAML 1.1'.length } });
  }
  return onePerLine(faults, source);
}

function explain(source: Source, start: number, group: readonly YAMLError[]): Fault {
  const [error] = group;
  if (!error) throw new Error('a group of errors has at least one');
  const at = (from: number, to: number) => ({ source, start: start + from, end: start + Math.max(to, from + 1) });
  const [from, to] = error.pos;
  const last = group.find((other) => other.code === 'MULTILINE_IMPLICIT_KEY');
  if (last && group.length > 1) {
    const key = source.text.slice(start, start + last.pos[1]).search(/\S[^\n]*$/);
    return { words: messages.tooDeeplyIndented(), span: at(Math.max(key, from), last.pos[1]) };
  }
  const text = source.text.slice(start + from);
  const line = /^[^\r\n]*/.exec(text)?.[0] ?? '';
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return { words: messages.tabIndent(), span: at(from, to) };
    case 'BAD_INDENT':
      if (error.message.startsWith('Flow'))
        return { words: messages.notClosed(error.message.endsWith('}') ? '}' : ']'), span: at(from, to) };
      return { words: messages.unevenIndent(), span: at(from, to) };
    case 'MISSING_CHAR':
      return { words: messages.missingCharacter(error.message), span: at(from, to) };
    case 'BLOCK_AS_IMPLICIT_KEY':
      return { words: messages.colonInValue(), span: at(from, from + line.length) };
    case 'MULTILINE_IMPLICIT_KEY':
      return { words: messages.missingColon(line.trimEnd()), span: at(from, from + line.trimEnd().length) };
    case 'BAD_SCALAR_START':
      return { words: messages.reservedStart(text.slice(0, 1)), span: at(from, from + line.trimEnd().length) };
    case 'TAG_RESOLVE_FAILED':
      return { words: messages.unknownTag(source.text.slice(start + from, start + to)), span: at(from, to) };
    default:
      return { words: messages.yamlSyntax(error.message), span: at(from, to) };
  }
}

/** What follows a fault on the same line is noise. */
function onePerLine(faults: readonly Fault[], source: Source): Fault[] {
  const seen = new Set<number>();
  return faults.filter(({ span }) => {
    const line = source.lines.findLastIndex((begin) => begin <= span.start);
    return !seen.has(line) && seen.add(line);
  });
}
