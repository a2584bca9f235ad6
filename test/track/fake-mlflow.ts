import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/**
 * The part of MLflow's server that tracking meets, in memory, with the quirks that were seen on the real one: it answers 200 to an item of
 * a wrong type and drops what follows, keeps an infinity as the largest number, forgets nothing that is sent twice as a file store, ...
 */
export interface FakeMlflow {
  readonly uri: string;
  readonly store: 'SqlStore' | 'FileStore';
  readonly experiments: Map<string, FakeExperiment>;
  readonly runs: Map<string, FakeRun>;
  readonly models: Map<string, FakeModel>;
  /** By path below `mlflow-artifacts:/`. */
  readonly files: Map<string, Buffer>;
  /** Calls by name, in order. */
  readonly calls: string[];
  /** Keys of metrics that it refuses, as a server with rules of its own. */
  readonly forbidden: Set<string>;
  close(): Promise<void>;
}

export interface FakeExperiment {
  readonly id: string;
  readonly name: string;
  deleted: boolean;
}

export interface FakePoint {
  readonly key: string;
  readonly value: number;
  readonly step: number;
  readonly timestamp: number;
}

export interface FakeRun {
  readonly id: string;
  readonly experimentId: string;
  readonly startTime: number;
  status: string;
  endTime: number | null;
  deleted: boolean;
  readonly points: FakePoint[];
  /** Of every point that came. */
  readonly seen: Set<string>;
  readonly params: Map<string, string>;
  readonly tags: Map<string, string>;
  readonly datasets: Map<string, Json>;
  readonly outputs: string[];
}

export interface FakeModel {
  readonly id: string;
  readonly name: string;
  readonly runId: string;
  readonly experimentId: string;
  status: string;
  readonly tags: readonly Json[];
}

type Json = Readonly<Record<string, unknown>>;

export interface FakeOptions {
  readonly store?: FakeMlflow['store'];
  readonly authorization?: string;
  /** The path before /api. */
  readonly prefix?: string;
  /** Ids of later ones are smaller. */
  readonly descending?: boolean;
}

class Refused extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const ARTIFACTS = '/api/2.0/mlflow-artifacts/artifacts/';

const invalid = (message: string): Refused => new Refused(400, 'INVALID_PARAMETER_VALUE', message);
const missing = (message: string): Refused => new Refused(404, 'RESOURCE_DOES_NOT_EXIST', message);

