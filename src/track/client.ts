import type { DatasetInput } from '../record/meta.js';
import type { MetricPoint } from '../record/reader.js';
import { type Connection, openHttp, type Request, retrying, type RetryPolicy, timeFor } from './connection.js';
import { endless, hasCode, TrackingError, troubleIn } from './errors.js';
import {
  artifactPathProblem,
  type Batch,
  batchProblem,
  changeProblem,
  datasetProblem,
  experimentFrom,
  modelFrom,
  type NewModel,
  type NewRun,
  type RemoteArtifact,
  type RemoteExperiment,
  type RemoteModel,
  type RemoteRun,
  type RunChange,
  runFrom,
  runProblem,
  type ServerFacts,
  valueFrom,
  type Wire,
  wireValue,
} from './wire.js';

/**
 * MLflow's REST interface, as far as we use it. Everything is checked before it is sent. What may be sent twice is tried again by itself;
 * `createRun`, `createModel` and `logModelOutput` aren't: their caller looks what is there before each try. Failures are TrackingErrors.
 */
export interface TrackingClient {
  readonly server: string;
  readonly retry: RetryPolicy;
  facts(): Promise<ServerFacts>;
  /** Null when there is none of this name. */
  experimentByName(name: string): Promise<RemoteExperiment | null>;
  /** Gives its id, also where another process made it meanwhile. */
  createExperiment(name: string): Promise<string>;
  createRun(run: NewRun): Promise<RemoteRun>;
  /** Null when there is none. */
  run(id: string): Promise<RemoteRun | null>;
  /** Runs with this tag, deleted ones too. `value` is hex. */
  runsByTag(experimentIds: readonly string[], key: string, value: string): Promise<readonly RemoteRun[]>;
  updateRun(id: string, change: RunChange): Promise<void>;
  deleteRun(id: string): Promise<void>;
  /** `again` is false where a batch must not come twice. */
  logBatch(id: string, batch: Batch, again?: boolean): Promise<void>;
  logInputs(id: string, datasets: readonly DatasetInput[]): Promise<void>;
  /** All points of a metric, in the server's order. */
  history(id: string, key: string): Promise<readonly MetricPoint[]>;
  /** One folder of a run's artifacts; folders end in a slash. */
  artifacts(id: string, folder: string): Promise<readonly RemoteArtifact[]>;
  /** `uri` is where the artifacts of a run or a model lie. */
  putArtifact(target: ArtifactTarget, path: string, content: Uint8Array): Promise<void>;
  getArtifact(runId: string, path: string): Promise<Uint8Array>;
  createModel(model: NewModel): Promise<RemoteModel>;
  /** Models that a run made; null where the server is too old to know any. */
  modelsOf(experimentId: string, runId: string): Promise<readonly RemoteModel[] | null>;
  finishModel(id: string): Promise<void>;
  /** Nothing happens where it is gone. */
  deleteModel(id: string): Promise<void>;
  logModelOutput(runId: string, modelId: string): Promise<void>;
  close(): void;
}

interface ArtifactTarget {
  readonly uri: string;
  /** A run's artifacts can be sent another way when the server doesn't pass files on. */
  readonly runId?: string;
}

/** As many as Python's client asks for; without it some versions answer with nothing. */
const HISTORY_PAGE = 25_000;
/** Of the way round through the page's own upload. */
const LARGEST_UPLOAD = 10 * 2 ** 20;

