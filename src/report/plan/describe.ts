import { formatBytes, formatCount, formatMeasure, formatSetting, plural } from '../../diagnostics/numbers.js';
import { listed } from '../../diagnostics/words.js';
import type { ResolvedConfig, StageConfig } from '../../language/experiment.js';
import { describeOrigin } from '../../language/resolve.js';
import { type Leaf, leaves } from '../../planning/leaves.js';
import { dataBytes, memoryOf } from '../../planning/memory.js';
import { recordedKeys, roleOf } from '../../planning/recorded.js';
import type { Plan } from '../../planning/plan.js';
import type { Fact, Initializer, TensorSpec } from '../../stages/stage.js';
import { type FoldTimes, foldTable } from './folds.js';
import {
  columnsOf,
  markdownBlock,
  textBlocks,
  markdownTable,
  PLAIN,
  type PlainTable,
  terminalTable,
  type TextStyle,
  textTable,
  wrap,
} from '../kit/tables.js';

/** What would be done, as the plan of an experiment, a sweep or a table gives it to whatever shows it. */
export interface PlanReport {
  readonly name: string;
  readonly description?: string;
  /** Sentences before everything else. */
  readonly lead: readonly string[];
  readonly sections: readonly PlanSection[];
  /** What `plan --json` prints. */
  readonly json: object;
}

export interface PlanSection {
  readonly title: string;
  readonly content: readonly Block[];
}

/** A paragraph, a table, what is known of the data, or folds on their line of time. */
type Block = string | PlainTable | { readonly facts: readonly Omit<Fact, 'key'>[] } | FoldTimes;

/** A whole number as a count, another one to six digits, words as they are. */
export const factText = (value: number | string): string =>
  typeof value === 'string' ? value : Number.isInteger(value) ? formatCount(value) : formatSetting(value, 6);

/** A plan as Markdown. */
export const planMarkdown = ({ name, description, lead, sections }: PlanReport): string =>
  textBlocks([
    [`# ${markdownBlock(name)}`],
    description === undefined ? [] : [markdownBlock(description)],
    ...lead.map((sentence) => [markdownBlock(sentence)]),
    ...sections.flatMap(({ title, content }) => [[`## ${markdownBlock(upperFirst(title))}`], ...content.flatMap(blocksOf)]),
  ]);

function blocksOf(block: Block): readonly (readonly string[])[] {
  if (typeof block === 'string') return [[markdownBlock(block)]];
  if ('folds' in block) return blocksOf(foldTable(block));
  if (!('facts' in block)) return [markdownTable(block), ...(block.notes ?? []).map((note) => [markdownBlock(note)])];
  if (block.facts.length === 0) return [];
  return [
    markdownTable({ columns: columnsOf('', '', ''), rows: block.facts.map(({ name, value, note = '' }) => [name, factText(value), note]) }),
  ];
}

export const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const WIDTH = 118;
const GUTTER = 12;
const AFTER_A_PART = /(?<=[,;:]) /;

/** What would be done, on about one screen. */
export function describePlan(
  plan: Plan,
  { style = PLAIN, width = WIDTH }: { readonly style?: TextStyle; readonly width?: number } = {},
): string {
  const sheet = { style, width: Math.min(width, WIDTH) };
  const title = `${style.heading(plan.name)}  ${style.faint(whereFrom(plan))}`;
  const description = wrap(plan.config.values.description ?? '', sheet.width);
  const lines = sectionsOf(plan, style).flatMap(({ title: label, content }) => [
    ...(OWN_PART.has(label) ? [''] : []),
    ...content.flatMap((block) => linesOf(block, sheet)).map((line, index) => gutterOf(index === 0 ? label : '', style) + line),
  ]);
  return `${[title, ...description, ...lines].join('\n')}\n`;
}

/** Sections that stand apart from what is above them. */
const OWN_PART: ReadonlySet<string> = new Set(['data', 'model', 'loss']);

const gutterOf = (label: string, style: TextStyle): string =>
  label === '' ? ' '.repeat(GUTTER) : style.heading(label) + ' '.repeat(GUTTER - label.length);

/** How a plan is set for a terminal or a file. */
interface Sheet {
  readonly style: TextStyle;
  readonly width: number;
}

function linesOf(block: Block, { style, width }: Sheet): readonly string[] {
  if (typeof block === 'string') return paragraph(block, width);
  if ('folds' in block) return terminalTable(foldTable(block), style);
  return 'facts' in block ? factLines(block.facts, { style, width }) : terminalTable(block, style);
}

