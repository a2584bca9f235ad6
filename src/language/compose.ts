import { isAlias, isMap, isScalar, isSeq, type Pair, type ParsedNode, type Scalar as YamlScalar, visit } from 'yaml';
import { MOST_TOLD } from '../diagnostics/diagnostic.js';
import * as messages from '../diagnostics/reading-messages.js';
import type { Words } from '../diagnostics/words.js';
import { nearest } from '../diagnostics/nearest.js';
import { type Fault, isList, isMapping, type Located, placeOf, type Scalar, type Source, type Span, type Written } from './located.js';
import type { Parsed } from './parse.js';

/** Values that aliases may add to a file before it counts as a bomb, and how deep values may be nested. */
const MOST_COPIES = 100_000;
export const DEEPEST = 100;
/** Found once for every copy; the first says it. */
const ENDLESS: readonly string[] = ['alias-bomb', 'too-deep'];

/**
 * YAML's tree to located values. Aliases are replaced by what they stand for, with its places; no object is shared between two uses.
 * `<<: *base` merges: what is written beside it wins, then the earlier of a list.
 */
export function compose(root: ParsedNode, source: Source, from: Written): Parsed {
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
