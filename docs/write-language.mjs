// Writes docs/language.md from the committed schemas; with --check it writes nothing and exits with 1 when the page would change.
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { describeExpected } from '../dist/language/describe.js';

/** @typedef {import('../dist/language/type.js').JsonSchema} Schema */
/** @typedef {readonly [key: string, takes: string, otherwise: string, about: string]} Row */

const SLOTS = {
  dataset: 'Where examples come from. Every dataset also takes `seed`.',
  model: 'What maps an input to an output.',
  loss: 'What training makes small. It is recorded as `SPLIT/loss`.',
  optimizer: 'How parameters move.',
  metrics:
    'A list of what is measured besides the loss, recorded as `SPLIT/KIND`. A value of `train` is a running mean over the epoch while the weights change, unless `training.measure_train` is `end`; the others are measured at its end.',
};

const introduction = `# The language

<!-- Written by npm run docs:language from schemas/; change the stages or docs/write-language.mjs, not this file. -->

A document is a YAML file with exactly one of the keys \`experiment:\`, \`sweep:\` and \`table:\`, whose value is its name. Keys are the field's own
words. Whatever has alternatives is a mapping with a \`kind\`, and the other keys are that kind's options. A file stands for itself: no
inheritance, no templates, no expressions.

- **Paths** count from the folder of the file that they are written in, also in what a sweep or a table changes in its base; those in \`--set\` count
  from the folder that you are in. \`~/\` is your home folder. No path is part of the key of a work, only what the file holds.
- **Splits** are \`train\`, \`validation\`, \`test\`, and what a dataset adds by name. Metrics are called \`SPLIT/METRIC\`, and a step is an epoch, the first being 1.
- **A seed** is a replicate of the same experiment, never a setting of it.
- **Any value** can be changed for one command: \`--set model.hidden_size=64 --set 'optimizer.learning_rate={kind: cosine, from: 0.01, to: 0, over: 20}'\`.
  Options beat environment variables, which beat the file.
- **Editors** complete, explain and check documents by their first line, which names a schema: [editor.md](editor.md).
- **YAML is 1.2**: \`true\` and \`false\` are the only truth values, \`010\` is ten, and numbers may be written \`1e-3\`.

\`retable check FILE\` finds all mistakes of a file, \`retable plan FILE\` says what it would do, \`retable plan FILE --origins\` where each value comes from. "Changes
no result" means that the key is not part of the [work key](records.md): with another value the same work counts as done.`;

const PLURAL = { string: 'texts', integer: 'whole numbers', number: 'numbers', object: 'mappings', array: 'lists' };

function writePage() {
  const [experiment, sweep, table] = ['experiment', 'sweep', 'table'].map(readSchema);
  const { dataset, model, loss, optimizer, metrics, training, engine, tracking, ...head } = experiment.properties;
  const slots = { dataset, model, loss, optimizer, metrics: metrics.items };
  return [
    introduction,
    '## Experiment',
    'What one training _is_. Besides the keys of this table an experiment has `dataset`, `model`, `loss`, `optimizer`, `metrics` and `training`.',
    tableOf(rowsBelow('', { type: 'object', properties: head, required: experiment.required })),
    ...Object.entries(slots).flatMap(([slot, schema]) => [
      `### ${slot}`,
      SLOTS[slot],
      `Kinds: ${schema.oneOf.map((kind) => link(nameOf(kind), `${slot}-${nameOf(kind)}`)).join(', ')}.`,
      ...schema.oneOf.flatMap((kind) => stage(slot, kind)),
    ]),
    '### training',
    tableOf(rowsBelow('', training)),
    '### engine',
    'All of it has a default; [engine.md](engine.md) says what to choose.',
    tableOf(rowsBelow('', engine)),
    '### tracking',
    tableOf(rowsBelow('', tracking)),
    '## Sweep',
    'One experiment under several values, each over seeds. [sweeps.md](sweeps.md) shows it at work.',
    tableOf(rowsBelow('', sweep)),
    '## Table',
    'Claims about numbers, and the runs that decide them. [tables.md](tables.md) shows it at work.',
    tableOf(rowsBelow('', table)),
  ].join('\n\n');
}

