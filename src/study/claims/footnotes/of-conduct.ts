import { formatMeasure, percent, plural } from '../../../diagnostics/numbers.js';
import { listed } from '../../../diagnostics/words.js';
import { sum } from '../../../statistics/means.js';
import { type Claim, cellsOf } from '../claim.js';
import type { Registered, TableFacts, Tuning } from '../facts.js';
import { type Look, SEEDS_OF_SPLITS } from '../interim-looks.js';
import { seriesOf } from '../samples.js';
import type { ClaimStage } from '../stages.js';
import { tuningText } from '../wording.js';
import {
  type Footnote,
  type JudgedFacts,
  NUMERALS,
  type Rule,
  USUAL,
  concerns,
  eachClaim,
  fewOf,
  judgedSeeds,
  seedList,
  spoken,
  tableNoun,
} from './rule.js';

export const interimLooksAreDeclared: Rule = eachClaim(
  'F8',
  'more looks than were declared',
  ({ claim, verdict: { numbers } }, { interimLooks }) => {
    const { declared, number, counted } = interimLooks(claim);
    if (number <= declared || numbers.alpha === undefined) return undefined;
    const oneIn = (chance: number) => `1 in ${Math.round(1 / chance)}`;
    const wrong = `a wrong verdict is up to ${oneIn(number * numbers.alpha)} instead of ${oneIn(1 - claim.confidence)}`;
    return `${ORDINALS[number] ?? `${number}th`} look at this claim${counted ? ` (${looksInWords(counted.slice(0, number))})` : ''}, ${NUMERALS[declared] ?? declared} ${declared === 1 ? 'was' : 'were'} declared; ${wrong}.`;
  },
);

