import type { Problem } from '../diagnostics/diagnostic.js';
import { hasPassword } from '../diagnostics/secrets.js';
import * as messages from '../diagnostics/messages.js';
import { type ExperimentConfig, type MetricConfig, metricName } from './experiment.js';

/** A truth between fields that must hold whatever the data are. Planning has the rules that need the data. */
interface Rule {
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

/** Values are recorded as `SPLIT/NAME`, the name being the kind where the document gives no other. */
const metricsAreDistinct: Rule = {
  truth: 'a name of a metric stands for one measure',
  check({ metrics }) {
    const named = new Map<string, number[]>();
    const inAnyCase = new Map<string, number>();
    return metrics.flatMap((metric, index) => {
      const name = metricName(metric);
      const path = ['metrics', index, metric.as === undefined ? 'kind' : 'as'];
      const before = named.get(name) ?? [];
      named.set(name, [...before.slice(0, MOST_TWINS), index]);
      const first = before.find((other) => isAmbiguous(metrics[other] ?? metric, metric));
      if (first !== undefined) {
        const isSame = measures(metrics[first] ?? metric) === measures(metric);
        return [{ ...(isSame ? messages.metricTwice(name, first) : messages.metricNameTaken(name, first)), path }];
      }
      const alike = inAnyCase.get(name.toLowerCase());
      if (alike === undefined) inAnyCase.set(name.toLowerCase(), index);
      const other = alike === undefined ? name : metricName(metrics[alike] ?? metric);
      if (other !== name) return [{ ...messages.metricNameInOtherCase(name, other), path }];
      return isReserved(name) ? [{ ...messages.metricNameReserved(name), path }] : [];
    });
  },
};

/** Of metrics of one name so many are compared with a later one: who wrote more has heard of the first ones. */
const MOST_TWINS = 50;

/** Two metrics of one name: the same measure twice on a split, or two measures. */
const isAmbiguous = (a: MetricConfig, b: MetricConfig): boolean => measures(a) !== measures(b) || overlap(a.splits, b.splits);

/** Kind and options as text: two that are equal measure the same. */
const measures = ({ splits: _, as: __, ...measure }: MetricConfig): string =>
  JSON.stringify(Object.entries(measure).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** Names of what is recorded besides the metrics of a document, and what no folder can be called. */
const isReserved = (name: string): boolean => /^loss$|\.\.|\.$|_per_second$|\.last_finite$/.test(name);

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

const noPasswordStandsInIt: Rule = { truth: 'no password stands in a document', check: (config) => passwordsIn(config) };

/** In the order of a document. */
export const rules: readonly Rule[] = [
  nameIsNoReference,
  metricsAreDistinct,
  carriedStateIsContinued,
  engineKnowsDevice,
  noPasswordStandsInIt,
];

/** A warning for each text of a document that holds a URI with a password: a document is shown to others. */
export function passwordsIn(value: unknown, path: Problem['path'] = []): readonly Problem[] {
  if (typeof value === 'string') return hasPassword(value) ? [{ ...messages.passwordInside(), path, severity: 'warning' }] : [];
  if (Array.isArray(value)) return value.flatMap((item, index) => passwordsIn(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => passwordsIn(item, [...path, key]));
}

/** Left out, a metric is measured on every split. */
const overlap = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean =>
  !a || !b || a.some((split) => b.includes(split));
