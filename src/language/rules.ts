import type { Problem } from '../diagnostics/diagnostic.js';
import * as messages from '../diagnostics/messages.js';
import { isObject } from './choose.js';

type Document = Readonly<Record<string, unknown>>;

/** A truth between several fields that must hold whatever the data are. */
export interface Rule {
  readonly name: string;
  readonly check: (document: Document) => readonly Problem[];
}

/** Two items of one kind would write the same metric key, `SPLIT/KIND`. */
const metricsAreDistinct: Rule = {
  name: 'metrics are distinct',
  check({ metrics }) {
    const seen = new Map<string, number>();
    return items(metrics).flatMap(({ kind, splits }, index) => {
      const keys = (Array.isArray(splits) ? splits : ['*']).map((split) => `${String(split)}/${String(kind)}`);
      const first = keys.map((key) => seen.get(key) ?? seen.get(`*/${String(kind)}`)).find((found) => found !== undefined);
      for (const key of keys) if (!seen.has(key)) seen.set(key, index);
      return first === undefined ? [] : [{ ...messages.metricTwice(String(kind), first), path: ['metrics', index, 'kind'] }];
    });
  },
};

/** RUN on the command line is an id's first characters, `latest`, or an experiment's name. */
const nameIsNoReference: Rule = {
  name: 'the name is no reference to a run',
  check({ experiment }) {
    const name = String(experiment);
    if (name === 'latest') return [{ ...messages.nameIsReserved(name), path: ['experiment'] }];
    if (/^[0-9a-f]{4,32}$/.test(name)) return [{ ...messages.nameReadsAsId(name), path: ['experiment'], severity: 'warning' }];
    return [];
  },
};

const engineKnowsDevice: Rule = {
  name: 'the engine computes on the device',
  check({ engine }) {
    const { kind = 'compiled', device = 'cpu' } = isObject(engine) ? engine : {};
    const devices = DEVICES[String(kind)] ?? [];
    return devices.includes(String(device))
      ? []
      : [{ ...messages.deviceOfEngine(String(kind), String(device), devices), path: ['engine', 'device'] }];
  },
};

/** A state is only worth carrying to a batch that continues the one before. */
const carriedStateIsInOrder: Rule = {
  name: 'a carried state meets the batch that continues it',
  check({ training }) {
    const { recurrent_state: state, shuffle = true } = isObject(training) ? training : {};
    return state === 'carry' && shuffle === true
      ? [{ ...messages.carriedAndShuffled(), path: ['training', 'recurrent_state'], severity: 'warning' }]
      : [];
  },
};

const DEVICES: Readonly<Record<string, readonly string[]>> = {
  compiled: ['cpu', 'webgpu', 'cuda'],
  tensorflow: ['cpu', 'cuda'],
  'eager-wasm': ['cpu'],
  'eager-js': ['cpu'],
};

/** In the order in which a person reads a document. */
export const rules: readonly Rule[] = [nameIsNoReference, metricsAreDistinct, carriedStateIsInOrder, engineKnowsDevice];

const items = (value: unknown): readonly Readonly<Record<string, unknown>>[] => (Array.isArray(value) ? value.filter(isObject) : []);