/** A plan to be written: with what the records say of it, and what a moment of training told. */
export function planReport(plan: Plan, more: { readonly record: string; readonly measured?: string; readonly json: object }): PlanReport {
  const { description } = plan.config.values;
  const configuration = [...leaves(plan.config.values)].map(([path, value]) => [
    path,
    JSON.stringify(value),
    describeOrigin(plan.config.origins.get(path)),
  ]);
  return {
    name: plan.name,
    ...(description !== undefined && { description }),
    lead: [`${whereFrom(plan)}.`],
    sections: [
      ...sectionsOf(plan, PLAIN),
      { title: 'record', content: [more.record] },
      ...(more.measured === undefined ? [] : [{ title: 'measured', content: [more.measured] }]),
      { title: 'configuration', content: [{ columns: columnsOf('', '', 'from'), rows: configuration }] },
    ],
    json: more.json,
  };
}

const whereFrom = ({ config, seed }: Plan): string => `${config.file}, seed ${seed}`;

function sectionsOf(plan: Plan, style: TextStyle): readonly PlanSection[] {
  const { config, loss, optimizer, engine } = plan;
  const { values } = config;
  return [
    { title: 'data', content: dataBlocks(plan) },
    { title: 'model', content: modelBlocks(plan) },
    { title: 'loss', content: [`${stageTitle(values.loss)}, of outputs read as ${loss.reading.replace('_', ' ')}`, ...weightsText(plan)] },
    { title: 'metrics', content: [metricBlock(plan)] },
    { title: 'optimizer', content: [`${stageTitle(values.optimizer)}${slotsNote(optimizer.slots)}`] },
    { title: 'training', content: [trainingText(plan)] },
    ...(plan.accepted
      ? [{ title: 'accepted', content: plan.accepted.map(({ threat, because, found }) => `${threat}: ${found}. Because: ${because}`) }]
      : []),
    { title: 'memory', content: [memoryText(plan)] },
    { title: 'engine', content: [`${engine.kind} on ${engine.device}, ${plural(engine.threads, 'thread')}`] },
    { title: 'key', content: [`${plan.work.key.slice(0, 12)}  ${style.faint('equal keys promise equal digits')}`] },
  ];
}

function dataBlocks(plan: Plan): readonly Block[] {
  const { config, data } = plan;
  const tokens = Object.values(data.splits).some((split) => split.tokens !== undefined);
  const inputs = Object.entries(data.splits['train']?.inputs ?? {}).flatMap(([name, { decodes }]) => (decodes ? [] : [name]));
  const rows = Object.entries(data.splits).map(([name, split]) => [
    name,
    formatCount(split.examples),
    `${formatCount(split.batches)} of ${formatCount(split.batchSize)}`,
    ...(tokens ? [split.tokens === undefined ? '' : formatCount(split.tokens)] : []),
    ...Object.values(split.inputs).flatMap((input) => (input.decodes ? [] : [describeTensor(input)])),
    describeTensor(split.target),
  ]);
  const columns = columnsOf('split', '>examples', '>batches', ...(tokens ? ['>tokens'] : []), ...inputs, 'target');
  const folds = data.folds ?? [];
  return [
    stageTitle(config.values.dataset),
    { columns, rows },
    ...(folds.length > 0 ? [{ folds, trained: config.values.fold ?? folds.length }] : []),
    { facts: data.facts },
    ...chanceText(data.chance),
    ...naiveText(plan),
  ];
}

function factLines(facts: readonly Omit<Fact, 'key'>[], { style, width }: Sheet): readonly string[] {
  const table = textTable(facts.map(({ name, value }) => [`${name}:`, factText(value)]));
  return facts.flatMap(({ note }, index) => [
    table[index] ?? '',
    ...wrap(note ?? '', width - GUTTER - 2).map((line) => style.faint(`  ${line}`)),
  ]);
}

function chanceText(chance: Plan['data']['chance']): readonly string[] {
  const levels = Object.entries(chance).map(([key, value]) => `${key} ${formatMeasure(value, 3)}`);
  return levels.length === 0 ? [] : [`chance: ${levels.join(', ')} (best answer that ignores the input)`];
}

/** Of a forecast: what those that need no learning reach by the metrics of the document, on what doesn't train. */
function naiveText(plan: Plan): readonly string[] {
  const { outputs, baselines = {} } = plan.data;
  if (!outputs) return [];
  const recorded = recordedKeys(plan);
  return Object.entries(baselines)
    .filter(([key]) => recorded.includes(key) && roleOf(plan.data, key) !== 'train')
    .map(([key, levels]) => {
      const told = Object.entries(levels).map(([name, value]) => `${name} ${formatMeasure(value)}`);
      return `${key} without learning: ${told.join(', ')}`;
    });
}