export function openClient(connection: Connection, signal?: AbortSignal): TrackingClient {
  const http = openHttp(connection);
  const { server, retry, timeout } = connection;

  const once = async (request: Request, wantsJson = true, milliseconds?: number): Promise<Buffer> => {
    const answer = await http.send(request, milliseconds);
    const trouble = troubleIn(answer, server, request.call, wantsJson);
    if (trouble) throw trouble;
    return answer.body;
  };
  const again = (request: Request, wantsJson = true): Promise<Buffer> => {
    // What takes long to send has as much more time in all.
    const within = retry.within + (2 * (timeFor(request, timeout) - timeout)) / 1000;
    return retrying({ ...retry, within }, (left) => once(request, wantsJson, left), signal);
  };
  const get = async (call: string, query: Readonly<Record<string, string>>): Promise<Wire> =>
    parsed(await again({ method: 'GET', path: `${API}/${call}?${new URLSearchParams(query).toString()}`, call }), call);
  const post = async (call: string, body: Wire, method: 'POST' | 'PATCH' = 'POST'): Promise<Wire> =>
    parsed(await again({ method, path: `${API}/${call}`, body: JSON.stringify(body), call }), call);
  const postOnce = async (call: string, body: Wire): Promise<Wire> =>
    parsed(await once({ method: 'POST', path: `${API}/${call}`, body: JSON.stringify(body), call }), call);

  const parsed = (body: Buffer, call: string): Wire => {
    try {
      const value: unknown = JSON.parse(body.toString('utf8'));
      if (typeof value === 'object' && value !== null) return value as Wire;
    } catch {
      // told below
    }
    throw new TrackingError({ kind: 'not-mlflow', server, call, message: `${server} answered ${call} with JSON that can't be read` });
  };
  /** Every item of an answer that comes in pages. Some servers give the last page's token again. */
  const allOf = async (
    call: string,
    list: string,
    read: (page: { readonly page_token?: string }) => Promise<Wire>,
  ): Promise<readonly Wire[]> => {
    const found: Wire[] = [];
    let token = '';
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const page = await read(token === '' ? {} : { page_token: token });
      for (const item of listOf(page[list])) found.push(item);
      const next = String(page['next_page_token'] ?? '');
      if (next === '' || next === token) return found;
      token = next;
    }
    throw endless(server, call);
  };
  const refuse = (call: string, problem: string | null): void => {
    if (problem !== null) throw new TrackingError({ kind: 'invalid', server, call, message: `${call} was not sent: ${problem}` });
  };

  const experimentByName = (name: string): Promise<RemoteExperiment | null> =>
    orNull(async () => experimentFrom((await get('experiments/get-by-name', { experiment_name: name }))['experiment']));

  return {
    server,
    retry,
    async facts() {
      const call = 'server-info';
      const body = await again({ method: 'GET', path: '/api/3.0/mlflow/server-info', call }).catch((error: unknown) => {
        // Before 3.x there was no such call, and the answer is a page.
        if (error instanceof TrackingError && (error.kind === 'not-mlflow' || error.kind === 'missing')) return null;
        throw error;
      });
      if (body === null) return { store: 'unknown', version: '' };
      const { store_type: store, mlflow_version: version } = parsed(body, call);
      return { store: store === 'SqlStore' ? 'sql' : store === 'FileStore' ? 'file' : 'unknown', version: String(version ?? '') };
    },
    experimentByName,
    async createExperiment(name) {
      try {
        return String((await post('experiments/create', { name }))['experiment_id']);
      } catch (error) {
        const there = hasCode(error, 'RESOURCE_ALREADY_EXISTS') ? await experimentByName(name) : null;
        if (there) return there.id;
        throw error;
      }
    },
    async createRun(run) {
      refuse('runs/create', runProblem(run));
      const tags = Object.entries(run.tags).map(([key, value]) => ({ key, value }));
      const { experimentId: experiment_id, user: user_id, name: run_name, startTime: start_time } = run;
      return runFrom((await postOnce('runs/create', { experiment_id, user_id, run_name, start_time, tags }))['run']);
    },
    run: (id) => orNull(async () => runFrom((await get('runs/get', { run_id: id }))['run'])),
    async runsByTag(experimentIds, key, value) {
      if (!/^[0-9a-f]+$/.test(value)) throw new Error(`${value} is not hex: other values may be found wrongly`);
      const search = { experiment_ids: experimentIds, filter: `tags.\`${key}\` = '${value}'`, run_view_type: 'ALL', max_results: 1000 };
      const runs = await allOf('runs/search', 'runs', (page) => post('runs/search', { ...search, ...page }));
      return runs.map(runFrom);
    },
    async updateRun(id, change) {
      refuse('runs/update', changeProblem(change));
      const { status, endTime } = change;
      await post('runs/update', { run_id: id, status, ...(endTime !== null && { end_time: endTime }) });
    },
    async deleteRun(id) {
      await post('runs/delete', { run_id: id });
    },
    async logBatch(id, batch, mayRepeat = true) {
      refuse('runs/log-batch', batchProblem(batch));
      const metrics = batch.metrics.map((metric) => ({ ...metric, value: wireValue(metric.value) }));
      await (mayRepeat ? post : postOnce)('runs/log-batch', { run_id: id, ...batch, metrics });
    },
    async logInputs(id, datasets) {
      for (const dataset of datasets) refuse('runs/log-inputs', datasetProblem(dataset));
      const inputs = datasets.map(({ name, digest, sourceType, source, schema, profile, context }) => ({
        tags: [{ key: 'mlflow.data.context', value: context }],
        dataset: { name, digest, source_type: sourceType, source, ...(schema && { schema }), ...(profile && { profile }) },
      }));
      await post('runs/log-inputs', { run_id: id, datasets: inputs });
    },
    async history(id, key) {
      const call = 'metrics/get-history';
      const query = { run_id: id, metric_key: key, max_results: String(HISTORY_PAGE) };
      const points = await allOf(call, 'metrics', (page) => get(call, { ...query, ...page }));
      return points.map(({ value, step, timestamp }) => ({
        value: valueFrom(value),
        step: Number(step ?? 0),
        timestamp: Number(timestamp ?? 0),
      }));
    },
    async artifacts(id, folder) {
      const call = 'artifacts/list';
      const files = await allOf(call, 'files', (page) => get(call, { run_id: id, ...(folder && { path: folder }), ...page }));
      return files.map(({ path, is_dir: isFolder, file_size: size }) => ({
        path: `${String(path)}${isFolder === true ? '/' : ''}`,
        size: Number(size ?? 0),
      }));
    },
    async putArtifact({ uri, runId }, path, content) {
      const call = 'artifacts/put';
      refuse(call, artifactPathProblem(path));
      const put = { method: 'PUT', body: content, contentType: 'application/octet-stream', call } as const;
      const passedOn = passedOnPath(uri, server);
      if (passedOn !== null) return void (await again({ ...put, ...passedOn(path) }, false));
      if (runId === undefined || content.length > LARGEST_UPLOAD) {
        const message = `${server} doesn't pass files on to ${uri}, and takes at most 10 MiB another way: ${path}`;
        const remedy = 'start the server with --serve-artifacts and --artifacts-destination';
        throw new TrackingError({ kind: 'refused', server, call, message, remedy });
      }
      const query = new URLSearchParams({ run_uuid: runId, path }).toString();
      await again({ ...put, method: 'POST', path: `/ajax-api/2.0/mlflow/upload-artifact?${query}` }, false);
    },
    getArtifact: (runId, path) =>
      again(
        { method: 'GET', path: `/get-artifact?${new URLSearchParams({ run_uuid: runId, path }).toString()}`, call: 'get-artifact' },
        false,
      ),
    async createModel({ experimentId, name, type, runId, tags }) {
      const { model } = await postOnce('logged-models', {
        experiment_id: experimentId,
        name,
        model_type: type,
        source_run_id: runId,
        tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
      });
      return modelFrom(model);
    },
    async modelsOf(experimentId, runId) {
      const filter = `source_run_id = '${runId}'`;
      try {
        const { models } = await post('logged-models/search', { experiment_ids: [experimentId], filter, max_results: 50 });
        return listOf(models)
          .map(modelFrom)
          .filter((model) => model.runId === runId);
      } catch (error) {
        if (error instanceof TrackingError && (error.kind === 'not-mlflow' || error.kind === 'missing')) return null;
        throw error;
      }
    },
    async finishModel(id) {
      await post(modelPath(id), { model_id: id, status: 'LOGGED_MODEL_READY' }, 'PATCH');
    },
    async deleteModel(id) {
      await orNull(() => again({ method: 'DELETE', path: `${API}/${modelPath(id)}`, call: modelPath(id) }));
    },
    async logModelOutput(runId, modelId) {
      await postOnce('runs/outputs', { run_id: runId, models: [{ model_id: modelId, step: 0 }] });
    },
    close: http.close,
  };
}

