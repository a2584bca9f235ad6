import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseAllDocuments,
  type ParsedNode,
  type Scalar as YamlScalar,
  visit,
  type YAMLError,
} from 'yaml';
import { MOST_TOLD } from '../diagnostics/diagnostic.js';
import { nearest, type Words } from '../diagnostics/words.js';
import * as messages from '../diagnostics/reading-messages.js';
import {
  type Fault,
  isList,
  isMapping,
  lineAt,
  lineText,
  type Located,
  placeOf,
  type Scalar,
  type Source,
  type Span,
  type Written,
} from './located.js';

type Parsed = { readonly root: Located } | { readonly faults: readonly Fault[] };

/** YAML 1.2 (core schema; merge keys are understood) to located values. Reading begins at `start`, for a value on the command line. */
export function parseYaml(source: Source, from: Written, start = 0): Parsed {
  // Blanks in front keep every offset what it is in the source.
  const documents = read(' '.repeat(start) + source.text.slice(start));
  if (!documents) return fault(source, start, 1, messages.tooDeep());
  const faults = syntaxFaults(source, documents);
  if (faults.length > 0) return { faults };
  const [document, second] = documents;
  if (second) return fault(source, secondDocument(source, second), 3, messages.severalDocuments());
  if (!document?.contents) return fault(source, start, 0, messages.emptyFile());
  return compose(document.contents, source, from);
}

/** Undefined where the nesting is deeper than the reader's own stack. */
function read(text: string): readonly Document.Parsed[] | undefined {
  try {
    return Array.from(parseAllDocuments(text, OPTIONS));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Duplicate keys and merges are judged in `compose`, with better words; integers come as bigint, so that large ones are noticed. */
const OPTIONS = { version: '1.2', prettyErrors: false, uniqueKeys: false, merge: false, intAsBigInt: true, logLevel: 'silent' } as const;

const fault = (source: Source, start: number, length: number, words: Words): Parsed => ({
  faults: [{ words, span: { source, start, end: start + length } }],
});

/** Where its `---` stands; where the first one ended with `...` there may be none. */
function secondDocument({ text }: Source, second: Document.Parsed): number {
  const [begin] = second.range;
  const marker = text.lastIndexOf('---', begin);
  return marker < 0 ? begin : marker;
}

/** Values that aliases may add to a file before it counts as a bomb, and how deep values may be nested. */
const MOST_COPIES = 100_000;
export const DEEPEST = 100;
/** Found once for every copy; the first says it. */
const ENDLESS: readonly string[] = ['alias-bomb', 'too-deep'];

/**
 * YAML's tree to located values. Aliases are replaced by what they stand for, with its places; no object is shared between two uses.
 * `<<: *base` merges: what is written beside it wins, then the earlier of a list.
 */
function compose(root: ParsedNode, source: Source, from: Written): Parsed {
  const anchors = new Map<string, ParsedNode>();
  const targets = aliasTargets(root, anchors);
  const faults: Fault[] = [];
  const open = new Set<ParsedNode>();
  const isEnough = (): boolean => faults.length >= MOST_TOLD;
  const names = (): readonly string[] => Array.from(anchors.keys());
  let copies = 0;
  const located = locate(root, undefined, false);
  const endless = faults.find(({ words: { code } }) => ENDLESS.includes(code));
  if (endless) return { faults: [endless] };
  return faults.length > 0 ? { faults } : { root: located };

  function tell(words: Words, span: Span): void {
    if (!isEnough()) faults.push({ words, span });
  }

  function locate(node: ParsedNode, key: Span | undefined, isCopy: boolean): Located {
    const own = { from, ...(key && { key }), value: valueSpan(node, source, key) };
    const refuse = (words: Words): Located => (tell(words, own.value), { ...own, content: null });
    if (isCopy) copies++;
    if (copies > MOST_COPIES) return copies === MOST_COPIES + 1 ? refuse(messages.aliasBomb(MOST_COPIES)) : { ...own, content: null };
    if (isScalar(node)) return { ...own, content: scalar(node, refuse), quoted: node.type?.startsWith('QUOTE') ?? false };
    if (isAlias(node)) {
      const target = targets.get(node);
      if (!target)
        return isEnough() ? { ...own, content: null } : refuse(messages.unknownAnchor(node.source, nearest(node.source, names())));
      return open.has(target) ? refuse(messages.endlessAlias(node.source)) : locate(target, key, true);
    }
    if (open.size >= DEEPEST) return refuse(messages.tooDeep());
    open.add(node);
    const content = isMap(node) ? mapping(node.items, isCopy) : node.items.map((item) => locate(item, undefined, isCopy));
    open.delete(node);
    return { ...own, content };
  }

  function mapping(pairs: readonly Pair<ParsedNode, ParsedNode | null>[], isCopy: boolean): ReadonlyMap<string, Located> {
    const written = new Map<string, Located>();
    const merged = new Map<string, Located>();
    for (const { key, value } of pairs) {
      const span = keySpan(key, source);
      const name = keyText(key);
      const before = name === undefined ? undefined : written.get(name)?.key;
      if (name === undefined) tell(isScalar(key) ? messages.emptyKey() : messages.complexKey(), span);
      else if (isMergeKey(key) && value) merge(locate(value, span, isCopy), merged);
      else if (before) tell(messages.duplicateKey(name, placeOf(before).line), span);
      else written.set(name, value ? locate(value, span, isCopy) : { from, key: span, value: span, content: null });
    }
    return new Map([...merged, ...written]);
  }

  function merge({ content, value: span }: Located, into: Map<string, Located>): void {
    for (const mapping of isList(content) ? content.map((item) => item.content) : [content]) {
      if (!isMapping(mapping)) return tell(messages.mergeOfNoMapping(), span);
      for (const [name, value] of mapping) if (!into.has(name)) into.set(name, value);
    }
  }
}

/** What each alias stands for: the last anchor of its name that was written before it. */
function aliasTargets(root: ParsedNode, anchors: Map<string, ParsedNode>): ReadonlyMap<unknown, ParsedNode> {
  const targets = new Map<unknown, ParsedNode>();
  visit(root, {
    Node(_, node) {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target) targets.set(node, target);
      } else if (node.anchor) anchors.set(node.anchor, node as ParsedNode);
    },
  });
  return targets;
}

