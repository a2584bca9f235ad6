import type { Store, RunPlace } from '../record/layout.js';
import type { Machine } from '../record/lease.js';
import { findRun, readHead } from '../record/reader.js';
import { openClient, runLink } from './client.js';
import { type Delivery, openDelivery } from './delivery.js';
import { type Connection, waitBefore } from './connection.js';
import { isPassing, TrackingError } from './errors.js';
import { destination } from './remote-run.js';

/**
 * Sends a run to a server while it is being recorded, from what stands in the record. Training knows nothing of it: a server that is slow,
 * hangs or dies costs it nothing, and what couldn't be sent stays in the record.
 */
interface Shipper {
  /** Sends what is left, for at most so many seconds, and ends. */
  finish(seconds: number): Promise<ShipperEnd>;
}

type ShipperEnd = { readonly kind: 'delivered'; readonly link: string } | { readonly kind: 'behind'; readonly reason: string };

interface ShipperRequest {
  readonly store: Store;
  readonly run: RunPlace;
  readonly connection: Connection;
  readonly machine: Machine;
  /** Told once of each kind of trouble, and when it is over. */
  readonly onNote: (note: string) => void;
}

/** Milliseconds from the end of one sending to the next. */
const EVERY = 900;

export function startShipper({ store, run, connection, machine, onNote }: ShipperRequest): Shipper {
  const patience = connection.retry;
  const client = openClient({ ...connection, retry: { ...patience, retries: 0 } });
  const to = destination(client, store, machine, (id) => findRun(store, id));
  const ending = new AbortController();
  let delivery: Delivery | null = null;
  let trouble: Error | null = null;
  let failures = 0;
  let sentFiles = false;

  const ship = async (files: boolean): Promise<void> => {
    if (!delivery) {
      const opened = await openDelivery(to, readHead(store, run));
      if (opened.kind === 'held') throw new Error(`process ${opened.by.pid} on ${opened.by.host} is sending this run already`);
      delivery = opened.delivery;
      onNote(`followed at ${runLink(client.server, delivery.remote)}`);
    }
    delivery.heartbeat();
    await delivery.pass({ files: files || !sentFiles });
    sentFiles = true;
  };
  /** The server has lost what it knew; the record hasn't. */
  const forget = (): void => {
    delivery?.close();
    delivery = null;
    to.experiments.clear();
    to.runs.clear();
  };
  const attempt = async (files: boolean): Promise<boolean> => {
    try {
      await ship(files);
      if (trouble) onNote(`${client.server} answers again`);
      trouble = null;
      failures = 0;
      return true;
    } catch (error) {
      if (!trouble && !ending.signal.aborted) tell(error);
      trouble = error instanceof Error ? error : new Error(String(error));
      failures++;
      if (error instanceof TrackingError && error.kind === 'missing') forget();
      return false;
    }
  };
  const tell = (error: unknown): void => {
    onNote(`${messageOf(error)}; training and its record go on`);
    if (error instanceof TrackingError && error.remedy !== undefined) onNote(`  help: ${error.remedy}`);
  };
  const rest = (): Promise<void> =>
    pause(trouble ? waitBefore({ ...patience, base: 1 }, Math.min(failures, 6), trouble) : EVERY, ending.signal);

  const following = (async () => {
    while (!ending.signal.aborted) {
      await attempt(false);
      await rest();
    }
  })();

  const deliverRest = async (over: AbortSignal): Promise<boolean> => {
    await following;
    while (!over.aborted) {
      if (await attempt(true)) return true;
      if (trouble && !isPassing(trouble)) return false;
      await pause(300, over);
    }
    return false;
  };

  return {
    async finish(seconds) {
      ending.abort();
      const over = new AbortController();
      const delivering = deliverRest(over.signal);
      const isDelivered = await Promise.race([delivering, pause(1000 * seconds, over.signal).then(() => false)]);
      const reason = trouble ? messageOf(trouble) : `${client.server} did not take all within ${seconds} s`;
      over.abort();
      client.close();
      // What was under way fails at once now, and lets go of its lease.
      await delivering;
      delivery?.close();
      if (isDelivered && delivery) return { kind: 'delivered', link: runLink(client.server, delivery.remote) };
      return { kind: 'behind', reason };
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Keeps no process alive that has nothing else to do. */
const pause = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done);
  });