function modelBlocks({ config, model, parameterCount, vectors = [] }: Plan): readonly Block[] {
  const rows = model.parameters.map(({ name, shape, initializer, frozen = false }) => [
    name,
    shape.length === 0 ? 'scalar' : shape.join(' × '),
    `${describeInitializer(initializer)}${frozen ? '; frozen' : ''}`,
    formatCount(size(shape)),
  ]);
  const trained = model.parameters.reduce((total, { shape, frozen = false }) => total + (frozen ? 0 : size(shape)), 0);
  const trainedRow = trained === parameterCount ? [] : [['trained', '', '', formatCount(trained)]];
  const state = Object.entries(model.state).map(([name, shape]) => `${name} [${shape.join(', ')}]`);
  return [
    stageTitle(config.values.model),
    {
      columns: columnsOf('parameter', 'shape', 'starts as', '>count'),
      rows: [...rows, ['in all', '', '', formatCount(parameterCount)], ...trainedRow],
    },
    ...vectors.map(
      ({ parameter, file, found, tokens }) =>
        `${parameter}: ${formatCount(found)} of ${formatCount(tokens)} tokens (${formatMeasure((100 * found) / tokens, 3)} %) begin with the vectors of ${file}`,
    ),
    [`output ${describeTensor(model.output)}`, ...(state.length > 0 ? [`state ${state.join(', ')}`] : [])].join('; '),
  ];
}

function metricBlock({ config, metrics }: Plan): Block {
  if (metrics.length === 0) return 'none';
  const rows = metrics.map(({ splits, spec }, index) => [
    stageTitle(config.values.metrics[index] ?? { kind: '' }),
    `on ${splits.join(', ')}`,
    `${spec.better} is better${spec.deterministic ? '' : ', not deterministic'}`,
  ]);
  return { columns: columnsOf('', '', ''), rows };
}

const MOST_WEIGHTS = 10;

/** What a target of each class counts in the loss. */
function weightsText({ loss: { classWeights = [] } }: Plan): readonly string[] {
  if (classWeights.length === 0) return [];
  const shown = classWeights.slice(0, MOST_WEIGHTS).map(({ name, weight }) => `${name} ${formatSetting(weight)}`);
  return [`a target counts: ${[...shown, ...(classWeights.length > MOST_WEIGHTS ? ['…'] : [])].join(', ')}`];
}

function trainingText({ config, training, initialWeights }: Plan): string {
  const { shuffle, recurrent_state, before_test, measure_train, early_stopping, keep, samples } = config.values.training;
  const notes = [
    initialWeights && describeWeights(initialWeights),
    shuffle ? 'shuffled every epoch' : 'in the order of the data',
    recurrent_state === 'carry' ? 'state carried from batch to batch' : undefined,
    before_test === 'read_train' ? 'and from train into what is measured after it' : undefined,
    measure_train === 'end' ? 'train measured after each epoch' : undefined,
    early_stopping && `stops when ${early_stopping.metric} has not improved for ${plural(early_stopping.patience, 'epoch')}`,
    keep === 'best' ? 'keeps the best parameters' : undefined,
    samples && `samples every ${plural(samples.every, 'epoch')}`,
  ].filter((note) => note !== undefined);
  const steps = `${plural(training.epochs, 'epoch')} × ${plural(training.stepsPerEpoch, 'step')} = ${plural(training.totalSteps, 'step')}`;
  return `${steps}, batches of ${formatCount(training.batchSize)}, ${notes.join(', ')}`;
}

function describeWeights({ file, matched, scaled }: NonNullable<Plan['initialWeights']>): string {
  const notes = [
    matched.length > 0 && `its ${listed(matched, 'and')} matched by name`,
    scaled && 'features scaled as in the run that they come from',
  ].filter((note) => note !== false);
  return `beginning with the weights in ${file}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`;
}

function memoryText(plan: Plan): string {
  const { parameters, batch } = memoryOf(plan);
  const [state, data] = [formatBytes(parameters), formatBytes(dataBytes(plan))];
  return `parameters with gradients and optimizer ${state}, a batch ${formatBytes(batch)} or more, data ${data}`;
}

/** Long lines go on below, indented, broken between options and not inside one. */
const paragraph = (text: string, width: number): readonly string[] =>
  wrap(text, width - GUTTER - 2, AFTER_A_PART).map((line, index) => (index === 0 ? line : `  ${line}`));

/** `[time 2, bits 8]`; whole numbers say so: `[time 32] int32`. */
function describeTensor({ shape, axes, dtype }: TensorSpec): string {
  const named = shape.map((length, axis) => `${axes[axis] ?? ''} ${length}`.trim());
  return `[${named.join(', ')}]${dtype === 'int32' ? ' int32' : ''}`;
}