/** In the core schema a scalar is one of these; whole numbers come as bigint. */
function scalar({ value, source = '' }: YamlScalar.Parsed, refuse: (words: Words) => unknown): Scalar {
  if (typeof value !== 'bigint') return value as Scalar;
  const number = Number(value);
  if (!Number.isSafeInteger(number)) refuse(messages.integerTooLarge(source));
  return number;
}

const isMergeKey = (key: ParsedNode): boolean => isScalar(key) && key.value === '<<' && key.type === 'PLAIN';

/** Numbers and words as keys are meant as text; nothing, lists and mappings can't be a key. */
function keyText(key: ParsedNode): string | undefined {
  if (!isScalar(key) || key.value === null) return undefined;
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}

/** Of a key that was left empty, the colon after it. */
function keySpan({ range: [start, end] }: ParsedNode, source: Source): Span {
  if (end > start) return { source, start, end };
  const colon = start + Math.max(source.text.slice(start).search(/\S/), 0);
  return { source, start: colon, end: colon + 1 };
}

/** A value that was left empty is shown at its key, a block of lines at its first item. */
function valueSpan(node: ParsedNode, source: Source, key: Span | undefined): Span {
  const [start, end] = node.range;
  if (end === start && key) return key;
  const first = firstPart(node);
  return { source, start, end: first ? valueSpan(first, source, undefined).end : end };
}

/** Of a block the value of its first line. */
function firstPart(node: ParsedNode): ParsedNode | undefined {
  if (isMap(node) && !node.flow) return node.items[0]?.value ?? node.items[0]?.key;
  return isSeq(node) && !node.flow ? node.items[0] : undefined;
}

/** What the YAML reader couldn't read, in our words. It often stumbles more than once over a mistake; a mistake is told once. */
function syntaxFaults(source: Source, documents: readonly Document.Parsed[]): readonly Fault[] {
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