/** @param {string} slot @param {Schema} schema */
function stage(slot, { properties: { kind: _, ...properties }, ...schema }) {
  const kind = _?.enum[0];
  return [`#### ${slot} ${kind}`, schema.description ?? '', tableOf(rowsBelow('', { ...schema, properties }))];
}

/**
 * One row a key, nested keys by their whole path. What the alternatives of a choice share is told once.
 *
 * @param {string} path @param {Schema} schema @returns {readonly Row[]}
 */
function rowsBelow(path, schema) {
  const key = (name) => (path === '' ? name : `${path}.${name}`);
  if (schema.oneOf) return choice(path, schema.oneOf);
  const alternatives = (schema.anyOf ?? []).flatMap((part) => rowsBelow(path, part));
  const items = schema.items ? rowsBelow(`${path}[]`, schema.items) : [];
  const others = typeof schema.additionalProperties === 'object' ? rowsBelow(key('NAME'), schema.additionalProperties) : [];
  const named = Object.entries(schema.properties ?? {}).flatMap(([name, part]) => [
    rowOf(key(name), part, schema.required?.includes(name) ?? false),
    ...rowsBelow(key(name), part),
  ]);
  return [...alternatives, ...items, ...others, ...named];
}

/** @param {string} path @param {readonly Schema[]} kinds @returns {readonly Row[]} */
function choice(path, kinds) {
  /** @type {Map<string, { row: Row, kinds: string[] }>} */
  const options = new Map();
  for (const kind of kinds) {
    const { kind: _, ...properties } = kind.properties ?? {};
    for (const row of rowsBelow(path, { ...kind, properties })) {
      const id = JSON.stringify(row);
      options.set(id, { row, kinds: [...(options.get(id)?.kinds ?? []), nameOf(kind)] });
    }
  }
  const summaries = kinds.flatMap((kind) => (kind.description ? [`\`${nameOf(kind)}\`: ${kind.description}`] : []));
  return [
    [`${path}.kind`, kinds.map(nameOf).join(', '), 'required', summaries.join(' ')],
    ...[...options.values()].map(({ row: [key, takes, otherwise, about], kinds: of }) => {
      const whose = of.length === kinds.length ? '' : `Of ${of.join(', ')}. `;
      return /** @type {Row} */ ([key, takes, otherwise, `${whose}${about}`]);
    }),
  ];
}

/** @param {string} key @param {Schema} schema @param {boolean} required @returns {Row} */
function rowOf(key, schema, required) {
  const takes =
    schema.type === 'array' && schema.items?.type ? `a list of ${PLURAL[schema.items.type] ?? 'values'}` : describeExpected(schema);
  const otherwise = schema.default === undefined ? (required ? 'required' : '') : `\`${write(schema.default)}\``;
  const about = [schema.description ?? '', ...(schema.affects === 'execution' ? ['_Changes no result._'] : [])].join(' ').trim();
  return [key, takes, otherwise, about];
}

/** As YAML on one line. */
const write = (value) =>
  typeof value === 'object' ? JSON.stringify(value).replaceAll('"', '').replaceAll(':', ': ').replaceAll(',', ', ') : String(value);

/** @param {readonly Row[]} rows */
const tableOf = (rows) =>
  rows.length === 0
    ? 'It has no options.'
    : ['| key | takes | if left out | |', '| --- | --- | --- | --- |', ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`)].join('\n');

function cell(text, column) {
  return column === 0 ? `\`${text}\`` : text.replaceAll('|', '\\|');
}
const nameOf = (kind) => String(kind.properties?.kind?.enum?.[0]);
const link = (text, anchor) => `[\`${text}\`](#${anchor})`;
/** @returns {Schema} */
function readSchema(kind) {
  return JSON.parse(readFileSync(new URL(`../schemas/${kind}.schema.json`, import.meta.url), 'utf8'));
}

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
