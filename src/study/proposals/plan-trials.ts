import { type Diagnostic, InputError } from '../../diagnostics/diagnostic.js';
import { nearest } from '../../diagnostics/words.js';
import { type ResolvedConfig, experimentSchema } from '../../language/experiment.js';
import { type Given, type Judged, type Varied, withValues } from '../../language/load.js';
import { diagnose, type Invalid, type SourceDoc } from '../../language/source.js';
import { closest, type Located, type Path } from '../../language/located.js';
import { remembered } from '../../planning/look-at-data.js';
import type { Plan } from '../../planning/plan.js';
import { planExperiment, type TrialTools } from '../../planning/plan-experiment.js';
import { foldCount, withReplicate } from '../../language/replicate.js';
import { factsOfMetric, recordedKeys, roleOf } from '../../planning/recorded.js';
import { foldsOf, problemsOfFolds, replicatesOf } from '../replicates.js';
import { mistake, type Sweep } from './load.js';
import * as messages from './messages.js';
import type { Configuration, SweepPlan, Trials } from './plan.js';
import type { Accepted } from '../../validity/accept.js';
import { testSelected } from '../../validity/messages.js';
import { acceptThreats, withAccepted } from '../accept.js';
import type { Trial } from '../../launch/launcher.js';
import { type Assignment, cornersOf, propose, type Proposal, proposeRound, roundsOf } from './propose.js';
import { bracketsOf } from './prune.js';

/** Of a document that names modules of its own: a configuration may name others than its base. */
type ToolsOf = (doc: SourceDoc) => TrialTools | Invalid<never>;

type Planned = { readonly plan: SweepPlan; readonly warnings: readonly Diagnostic[] } | { readonly diagnostics: readonly Diagnostic[] };

/** How many different mistakes are shown; further ones are of the same kinds. */
const MOST_MISTAKES = 20;

/** A configuration that came to a plan, with the work of each of its replicates. */
interface PlannedConfiguration {
  readonly configuration: Omit<Configuration, 'index'>;
  readonly trials: readonly Omit<Trial, 'configuration'>[];
}

/**
 * Every trial, validated and planned before the first one starts. A value of the sweep is written into the base's document together with its
 * place, so that each mistake that a configuration makes is shown where the sweep says it. Of a search in rounds it is the first round, and what
 * lies at the borders of the space is looked at too; the plan grows by a round when the one before is settled.
 */
