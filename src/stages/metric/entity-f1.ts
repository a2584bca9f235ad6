import type { Problem } from '../../diagnostics/diagnostic.js';
import { meantOrKnown, quote } from '../../diagnostics/words.js';
import { Type } from '../../language/type.js';
import type { BarsView } from '../../views/view.js';
import { type Collected, type Data, defineStage, type Measured } from '../stage.js';
import { reportUnlessClasses } from './classes.js';
import { classNames } from '../fitted.js';

/** A name in a sentence: its kind, its first word and its last one. */
interface Entity {
  readonly kind: string;
  readonly first: number;
  readonly last: number;
}

/** What a tag says: `B-PER` is B and PER; a tag without a kind is of the kind `_`. */
interface Tag {
  readonly mark: string;
  readonly kind: string;
}

const tagOf = (name: string): Tag => {
  const rest = name.slice(1);
  const kind = rest.slice(rest.indexOf('-') + 1);
  return { mark: name.slice(0, 1), kind: kind === '' ? '_' : kind };
};

const OUTSIDE = tagOf('O');

/** Does a name end before a tag? Marks are those of IOB1, IOB2, IOE and IOBES. */
function endsBefore(last: Tag, next: Tag): boolean {
  if ('ES'.includes(last.mark)) return true;
  if ('BI'.includes(last.mark) && 'BSO'.includes(next.mark)) return true;
  return !'O.'.includes(last.mark) && last.kind !== next.kind;
}

/** Does a name begin at a tag? */
function beginsAt(last: Tag, next: Tag): boolean {
  if ('BS'.includes(next.mark)) return true;
  if ('ESO'.includes(last.mark) && 'EI'.includes(next.mark)) return true;
  return !'O.'.includes(next.mark) && last.kind !== next.kind;
}

/**
 * The names in a sentence by its tags, whatever their scheme: `B-PER I-PER O` is one of kind PER. Tags that no scheme allows (an `I-PER` behind an `O`) begin
 * a name, as in `conlleval` and in seqeval's default mode.
 */
export function entitiesOf(tags: readonly string[]): readonly Entity[] {
  const found: Entity[] = [];
  let last = OUTSIDE;
  let first = 0;
  for (const [at, next] of [...tags.map(tagOf), OUTSIDE].entries()) {
    if (endsBefore(last, next)) found.push({ kind: last.kind, first, last: at - 1 });
    if (beginsAt(last, next)) first = at;
    last = next;
  }
  return found;
}

interface Counts {
  hit: number;
  right: number;
  answered: number;
}

/**
 * The harmonic mean of precision and recall over names, each counted as a whole: one is right where its kind, its first and its last word are,
 * `2 hit / (right + answered)`. `micro`, all names together, as `conlleval` has it; `macro`, the mean over kinds. As seqeval's `f1_score`.
 */
export const entityF1 = defineStage({
  slot: 'metric',
  kind: 'entity_f1',
  version: 1,
  summary: 'The harmonic mean of precision and recall over names of several words, each right or wrong as a whole.',
  options: Type.Object({
    average: Type.Optional(
      Type.Enum(['micro', 'macro', 'weighted'], {
        otherwise: 'micro',
        description: 'micro: all names together; macro: the mean over kinds; weighted: each kind by how often it is right.',
      }),
    ),
    class: Type.Optional(Type.String({ minLength: 1, examples: ['PER'], description: 'One kind of names, in place of all.' })),
  }),

  plan({ average, class: kind }, upstream, report) {
    reportUnlessClasses('entity_f1', upstream, report);
    const { data } = upstream;
    if (!(data.splits['train']?.target.axes.includes('time') ?? false)) report(noSentences());
    const kinds = kindsOf(data);
    if (data.fitted.classes && kinds.length === 0) report(noNames(classNames(data)));
    if (kind !== undefined && average !== undefined) report(oneOrAll(average));
    if (kind !== undefined && kinds.length > 0 && !kinds.includes(kind)) report(unknownKind(kind, kinds));
    return { better: 'higher', deterministic: true, unit: 'share', collects: true };
  },

  create: (_tools, { average = 'micro', class: asked }, _spec, { data }) => ({
    evaluate(split): Measured {
      const counts = countEntities(split, classNames(data));
      const f1 = ({ hit, right, answered }: Counts): number => (right + answered === 0 ? 0 : (2 * hit) / (right + answered));
      if (asked !== undefined) return f1(counts.get(asked) ?? { hit: 0, right: 0, answered: 0 });
      const kinds = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
      const sum = (of: (each: Counts) => number): number => kinds.reduce((total, [, each]) => total + of(each), 0);
      const all: Counts = { hit: sum(({ hit }) => hit), right: sum(({ right }) => right), answered: sum(({ answered }) => answered) };
      const value = {
        micro: () => f1(all),
        macro: () => (kinds.length === 0 ? 0 : sum(f1) / kinds.length),
        weighted: () => (all.right === 0 ? 0 : sum((each) => f1(each) * each.right) / all.right),
      }[average]();
      if (kinds.length === 0 || kinds.length > MOST_BARS) return value;
      const view: BarsView = { kind: 'bars', x: 'kind', y: 'F1', bars: kinds.map(([name, each]) => ({ name, value: f1(each) })) };
      return { value, view };
    },
  }),
});