/** `5 seeds with margin 0.02, 5 seeds with margin 0.05, 10 seeds with margin 0.05`: of the terms, those in which the looks differ. */
function looksInWords(looks: readonly Look[]): string {
  const varied = Object.keys(Object.assign({}, ...looks.map(({ terms }) => terms)) as object).filter(
    (key) => new Set(looks.map(({ terms }) => JSON.stringify(terms[key]))).size > 1,
  );
  const inWords = ({ seeds, terms }: Look): string => {
    const noun = terms[SEEDS_OF_SPLITS] === undefined ? 'seed' : 'split';
    const told = varied.map((key) => (terms[key] === undefined ? `no ${key}` : `${key} ${termText(terms[key])}`));
    return [plural(seeds.length, noun), ...(told.length > 0 ? [`with ${listed(told, 'and')}`] : [])].join(' ');
  };
  const [shown, more] = [looks.slice(0, MOST_LOOKS), looks.length - MOST_LOOKS];
  return [...shown.map(inWords), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

const termText = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

const MOST_LOOKS = 8;

export const looksAreUsual: Rule = {
  id: 'F24',
  truth: 'another number of looks than the usual one, or than before',
  check({ judgements, interimLooks, declaredBefore = [] }) {
    const [first] = judgements;
    if (!first) return [];
    const { declared, stages } = interimLooks(first.claim);
    const before = declaredBefore.filter((each) => each !== declared);
    const changed =
      before.length > 0
        ? [`The number of looks was changed: ${declared} in place of ${before.join(', then ')}, after verdicts were seen.`]
        : [];
    const usual =
      declared === USUAL.looks || stages
        ? []
        : [
            `${declared} ${declared === 1 ? 'look is' : 'looks are'} declared in place of ${USUAL.looks}: the chance of an error is ${declared === 1 ? 'spent at once' : 'divided among them'}.`,
          ];
    return [...changed, ...usual].map((text) => ({ text, claims: [] }));
  },
};

export const protocolIsKept: Rule = {
  id: 'F31',
  truth: 'a protocol that was changed after it was frozen',
  check: ({ protocol }) => protocol?.changes ?? [],
};

/** Seeds that were trained and are not asked for may have been left out for what they say. */
export const allSeedsAreAskedFor: Rule = {
  id: 'F32',
  truth: 'seeds on record that the table does not ask for',
  check(facts) {
    const { names, judgements } = facts;
    const about = names.filter((name) => moreOf(facts, name));
    const turned = judgements.flatMap(({ claim, verdict, overAll }, index) =>
      overAll && overAll.kind !== verdict.kind ? [{ index, claim, verdict, overAll }] : [],
    );
    const told = turned.map(({ index, claim, verdict, overAll }) => {
      const of = cellsOf(claim).flatMap((name) => moreOf(facts, name) ?? []);
      const center = of.length === 1 ? overAll.numbers.mean : undefined;
      const over = center === undefined ? 'over all of them' : `over all of them (${formatMeasure(center, 4)})`;
      const seeds = of.map(({ label, asked, there }) => `${asked} of the ${plural(there, 'seed')} of ${label}`);
      const text = `${listed(seeds, 'and')} on record are asked for; ${over} the verdict is ${spoken(overAll.kind)}, and not ${spoken(verdict.kind)}.`;
      return { text, claims: [index] };
    });
    const isTurned = (name: readonly [string, string]) => turned.some(({ claim }) => concerns(claim, name));
    return [
      ...told,
      ...quietlyMore(
        facts,
        about.filter((name) => !isTurned(name)),
      ),
    ];
  },
};

/** Cells of which more seeds would change no verdict, in one line: `5 of 10 seeds of LSTM and RNN` */
function quietlyMore(facts: JudgedFacts, names: TableFacts['names']): readonly Omit<Footnote, 'id'>[] {
  if (names.length === 0) return [];
  const groups = new Map<string, Set<string>>();
  for (const name of names) {
    const { label = '', asked = 0, there = 0 } = moreOf(facts, name) ?? {};
    const counts = `${asked} of ${plural(there, 'seed')}`;
    groups.set(counts, (groups.get(counts) ?? new Set()).add(label));
  }
  const seeds = Array.from(groups, ([counts, labels]) => `${counts} of ${fewOf(Array.from(labels))}`);
  const claims = facts.judgements.flatMap(({ claim }, index) => (names.some((name) => concerns(claim, name)) ? [index] : []));
  const same = claims.length === 0 ? '' : '; over all of them no verdict on these is another one';
  return [{ text: `${seeds.join(', ')} on record are asked for${same}.`, claims }];
}

/** How many seeds of a cell are judged, and how many there are; undefined where those are all. */
function moreOf({ cell, onRecord }: TableFacts, name: readonly [string, string]) {
  const all = onRecord?.(name);
  if (!all) return undefined;
  const series = seriesOf(all);
  return { label: series.label, asked: judgedSeeds(seriesOf(cell(name))), there: judgedSeeds(series) };
}

/** How many of the figures of a digest stand in print: enough to tell protocols apart. */
const FIGURES = 12;

/** `Registered 2026-12-02 before any of its 12 trials was on record, sha256 0123456789ab.` */
export function registeredLine({ at, digest, done, trials, seen }: Registered): string {
  const all = plural(trials, 'trial');
  const some =
    done === 0 ? ` before any of its ${all} was on record` : ` when ${done} of its ${all} ${done === 1 ? 'was' : 'were'} on record`;
  const before = trials === 0 ? '' : some;
  const elsewhere = seen === 0 ? '' : ` and ${plural(seen, 'claim')} had been looked at in other tables`;
  return `Registered ${at.slice(0, 10)}${before}${elsewhere}, sha256 ${digest.slice(0, FIGURES)}.`;
}

/** The rows of which a sweep selects the configuration. */
const rowsOfSweeps = ({ rows = {}, names, cell }: JudgedFacts) =>
  Object.entries(rows).flatMap(([row, { tuning }]) => {
    const name = names.find(([of]) => of === row);
    return name && tuning ? [{ row, tuning, runs: cell(name), label: cell(name).label }] : [];
  });

const tunedRows = (facts: JudgedFacts) => rowsOfSweeps(facts).filter(({ tuning }) => 'label' in tuning.selected);

export const selectionIsTold: Rule = {
  id: 'F40',
  truth: 'a configuration that a sweep selects',
  check: (facts) =>
    rowsOfSweeps(facts).map(({ tuning, label }) => ({
      text:
        'missing' in tuning.selected ? `Nothing has run for ${label}: ${tuning.selected.missing}.` : `${label} is ${tuningText(tuning)}.`,
      claims: [],
    })),
};

/** The more configurations are tried, the better the best of them: rows are compared by what they were given, too. */
export const budgetsAreEqual: Rule = {
  id: 'F41',
  truth: 'rows that were tuned with more than others',
  check(facts) {
    const tuned = tunedRows(facts);
    const budget = ({ configurations, epochs }: Tuning): string => `${plural(configurations, 'configuration')}, ${plural(epochs, 'epoch')}`;
    const isUnequal = new Set(tuned.map(({ tuning }) => budget(tuning))).size > 1;
    const all = tuned.map(({ label, tuning }) => `${label} ${budget(tuning)}`).join('; ');
    const beside = facts.judgements.flatMap(({ claim, limit }, index) => {
      const rows = cellsOf(claim).map(([row]) => row);
      const [of, ...others] = tuned.filter(({ row }) => rows.includes(row));
      const other = cellsOf(claim).find(([row]) => row !== of?.row);
      if (!of || others.length > 0 || !other || limit || facts.rows?.[other[0]]?.tuning) return [];
      const text = `${of.label} is the best of ${plural(of.tuning.configurations, 'configuration')}, and ${facts.cell(other).label}, which it is compared with, is as written: nobody tuned it.`;
      return [{ text, claims: [index] }];
    });
    return [...(isUnequal ? [{ text: `Rows were tuned with unequal budgets: ${all}.`, claims: [] }] : []), ...beside];
  },
};

/** The best of many is partly lucky, and its luck is that of the seeds which chose it. */
export const seedsAreNotSelectedOn: Rule = {
  id: 'F42',
  truth: 'seeds that chose a configuration and judge it',
  check(facts) {
    const noun = tableNoun(facts);
    const told = tunedRows(facts).flatMap(({ tuning, runs, label }) => {
      const both = runs.seeds.filter((seed) => tuning.seeds.includes(seed));
      return both.length === 0 || tuning.configurations < 2 ? [] : [{ label, which: seedList(both, runs.each), isOne: both.length === 1 }];
    });
    return Array.from(new Map(told.map((each) => [each.which, each])).values(), ({ which, isOne }) => {
      const labels = told.flatMap((each) => (each.which === which ? [each.label] : []));
      const [chosen, judged] = labels.length === 1 ? ['its configuration', 'it'] : ['their configurations', 'them'];
      const text = `${listed(labels, 'and')}: ${which} also chose ${chosen}, and some of ${isOne ? 'its' : 'their'} luck may be in that choice; other ${noun}s would judge ${judged} without it.`;
      return { text, claims: [] };
    });
  },
};

export const stagesAreTold: Rule = {
  id: 'F35',
  truth: 'what is still open, and what gets no more seeds though it is not decided',
  check({ judgements, stages, cell, columns }) {
    if (!stages) return [];
    const waiting = judgements.flatMap(({ claim, stage }, index) => {
      const state = stage && stateOf(stage, stages.stages);
      if (state === undefined) return [];
      const isOpen = stage?.outlook === 'open' || stage?.outlook === 'until';
      return [{ index, isOpen, state, name: nameOf(claim, chanceOf(stage)) }];
    });
    return [true, false].flatMap((isOpen) => {
      const told = waiting.filter((each) => each.isOpen === isOpen);
      const states = Array.from(new Set(told.map(({ state }) => state)));
      const texts = states.map((state) => {
        const names = Array.from(new Set(told.filter((each) => each.state === state).map(({ name }) => name)));
        const more = names.length - MOST_NAMES;
        return `${state}: ${[...names.slice(0, MOST_NAMES), ...(more > 0 ? [`${more} more`] : [])].join('; ')}.`;
      });
      return told.length === 0 ? [] : [{ text: texts.join(' '), claims: told.map(({ index }) => index) }];
    });

    /** `LSTM from scratch (PyTorch, chance 2 %)`; a source tells claims about the same cells apart. */
    function nameOf(claim: Claim, chance: string | undefined): string {
      const key = JSON.stringify(cellsOf(claim));
      const isOneOfSeveral = judgements.some((other) => other.claim !== claim && JSON.stringify(cellsOf(other.claim)) === key);
      const hasColumns = Object.keys(columns).length > 1;
      const cells = cellsOf(claim).map((name) => cell(name).label + (hasColumns ? `, ${name[1]}` : ''));
      const more = [isOneOfSeveral ? claim.source : undefined, chance].filter((part) => part !== undefined);
      return `${cells.join(' against ')}${more.length > 0 ? ` (${more.join(', ')})` : ''}`;
    }
  },
};

/** What comes next for a claim that is not decided, and why; undefined of one that is, and of one without a complete stage, whose verdict says so. */
function stateOf({ outlook, number, seeds }: ClaimStage, counts: readonly number[]): string | undefined {
  if (number === 0) return undefined;
  const last = counts.at(-1) ?? 0;
  const so = `with ${seeds} of ${plural(last, 'seed')}`;
  switch (outlook) {
    case 'open':
      return `Still open ${so}, and the next stage has ${counts[number] ?? 0}`;
    case 'until':
      return `Still open ${so}, at which this table stops for now`;
    case 'never':
      return `Closed ${so}, as no number of seeds decides`;
    case 'close':
      return `Closed ${so}, as more are not likely to decide`;
    case 'all':
      return `Not decided with all ${plural(last, 'seed')}`;
    case 'decided':
      return undefined;
    default:
      return outlook satisfies never;
  }
}

/** `chance 2 %`: of a decision by the last stage, where it is so small that no more seeds are added. */
function chanceOf(stage: ClaimStage | undefined): string | undefined {
  if (stage?.outlook !== 'close') return undefined;
  const chance = sum(stage.chances ?? []);
  return `chance ${chance < 0.01 ? 'below 1 %' : percent(chance, 1)}`;
}

/** The marks in the table stand for those that are not named. */
const MOST_NAMES = 8;

const ORDINALS: readonly (string | undefined)[] = [undefined, 'First', 'Second', 'Third', 'Fourth', 'Fifth', 'Sixth'];