function describeInitializer(initializer: Initializer): string {
  switch (initializer.kind) {
    case 'zeros':
      return initializer.kind;
    case 'orthogonal':
      return initializer.part ? `orthogonal, part ${initializer.part.index + 1} of ${initializer.part.count}` : initializer.kind;
    case 'constant':
      return `constant ${formatSetting(initializer.value)}`;
    case 'normal':
      return `normal, sd ${formatSetting(initializer.stddev)}`;
    case 'uniform':
      return `uniform ±${formatSetting(initializer.limit)}`;
    case 'vectors':
      return `vectors of a file, or ${describeInitializer(initializer.otherwise)}`;
    case 'blocks':
      return describeBlocks(initializer.blocks.map(describeInitializer));
    default:
      return initializer satisfies never;
  }
}

/** Equal neighbours once: `zeros | constant 1 | 2 of zeros`. */
function describeBlocks(blocks: readonly string[]): string {
  const runs: { text: string; length: number }[] = [];
  for (const text of blocks) {
    const last = runs.at(-1);
    if (last?.text === text) last.length += 1;
    else runs.push({ text, length: 1 });
  }
  return runs.map(({ text, length }) => (length === 1 ? text : `${length} of ${text}`)).join(' | ');
}

/** `lstm: implementation scratch, hidden_size 32, initializer uniform` */
function stageTitle({ kind, splits: _, ...options }: StageConfig): string {
  const words = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${describeOption(value)}`]));
  return words.length === 0 ? kind : `${kind}: ${words.join(', ')}`;
}

function describeOption(value: unknown): string {
  if (typeof value === 'number') return factText(value);
  if (Array.isArray(value)) return `[${value.map(describeOption).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const { kind, ...rest } = value as { readonly kind?: unknown };
  const inner = Object.entries(rest).map(([name, child]) => `${name} ${describeOption(child)}`);
  if (kind === undefined) return `{${inner.join(', ')}}`;
  return inner.length === 0 ? String(kind) : `${String(kind)} (${inner.join(', ')})`;
}

const slotsNote = (slots: readonly string[]): string => (slots.length === 0 ? '' : `; remembers ${slots.join(', ')} per parameter`);

const size = (shape: readonly number[]): number => shape.reduce((product, axis) => product * axis, 1);

/** Where each resolved value came from, one line each in the document's order: `model.hidden_size = 32   lstm.yaml:13:16`. */
export function describeOrigins(config: ResolvedConfig, style: TextStyle = PLAIN): string {
  const rows = [...leaves(config.values)].map(([path, value]) => [
    `${path} = ${JSON.stringify(value)}`,
    style.faint(describeOrigin(config.origins.get(path))),
  ]);
  return `${textTable(rows).join('\n')}\n`;
}

interface Difference {
  readonly path: string;
  /** `undefined`: the path is not there. */
  readonly left: Leaf | undefined;
  readonly right: Leaf | undefined;
  readonly affects: 'result' | 'execution';
}

/** What two resolved experiments do not share; what affects the result first, then in the order of the documents. */
export function diffConfigs(left: ResolvedConfig, right: ResolvedConfig): readonly Difference[] {
  const ours = leaves(left.values);
  const theirs = leaves(right.values);
  const paths = [...new Set([...ours.keys(), ...theirs.keys()])];
  const differences = paths
    .map((path): Difference => {
      const affects = left.execution.has(path) || right.execution.has(path) ? 'execution' : 'result';
      return { path, left: ours.get(path), right: theirs.get(path), affects };
    })
    .filter((difference) => JSON.stringify(difference.left) !== JSON.stringify(difference.right));
  return ['result', 'execution'].flatMap((affects) => differences.filter((difference) => difference.affects === affects));
}

/** The differences as text of two parts; says so when there are none. */
export function describeDiff(left: ResolvedConfig, right: ResolvedConfig, style: TextStyle = PLAIN): string {
  const differences = diffConfigs(left, right);
  if (differences.length === 0) return 'no difference\n';
  const part = (affects: Difference['affects'], title: string): readonly string[] => {
    const rows = differences
      .filter((difference) => difference.affects === affects)
      .map(({ path, left: ours, right: theirs }) => [`  ${path}`, describeLeaf(ours), describeLeaf(theirs)]);
    return rows.length === 0 ? [] : [style.heading(title), ...textTable([['', left.file, right.file], ...rows])];
  };
  return `${[...part('result', 'affects the result'), ...part('execution', 'affects the execution only')].join('\n')}\n`;
}

const describeLeaf = (leaf: Leaf | undefined): string => (leaf === undefined ? '(absent)' : JSON.stringify(leaf));
