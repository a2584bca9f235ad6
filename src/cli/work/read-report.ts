import { join } from 'node:path';
import { readText } from '../../record/files.js';
import { outcomeTag } from '../../record/attempt.js';
import type { Store } from '../../record/layout.js';
import { readRun, type RunHead } from '../../record/reader.js';
import type { RunRecord, RunStatus } from '../../report/run-record.js';
import { shown } from '../folders.js';
import { outcomeOf, reasonTag } from './attempt.js';

/** A run as reports take it: from its record alone, so that it can be shown where it was copied to. */
export function readReport(store: Store, head: RunHead): RunRecord {
  const run = readRun(store, head);
  const plan = readJson(store, head, 'plan.json');
  const environment = readJson(store, head, 'environment.json');
  const reason = run.tags[reasonTag];
  const metrics = list(plan['metrics']);
  const data = record(plan['data']);
  return {
    experiment: run.experiment,
    ...(run.tags['mlflow.note.content'] && { description: run.tags['mlflow.note.content'] }),
    runId: run.id,
    status: statusOf(outcomeOf({ status: run.status, outcome: run.tags[outcomeTag] ?? null })),
    parameters: new Map(Object.entries(run.parameters).map(([path, value]) => [path, { value }])),
    metrics: new Map(Object.entries(run.metrics)),
    about: Object.fromEntries(
      metrics.map((metric) => [
        String(metric['key']),
        { better: metric['better'] === 'lower' ? 'lower' : 'higher', unit: String(metric['unit'] ?? '') },
      ]),
    ),
    chance: Object.fromEntries(Object.entries(record(data['chance'])).map(([key, value]) => [key, Number(value)])),
    notes: [
      ...(reason === undefined ? [] : [reason]),
      ...list(data['facts']).flatMap(({ note }) => (typeof note === 'string' ? [note] : [])),
    ],
    started: run.startTime,
    ...(run.endTime !== null && { ended: run.endTime }),
    folder: shown(head.place.folder),
    environment: new Map(Object.entries(environment).map(([name, value]) => [name, String(value)])),
    commands: [
      { command: `npx retable show ${run.id.slice(0, 8)}`, does: 'this again, with its curves' },
      { command: 'npx retable list', does: 'all runs' },
    ],
  };
}

const statusOf = (outcome: ReturnType<typeof outcomeOf>): RunStatus =>
  outcome === undefined ? 'running' : outcome === 'stopped' ? 'killed' : outcome;

function readJson(store: Store, { place }: RunHead, artifact: string): Readonly<Record<string, unknown>> {
  try {
    return record(JSON.parse(readText(store.files, join(place.folder, 'artifacts', artifact))));
  } catch {
    return {}; // a foreign run, or one that died before it was written
  }
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
const list = (value: unknown): readonly Readonly<Record<string, unknown>>[] => (Array.isArray(value) ? value.map(record) : []);
