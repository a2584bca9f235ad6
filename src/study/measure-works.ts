import { InputError } from '../diagnostics/diagnostic.js';
import type { Plan } from '../planning/plan.js';
import { identifyProgram } from '../planning/program.js';
import { formatBytes, formatCount, formatDuration, plural } from '../diagnostics/numbers.js';
import { sum } from '../statistics/means.js';
import { readSplits, trainState, weightState } from '../train/signature.js';
import type { Prepared } from '../run/prepare.js';
import { epochSecondsAt, type Measured, measure } from '../run/measure.js';
import { examineOrder } from '../launch/orders.js';
import type { TrialOrder } from '../launch/launcher.js';
import { sizeOf } from '../stages/tensors.js';

/** Works that differ in nothing but what their time does not depend on: the seeds of a configuration, or of a table's row. */
export interface AlikeWorks {
  /** The order of any one of these works. */
  readonly order: TrialOrder;
  readonly works: number;
  /** Epochs of all of them together; undefined: each trains to its end. */
  readonly epochs?: number;
}

/** What the works that are left would take here. */
export interface MeasuredWorks {
  readonly works: number;
  readonly workers: number;
  readonly seconds: number;
  /** Of all workers together. */
  readonly memory_bytes: number;
  readonly disk_bytes: number;
  readonly programs: number;
  /** Of the programs, how many were tried; the others count as their mean. */
  readonly programs_tried: number;
}

/** Programs that are tried for a moment, so that an answer comes within half a minute. */
const MOST_PROGRAMS = 8;
/** Seconds that a trial takes besides its epochs. */
const AROUND = 0.1;
/** Bytes of the small files of a record, each of which takes a block. */
const SMALL_FILES = 320e3;
/** Bytes of a line of a metric file. */
const LINE = 45;

/**
 * A moment of one work of every program, added up over all that are left and spread over the workers. `each`: seconds of one work, kind by kind as they
 * were given.
 */
export async function measureWorks(
  all: readonly AlikeWorks[],
  workers: number,
): Promise<{ readonly measured: MeasuredWorks; readonly each: readonly number[] }> {
  const prepared = all.map((alike) => ({ ...alike, prepared: examined(alike.order) }));
  const programs = [...new Set(prepared.map(({ prepared: { plan } }) => programsOf(plan)))];
  const tried = new Map<string, Measured & { readonly plan: Plan }>();
  for (const program of spread(programs, MOST_PROGRAMS)) {
    const first = prepared.find((one) => programsOf(one.prepared.plan) === program);
    if (!first) continue;
    const { plan, stages, files } = first.prepared;
    tried.set(program, { ...(await measure(plan, stages, files)), plan });
  }
  const samples = [...tried.values()];
  const usual = mean(samples.map(epochSeconds));
  const times = prepared.map(({ works, epochs, prepared: { plan } }) => {
    const known = tried.get(programsOf(plan));
    const each = (known ? epochSecondsAt(known, known.plan, plan) : usual) * ((epochs ?? plan.training.epochs * works) / works) + AROUND;
    return { longest: each, sum: each * works };
  });
  const ready = sum(samples.map((one) => one.ready_seconds)) * (programs.length / Math.max(1, samples.length));
  const works = sum(all.map((alike) => alike.works));
  const busy = Math.min(workers, works);
  const found: MeasuredWorks = {
    works,
    workers: busy,
    seconds: Math.max((sum(times.map((time) => time.sum)) + ready) / Math.max(1, busy), most(times.map(({ longest }) => longest))),
    memory_bytes: most(samples.map((one) => one.memory_bytes)) * busy,
    disk_bytes: sum(prepared.map((one) => diskOf(one) * one.works)) + busy * most(prepared.map(checkpointsOf)),
    programs: programs.length,
    programs_tried: samples.length,
  };
  return { measured: found, each: times.map(({ longest }) => longest) };
}

/** `about 12 min on 2 workers for 48 trials, 620 MB of memory, 24 MB of disk` */
export function describeMeasuredWorks({
  works,
  workers,
  seconds,
  memory_bytes,
  disk_bytes,
  programs,
  programs_tried,
}: MeasuredWorks): string {
  const guess = programs_tried < programs ? `; ${programs_tried} of ${formatCount(programs)} programs were tried` : '';
  return `about ${formatDuration(seconds)} for ${plural(works, 'trial')} on ${plural(workers, 'worker')}; ${formatBytes(memory_bytes)} of memory, ${formatBytes(disk_bytes)} of disk${guess}`;
}

function examined(order: TrialOrder): Prepared {
  const prepared = examineOrder(order);
  if ('diagnostics' in prepared) throw new InputError(prepared.diagnostics);
  return prepared;
}

const programsOf = (plan: Plan): string =>
  [identifyProgram(plan, 'train', 'train'), ...readSplits(plan).map((split) => identifyProgram(plan, split, 'evaluate'))].join('\n');

const epochSeconds = (measured: Measured): number => sum(Object.values(measured.epoch_seconds));

/** A settled record: weights as they are and inside of model.onnx, a line a metric and epoch, and small files. */
function diskOf({ works, epochs, prepared: { plan } }: Omit<AlikeWorks, 'order'> & { readonly prepared: Prepared }): number {
  const keys = Object.keys(plan.data.splits).length * (1 + plan.metrics.length) + 1;
  return SMALL_FILES + 2 * bytesOf(weightState(plan)) + LINE * keys * ((epochs ?? plan.training.epochs * works) / works);
}

/** Two are kept while a trial is at work. */
const checkpointsOf = ({ prepared: { plan } }: { readonly prepared: Prepared }): number => 2 * bytesOf(trainState(plan));

const bytesOf = (specs: ReturnType<typeof trainState>): number => sum(Object.values(specs).map(({ shape }) => 4 * sizeOf(shape)));

/** `count` of the items, evenly from the first to the last. */
const spread = <T>(items: readonly T[], count: number): readonly T[] =>
  items.length <= count
    ? items
    : items.filter((_, index) => Math.floor((index * count) / items.length) !== Math.floor(((index - 1) * count) / items.length));

const mean = (values: readonly number[]): number => sum(values) / Math.max(1, values.length);
const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 0);
