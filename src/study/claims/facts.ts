import type { CellName, Claim, LimitClaim } from './claim.js';
import type { ColumnConfig } from './document.js';
import type { InterimLooks } from './interim-looks.js';
import type { CellRuns } from './samples.js';
import type { Stages } from '../replicates.js';
import type { ClaimStage } from './stages.js';
import type { Interval } from '../../statistics/means.js';
import type { Count } from '../../statistics/shares.js';
import type { Effects } from '../verdicts/effects.js';
import type { Verdict } from '../verdicts/verdict.js';
import type { OneAccident } from './accident.js';

/** A threat to the validity of runs or of what they are compared by, the reason that it is accepted for, and what was found. */
interface AcceptedThreat {
  readonly threat: string;
  readonly because: string;
  readonly found: string;
}

/** How the configuration of a row came to be: selected by a sweep. */
export interface Tuning {
  /** The document of the sweep, as typed. */
  readonly sweep: string;
  /** What was compared: `validation/loss after the last epoch`. */
  readonly by: string;
  /** The comparison was of test data. */
  readonly isOnTest: boolean;
  readonly configurations: number;
  /** Of these, left behind before the end. */
  readonly pruned: number;
  readonly trials: number;
  /** Of all trials together, as far as pruning lets them train. */
  readonly epochs: number;
  readonly seeds: readonly number[];
  /** `hidden_size 32, learning_rate 0.01`; of a sweep that has selected nothing, why not. */
  readonly selected: { readonly label: string } | { readonly missing: string };
  /** What the row sets in the selected configuration, in words; empty where nothing. */
  readonly set: string;
}

/** What is known of a row besides its runs, and must be said under the table. */
export interface RowFacts {
  /** Share of the test examples that are also in the train split, 0 to 1. */
  readonly testOverlap?: number;
  /** The metric of test data by which epochs or weights were chosen: early stopping, `keep: best`. */
  readonly selectedOnTest?: string;
  /** What is another one from seed to seed, in words; left out of a row that nobody trains. */
  readonly varies?: readonly string[];
  /** What is another one from split to split, where there are splits. */
  readonly variesBySplit?: readonly string[];
  /** What its experiment, or the table for it, accepts. */
  readonly accepted?: readonly AcceptedThreat[];
  /** Of a row that nobody trains: the answer that its numbers are of. */
  readonly baseline?: string;
  /** Of a row whose configuration a sweep selects. */
  readonly tuning?: Tuning;
}

/** Of a table that was registered before it was looked at. */
export interface Registered {
  /** SHA-256 of the protocol. */
  readonly digest: string;
  /** ISO 8601. */
  readonly at: string;
  /** Of all `trials` so many were on record then. */
  readonly done: number;
  readonly trials: number;
  /** How many of the table's claims had been looked at in other tables. */
  readonly seen: number;
}

/** What was frozen when a table was registered, or first looked at. */
export interface ProtocolFacts {
  readonly registered?: Registered;
  /** What is another one since: sentences, with the numbers of the claims that each is about. */
  readonly changes: readonly { readonly text: string; readonly claims: readonly number[] }[];
}

export interface TableFacts {
  readonly names: readonly CellName[];
  readonly columns: Readonly<Record<string, ColumnConfig>>;
  readonly cell: (name: CellName) => CellRuns;
  readonly claims: readonly Claim[];
  /** The look of each claim: seeds are added to some cells only. */
  readonly interimLooks: (claim: Claim) => InterimLooks;
  /** How many looks were declared when verdicts were seen before, each number once. */
  readonly declaredBefore?: readonly number[];
  /** The cell with all seeds on record, where there are more than the table asks for. */
  readonly onRecord?: (name: CellName) => CellRuns | undefined;
  /** Of a table that was looked at before, or registered. */
  readonly protocol?: ProtocolFacts;
  /** Where seeds are added in stages: all that are declared, and at which to stop for now. */
  readonly stages?: Stages;
  readonly device: string;
  readonly rows?: Readonly<Record<string, RowFacts>>;
  /** What the table accepts of its own columns. */
  readonly accepted?: readonly AcceptedThreat[];
}

export interface Judgement {
  readonly claim: Claim;
  readonly verdict: Verdict;
  /** With all seeds on record, where there are more than the table asks for. */
  readonly overAll?: Verdict;
  /** Where seeds are added in stages: the one that the verdict is of. */
  readonly stage?: ClaimStage;
  /** What a claim against a known number comes to: a limit on the other cell. */
  readonly limit?: LimitClaim;
  /** Where values of the claimed cell can lie. */
  readonly range?: Interval;
  /** How large the difference is, without a unit; of two cells of runs, or against a reference. Computed when it is asked for. */
  readonly effects?: Effects | undefined;
  /** What one run more that went wrong would make of it. Computed when it is asked for. */
  readonly oneAccident?: OneAccident | undefined;
  /** Of columns that count runs, how many of each cell. */
  readonly counts?: readonly Count[];
}
