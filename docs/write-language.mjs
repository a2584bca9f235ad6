// Writes docs/language.md from what the code takes; with --check it writes nothing and exits with 1 when the page would change.
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { stringify } from 'yaml';
import { describeExpected } from '../dist/language/describe.js';
import { experimentSchema } from '../dist/language/experiment.js';
import { hasDefault, requiredKeys } from '../dist/language/type.js';
import { stages } from '../dist/stages/registry.js';
import { tableSchema } from '../dist/study/claims/document.js';
import { sweepSchema } from '../dist/study/proposals/document.js';

/** @typedef {import('../dist/language/type.js').JsonSchema} Schema */
/** @typedef {{ key: string, takes: string, otherwise: string, about: string, note: string }} Row What stands in a line of a table. */
/** @typedef {{ path: string, kinds: readonly Schema[] }} Choice */

const introduction = `# The language

<!-- Written by npm run docs:language from the code; change the stages or docs/write-language.mjs, not this file. -->

A document is a YAML file with exactly one of the keys \`experiment:\`, \`sweep:\` and \`table:\`, whose value is its name. Keys are the field's own
words. Whatever has alternatives is a mapping with a \`kind\`, and the other keys are that kind's options. A file stands for itself: no
inheritance, no templates, no expressions.

- **Paths** count from the folder of the file that they are written in, also in what a sweep or a table changes in its base; those in \`--set\` count
  from the folder that you are in. \`~/\` is your home folder. No path is part of the key of a work, only what the file holds.
- **Splits** are \`train\`, \`validation\`, \`test\`, and what a dataset adds by name. Metrics are called \`SPLIT/METRIC\`, and a step is an epoch, the first being 1.
- **A seed** repeats the same experiment with other random numbers; it is never a setting to choose.
- **Any value** can be changed for one command: \`--set model.hidden_size=64 --set 'optimizer.learning_rate={kind: cosine, from: 0.01, to: 0, over: 20}'\`.
  Options beat environment variables, which beat the file.
- **Editors** complete, explain and check documents by their first line, which names a schema: [editor.md](editor.md).
- **YAML is 1.2**: \`true\` and \`false\` are the only truth values, \`010\` is ten, and numbers may be written \`1e-3\`.

\`retable check FILE\` finds all mistakes of a file, \`retable plan FILE\` says what it would do, \`retable plan FILE --origins\` where each value comes from. "Changes
no result" means that the key does not decide which run it is ([what makes a run](records.md#what-makes-a-run)): with another value the same run counts as done.`;

const PLURAL = { string: 'texts', integer: 'whole numbers', number: 'numbers', object: 'mappings', array: 'lists' };

/** Where a person's own keys are no names. */
const OWN_KEYS = { 'vary[]': 'PATH' };

function writePage() {
  const experiment = experimentSchema(stages);
  const { dataset, model, loss, optimizer, metrics, training, engine, tracking, ...head } = experiment.properties;
  return [
    introduction,
    'Each table says of a key what it takes, and what holds where it is left out: a value that is taken then, or in words what happens; _none_ where nothing does.',
    '## Experiment',
    'What one training _is_. Besides the keys of this table an experiment has `dataset`, `model`, `loss`, `optimizer`, `metrics` and `training`.',
    ...tablesOf('', { ...experiment, properties: head }),
    ...[dataset, model].flatMap((schema, index) => {
      const slot = ['dataset', 'model'][index] ?? '';
      const shared = sharedBy(schema.oneOf);
      return [
        `### ${slot}`,
        schema.description,
        kindsTable({ path: slot, kinds: schema.oneOf }, slot),
        ...(Object.keys(shared).length === 0
          ? []
          : [`Every ${slot} takes:`, ...tablesOf('', { properties: shared, required: Object.keys(shared) })]),
        ...groupsOf(schema.oneOf, shared).flatMap((group) => [
          `#### ${slot} ${group.map(nameOf).join(', ')}`,
          ...tablesOf('', { oneOf: group.map((kind) => without(kind, Object.keys(shared))) }, group.length === 1 ? 'alone' : 'group'),
        ]),
      ];
    }),
    ...Object.entries({ loss, optimizer, metrics: metrics.items }).flatMap(([slot, schema]) => [
      `### ${slot}`,
      slot === 'metrics' ? `A list. ${metrics.description}` : schema.description,
      kindsTable({ path: slot, kinds: schema.oneOf }),
      ...tablesOf('', { oneOf: schema.oneOf }, 'group'),
    ]),
    '### training',
    ...tablesOf('', training),
    '### engine',
    'All of it has a default; [engine.md](engine.md) says what to choose.',
    ...tablesOf('', engine),
    '### tracking',
    ...tablesOf('', tracking),
    '## Sweep',
    'One experiment under several values, each over seeds. [sweeps.md](sweeps.md) shows it at work.',
    ...tablesOf('', apartFrom(sweepSchema, experiment)),
    sharedWith(sweepSchema, experiment, 'an [experiment](#experiment)'),
    '## Table',
    'Claims about numbers, and the runs that decide them. [tables.md](tables.md) shows it at work.',
    ...tablesOf('', apartFrom(tableSchema, sweepSchema)),
    sharedWith(tableSchema, sweepSchema, 'a [sweep](#sweep)'),
  ].join('\n\n');
}

