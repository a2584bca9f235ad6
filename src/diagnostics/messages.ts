import { didYouMean, listed, lowerFirst, quote, withArticle, type Words } from './words.js';

/**
 * Every sentence that a person reads when a document says something wrong, one function each. The rest of the program reports *what* is wrong; how
 * to say it is decided here. A message is one sentence without a full stop; its help says what to write instead.
 */

// The kind of a document

export const noMapping = (): Words => ({
  code: 'no-mapping',
  message: 'a document is a mapping of keys to values',
  help: 'it starts with "experiment: NAME"',
});

export const noDocumentKind = (guess: string | undefined): Words => ({
  code: 'no-document-kind',
  message: 'this is neither an experiment nor a sweep nor a table',
  help: guess ? `did you mean ${quote(guess)}?` : 'say which with one of the keys "experiment: NAME", "sweep: NAME", "table: NAME"',
});

export const twoDocumentKinds = (first: string, second: string): Words => ({
  code: 'two-document-kinds',
  message: `a document has one of the keys ${quote(first)} and ${quote(second)}, not both`,
  help: 'split it into two files',
});

export const otherDocumentKind = (wanted: string, found: string): Words => ({
  code: 'other-document-kind',
  message: `this is ${withArticle(found)}, and ${withArticle(wanted)} is needed here`,
});

// --set and other overrides

export const noAssignment = (option: string): Words => ({
  code: 'bad-set',
  message: `${option} takes a path and ${option === '--vary' ? 'its values, PATH=VALUES' : 'a value, PATH=VALUE'}`,
  help: `for example: ${option} model.hidden_size=${option === '--vary' ? '32,64' : '64'}`,
});

export const emptyPathPart = (): Words => ({ code: 'bad-set', message: 'a name is missing in this path' });

export const blockValue = (): Words => ({
  code: 'bad-set',
  message: 'this value reads as several lines of YAML',
  help: `put quotes around text that holds ": " or starts with "- ", and write mappings as {key: value}`,
});

export const noSuchItem = (list: string, length: number, index: string): Words => ({
  code: 'no-such-item',
  message: /^\d+$/.test(index) ? `${list} has no item ${index}` : `${list} is a list, and ${quote(index)} is no number of an item`,
  help: length === 0 ? 'it is empty' : `its items are ${length === 1 ? '0' : `0 to ${length - 1}`}; ${length} adds one`,
});

export const belowScalar = (path: string, value: string, key: string): Words => ({
  code: 'below-a-value',
  message: `${path} is ${value}, which has nothing below it`,
  help: `to replace it by a mapping, write ${path}={${key}: …}`,
});

// What the schema says

export const unknownKey = (where: string, key: string, help: string): Words => ({
  code: 'unknown-key',
  message: `${where} has no key ${quote(key)}`,
  help,
});

export const meant = (key: string): string => `did you mean ${quote(key)}?`;
export const belongsTo = (key: string, owner: string): string => `${quote(key)} belongs to ${owner}`;
export const meantElsewhere = (key: string, owner: string): string => `did you mean ${quote(key)}, which belongs to ${owner}?`;
export const knownKeys = (keys: readonly string[]): string =>
  keys.length > 0 ? `its keys are ${listed(keys, 'and')}` : 'it takes no keys';

export const missingKey = (where: string, key: string, about: string | undefined): Words => ({
  code: 'missing-key',
  message: `${where} needs ${quote(key)}`,
  ...(about ? { help: about } : {}),
});

export const missingSection = (where: string, key: string, kinds: readonly string[]): Words => ({
  code: 'missing-key',
  message: `${where} needs ${quote(key)}`,
  help: `add "${key}: {kind: …}"; kinds of ${key}: ${kinds.join(', ')}`,
});

export const missingKind = (where: string, slot: string, kinds: readonly string[], written: string | undefined): Words => ({
  code: 'missing-kind',
  message: `${where} does not say its kind`,
  help: written ? `did you mean "kind" by ${quote(written)}?` : `add "kind: …"; kinds of ${slot}: ${kinds.join(', ')}`,
});

