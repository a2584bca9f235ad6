import { homedir } from 'node:os';
import { withoutCredentials } from '../diagnostics/secrets.js';
import { forShell } from '../diagnostics/words.js';
import type { TrackingConfig } from '../language/experiment.js';
import { disk } from '../record/files.js';
import type { RunPlace, Store } from '../record/layout.js';
import type { Machine } from '../record/lease.js';
import { findRun } from '../record/reader.js';
import { apart, type Connection, ConnectionProblem, connectionTo, isServer } from '../track/connection.js';
import { startShipper } from '../track/shipper.js';
import { Refusal } from '../host/exit.js';
import type { Observer } from './observer.js';
import { sampleSystem } from './system-metrics.js';

/** Seconds that a finished run waits for its last points to arrive. */
const LAST_CALL = 10;

/** The server that this run is sent to, or null: the flag beats MLflow's variable, which beats the document. */
export function trackingTarget(flag: string | undefined, document: string | undefined, observe: Observer): Connection | null {
  if (flag === 'off') return null;
  if (flag !== undefined) return connectionFor(flag);
  const variable = process.env['MLFLOW_TRACKING_URI'];
  if (variable && !isServer(variable)) {
    const text = `MLFLOW_TRACKING_URI is ${withoutCredentials(variable)}, which is no http server: this run is recorded here only`;
    observe({ kind: 'message', text });
  }
  const uri = variable && isServer(variable) ? variable : document;
  return uri === undefined ? null : connectionFor(uri);
}

/**
 * An address as workers are told it: its user and password go into this process's variables, which the processes that it starts inherit, and
 * into no file or message.
 */
export function withoutLogin(uri: string): string {
  const { uri: address, variables } = apart(uri);
  Object.assign(process.env, variables);
  return address;
}

/** With what MLflow's variables say of it; what can't be used is refused in words. */
export function connectionFor(uri: string): Connection {
  try {
    return connectionTo(uri, { variables: process.env, home: homedir(), files: disk });
  } catch (error) {
    if (error instanceof ConnectionProblem) throw new Refusal(error.message);
    throw error;
  }
}

/** What goes on beside a run while it is recorded; what is given is called when the record is at its end. */
type Follow = (run: RunPlace) => () => Promise<void>;

/** Everything that a document and MLflow's variables ask for: samples of the machine, and a server that follows. */
export function followers(target: Connection | null, document: TrackingConfig | undefined, at: FollowPlace): Follow {
  const interval = sampleInterval(document);
  return (run) => {
    const endSampling = interval === null ? undefined : sampleSystem(at.store, run, interval);
    const endSending = target && followTo(target, at)(run);
    return async () => {
      endSampling?.();
      await endSending?.();
    };
  };
}

interface FollowPlace {
  readonly store: Store;
  readonly machine: Machine;
  readonly observe: Observer;
}

/** Sends a run that is recorded already, as what stands above others: they may have made it on the server, and know nothing of its end. */
export async function sendRun(target: Connection | null, runId: string, at: FollowPlace): Promise<void> {
  const head = target && findRun(at.store, runId);
  if (head) await followTo(target, at)(head.place)();
}

/** Seconds; null where nobody wants samples of the machine. MLflow's variable beats the document. */
function sampleInterval(document: TrackingConfig | undefined): number | null {
  const variable = process.env['MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING']?.trim();
  const isWanted = variable ? /^(true|1)$/i.test(variable) : document?.system_metrics === true;
  if (!isWanted) return null;
  const seconds = Number(process.env['MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL'] ?? 10);
  if (seconds >= 0.1) return seconds;
  throw new Refusal('MLFLOW_SYSTEM_METRICS_SAMPLING_INTERVAL must be a number of seconds, at least 0.1');
}

/** Sends a run to its end, and says what is left to do when not all of it has arrived. */
const followTo =
  (connection: Connection, { store, machine, observe }: FollowPlace): Follow =>
  (run) => {
    const tell = (text: string): void => observe({ kind: 'message', text });
    const shipper = startShipper({ store, run, connection, machine, onNote: tell });
    return async () => {
      const patience = setTimeout(() => tell(`sending the rest to ${connection.server}, for at most ${LAST_CALL} s`), 500);
      const end = await shipper.finish(LAST_CALL);
      clearTimeout(patience);
      if (end.kind === 'delivered') return;
      tell(`not all of this run is on ${connection.server} yet: ${end.reason}`);
      tell(`nothing is lost; later: npx retable sync ${run.runId.slice(0, 8)} --to ${forShell(connection.server)}`);
    };
  };