const API = '/api/2.0/mlflow';

/** An id is what a server says: it leads to no other call. */
const modelPath = (id: string): string => `logged-models/${encodeURIComponent(id)}`;

/** Of one answer, far more than a run has; a server that always has another page would be asked for ever. */
const MOST_PAGES = 1000;

const listOf = (value: unknown): readonly Wire[] => (Array.isArray(value) ? (value as readonly Wire[]) : []);

async function orNull<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof TrackingError && error.kind === 'missing') return null;
    throw error;
  }
}

function isDecodable(text: string): boolean {
  try {
    return decodeURI(text) !== undefined;
  } catch {
    return false;
  }
}

/** How a file is sent through the server to where artifacts lie; null when the server doesn't pass files on. */
function passedOnPath(uri: string, server: string): ((path: string) => { readonly path: string; readonly address?: string }) | null {
  const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/');
  const join = (base: string, path: string): string => [base.replace(/^\/+|\/+$/g, ''), path].filter((part) => part !== '').join('/');
  const [, scheme = '', host = '', base = ''] = /^(mlflow-artifacts|https?):(?:\/\/([^/]*))?(.*)$/.exec(uri) ?? [];
  if (scheme === '' || !isDecodable(base)) return null;
  const proxy = (path: string): string => `/api/2.0/mlflow-artifacts/artifacts/${encoded(join(decodeURI(base), path))}`;
  if (scheme === 'mlflow-artifacts' && host === '') return (path) => ({ path: proxy(path) });
  if (scheme === 'mlflow-artifacts') return (path) => ({ path: '', address: `${new URL(server).protocol}//${host}${proxy(path)}` });
  return (path) => ({ path: '', address: `${uri.replace(/\/+$/, '')}/${encoded(path)}` });
}

/** Without the word, MLflow's page opens on traces of language models and hides what was trained. */
const PAGE = 'workflowType=machine_learning';

export const runLink = (server: string, { id, experimentId }: Pick<RemoteRun, 'id' | 'experimentId'>): string =>
  `${server}/#/experiments/${experimentId}/runs/${id}?${PAGE}`;
