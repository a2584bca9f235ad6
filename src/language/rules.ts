import type { Problem } from '../diagnostics/diagnostic.js';
import * as messages from '../diagnostics/messages.js';
import type { ExperimentConfig } from './experiment.js';

/** A truth between fields that must hold whatever the data are. Planning has the rules that need the data. */
export interface Rule {
  readonly truth: string;
  readonly check: (config: ExperimentConfig) => readonly Problem[];
}

/** RUN on the command line is an id's first characters, `latest`, or an experiment's name. */
const nameIsNoReference: Rule = {
  truth: 'the name of an experiment is no other reference to a run',
  check({ experiment: name }) {
    if (name === 'latest') return [{ ...messages.nameIsReserved(name), path: ['experiment'] }];
    if (/^[0-9a-f]{4,32}$/.test(name)) return [{ ...messages.nameReadsAsId(name), path: ['experiment'], severity: 'warning' }];
    return [];
  },
};

/** Values are recorded as `SPLIT/KIND`. */
const metricsAreDistinct: Rule = {
  truth: 'no two metrics of one kind are measured on the same split',
  check: ({ metrics }) =>
    metrics.flatMap(({ kind, splits }, index) => {
      const first = metrics.findIndex((other) => other.kind === kind && overlap(other.splits, splits));
      return first < index ? [{ ...messages.metricTwice(kind, first), path: ['metrics', index, 'kind'] }] : [];
    }),
};

const carriedStateIsContinued: Rule = {
  truth: 'a carried state meets the batch that continues it',
  check({ training }) {
    const isTorn = training.recurrent_state === 'carry' && training.shuffle;
    return isTorn ? [{ ...messages.carriedAndShuffled(), path: ['training', 'recurrent_state'], severity: 'warning' }] : [];
  },
};

const engineKnowsDevice: Rule = {
  truth: 'the engine computes on the device',
  check({ engine: { kind, device } }) {
    const devices = DEVICES[kind];
    return devices.includes(device) ? [] : [{ ...messages.deviceOfEngine(kind, device, devices), path: ['engine', 'device'] }];
  },
};

type Engine = ExperimentConfig['engine'];

const DEVICES: Readonly<Record<Engine['kind'], readonly Engine['device'][]>> = {
  compiled: ['cpu', 'webgpu', 'cuda'],
  tensorflow: ['cpu', 'cuda'],
  'eager-wasm': ['cpu'],
  'eager-js': ['cpu'],
};

/** In the order of a document. */
export const rules: readonly Rule[] = [nameIsNoReference, metricsAreDistinct, carriedStateIsContinued, engineKnowsDevice];

/** Left out, a metric is measured on every split. */
const overlap = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean =>
  !a || !b || a.some((split) => b.includes(split));
