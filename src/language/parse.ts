import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  type ParsedNode,
  parseAllDocuments,
  type Range,
  type Scalar as YamlScalar,
  visit,
} from 'yaml';
import * as messages from '../diagnostics/messages.js';
import { nearest } from '../diagnostics/nearest.js';
import { isList, isMapping, type Located, placeOf, type Source, type Span, type Written } from './located.js';
import { syntaxFaults } from './syntax.js';

export interface Fault {
  readonly words: messages.Words;
  readonly span: Span;
}

type Parsed = { readonly root: Located } | { readonly faults: readonly Fault[] };

/** Values that aliases may add to a file before it counts as a bomb. */
const MOST_COPIES = 100_000;
const DEEPEST = 100;

/** YAML 1.2 (core schema, merge keys understood) to located values. `start` to the end of the source is what is read. */
export function parseYaml(source: Source, from: Written, start = 0): Parsed {
  const at = (range: readonly [number, number]): Span => ({ source, start: start + range[0], end: start + range[1] });
  const documents = read(source.text.slice(start));
  if (!documents) return { faults: [{ words: messages.tooDeep(DEEPEST), span: at([0, 1]) }] };
  const [document, second] = documents;
  if (!document) return { faults: [{ words: messages.emptyFile(), span: at([0, 0]) }] };
  const faults = syntaxFaults(source, start, documents);
  if (faults.length > 0) return { faults };
  if (second) {
    const [begin] = second.range;
    const marker = source.text.lastIndexOf('---', start + begin);
    return { faults: [{ words: messages.severalDocuments(), span: { source, start: Math.max(marker, 0), end: Math.max(marker, 0) + 3 } }] };
  }
  if (!document.contents) return { faults: [{ words: messages.emptyFile(), span: at([0, 0]) }] };
  return build(document.contents, aliasesOf(document.contents), from, at);
}

/** Undefined where the nesting is deeper than the reader's own stack. */
function read(text: string) {
  try {
    return Array.from(
      parseAllDocuments(text, {
        prettyErrors: false,
        uniqueKeys: false,
        merge: false,
        intAsBigInt: true,
        logLevel: 'silent',
        version: '1.2',
      }),
    );
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

interface Aliases {
  readonly targets: ReadonlyMap<unknown, ParsedNode>;
  readonly names: readonly string[];
}

/** What each alias stands for: the last anchor of its name that was written before it. */
function aliasesOf(root: ParsedNode): Aliases {
  const anchors = new Map<string, ParsedNode>();
  const targets = new Map<unknown, ParsedNode>();
  visit(root, {
    Node(_, node) {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target) targets.set(node, target);
      } else if (node.anchor) anchors.set(node.anchor, node as ParsedNode);
    },
  });
  return { targets, names: Array.from(anchors.keys()) };
}

function build(root: ParsedNode, aliases: Aliases, from: Written, at: (range: readonly [number, number]) => Span): Parsed {
  const faults: Fault[] = [];
  const open = new Set<ParsedNode>();
  let copies = 0;
  const located = locate(root, undefined, false);
  return faults.length > 0 ? { faults } : { root: located };

  function fault(words: messages.Words, range: Range): void {
    faults.push({ words, span: at([range[0], range[1]]) });
  }

  function locate(node: ParsedNode, key: Span | undefined, copy: boolean): Located {
    const own = { from, ...(key ? { key } : {}), value: spanOf(node, key) };
    const nothing = { ...own, content: null };
    if (copy && ++copies > MOST_COPIES) {
      if (copies === MOST_COPIES + 1) fault(messages.aliasBomb(MOST_COPIES), node.range);
      return nothing;
    }
    if (open.size > DEEPEST) return (fault(messages.tooDeep(DEEPEST), node.range), nothing);
    if (isScalar(node)) return { ...own, content: scalar(node), quoted: node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE' };
    if (isAlias(node)) {
      const target = aliases.targets.get(node);
      if (!target) return (fault(messages.unknownAnchor(node.source, nearest(node.source, aliases.names)), node.range), nothing);
      if (open.has(target)) return (fault(messages.endlessAlias(node.source), node.range), nothing);
      return locate(target, key, true);
    }
    open.add(node);
    const content = isSeq(node) ? node.items.map((item) => locate(item as ParsedNode, undefined, copy)) : mapping(node.items, copy);
    open.delete(node);
    return { ...own, content };
  }

  function mapping(pairs: readonly Pair<ParsedNode, ParsedNode | null>[], copy: boolean): ReadonlyMap<string, Located> {
    const written = new Map<string, Located>();
    const merged = new Map<string, Located>();
    for (const { key, value } of pairs) {
      const span = at([key.range[0], key.range[1]]);
      const name = keyText(key);
      if (name === undefined) fault(isScalar(key) ? messages.emptyKey() : messages.complexKey(), key.range);
      else if (isMergeKey(key) && value) merge(locate(value, span, copy), merged, value.range);
      else if (written.has(name)) fault(messages.duplicateKey(name, lineOf(written.get(name))), key.range);
      else written.set(name, value ? locate(value, span, copy) : { from, key: span, value: span, content: null });
    }
    return new Map([...Array.from(merged).filter(([name]) => !written.has(name)), ...written]);
  }

  /** `<<: *base` or `<<: [*first, *second]`: what is written beside it wins, then the earlier of the list. */
  function merge({ content }: Located, into: Map<string, Located>, range: Range): void {
    for (const source of isList(content) ? content : [{ content }]) {
      if (!isMapping(source.content)) return fault(messages.mergeOfNoMapping(), range);
      for (const [name, value] of source.content) if (!into.has(name)) into.set(name, value);
    }
  }

  function scalar(node: YamlScalar.Parsed): string | number | boolean | null {
    const { value } = node;
    if (typeof value !== 'bigint') return value as string | number | boolean | null;
    const number = Number(value);
    if (!Number.isSafeInteger(number)) fault(messages.integerTooLarge(node.source), node.range);
    return number;
  }

  /** A value that is left empty is shown at its key; a collection at its first item. */
  function spanOf(node: ParsedNode, key: Span | undefined): Span {
    const [start, end] = node.range;
    if (end === start && key) return key;
    if (isMap(node) && !node.flow) {
      const first = node.items[0];
      if (first?.key) return at([start, first.value?.range[1] ?? first.key.range[1]]);
    }
    if (isSeq(node) && !node.flow) {
      const first = node.items[0] as ParsedNode | undefined;
      if (first) return at([start, spanOf(first, undefined).end - at([0, 0]).start]);
    }
    return at([start, end]);
  }
}

const lineOf = (value: Located | undefined): number => (value?.key ? placeOf(value.key).line : 1);

const isMergeKey = (key: ParsedNode): boolean => isScalar(key) && key.value === '<<' && key.type === 'PLAIN';

/** Numbers and words as keys are meant as text; nothing, lists and mappings can't be a key. */
function keyText(key: ParsedNode): string | undefined {
  if (!isScalar(key) || key.value === null) return undefined;
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
}