/** What two documents take alike is told once. @param {Schema} schema @param {Schema} other */
const alike = ({ properties }, other) => Object.keys(properties).filter((name) => properties[name] === other.properties[name]);
const apartFrom = (schema, other) => without(schema, alike(schema, other));
const sharedWith = (schema, other, as) => {
  const names = alike(schema, other).map((name) => `\`${name}\``);
  return `It takes ${[names.slice(0, -1).join(', '), names.at(-1)].filter(Boolean).join(' and ')} as ${as} does.`;
};

/** @param {Schema} schema @param {readonly string[]} names @returns {Schema} */
const without = (schema, names) => ({
  ...schema,
  properties: Object.fromEntries(Object.entries(schema.properties ?? {}).filter(([name]) => !names.includes(name))),
});

/** The keys that all kinds take alike. @param {readonly Schema[]} kinds @returns {Record<string, Schema>} */
const sharedBy = ([first, ...others]) =>
  Object.fromEntries(
    Object.entries(first.properties).filter(([name, part]) =>
      others.every((kind) => JSON.stringify(kind.properties[name]) === JSON.stringify(part)),
    ),
  );

/** Kinds that have most of their keys in common stand in one table; a kind without a key of its own in none. @param {readonly Schema[]} kinds */
function groupsOf(kinds, shared) {
  /** @type {Schema[][]} */
  const groups = [];
  const keysOf = (kind) => Object.entries(without(kind, ['kind', ...Object.keys(shared)]).properties).map((entry) => JSON.stringify(entry));
  for (const kind of kinds) {
    const keys = keysOf(kind);
    if (keys.length === 0) continue;
    const alike = groups.find(([first]) => keysOf(first).filter((key) => keys.includes(key)).length > keys.length / 2);
    if (alike) alike.push(kind);
    else groups.push([kind]);
  }
  return groups;
}

/**
 * A table with a line for every key, nested ones by their whole path, and then one for each choice in it with its kinds.
 *
 * @param {string} path @param {Schema} schema @param {'choice' | 'group' | 'alone'} as A group of kinds has been told of; of one alone nothing is said.
 */
function tablesOf(path, schema, as = 'choice') {
  /** @type {Choice[]} */
  const choices = [];
  const rows = as === 'choice' ? rowsBelow(path, schema, choices) : ofKinds(path, schema.oneOf, choices);
  const names = rows.map(({ key }) => key);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new Error(`a table has the key ${twice} twice`);
  return [tableOf(rows), ...choices.flatMap((choice) => [`The kinds of \`${choice.path}\`:`, kindsTable(choice)])];
}

/** @param {Choice} choice @param {string} [slot] Whose kinds have tables of their own. */
function kindsTable({ kinds }, slot) {
  const shared = slot === undefined ? {} : sharedBy(kinds);
  const groups = slot === undefined ? [] : groupsOf(kinds, shared);
  const rows = kinds.map((kind) => {
    const group = groups.find((each) => each.includes(kind));
    const name = `\`${nameOf(kind)}\``;
    const anchor = group && `${slot}-${group.map(nameOf).join('-')}`;
    return [anchor ? `[${name}](#${anchor})` : name, kind.description ?? '', `\`${inline(exampleOf(kind))}\``];
  });
  return markdownTable(['kind', 'what it is', 'example'], rows);
}

/**
 * An example of what a schema takes: what must be said, and what a stage of this kind says in its own example.
 *
 * @param {Schema} schema
 */
