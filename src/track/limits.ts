import type { Batch, KeyValue, MetricItem } from './types.js';

/** What one log-batch takes. Bytes are of its JSON: hosted servers count them, with 1,000,000 as the most. */
export const batchLimits = { items: 1000, params: 100, tags: 100, bytes: 900_000 } as const;

/** One thing that a log-batch carries. */
export type Item =
  | { readonly kind: 'metric'; readonly metric: MetricItem }
  | { readonly kind: 'param'; readonly entry: KeyValue }
  | { readonly kind: 'tag'; readonly entry: KeyValue };

/** Items in as few batches as the limits allow, in their order. */
export function* inBatches<I extends Item>(items: Iterable<I>): Generator<readonly I[]> {
  let batch: I[] = [];
  let counts = { param: 0, tag: 0, bytes: 0 };
  for (const item of items) {
    const bytes = bytesOf(item);
    const isFull =
      batch.length >= batchLimits.items ||
      (item.kind === 'param' && counts.param >= batchLimits.params) ||
      (item.kind === 'tag' && counts.tag >= batchLimits.tags) ||
      counts.bytes + bytes > batchLimits.bytes;
    if (isFull && batch.length > 0) {
      yield batch;
      batch = [];
      counts = { param: 0, tag: 0, bytes: 0 };
    }
    batch.push(item);
    counts.bytes += bytes;
    if (item.kind !== 'metric') counts[item.kind]++;
  }
  if (batch.length > 0) yield batch;
}

export const batchOf = (items: readonly Item[]): Batch => ({
  metrics: items.flatMap((item) => (item.kind === 'metric' ? [item.metric] : [])),
  params: items.flatMap((item) => (item.kind === 'param' ? [item.entry] : [])),
  tags: items.flatMap((item) => (item.kind === 'tag' ? [item.entry] : [])),
});

/** At most so many bytes of JSON: a character outside of ASCII is escaped or takes up to four. */
function bytesOf(item: Item): number {
  if (item.kind === 'metric') return 110 + 6 * item.metric.key.length;
  return 30 + Buffer.byteLength(JSON.stringify(item.entry));
}
