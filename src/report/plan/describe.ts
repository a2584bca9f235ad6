import { listed } from '../../diagnostics/words.js';
import type { ResolvedConfig, StageConfig } from '../../language/experiment.js';
import { describeOrigin } from '../../language/origin.js';
import { formatBytes, formatCount, formatMeasure, formatSetting, plural } from '../../diagnostics/numbers.js';
import { PLAIN, type TextStyle } from '../kit/text-style.js';
import { textTable, wrap, type Align } from '../kit/text-table.js';
import type { Fact, Initializer, TensorSpec } from '../../stages/stage.js';
import { leaves } from '../../planning/leaves.js';
import { dataBytes, memoryOf } from '../../planning/memory.js';
import type { Plan } from '../../planning/plan.js';

const WIDTH = 118;
const GUTTER = 12;
const AFTER_A_PART = /(?<=[,;:]) /;

/** What would be done, on about one screen. */
export function describePlan(plan: Plan, style: TextStyle = PLAIN): string {
  const { config, loss, optimizer } = plan;
  const { values } = config;
  const sections: readonly Section[] = [
    BLANK,
    ['data', dataLines(plan, style)],
    BLANK,
    ['model', modelLines(plan, style)],
    BLANK,
    ['loss', [`${stageTitle(values.loss)}, of outputs read as ${loss.reading.replace('_', ' ')}`]],
    ['metrics', metricLines(plan)],
    ['optimizer', paragraph(`${stageTitle(values.optimizer)}${slotsNote(optimizer.slots)}`)],
    ['training', trainingLines(plan)],
    ['memory', memoryLines(plan)],
    ['engine', [`${plan.engine.kind} on ${plan.engine.device}, ${plural(plan.engine.threads, 'thread')}`]],
    ['work', [`${plan.work.key.slice(0, 12)}  ${style.faint('equal keys promise equal digits')}`]],
  ];
  const title = `${style.heading(plan.name)}  ${style.faint(`${config.file}, seed ${plan.seed}`)}`;
  const description = wrap(values.description ?? '', WIDTH);
  return `${[title, ...description, ...sections.flatMap((section) => layOut(section, style))].join('\n')}\n`;
}

type Section = readonly [label: string, lines: readonly string[]];
const BLANK: Section = ['', ['']];

function layOut([label, lines]: Section, style: TextStyle): readonly string[] {
  return lines.map((line, index) => {
    const gutter = index === 0 && label !== '' ? style.heading(label) + ' '.repeat(GUTTER - label.length) : ' '.repeat(GUTTER);
    return line === '' ? '' : gutter + line;
  });
}

function dataLines({ config, data }: Plan, style: TextStyle): readonly string[] {
  const tokens = Object.values(data.splits).some((split) => split.tokens !== undefined);
  const splits = Object.entries(data.splits).map(([name, split]) => [
    name,
    formatCount(split.examples),
    `${formatCount(split.batches)} of ${formatCount(split.batchSize)}`,
    ...(tokens ? [split.tokens === undefined ? '' : formatCount(split.tokens)] : []),
    describeTensor(split.input),
    describeTensor(split.target),
  ]);
  const header = ['split', 'examples', 'batches', ...(tokens ? ['tokens'] : []), 'input', 'target'].map(style.faint);
  const align: readonly Align[] = ['left', 'right', 'right', ...(tokens ? (['right'] as const) : [])];
  return [
    ...paragraph(stageTitle(config.values.dataset)),
    ...textTable([header, ...splits], align),
    ...factLines(data.facts, style),
    ...chanceLines(data.chance),
  ];
}

function factLines(facts: readonly Fact[], style: TextStyle): readonly string[] {
  const table = textTable(facts.map(({ name, value }) => [`${name}:`, typeof value === 'number' ? describeNumber(value) : value]));
  return facts.flatMap(({ note }, index) => [
    table[index] ?? '',
    ...wrap(note ?? '', WIDTH - GUTTER - 2).map((line) => style.faint(`  ${line}`)),
  ]);
}

function chanceLines(chance: Plan['data']['chance']): readonly string[] {
  const levels = Object.entries(chance).map(([key, value]) => `${key} ${formatMeasure(value, 3)}`);
  return levels.length === 0 ? [] : paragraph(`chance: ${levels.join(', ')} (best answer that ignores the input)`);
}