function exampleOf(schema) {
  if (schema.examples) return schema.examples[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  const [alternative] = schema.oneOf ?? schema.anyOf ?? [];
  if (alternative) return exampleOf(alternative);
  if (schema.items) return [exampleOf(schema.items)];
  if (!schema.properties) throw new Error(`there is no example of ${JSON.stringify(schema)}`);
  const kind = schema.properties.kind?.enum?.[0];
  const said = stages.find((stage) => stage.kind === kind && stage.summary === schema.description)?.example ?? {};
  const required = requiredKeys(schema).filter((name) => !(name in said));
  const { kind: first, ...others } = Object.fromEntries(required.map((name) => [name, exampleOf(schema.properties[name])]));
  return { ...(first !== undefined && { kind: first }), ...said, ...others };
}

/** @param {string} path @param {Schema} schema @param {Choice[]} choices Where choices are collected. @returns {readonly Row[]} */
function rowsBelow(path, schema, choices, affects = 'result') {
  const inherited = schema.affects ?? affects;
  const key = (name) => (path === '' ? name : `${path}.${name}`);
  if (schema.oneOf) {
    choices.push({ path, kinds: schema.oneOf });
    const kinds = schema.oneOf.map(nameOf).join(', ');
    return [
      { key: `${path}.kind`, takes: kinds, otherwise: 'required', about: 'What it is.', note: '' },
      ...ofKinds(path, schema.oneOf, choices, inherited),
    ];
  }
  const below = (at, part) => rowsBelow(at, part, choices, inherited);
  const alternatives = (schema.anyOf ?? []).flatMap((part) => below(path, part));
  const items = schema.items ? below(`${path}[]`, schema.items) : [];
  const others = typeof schema.additionalProperties === 'object' ? below(key(OWN_KEYS[path] ?? 'NAME'), schema.additionalProperties) : [];
  const named = Object.entries(schema.properties ?? {}).flatMap(([name, part]) => [
    rowOf(key(name), part, schema.required?.includes(name) ?? false, inherited),
    ...below(key(name), part),
  ]);
  return [...alternatives, ...items, ...others, ...named];
}

/** A key that several kinds take has one line, which says where they differ. @returns {readonly Row[]} */
function ofKinds(path, kinds, choices, affects = 'result') {
  /** @type {Map<string, { row: Row, kind: string }[]>} */
  const keys = new Map();
  /** @type {Choice[]} */
  const nested = [];
  for (const kind of kinds) {
    for (const row of rowsBelow(path, without({ ...kind, oneOf: undefined }, ['kind']), nested, affects))
      keys.set(row.key, [...(keys.get(row.key) ?? []), { row, kind: nameOf(kind) }]);
  }
  for (const choice of nested) if (!choices.some(({ path }) => path === choice.path)) choices.push(choice);
  return Array.from(keys.values(), (all) => {
    const part = (of, name, end) => {
      const words = new Map();
      for (const { row, kind } of all) words.set(row[name], [...(words.get(row[name]) ?? []), kind]);
      if (words.size === 1) return [...words.keys()][0];
      return Array.from(words, ([text, whose]) => `${of} ${whose.join(', ')}: ${text}`).join(end);
    };
    const about = part('Of', 'about', ' ');
    const isWhole = all.length === kinds.length || about !== all[0]?.row.about;
    const whose = isWhole ? '' : `Of ${all.map(({ kind }) => kind).join(', ')}. `;
    const [{ row }] = all;
    return { ...row, takes: part('of', 'takes', '; '), otherwise: part('of', 'otherwise', '; '), about: `${whose}${about}` };
  });
}

/** @param {string} key @param {Schema} schema @param {boolean} required @param {string} inherited @returns {Row} */
function rowOf(key, schema, required, inherited) {
  const takes =
    schema.type === 'array' && schema.items?.type ? `a list of ${PLURAL[schema.items.type] ?? 'values'}` : describeExpected(schema);
  const isLeaf = !schema.properties && !schema.oneOf && !schema.items?.properties;
  const note = isLeaf && (schema.affects ?? inherited) === 'execution' ? ' _Changes no result._' : '';
  return { key, takes, otherwise: otherwiseOf(schema, required), about: schema.description ?? '', note };
}

/** What holds where a key is left out. @param {Schema} schema @param {boolean} required */
function otherwiseOf(schema, required) {
  const { default: value, otherwise } = schema;
  const words = [schema, ...(schema.anyOf ?? [])].flatMap((part) => part.enum ?? []);
  if (value !== undefined) return `\`${inline(value)}\``;
  if (otherwise !== undefined) return typeof otherwise !== 'string' || words.includes(otherwise) ? `\`${otherwise}\`` : otherwise;
  if (hasDefault(schema)) return 'as its keys say';
  return required ? 'required' : 'none';
}

/** As YAML on one line. */
const inline = (value) => stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trim();

/** @param {readonly Row[]} rows */
const tableOf = (rows) =>
  markdownTable(
    ['key', 'takes', 'default', 'what it is'],
    rows.map(({ key, takes, otherwise, about, note }) => [`\`${key}\``, takes, otherwise, `${about}${note}`]),
  );

const markdownTable = (heads, rows) =>
  [heads, heads.map(() => '---'), ...rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');

const nameOf = (kind) => String(kind.properties?.kind?.enum?.[0]);

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

const page = new URL('language.md', import.meta.url);
const text = await format(writePage(), { ...(await resolveConfig(page)), parser: 'markdown' });
const written = readIfThere(page);
if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (written !== text) {
  process.stderr.write('docs/language.md is out of date: write it with npm run docs:language\n');
  process.exitCode = 1;
}
