import * as messages from '../diagnostics/messages.js';
import { tooDeep } from '../diagnostics/reading-messages.js';
import type { Words } from '../diagnostics/words.js';
import { describeValue } from './describe.js';
import { child, type Fault, isList, isMapping, type Located, type Source, sourceOf, type Span } from './located.js';
import { DEEPEST, parseYaml } from './parse.js';

/** A value from the command line or the environment that stands in for what the file says. */
export interface Override {
  readonly from: 'set' | 'flag' | 'environment';
  /** As the person wrote it: `--set`, `--seed`, `RETABLE_SEED`. */
  readonly name: string;
  /** Dotted: `engine.device`. Of `--set` it stands in the argument itself. */
  readonly path?: string;
  /** The mapping of the document that takes the PATH of the argument as one key, dots and all: `set` of a sweep. */
  readonly into?: string;
  /** `PATH=VALUE` of `--set`, else the value alone. */
  readonly argument: string;
}

type Applied = { readonly root: Located } | { readonly faults: readonly Fault[] };

interface Step {
  readonly name: string;
  readonly span: Span;
}

/** Writes one value into a document. Its place is the argument: what is wrong with it is shown there. */
export function applyOverride(root: Located, override: Override): Applied {
  const text = `${override.name}${override.from === 'environment' ? '=' : ' '}${override.argument}`;
  const source = sourceOf(override.name, text, '.');
  const begin = override.name.length + 1;
  const equals = override.path === undefined ? text.indexOf('=', begin) : begin - 1;
  const whole: Span = { source, start: begin, end: text.length };
  if (equals < 0) return { faults: [{ words: messages.noAssignment(override.name), span: whole }] };

  const steps =
    override.into !== undefined
      ? [...override.into.split('.'), source.text.slice(begin, equals)].map((name) => ({
          name,
          span: { source, start: begin, end: equals },
        }))
      : override.path === undefined
        ? stepsOf(source, begin, equals)
        : override.path.split('.').map((name) => ({ name, span: { source, start: 0, end: begin - 1 } }));
  const empty = steps.find(({ name }) => name === '');
  if (empty) return { faults: [{ words: messages.emptyPathPart(), span: empty.span }] };

  const value = readValue(source, equals + 1, override.from);
  if ('faults' in value) return value;
  return write(root, steps, value.root, []);
}

/** Writes a value that stands in another document, under its dotted path there: what is wrong with it is shown where it stands. */
export function writeLocated(root: Located, path: string, value: Located): Applied {
  const span = value.key ?? value.value;
  return write(
    root,
    path.split('.').map((name) => ({ name, span })),
    value,
    [],
  );
}

function stepsOf(source: Source, begin: number, end: number): readonly Step[] {
  let start = begin;
  return source.text
    .slice(begin, end)
    .split('.')
    .map((name) => {
      const step = { name, span: { source, start, end: start + name.length } };
      start += name.length + 1;
      return step;
    });
}

/** One YAML value on one line: a scalar, `[...]` or `{...}`; nothing at all is YAML's null. */
function readValue(source: Source, start: number, from: Override['from']): Applied {
  const span: Span = { source, start, end: source.text.length };
  if (source.text.slice(start).trim() === '') return { root: { content: null, from, value: { ...span, start: start - 1 } } };
  const parsed = parseYaml(source, from, start);
  if ('faults' in parsed) return parsed;
  const { content } = parsed.root;
  const isFlow = /^\s*(?:[&!]\S*\s+)*[[{]/.test(source.text.slice(start));
  return (isList(content) || isMapping(content)) && !isFlow ? { faults: [{ words: messages.blockValue(), span }] } : parsed;
}

/** Enters along the path; what is not there yet becomes a mapping, and a list takes one item more than it has. */
function write(here: Located, [step, ...rest]: readonly Step[], value: Located, above: readonly string[]): Applied {
  if (!step) return { root: here };
  const { name, span } = step;
  const { content } = here;
  const path = above.join('.');
  const refuse = (words: Words): Applied => ({ faults: [{ words, span }] });
  if (above.length >= DEEPEST) return refuse(tooDeep());
  if (isList(content)) {
    if (!/^\d+$/.test(name) || Number(name) > content.length) return refuse(messages.noSuchItem(path, content.length, name));
  } else if (!isMapping(content)) {
    return refuse(messages.belowScalar(path, describeValue(here), [step, ...rest].map((each) => each.name).join('.')));
  }

  const old = child(here, name);
  const fresh: Located = { content: new Map(), from: value.from, key: span, value: span };
  const next = rest.length === 0 ? { ...value, key: span } : old && old.content !== null ? old : fresh;
  const written = write(next, rest, value, [...above, name]);
  if ('faults' in written) return written;
  const changed = isList(content) ? content.toSpliced(Number(name), 1, written.root) : new Map([...content, [name, written.root] as const]);
  return { root: { ...here, content: changed } };
}
