import { isMap, isPair, isScalar, parseDocument } from 'yaml';
import { withoutPasswords } from '../diagnostics/secrets.js';
import type { RunPlace, Store } from '../record/layout.js';
import { readDatasets, readParameters, readTags } from '../record/reader.js';

/**
 * What of a record is for others: without passwords in URIs, and without the command of `on_finish`, which concerns the person's own machine.
 * Runs are recorded so from the start; those of earlier versions are not.
 */
export const outgoingParameters = (store: Store, run: RunPlace): Readonly<Record<string, string>> =>
  withoutSecrets(Object.fromEntries(Object.entries(readParameters(store, run)).filter(([key]) => key !== ON_FINISH)));

export const outgoingTags = (store: Store, run: RunPlace): Readonly<Record<string, string>> => withoutSecrets(readTags(store, run));

export const outgoingDatasets = (store: Store, run: RunPlace): ReturnType<typeof readDatasets> =>
  readDatasets(store, run).map((dataset) => ({ ...dataset, source: withoutPasswords(dataset.source) }));

/** The bytes of an artifact; the very same ones where there is nothing to hide. */
export function outgoingArtifact(path: string, content: Uint8Array): Uint8Array {
  if (!TEXT.test(path)) return content;
  const text = Buffer.from(content).toString('utf8');
  const shown = withoutPasswords(text.includes(ON_FINISH) ? withoutCommand(path, text) : text);
  return shown === text ? content : Buffer.from(shown);
}

const ON_FINISH = 'on_finish';
const TEXT = /\.(ya?ml|json|jsonl|txt|md|csv|[cm]?[jt]s)$|MLmodel$/i;

const withoutSecrets = (values: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, withoutPasswords(value)]));

/** The document as it stands, but for the value of `on_finish` at its top, or of `config.on_finish` in a plan. */
function withoutCommand(path: string, text: string): string {
  if (!/\.(ya?ml|json)$/i.test(path)) return text;
  const { contents } = parseDocument(text);
  const top = isMap(contents) ? contents : undefined;
  const config = top?.get('config');
  const [found] = [top, isMap(config) ? config : undefined].flatMap((map) =>
    (map?.items ?? []).filter((item) => isPair(item) && isScalar(item.key) && item.key.value === ON_FINISH),
  );
  const range = found && isScalar(found.value) ? found.value.range : undefined;
  return range ? `${text.slice(0, range[0])}"(a command of this machine)"${text.slice(range[1])}` : text;
}
