import type { RecordedView } from '../views/view.js';
import type { Divergence } from './divergence.js';
import type { Sample } from './sample.js';
import { openSession, type Session, type SessionRequest, type Trained } from './session.js';
import { measuredSplits } from './signature.js';
import { type Best, isBetter, isOver, watchOf } from './watch.js';

/**
 * Metrics of one epoch by `SPLIT/METRIC`, in double. Those of `train` are running means while weights change, unless `measure_train` is end; the others are
 * measured at its end.
 */
export type EpochMetrics = ReadonlyMap<string, number>;

/** Where training stands after an epoch: all it takes to go on from there with equal digits. */
export interface Snapshot extends Trained {
  /** Where some metric is watched: the best epoch so far. */
  readonly best?: Best;
}

interface TrainingRequest extends SessionRequest {
  readonly start: Snapshot;
  /** The last epoch to train, at most the plan's; anyone can go on from its checkpoint. */
  readonly until: number;
  readonly onReady?: () => void;
  readonly onEpoch: (epoch: number, metrics: EpochMetrics) => void;
  /** What metrics show of the weights that a run keeps as far as it has come: of the last epoch, or of the best. */
  readonly onViews?: (views: readonly RecordedView[]) => void;
  readonly onSamples?: (epoch: number, samples: readonly Sample[]) => void;
  readonly onCheckpoint: (snapshot: Snapshot) => void;
}

export type Outcome =
  /** `kept` are the weights that a run keeps, and of which epoch: the last, or the best. */
  | { readonly kind: 'finished'; readonly snapshot: Snapshot; readonly kept: Snapshot }
  /** `until` came before the plan's end. */
  | { readonly kind: 'paused' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'diverged'; readonly divergence: Divergence };

/** Trains a plan from where it stands to its end, or as far as it comes. */
export async function train(request: TrainingRequest): Promise<Outcome> {
  const session = await openSession(request);
  try {
    request.onReady?.();
    return await goOn(request, session);
  } finally {
    session.dispose();
  }
}

/**
 * The life of a run. An epoch is: every training batch once, then every split that is measured at its end, then the record, then (when due) samples,
 * then (when due) a checkpoint. The order decides what a record means; don't change it.
 */
async function goOn(request: TrainingRequest, session: Session): Promise<Outcome> {
  const { plan, start, until } = request;
  const { checkpoint_every, samples } = plan.config.values.training;
  const watch = watchOf(plan);
  let snapshot = start;
  let best = start.best;

  while (session.epoch < until && !isOver(watch, best, session.epoch)) {
    const trained = await session.trainEpoch();
    if (trained.kind !== 'done') return trained;
    const { epoch } = session;
    const metrics = new Map(trained.metrics);
    const views = [...trained.views];
    for (const split of measuredSplits(plan)) {
      const measured = await session.measure(split);
      if (!measured) return { kind: 'stopped' };
      for (const [key, value] of measured.metrics) metrics.set(key, value);
      views.push(...measured.views);
    }
    request.onEpoch(epoch, metrics);

    const value = metrics.get(watch?.key ?? '') ?? Number.NaN;
    if (watch && isBetter(watch, value, best)) best = { epoch, value, ...(watch.keepsWeights && { weights: await session.weights() }) };
    const isKept = !best?.weights || best.epoch === epoch;
    if (isKept && views.length > 0) request.onViews?.(views.map(({ key, view }) => ({ key, epoch, view })));
    const isEnd = epoch === plan.training.epochs || isOver(watch, best, epoch);
    if (samples && request.onSamples && (isEnd || epoch % samples.every === 0)) request.onSamples(epoch, await session.sample());
    if (isEnd || epoch === until || epoch % checkpoint_every === 0) {
      snapshot = { ...(await session.snapshot()), ...(best && { best }) };
      request.onCheckpoint(snapshot);
    }
  }
  if (until < plan.training.epochs && !isOver(watch, best, until)) return { kind: 'paused' };
  return { kind: 'finished', snapshot, kept: best?.weights ? { epoch: best.epoch, state: best.weights } : snapshot };
}
