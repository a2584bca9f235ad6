import type { TrackingClient } from './client.js';
import { TrackingError } from './errors.js';
import { batchOf, type Item } from './limits.js';
import { retrying } from './retry.js';
import type { Refusal } from './sync-state.js';
import type { MetricItem } from './types.js';

/** Sends batches to one run. */
export interface ItemSender {
  /** When it returns, the server has every item but those that it gives back with the reason. */
  send(items: readonly Item[]): Promise<readonly Refusal[]>;
}

/**
 * A SQL store drops a point that it has already, so a batch whose answer was lost is sent again. A file store keeps it twice: there, and where
 * the store is unknown, points of keys that may have arrived already (`mayBeThere`) are looked up before they are sent.
 */
export function itemSender(client: TrackingClient, runId: string, dropsDoubles: boolean, mayBeThere: boolean): ItemSender {
  let lookFirst = !dropsDoubles && mayBeThere;
  const arrived = new Map<string, ReadonlySet<string>>();

  /** Without the points that the server has. */
  const stillMissing = async (items: readonly Item[]): Promise<readonly Item[]> => {
    if (!lookFirst) return items;
    for (const item of items) {
      if (item.kind !== 'metric' || arrived.has(item.metric.key)) continue;
      const { key } = item.metric;
      arrived.set(key, new Set((await client.history(runId, key)).map((point) => identity({ key, ...point }))));
    }
    return items.filter((item) => item.kind !== 'metric' || !arrived.get(item.metric.key)?.has(identity(item.metric)));
  };

  const sendOnce = async (items: readonly Item[]): Promise<void> => {
    if (dropsDoubles) return client.logBatch(runId, batchOf(items));
    await retrying(client.retry, async () => {
      const missing = await stillMissing(items);
      if (missing.length === 0) return;
      try {
        await client.logBatch(runId, batchOf(missing), false);
      } catch (error) {
        lookFirst = true;
        arrived.clear();
        throw error;
      }
    });
  };

  /** Halves what was refused until the items stand alone that the server won't have. */
  const bisect = async (items: readonly Item[], error: TrackingError): Promise<readonly Refusal[]> => {
    const [only, another] = items;
    if (only && !another) return (await hasArrived(only)) ? [] : [refusalOf(only, error.message)];
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