export const unknownKind = (slot: string, kind: string, kinds: readonly string[], guess: string | undefined): Words => ({
  code: 'unknown-kind',
  message: `there is no ${slot} of kind ${quote(kind)}`,
  help: `${guess ? `did you mean ${quote(guess)}? ` : ''}${kinds.length > 0 ? `kinds: ${kinds.join(', ')}` : 'none is known'}`,
});

export const wrongType = (path: string, expected: string, got: string, help: string | undefined): Words => ({
  code: 'wrong-type',
  message: `${path} must be ${expected}, got ${got}`,
  ...(help ? { help } : {}),
});

export const notIndented = (section: string): Words => ({
  code: 'not-indented',
  message: `${section} is empty, because the lines below it are not indented`,
  help: `put two blanks in front of each line that belongs to ${section}`,
});

export const outOfRange = (path: string, range: string, got: string, help: string | undefined): Words => ({
  code: 'out-of-range',
  message: `${path} must be ${range}, got ${got}`,
  ...(help ? { help } : {}),
});

export const unknownWord = (path: string, expected: string, got: string, guess: string | undefined): Words => ({
  code: 'unknown-word',
  message: `${path} must be ${expected}, got ${got}`,
  ...didYouMean(guess),
});

export const badText = (path: string, got: string, description: string | undefined): Words => ({
  code: 'bad-text',
  message: `${path} cannot be ${got}`,
  ...(description ? { help: `it is ${lowerFirst(description)}` } : {}),
});

export const tooFew = (path: string, least: number): Words => ({
  code: 'too-few',
  message: `${path} needs ${least === 1 ? 'an item' : `${least} items`} at least`,
});

export const repeated = (path: string): Words => ({ code: 'repeated', message: `${path} names the same twice` });

// Rules between fields

export const metricTwice = (name: string, first: number): Words => ({
  code: 'metric-twice',
  message: `the metric ${name} is listed twice`,
  help: `metrics.${first} measures it already; narrow one of them with "splits: [...]", or delete it`,
});

export const metricNameTaken = (name: string, first: number): Words => ({
  code: 'metric-name-taken',
  message: `${name} would stand for two measures, this one and metrics.${first}`,
  help: 'give this one a name of its own: as: NAME',
});

export const metricNameInOtherCase = (name: string, other: string): Words => ({
  code: 'metric-name-taken',
  message: `${name} and ${other} differ in capital letters only, and some file systems keep one file for both`,
  help: 'write another name: as: NAME',
});

export const metricNameReserved = (name: string): Words => ({
  code: 'reserved-name',
  message: `a metric cannot be recorded as ${quote(name)}`,
  help: 'write another name: as: NAME; "loss", names that end in "_per_second" or ".last_finite", and ".." are taken',
});

export const nameIsReserved = (name: string): Words => ({
  code: 'reserved-name',
  message: `an experiment cannot be called ${quote(name)}: it stands for the newest run`,
  help: 'give it a name of its own',
});

export const nameReadsAsId = (name: string): Words => ({
  code: 'name-like-id',
  message: `${quote(name)} could also be the start of a run's id`,
  help: 'a name with another letter than a to f in it is never taken for an id',
});

export const deviceOfEngine = (engine: string, device: string, devices: readonly string[]): Words => ({
  code: 'device-of-engine',
  message: `the engine ${engine} does not compute on ${device}`,
  help: `it takes ${listed(devices)}`,
});

export const carriedAndShuffled = (): Words => ({
  code: 'carried-and-shuffled',
  message: 'the state of one batch is carried into the next, but batches are shuffled',
  help: 'set shuffle: false where batches continue one another, or recurrent_state: reset where they do not',
});

export const passwordInside = (): Words => ({
  code: 'password-inside',
  message: 'a password stands in this document, and whoever is given the document reads it',
  help: 'take it out, and set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD; records blank it out',
});