export async function startFakeMlflow({
  store = 'SqlStore',
  authorization,
  prefix = '',
  descending = false,
}: FakeOptions = {}): Promise<FakeMlflow> {
  const experiments = new Map<string, FakeExperiment>();
  const runs = new Map<string, FakeRun>();
  const models = new Map<string, FakeModel>();
  const files = new Map<string, Buffer>();
  const calls: string[] = [];
  const forbidden = new Set<string>();
  let made = 0;
  const newId = (start: string): string =>
    `${start}${(descending ? 0xffff - ++made : ++made).toString(16).padStart(32 - start.length, '0')}`;

  const runOf = (id: unknown): FakeRun => {
    const run = runs.get(String(id));
    if (!run) throw missing(`Run with id=${String(id)} not found`);
    return run;
  };
  const writable = (id: unknown): FakeRun => {
    const run = runOf(id);
    if (run.deleted) throw invalid(`The run ${run.id} must be in the 'active' state`);
    return run;
  };

  const answers: Readonly<Record<string, (body: Json, query: URLSearchParams) => Json>> = {
    'experiments/get-by-name': (_, query) => {
      const found = [...experiments.values()].find(({ name }) => name === query.get('experiment_name'));
      if (!found) throw missing('Could not find experiment');
      return { experiment: { experiment_id: found.id, name: found.name, lifecycle_stage: found.deleted ? 'deleted' : 'active' } };
    },
    'experiments/create': ({ name }) => {
      if ([...experiments.values()].some((one) => one.name === name))
        throw new Refused(400, 'RESOURCE_ALREADY_EXISTS', `Experiment exists`);
      const id = String(experiments.size + 1);
      experiments.set(id, { id, name: String(name), deleted: false });
      return { experiment_id: id };
    },
    'runs/create': ({ experiment_id: experimentId, start_time: startTime, run_name: name, tags }) => {
      const experiment = experiments.get(String(experimentId));
      if (!experiment) throw missing('No experiment');
      if (experiment.deleted) throw invalid('The experiment must be in the active state');
      const isWhole = Number.isInteger(startTime);
      const given = isWhole ? entriesOf(tags) : [];
      const run: FakeRun = {
        id: newId(''),
        experimentId: experiment.id,
        startTime: isWhole ? Number(startTime) : 0,
        status: 'RUNNING',
        endTime: null,
        deleted: false,
        points: [],
        seen: new Set(),
        params: new Map(),
        tags: new Map([...given, ['mlflow.runName', isWhole ? String(name) : 'random-name-1']]),
        datasets: new Map(),
        outputs: [],
      };
      runs.set(run.id, run);
      return { run: told(run) };
    },
    'runs/get': (_, query) => ({ run: told(runOf(query.get('run_id'))) }),
    'runs/search': ({ experiment_ids: ids, filter }) => {
      const [, key = '', value = ''] = /^tags\.`([^`]+)` = '([^']*)'$/.exec(String(filter)) ?? [];
      const found = [...runs.values()].filter((run) => (ids as string[]).includes(run.experimentId) && run.tags.get(key) === value);
      return found.length > 0 ? { runs: found.map(told) } : {};
    },
    'runs/update': ({ run_id: id, status, end_time: endTime }) => {
      const run = writable(id);
      if (['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'].includes(String(status))) run.status = String(status);
      if (Number.isInteger(endTime)) run.endTime = Number(endTime);
      return { run_info: told(run)['info'] };
    },
    'runs/delete': ({ run_id: id }) => {
      runOf(id).deleted = true;
      return {};
    },
    'runs/log-batch': (body) => logBatch(writable(body['run_id']), body, store, forbidden),
    'runs/log-inputs': ({ run_id: id, datasets }) => {
      const run = writable(id);
      for (const input of datasets as Json[]) {
        const { name, digest } = input['dataset'] as Json;
        if (String(digest).length > 36) throw invalid('digest exceeds 36');
        run.datasets.set(`${String(name)} ${String(digest)}`, input);
      }
      return {};
    },
    'runs/outputs': ({ run_id: id, models: given }) => {
      const run = writable(id);
      for (const { model_id: model } of given as Json[]) {
        if (run.outputs.includes(String(model))) throw new Refused(400, 'BAD_REQUEST', 'UNIQUE constraint failed');
        run.outputs.push(String(model));
      }
      return {};
    },
    'metrics/get-history': (_, query) => {
      const run = runOf(query.get('run_id'));
      const most = Number(query.get('max_results') ?? 0);
      if (most === 0) return { next_page_token: 'stuck' };
      const from = Number(query.get('page_token') ?? 0);
      const points = run.points.filter(({ key }) => key === query.get('metric_key'));
      const page = points.slice(from, from + most).map((point) => ({ ...point, value: kept(point.value, store) }));
      return { ...(page.length > 0 && { metrics: page }), ...(from + most < points.length && { next_page_token: String(from + most) }) };
    },
    'artifacts/list': (_, query) => {
      const run = runOf(query.get('run_id'));
      const root = `${run.experimentId}/${run.id}/artifacts/`;
      const folder = query.get('path') ? `${String(query.get('path'))}/` : '';
      const found = new Map<string, Json>();
      for (const [path, content] of files) {
        if (!path.startsWith(root + folder)) continue;
        const [name = '', ...rest] = path.slice(root.length + folder.length).split('/');
        found.set(name, { path: folder + name, is_dir: rest.length > 0, ...(rest.length === 0 && { file_size: content.length }) });
      }
      return { root_uri: 'mlflow-artifacts:/', ...(found.size > 0 && { files: [...found.values()] }) };
    },
    'logged-models': ({ experiment_id: experimentId, name, source_run_id: runId, tags }) => {
      const model = { id: newId('m-'), name: String(name), runId: String(runId), experimentId: String(experimentId), tags: tags as Json[] };
      models.set(model.id, { ...model, status: 'LOGGED_MODEL_PENDING' });
      return { model: toldModel(models.get(model.id)) };
    },
    'logged-models/search': ({ filter }) => {
      const [, runId = ''] = /^source_run_id = '([^']*)'$/.exec(String(filter)) ?? [];
      return { models: [...models.values()].filter((model) => model.runId === runId).map(toldModel) };
    },
  };

  const answer = (method: string, path: string, query: URLSearchParams, body: Buffer): Json | Buffer | null => {
    const artifact = path.startsWith(ARTIFACTS) ? decodeURIComponent(path.slice(ARTIFACTS.length)) : null;
    if (artifact !== null && method === 'PUT') {
      if (artifact.includes('#') || artifact.split('/').includes('..')) throw invalid('Invalid path');
      calls.push('artifacts/put');
      files.set(artifact, body);
      return Buffer.alloc(0);
    }
    if (path === '/get-artifact') {
      const run = runOf(query.get('run_uuid'));
      const content = files.get(`${run.experimentId}/${run.id}/artifacts/${String(query.get('path'))}`);
      if (!content) throw missing('No such artifact');
      return content;
    }
    if (path === '/api/3.0/mlflow/server-info') return { store_type: store };
    const name = path.slice('/api/2.0/mlflow/'.length);
    const [, modelId] = /^logged-models\/(m-\w+)$/.exec(name) ?? [];
    const given = body.length > 0 ? (JSON.parse(body.toString('utf8')) as Json) : {};
    if (modelId !== undefined && (method === 'PATCH' || method === 'DELETE')) {
      const model = models.get(modelId);
      if (!model) throw missing('no model');
      if (method === 'DELETE') {
        models.delete(modelId);
        return {};
      }
      model.status = String(given['status']);
      return { model: toldModel(model) };
    }
    const found = path.startsWith('/api/2.0/mlflow/') ? answers[name] : undefined;
    if (!found) return null;
    calls.push(name);
    return found(given, query);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '/', 'http://fake');
    const page = (status: number, text: string): void => void response.writeHead(status, { 'content-type': 'text/html' }).end(text);
    const json = (status: number, value: Json): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (authorization !== undefined && request.headers.authorization !== authorization) {
      return void response.writeHead(401, { 'content-type': 'text/plain' }).end('You are not authenticated.');
    }
    if (!url.pathname.startsWith(prefix)) return page(404, '<h1>Not Found</h1>');
    try {
      const value = answer(request.method ?? 'GET', url.pathname.slice(prefix.length), url.searchParams, Buffer.concat(chunks));
      if (value === null) page(404, '<!doctype html><title>404 Not Found</title><h1>Not Found</h1>');
      else if (Buffer.isBuffer(value)) response.writeHead(200).end(value);
      else json(200, value);
    } catch (error) {
      if (error instanceof Refused) json(error.status, { error_code: error.code, message: error.message });
      else page(500, '<h1>Internal Server Error</h1>');
    }
  };
  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    uri: `http://127.0.0.1:${port}${prefix}`,
    store,
    experiments,
    runs,
    models,
    files,
    calls,
    forbidden,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Metrics, then params, then tags; what has a wrong type ends the reading, and the answer is 200. */
function logBatch(run: FakeRun, body: Json, store: FakeMlflow['store'], forbidden: ReadonlySet<string>): Json {
  const list = (name: string): readonly Json[] => (body[name] ?? []) as readonly Json[];
  const [metrics, params, tags] = [list('metrics'), list('params'), list('tags')];
  if (metrics.length + params.length + tags.length > 1000 || params.length > 100 || tags.length > 100) throw invalid('too many');
  if (new Set(params.map(({ key }) => key)).size < params.length) throw invalid('Duplicate parameter keys');
  for (const { key } of metrics) if (forbidden.has(String(key))) throw invalid(`Invalid value for ${String(key)}`);
  for (const { key, value } of metrics) if (value === null) throw invalid(`Missing value for ${String(key)}`);
  for (const { key, value } of params) {
    const there = run.params.get(String(key));
    if (there === undefined || there === value) continue;
    throw store === 'SqlStore'
      ? invalid('Changing param values is not allowed')
      : new Refused(500, 'INTERNAL_ERROR', 'Changing param values');
  }
  for (const { key, value, step, timestamp } of metrics) {
    const number = typeof value === 'number' ? value : Number(value);
    const isNamed = typeof value === 'string' && /^(NaN|-?Infinity)$/.test(value);
    if ((!isNamed && Number.isNaN(number)) || !Number.isInteger(step) || !Number.isInteger(timestamp)) {
      run.points.push({ key: String(key), value: 0, step: 0, timestamp: 0 });
      return {};
    }
    const point = { key: String(key), value: number, step: Number(step), timestamp: Number(timestamp) };
    if (store === 'SqlStore' && run.seen.has(identity(point))) continue;
    run.seen.add(identity(point));
    run.points.push(point);
  }
  for (const [entries, into] of [[params, run.params] as const, [tags, run.tags] as const]) {
    for (const { key, value } of entries) {
      into.set(String(key), typeof value === 'string' ? value : '');
      if (typeof value !== 'string') return {};
    }
  }
  return {};
}

/** JSON knows no -0. */
export const identity = ({ key, value, step, timestamp }: FakePoint): string => `${key} ${step} ${timestamp} ${value === 0 ? 0 : value}`;

const kept = (value: number, store: FakeMlflow['store']): number | string => {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return value;
  return store === 'SqlStore' ? Math.sign(value) * Number.MAX_VALUE : value > 0 ? 'Infinity' : '-Infinity';
};

const entriesOf = (value: unknown): readonly (readonly [string, string])[] =>
  ((value ?? []) as Json[]).map(({ key, value: held }) => [String(key), String(held)] as const);

const told = (run: FakeRun): Json => ({
  info: {
    run_id: run.id,
    experiment_id: run.experimentId,
    status: run.status,
    start_time: run.startTime,
    ...(run.endTime !== null && { end_time: run.endTime }),
    artifact_uri: `mlflow-artifacts:/${run.experimentId}/${run.id}/artifacts`,
    lifecycle_stage: run.deleted ? 'deleted' : 'active',
  },
  data: {
    metrics: [...new Set(run.points.map(({ key }) => key))].map((key) => ({ key })),
    params: [...run.params].map(([key, value]) => ({ key, value })),
    tags: [...run.tags].map(([key, value]) => ({ key, value })),
  },
  inputs: { dataset_inputs: [...run.datasets.values()] },
  outputs: { model_outputs: run.outputs.map((id) => ({ model_id: id })) },
});

const toldModel = (model: FakeModel | undefined): Json => ({
  info: {
    model_id: model?.id,
    name: model?.name,
    status: model?.status,
    source_run_id: model?.runId,
    artifact_uri: `mlflow-artifacts:/${model?.experimentId ?? ''}/models/${model?.id ?? ''}/artifacts`,
    tags: model?.tags,
  },
});
