import { createHash } from 'node:crypto';
import { type EngineKind, rightSince } from '../engine/engine.js';
import type { ExperimentConfig, ResolvedConfig } from '../language/experiment.js';
import { filesIn } from '../language/resolve.js';
import type { DataFacts, Stage } from '../stages/stage.js';
import { canonicalJson, canonicalMapping } from './canonical-json.js';
import { dataSeed } from './look-at-data.js';
import { leaves, type Leaf } from './leaves.js';
import type { Work } from './plan.js';
import { foldCount } from '../language/replicate.js';
import type { UsedStage } from './use-stage.js';

/** Counts up when the key itself is made in another way, so that old and new keys never meet. */
const KEY_FORMAT = 1;

export interface WorkParts {
  readonly config: ResolvedConfig;
  readonly facts: DataFacts;
  readonly stages: readonly UsedStage[];
  readonly numerics: Readonly<Record<EngineKind, number>>;
  /** Digest of a person's own modules with their relative imports. */
  readonly modules?: string;
  /** Digest of the weights to begin with, where they are given. */
  readonly initialWeights?: string;
  /** By parameter, the digest of the vectors of words that it begins with. */
  readonly vectors?: Readonly<Record<string, string>>;
}

/**
 * The identity of what is computed: equal keys promise equal digits. Made of everything that affects the result and nothing else: a file can
 * be moved, renamed, commented and reordered, and run with other threads, and stays the same work.
 */
export function identifyWork(parts: WorkParts): Work {
  const { kind, device } = parts.config.values.engine;
  const ingredients = {
    format: KEY_FORMAT,
    seed: parts.config.values.seed,
    config: resultLeaves(parts),
    dataset: parts.facts.digest,
    stages: Object.fromEntries(parts.stages.map(({ path, stage, options }) => [path.join('.'), namedVersion(stage, options)])),
    engine: { kind, device, numerics: parts.numerics[kind] },
    ...(parts.modules === undefined ? {} : { modules: parts.modules }),
    ...(parts.initialWeights === undefined ? {} : { initial_weights: parts.initialWeights }),
    ...(parts.vectors && { vectors: parts.vectors }),
  };
  return keyed(ingredients);
}

/** The work that differs from another one by its seed and that of the data, and by what the latter draws: `digest` is that of these data. */
export const withSeed = ({ ingredients }: Work, values: ExperimentConfig, digest: string): Work =>
  keyed({
    ...ingredients,
    seed: values.seed,
    config: { ...(ingredients['config'] as Readonly<Record<string, Leaf>>), 'dataset.seed': dataSeed(values) },
    dataset: digest,
  });

const keyed = (ingredients: Work['ingredients']): Work => ({ key: keyOf(ingredients), ingredients });

/** A stage as it stands in the ingredients of a work: `lstm@1`. */
export const namedVersion = (stage: Stage, options: UsedStage['options']): string =>
  `${stage.kind}@${stage.versionOf?.(options) ?? stage.version}`;

/** A work as it is known under one count of its engine's numerics. */
export interface CountedWork {
  readonly key: string;
  readonly numerics: number;
}

/**
 * The work as it is, and as it was known under each earlier count of its engine's numerics, the newest first: the same arithmetic on the same
 * data, rounded otherwise. Whoever takes an earlier one for today's has to say so. A count under which numbers were wrong isn't one of them.
 */
export function withEarlierNumerics({ key, ingredients }: Work): readonly CountedWork[] {
  const engine = ingredients['engine'] as { readonly kind: EngineKind; readonly numerics: number };
  return Array.from({ length: Math.max(1, engine.numerics - rightSince[engine.kind] + 1) }, (_, earlier) => {
    const numerics = engine.numerics - earlier;
    return { key: earlier === 0 ? key : keyOf({ ...ingredients, engine: { ...engine, numerics } }), numerics };
  });
}

const keyOf = (ingredients: Work['ingredients']): string =>
  createHash('sha256').update(canonicalMapping(ingredients, textOf)).digest('hex');

/** Works that differ in their seed or their engine share their other ingredients, whose texts are made once. */
function textOf(ingredient: unknown): string {
  if (typeof ingredient !== 'object' || ingredient === null) return canonicalJson(ingredient);
  const text = texts.get(ingredient) ?? canonicalJson(ingredient);
  texts.set(ingredient, text);
  return text;
}
const texts = new WeakMap<object, string>();

/** Names and prose affect nothing; seed, engine, modules and given weights are ingredients of their own. */
const NOT_CONFIGURATION = ['experiment', 'description', 'use', 'seed', 'engine', 'training.initial_weights'];

function resultLeaves({ config, stages }: WorkParts): Readonly<Record<string, Leaf>> {
  const left = new Set([...NOT_CONFIGURATION, ...config.execution, ...stages.flatMap(fileOptions)]);
  const kept: Record<string, Leaf> = {};
  for (const [path, leaf] of leaves(config.values)) if (!isBelow(path, left)) kept[path] = leaf;
  kept['dataset.seed'] = dataSeed(config.values);
  // The last fold is meant where none is named.
  if (config.values.fold !== undefined && config.values.fold === foldCount(config.values)) delete kept['fold'];
  return kept;
}

/** Options that name files: the digest of what the files hold stands for them. */
const fileOptions = ({ stage, options, path }: UsedStage): readonly string[] =>
  filesIn(stage.options, options, path).map((file) => file.path.join('.'));

/** Is the path or one of its parents in the set? Of `a.b.c` these are `a.b` and `a`. */
function isBelow(path: string, set: ReadonlySet<string>): boolean {
  for (let end = path.length; end > 0; end = path.lastIndexOf('.', end - 1)) if (set.has(path.slice(0, end))) return true;
  return false;
}
