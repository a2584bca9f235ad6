import type { TrackingClient } from './client.js';
import { saidIn, TrackingError } from './errors.js';
import { batchOf, type Item } from './limits.js';
import { retrying } from './http.js';
import type { Refusal } from './sync-state.js';
import type { MetricItem } from './types.js';

/** Sends batches to one run. */
export interface ItemSender {
  /** When it returns, the server has every item but those that it gives back with the reason. */
  send(items: readonly Item[]): Promise<readonly Refusal[]>;
}

/**
 * A SQL store drops a point that it has already (`dropsDoubles`), so a batch whose answer was lost is sent again. A file store keeps it twice:
 * there, and where the store is unknown, what may have arrived is looked up before it is sent again. `unsure` are keys of which points may have
 * arrived before this sender; also a SQL store is asked for these, for it drops points four times slower than it takes new ones.
 */
export function itemSender(client: TrackingClient, runId: string, dropsDoubles: boolean, unsure: readonly string[]): ItemSender {
  const looksUp = new Set(unsure);
  const arrived = new Map<string, ReadonlySet<string>>();

  /** Without the points that the server has. */
  const stillMissing = async (items: readonly Item[]): Promise<readonly Item[]> => {
    for (const item of items) {
      if (item.kind !== 'metric' || !looksUp.has(item.metric.key) || arrived.has(item.metric.key)) continue;
      const { key } = item.metric;
      arrived.set(key, new Set((await client.history(runId, key)).map((point) => identity({ key, ...point }))));
    }
    return items.filter((item) => item.kind !== 'metric' || !arrived.get(item.metric.key)?.has(identity(item.metric)));
  };

  const sendOnce = async (items: readonly Item[]): Promise<void> => {
    if (dropsDoubles) {
      const missing = await stillMissing(items);
      return missing.length === 0 ? undefined : client.logBatch(runId, batchOf(missing));
    }
    await retrying(client.retry, async () => {
      const missing = await stillMissing(items);
      if (missing.length === 0) return;
      try {
        await client.logBatch(runId, batchOf(missing), false);
      } catch (error) {
        for (const item of missing) if (item.kind === 'metric') looksUp.add(item.metric.key);
        arrived.clear();
        throw error;
      }
    });
  };

  /** Halves what was refused until the items stand alone that the server won't have. */
  const bisect = async (items: readonly Item[], error: TrackingError): Promise<readonly Refusal[]> => {
    const [only, another] = items;
    if (only && !another) return (await hasArrived(only)) ? [] : [refusalOf(only, saidIn(error))];
    const middle = Math.ceil(items.length / 2);
    return [...(await attempt(items.slice(0, middle))), ...(await attempt(items.slice(middle)))];
  };
  const attempt = async (items: readonly Item[]): Promise<readonly Refusal[]> => {
    try {
      await sendOnce(items);
      return [];
    } catch (error) {
      if (!isAboutContent(error)) throw error;
      return bisect(items, error);
    }
  };

  /** Some servers answer 400 to a NaN that they have already. */
  const hasArrived = async (item: Item): Promise<boolean> => {
    if (item.kind !== 'metric') return false;
    const { key } = item.metric;
    return (await client.history(runId, key)).some((point) => identity({ key, ...point }) === identity(item.metric));
  };

  return {
    async send(items) {
      try {
        await sendOnce(items);
        return [];
      } catch (error) {
        if (!isAboutContent(error)) throw error;
        const run = await client.run(runId);
        if (!run || run.deleted) throw error;
        return bisect(items, error);
      }
    },
  };
}

/** -0 comes back as 0 from some stores. */
export const identity = ({ key, value, step, timestamp }: MetricItem): string => `${step} ${timestamp} ${value === 0 ? 0 : value} ${key}`;

const isAboutContent = (error: unknown): error is TrackingError =>
  error instanceof TrackingError && (error.kind === 'refused' || error.kind === 'invalid');

const refusalOf = (item: Item, reason: string): Refusal =>
  item.kind === 'metric'
    ? { kind: 'metric', key: item.metric.key, step: item.metric.step, reason }
    : { kind: item.kind, key: item.entry.key, reason };
