import { type Document, isCollection, isScalar, visit, type YAMLError } from 'yaml';
import { MOST_TOLD } from '../diagnostics/diagnostic.js';
import * as messages from '../diagnostics/reading-messages.js';
import { type Fault, lineAt, lineText, type Source, type Span } from './located.js';

/** What the YAML reader couldn't read, in our words. It often stumbles more than once over a mistake; a mistake is told once. */
export function syntaxFaults(source: Source, documents: readonly Document.Parsed[]): readonly Fault[] {
  const oldVersion = documents.filter(({ directives: { yaml } }) => yaml.explicit && yaml.version !== '1.2').map(() => oldYaml(source));
  const errors = documents.flatMap((document) => [...document.errors, ...document.warnings]).slice(0, MOST_TOLD);
  const opened = errors.length > 0 ? openings(documents) : new Map<number, number>();
  const faults = sameStart(untilLost(errors)).map((group) => explain(source, opened, group));
  return [...oldVersion, ...withoutEchoes(faults)];
}

function explain(source: Source, opened: ReadonlyMap<number, number>, [error, ...others]: readonly YAMLError[]): Fault {
  if (!error) throw new Error('a group of errors has at least one');
  const [from, to] = error.pos;
  const line = lineText(source, from).trimEnd();
  const at = (start: number, end = start + 1): Span => ({ source, start, end });
  const restOfLine = toLineEnd(source, from);
  const overlong = others.find(({ code }) => code === 'MULTILINE_IMPLICIT_KEY');

  switch (error.code) {
    case 'TAB_AS_INDENT':
      return { words: messages.tabIndent(), span: at(from, to) };
    case 'BLOCK_AS_IMPLICIT_KEY': {
      const dash = gluedDash(source, from);
      if (dash) return { words: messages.missingBlankAfterDash(), span: dash };
      return overlong
        ? { words: messages.tooDeeplyIndented(), span: keyOfLine(source, overlong.pos[1]) }
        : { words: messages.colonInValue(), span: restOfLine };
    }
    case 'MULTILINE_IMPLICIT_KEY':
      return { words: messages.missingColon(line.trim()), span: restOfLine };
    case 'BAD_INDENT':
    case 'MISSING_CHAR': {
      const opening = opened.get(from);
      if (opening !== undefined) return { words: messages.notClosed(source.text.charAt(opening)), span: at(opening) };
      if (error.code === 'MISSING_CHAR') return { words: messages.missingColon(line.trim()), span: restOfLine };
      return { words: messages.unevenIndent(), span: keyOfLine(source, from) };
    }
    case 'BAD_SCALAR_START':
      return { words: messages.reservedStart(source.text.charAt(from)), span: restOfLine };
    case 'RESOURCE_EXHAUSTION':
      return { words: messages.tooDeep(), span: at(from) };
    case 'TAG_RESOLVE_FAILED':
      return { words: messages.unknownTag(source.text.slice(from, to)), span: at(from, to) };
    case 'BAD_DQ_ESCAPE':
      return { words: messages.badEscape(), span: at(from, from + 2) };
    case 'UNEXPECTED_TOKEN':
      if (source.text.startsWith('- ', from)) return { words: messages.listOnKeyLine(), span: at(from) };
      if (source.text.startsWith(',', from)) return { words: messages.emptyItem(), span: at(from) };
      return {
        words: messages.unexpected(source.text.slice(from, restOfLine.end), line.trim().length > restOfLine.end - from),
        span: restOfLine,
      };
    default:
      if (/^\s*[[{].*[\]}]\s*:/.test(line)) return { words: messages.complexKey(), span: restOfLine };
      return { words: messages.yamlSyntax(error.message), span: at(from, to) };
  }
}

function sameStart(errors: readonly YAMLError[]): readonly (readonly YAMLError[])[] {
  const groups = new Map<number, YAMLError[]>();
  for (const error of errors) groups.set(error.pos[0], [...(groups.get(error.pos[0]) ?? []), error]);
  return Array.from(groups.values());
}

/** Once the reader has lost the structure it complains about everything that follows. */
function untilLost(errors: readonly YAMLError[]): readonly YAMLError[] {
  const lost = errors.findIndex(({ code, message }) => code === 'UNEXPECTED_TOKEN' && /stream|node end/.test(message));
  return lost < 0 ? errors : errors.slice(0, lost + 1);
}

/** What follows a fault on its line is noise, and so are lines that seem to be wrong because the line above them is. */
function withoutEchoes(faults: readonly Fault[]): readonly Fault[] {
  const told = new Set<number>();
  const unaligned = new Set<number>();
  return faults.filter(({ words: { code }, span }) => {
    const line = lineAt(span.source.lines, span.start);
    const isEcho = ECHOES.includes(code) && unaligned.has(line - 1);
    if (isEcho || CAUSES.includes(code)) unaligned.add(line);
    return !isEcho && !told.has(line) && told.add(line);
  });
}

const CAUSES = ['indentation', 'tab-indent', 'missing-blank', 'list-on-key-line'];
const ECHOES = ['indentation', 'missing-colon'];

/** By the end of each text in quotes and of each flow collection, where it begins: something that is not closed ends where its end was looked for in vain. */
function openings(documents: readonly Document.Parsed[]): ReadonlyMap<number, number> {
  const starts = new Map<number, number>();
  const note = (range: readonly number[] | null | undefined): void => {
    const [start = 0, end = 0] = range ?? [];
    starts.set(end, Math.max(starts.get(end) ?? 0, start));
  };
  for (const { contents } of documents) {
    visit(contents, {
      Node(_, node) {
        if (isScalar(node) ? node.type?.startsWith('QUOTE') : isCollection(node) && node.flow) note(node.range);
      },
    });
  }
  return starts;
}

const toLineEnd = (source: Source, start: number): Span => {
  const [rest = ''] = /^[^\r\n]*/.exec(source.text.slice(start)) ?? [];
  return { source, start, end: start + Math.max(1, rest.trimEnd().length) };
};

/** `-kind: …` on this line or the one above, which was meant as `- kind: …`. */
function gluedDash(source: Source, offset: number): Span | undefined {
  const line = lineAt(source.lines, offset);
  for (const begin of [source.lines[line - 1] ?? 0, source.lines[line - 2] ?? 0]) {
    const [, blanks] = /^(\s*)-[^\s-]/.exec(lineText(source, begin)) ?? [];
    if (blanks !== undefined) return { source, start: begin + blanks.length, end: begin + blanks.length + 1 };
  }
  return undefined;
}

/** The key of the line that an offset lies on. */
function keyOfLine(source: Source, offset: number): Span {
  const begin = source.lines[lineAt(source.lines, offset) - 1] ?? 0;
  const [, blanks = '', key = ''] = /^(\s*)([^:\s]*)/.exec(lineText(source, offset)) ?? [];
  return { source, start: begin + blanks.length, end: begin + blanks.length + Math.max(1, key.length) };
}

function oldYaml(source: Source): Fault {
  const start = Math.max(source.text.indexOf('%YAML'), 0);
  return { words: messages.oldYaml(), span: { source, start, end: start + lineText(source, start).length } };
}