/** Bars of more kinds are no picture any more. */
const MOST_BARS = 100;

/** By kind, how many names were right, answered, and both, each as often as its sentence has weight. `output` is `[examples, time, classes]`, `target` and `weight` `[examples, time]`. */
function countEntities({ output, target, weight }: Collected, names: readonly string[]): ReadonlyMap<string, Counts> {
  const counts = new Map<string, Counts>();
  const of = (kind: string): Counts => {
    const known = counts.get(kind) ?? { hit: 0, right: 0, answered: 0 };
    counts.set(kind, known);
    return known;
  };
  const [examples = 0, time = 1] = target.shape;
  const classes = output.shape.at(-1) ?? 1;
  const shared = target.values.length / weight.values.length;
  for (let example = 0; example < examples; example++) {
    const [right, answered]: [string[], string[]] = [[], []];
    let times = 0;
    for (let at = example * time; at < (example + 1) * time; at++) {
      const counted = weight.values[Math.floor(at / shared)] ?? 0;
      if (counted === 0) continue;
      times = counted;
      const outputs = output.values.subarray(at * classes, (at + 1) * classes);
      right.push(names[target.values[at] ?? -1] ?? 'O');
      answered.push(names[outputs.indexOf(outputs.reduce((a, b) => Math.max(a, b), -Infinity))] ?? 'O');
    }
    const key = ({ kind, first, last }: Entity): string => `${first} ${last} ${kind}`;
    const [ours, theirs] = [entitiesOf(answered), entitiesOf(right)];
    const known = new Set(theirs.map(key));
    for (const entity of theirs) of(entity.kind).right += times;
    for (const entity of ours) {
      of(entity.kind).answered += times;
      if (known.has(key(entity))) of(entity.kind).hit += times;
    }
  }
  return counts;
}

/** The kinds of names that the tags of the data tell. */
const kindsOf = (data: Data): readonly string[] => [
  ...new Set(classNames(data).flatMap((name) => (/^[BIES](?:-|$)/.test(name) ? [tagOf(name).kind] : []))),
];

const noSentences = (): Problem => ({
  code: 'target-mismatch',
  path: ['kind'],
  message: 'entity_f1 is of sentences with a tag for each word, and the data have one answer a sequence',
  help: 'write kind: f1',
});

const noNames = (tags: readonly string[]): Problem => ({
  code: 'target-mismatch',
  path: ['kind'],
  message: `entity_f1 counts names, and no tag begins or goes on with one as B-PER and I-PER do: ${tags.slice(0, 3).map(quote).join(', ')}${tags.length > 3 ? ', …' : ''}`,
  help: 'for parts of speech write kind: accuracy',
});

const oneOrAll = (average: string): Problem => ({
  code: 'option-without-effect',
  path: ['average'],
  message: `average: ${average} is over all kinds, and class names one`,
  help: 'take one of both out',
});

const unknownKind = (name: string, kinds: readonly string[]): Problem => ({
  code: 'unknown-class',
  path: ['class'],
  message: `no tag is of the kind ${quote(name)}`,
  help: /^[BIES]-/.test(name) && kinds.includes(name.slice(2)) ? `write the kind alone: ${name.slice(2)}` : meantOrKnown(name, kinds),
});