function modelLines({ config, model, parameterCount }: Plan, style: TextStyle): readonly string[] {
  const rows = model.parameters.map(({ name, shape, initializer }) => [
    name,
    shape.length === 0 ? 'scalar' : shape.join(' × '),
    describeInitializer(initializer),
    formatCount(size(shape)),
  ]);
  const header = ['parameter', 'shape', 'starts as', 'count'].map(style.faint);
  const state = Object.entries(model.state).map(([name, shape]) => `${name} [${shape.join(', ')}]`);
  return [
    ...paragraph(stageTitle(config.values.model)),
    ...textTable([header, ...rows, ['in all', '', '', formatCount(parameterCount)]], ['left', 'left', 'left', 'right']),
    ...paragraph([`output ${describeTensor(model.output)}`, ...(state.length > 0 ? [`state ${state.join(', ')}`] : [])].join('; ')),
  ];
}

function metricLines({ config, metrics }: Plan): readonly string[] {
  if (metrics.length === 0) return ['none'];
  return textTable(
    metrics.map(({ splits, spec }, index) => [
      stageTitle(config.values.metrics[index] ?? { kind: '' }),
      `on ${splits.join(', ')}`,
      `${spec.better} is better${spec.deterministic ? '' : ', not deterministic'}`,
    ]),
  );
}

function trainingLines({ config, training, initialWeights }: Plan): readonly string[] {
  const { shuffle, recurrent_state, early_stopping, keep, samples } = config.values.training;
  const notes = [
    initialWeights && describeWeights(initialWeights),
    shuffle ? 'shuffled every epoch' : 'in the order of the data',
    recurrent_state === 'carry' ? 'state carried from batch to batch' : undefined,
    early_stopping && `stops when ${early_stopping.metric} has not improved for ${plural(early_stopping.patience, 'epoch')}`,
    keep === 'best' ? 'keeps the best parameters' : undefined,
    samples && `samples every ${plural(samples.every, 'epoch')}`,
  ].filter((note) => note !== undefined);
  const steps = `${plural(training.epochs, 'epoch')} × ${plural(training.stepsPerEpoch, 'step')} = ${plural(training.totalSteps, 'step')}`;
  return paragraph(`${steps}, batches of ${formatCount(training.batchSize)}, ${notes.join(', ')}`);
}

function describeWeights({ file, matched, scaled }: NonNullable<Plan['initialWeights']>): string {
  const notes = [
    matched.length > 0 && `its ${listed(matched, 'and')} matched by name`,
    scaled && 'features scaled as in the run that they come from',
  ].filter((note) => note !== false);
  return `beginning with the weights in ${file}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`;
}

function memoryLines(plan: Plan): readonly string[] {
  const { parameters, batch } = memoryOf(plan);
  const [state, data] = [formatBytes(parameters), formatBytes(dataBytes(plan))];
  return paragraph(`parameters with gradients and optimizer ${state}, a batch ${formatBytes(batch)} or more, data ${data}`);
}

/** Long lines go on below, indented, broken between options and not inside one. */
const paragraph = (text: string): readonly string[] =>
  wrap(text, WIDTH - GUTTER - 2, AFTER_A_PART).map((line, index) => (index === 0 ? line : `  ${line}`));

/** `[time 2, bits 8]`; whole numbers say so: `[time 32] int32`. */
function describeTensor({ shape, axes, dtype }: TensorSpec): string {
  const named = shape.map((length, axis) => `${axes[axis] ?? ''} ${length}`.trim());
  return `[${named.join(', ')}]${dtype === 'int32' ? ' int32' : ''}`;
}

function describeInitializer(initializer: Initializer): string {
  switch (initializer.kind) {
    case 'zeros':
    case 'orthogonal':
      return initializer.kind;
    case 'constant':
      return `constant ${formatSetting(initializer.value)}`;
    case 'normal':
      return `normal, sd ${formatSetting(initializer.stddev)}`;
    case 'uniform':
      return `uniform ±${formatSetting(initializer.limit)}`;
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
  if (typeof value === 'number') return describeNumber(value);
  if (Array.isArray(value)) return `[${value.map(describeOption).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const { kind, ...rest } = value as { readonly kind?: unknown };
  const inner = Object.entries(rest).map(([name, child]) => `${name} ${describeOption(child)}`);
  if (kind === undefined) return `{${inner.join(', ')}}`;
  return inner.length === 0 ? String(kind) : `${String(kind)} (${inner.join(', ')})`;
}

const describeNumber = (value: number): string => (Number.isInteger(value) ? formatCount(value) : formatSetting(value, 6));

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