export function planTrials(sweep: Sweep, base: SourceDoc, tools: TrialTools | ToolsOf): Planned {
  const { config } = sweep;
  const proposals = propose(config);
  if (proposals.length === 0) return { diagnostics: [mistake(sweep, messages.nothingLeft(), ['exclude'], 'key')] };
  const prepared = remembering(typeof tools === 'function' ? tools : () => tools);
  const found = mistakesOf(sweep);
  const accepted: Accepted[] = [];
  let first: Plan | undefined;
  let folds: number | undefined;

  function look(assignments: readonly Assignment[]): PlannedConfiguration | undefined {
    const checked = configure(base, sweep, assignments, prepared);
    found.add(checked.diagnostics);
    if (found.errors >= MOST_MISTAKES || !checked.resolved) return undefined;
    const { doc, resolved, sets } = checked;
    const { stages, planning } = checked.by;
    if (!first) found.add(onlyExecution(sweep, assignments, resolved));
    found.add(problemsOfFolds(config, resolved, folds).map((problem) => diagnose(sweep.doc, problem)));
    folds ??= foldCount(resolved.values);
    const trials: Omit<Trial, 'configuration'>[] = [];
    let about: Plan | undefined;
    for (const replicate of replicatesOf(config, foldsOf(config, folds))) {
      const { plan, problems } = planExperiment(withReplicate(resolved, replicate), stages, planning);
      found.add(problems.map((problem) => diagnose(doc, problem)));
      if (!plan) break;
      accepted.push(...(plan.accepted ?? []));
      if (!first) found.add(selected(sweep, plan));
      first ??= plan;
      about ??= plan;
      trials.push({ ...replicate, work: plan.work.key });
    }
    return about && { configuration: { assignments, sets, epochs: about.training.epochs, parameters: about.parameterCount }, trials };
  }
  const looked = new Map<string, PlannedConfiguration | undefined>();
  function lookOnce(assignments: readonly Assignment[]): PlannedConfiguration | undefined {
    const text = JSON.stringify(assignments.map(({ value }) => value));
    if (!looked.has(text)) looked.set(text, look(assignments));
    return looked.get(text);
  }

  function extend(before: Trials, proposed: readonly Proposal[]): Trials {
    const seen = new Set(before.trials.map(({ work }) => work));
    const configurations = [...before.configurations];
    const trials = [...before.trials];
    let { repeated } = before;
    for (const { index, assignments } of proposed) {
      if (found.errors >= MOST_MISTAKES) break;
      const planned = lookOnce(assignments);
      for (const trial of planned?.trials ?? []) {
        if (seen.has(trial.work)) repeated += 1;
        else {
          if (planned && configurations.at(-1)?.index !== index) configurations.push({ index, ...planned.configuration });
          trials.push({ configuration: index, ...trial });
        }
        seen.add(trial.work);
      }
    }
    const indices = configurations.slice(before.configurations.length).map(({ index }) => index);
    return { configurations, trials, repeated, rounds: [...before.rounds, indices] };
  }

  const begun = extend(
    { configurations: [], trials: [], repeated: 0, rounds: [] },
    proposals.map((assignments, index) => ({ index, assignments })),
  );
  for (const assignments of cornersOf(config)) if (found.errors < MOST_MISTAKES) lookOnce(assignments);
  if (!first) {
    // No configuration came so far: the base tells of the other mistakes.
    const checked = configure(base, sweep, [], prepared);
    const plan = checked.resolved && planExperiment(checked.resolved, checked.by.stages, checked.by.planning).plan;
    if (checked.resolved) found.add(onlyExecution(sweep, proposals[0] ?? [], checked.resolved));
    if (plan) found.add(selected(sweep, plan));
  }
  found.add(
    pruning(
      sweep,
      [...looked.values()].flatMap((planned) => (planned ? [planned.configuration] : [])),
    ),
  );
  const { told, accepted: own } = acceptThreats(sweep.doc, config.accept ?? [], found.all(), accepted);
  if (found.errors > 0 || !first) return { diagnostics: told };
  const { better, unit, range } = factsOfMetric(first, config.select.metric);
  const { name: experiment } = first;
  const all = [...own, ...accepted];
  const purposes = all.length > 0 && { accepted: all };
  const slots = roundsOf(config.search);

  function planOf(trials: Trials): SweepPlan {
    const epochs = epochsOf(trials.configurations).reduce((a, b) => Math.max(a, b), 0);
    const { to = 0 } = slots[trials.rounds.length - 1] ?? {};
    return {
      sweep,
      experiment,
      ...trials,
      brackets: bracketsOf(config, epochs, trials.rounds),
      later: slots.length === 0 ? 0 : (slots.at(-1)?.to ?? 0) - to,
      ...purposes,
      better,
      unit,
      range,
      grow(ranked) {
        const tried = trials.configurations.map(({ index, assignments }) => ({ assignments, rank: ranked.indexOf(index) }));
        const grown = extend(trials, proposeRound(config, trials.rounds.length, tried));
        if (found.errors > 0) throw new InputError(found.all());
        return planOf(grown);
      },
    };
  }
  return { plan: planOf(begun), warnings: told };
}

type PreparedTools = TrialTools & Judged;

/** What is asked of the stages, and known of the data, once for all configurations that name the same modules. */
function remembering(toolsOf: ToolsOf): (doc: SourceDoc) => PreparedTools | Invalid<never> {
  const known = new Map<TrialTools, PreparedTools>();
  return (doc) => {
    const tools = toolsOf(doc);
    if ('diagnostics' in tools) return tools;
    const { stages, planning } = tools;
    const prepared = known.get(tools) ?? {
      stages,
      schema: experimentSchema(stages),
      planning: { ...planning, factsCache: remembered(planning.factsCache) },
    };
    known.set(tools, prepared);
    return prepared;
  };
}

/** The base with the values of one configuration. */
const configure = <T extends Judged>(
  base: SourceDoc,
  sweep: Sweep,
  assignments: readonly Assignment[],
  judgedBy: (doc: SourceDoc) => T | Invalid<never>,
): Varied<T> => withValues(base, withAccepted(givenBy(sweep, assignments), sweep.doc, base), judgedBy);

/** What a configuration changes in the base, with the places in the sweep's document: what all have in common, then its own. */
export const givenBy = ({ doc, config }: Sweep, assignments: readonly Assignment[]): readonly Given[] => [
  ...Object.keys(config.set ?? {}).map((path) => ({ path, value: { ...closest(doc.root, ['set', path]).found, from: 'set' as const } })),
  ...assignments.map((assignment) => ({ path: assignment.path, value: locate({ doc }, assignment) })),
];

/** The value with its place in the sweep: that of the item, or of the range that it was drawn from. */
function locate({ doc }: Pick<Sweep, 'doc'>, { value, from }: Assignment): Located {
  const { found, exact } = closest(doc.root, from);
  const axis = closest(doc.root, from.slice(0, 3)).found;
  const key = axis.key ?? axis.value;
  if (exact && typeof from.at(-1) === 'number') return { ...found, from: 'set', key };
  return { content: value as number, from: 'set', key, value: axis.value };
}

/** What every proposal says anew is told once. */
function mistakesOf({ doc }: Sweep) {
  const told = new Map<string, Diagnostic>();
  const rank = ({ place }: Diagnostic): readonly number[] => (place?.file === doc.file ? [0, place.line, place.column] : [1, 0, 0]);
  return {
    errors: 0,
    add(diagnostics: readonly Diagnostic[]) {
      for (const each of diagnostics) {
        const id = JSON.stringify([each.code, each.place?.file, each.place?.line, each.place?.column, each.place ? '' : each.message]);
        if (told.has(id)) continue;
        told.set(id, each);
        if (each.severity === 'error') this.errors += 1;
      }
    },
    all: (): readonly Diagnostic[] =>
      [...told.values()].toSorted((a, b) => rank(a).reduce((order, x, i) => order || x - (rank(b)[i] ?? 0), 0)),
  };
}

/** Values that change no result would be the same work under several names. */
const onlyExecution = (sweep: Sweep, assignments: readonly Assignment[], { execution }: ResolvedConfig): readonly Diagnostic[] =>
  assignments
    .filter(({ path }) => execution.has(path))
    .map(({ path, from }) => mistake(sweep, messages.onlyExecution(path), from.slice(0, 3) as Path, 'key'));

function selected(sweep: Sweep, plan: Plan): readonly Diagnostic[] {
  const {
    select: { metric, at },
    prune,
  } = sweep.config;
  const known = recordedKeys(plan);
  if (!known.includes(metric)) return [mistake(sweep, messages.unknownMetric(metric, known, nearest(metric, known)), ['select', 'metric'])];
  if (typeof at === 'number' && at > plan.training.epochs)
    return [mistake(sweep, messages.epochNotReached(at, plan.training.epochs), ['select', 'at'])];
  if (roleOf(plan.data, metric) !== 'test') return [];
  const decides = `${prune ? 'which configurations go on, and ' : ''}which one is the best`;
  return [diagnose(sweep.doc, testSelected(['select', 'metric'], metric, decides))];
}

const epochsOf = (configurations: readonly Pick<Configuration, 'epochs'>[]): readonly number[] => [
  ...new Set(configurations.map(({ epochs }) => epochs)),
];

function pruning(sweep: Sweep, configurations: readonly Pick<Configuration, 'epochs'>[]): readonly Diagnostic[] {
  const { prune } = sweep.config;
  const [epochs, ...others] = epochsOf(configurations);
  if (!prune || epochs === undefined) return [];
  if (others.length > 0) return [mistake(sweep, messages.prunedOverEpochs([epochs, ...others]), ['prune'], 'key')];
  return prune.first >= epochs ? [mistake(sweep, messages.prunedAtTheEnd(prune.first, epochs), ['prune', 'first'])] : [];
}
