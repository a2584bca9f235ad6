import type { RunSummary } from './summary.js';

/** A filter or an order that can't be read; `column` counts from 1. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
  readonly column: number;
  constructor(message: string, column: number) {
    super(message);
    this.column = column;
  }
}

/**
 * MLflow's search language: comparisons joined by AND.
 *
 *     metrics.`test/loss` < 1.2 and params.seed = '1' and attributes.status != 'FAILED' and tags."mlflow.user" LIKE 'a%'
 *
 * Beyond MLflow's: `attributes.experiment`, and parameters compare as numbers with numbers. A run without the value never matches.
 */
export function parseFilter(text: string): (run: RunSummary) => boolean {
  const tokens = tokenize(text);
  const comparisons = [parseComparison(tokens)];
  while (tokens.peek()) {
    tokens.word('AND');
    comparisons.push(parseComparison(tokens));
  }
  return (run) => comparisons.every((holds) => holds(run));
}

/** `metrics.loss desc`, several joined by commas. Runs without the value stand last. */
export function parseOrder(text: string): (a: RunSummary, b: RunSummary) => number {
  const tokens = tokenize(text);
  const orders: ((a: RunSummary, b: RunSummary) => number)[] = [];
  do {
    const read = parseField(tokens);
    const isDown = tokens.isWord('DESC');
    if (!isDown) tokens.isWord('ASC');
    orders.push((a, b) => compareValues(read(a), read(b), isDown));
  } while (tokens.isSign(','));
  const rest = tokens.peek();
  if (rest) throw new FilterError(`nothing is expected here: ${rest.text}`, rest.column);
  return (a, b) => orders.reduce((order, compare) => order || compare(a, b), 0);
}

type Value = number | string | undefined;
type Read = (run: RunSummary) => Value;

function compareValues(a: Value, b: Value, isDown: boolean): number {
  const isGap = (value: Value): boolean => value === undefined || Number.isNaN(value);
  if (isGap(a) || isGap(b)) return Number(isGap(a)) - Number(isGap(b));
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : compareTexts(String(a), String(b));
  return isDown ? -order : order;
}

const compareTexts = (a: string, b: string): number => {
  const difference = Number(a) - Number(b);
  return Number.isNaN(difference) ? (a < b ? -1 : a > b ? 1 : 0) : difference;
};

function parseField(tokens: Tokens): Read {
  const { text, column } = tokens.name();
  const dot = text.indexOf('.');
  const group = dot < 0 ? 'attributes' : (own(groups, text.slice(0, dot).toLowerCase()) ?? '');
  const key = dot < 0 ? text : unquoted(text.slice(dot + 1));
  switch (group) {
    case 'metrics':
      return (run) => own(run.latest, key)?.value;
    case 'params':
      return (run) => own(run.parameters, key);
    case 'tags':
      return (run) => own(run.tags, key);
    case 'attributes': {
      const attribute = own(attributes, key);
      if (attribute) return attribute;
      throw new FilterError(`there is no attribute "${key}": ${Object.keys(attributes).join(', ')}`, column);
    }
    default:
      throw new FilterError(`"${text}" begins with none of metrics., params., tags. and attributes.`, column);
  }
}

/** Of the object itself: a person may ask for `constructor` or `__proto__`. */
const own = <T>(object: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

const groups: Readonly<Record<string, string>> = {
  metric: 'metrics',
  metrics: 'metrics',
  param: 'params',
  params: 'params',
  parameter: 'params',
  parameters: 'params',
  tag: 'tags',
  tags: 'tags',
  attr: 'attributes',
  attribute: 'attributes',
  attributes: 'attributes',
  run: 'attributes',
};

const attributes: Readonly<Record<string, Read>> = {
  run_id: (run) => run.id,
  run_name: (run) => run.name,
  status: (run) => run.status,
  start_time: (run) => run.startTime,
  end_time: (run) => run.endTime ?? undefined,
  user_id: (run) => run.user,
  artifact_uri: (run) => run.artifactUri,
  experiment: (run) => run.experiment,
};

function parseComparison(tokens: Tokens): (run: RunSummary) => boolean {
  const read = parseField(tokens);
  const isNot = tokens.isWord('NOT');
  if (tokens.isWord('IN')) {
    const values = parseList(tokens);
    return (run) => {
      const value = read(run);
      return value !== undefined && values.some((other) => compare('=', value, other)) !== isNot;
    };
  }
  const operator = tokens.operator();
  const value = parseValue(tokens);
  return (run) => {
    const there = read(run);
    return there !== undefined && compare(operator, there, value) !== isNot;
  };
}

function parseList(tokens: Tokens): readonly (number | string)[] {
  tokens.sign('(');
  const values = [parseValue(tokens)];
  while (tokens.isSign(',')) values.push(parseValue(tokens));
  tokens.sign(')');
  return values;
}

function parseValue(tokens: Tokens): number | string {
  const token = tokens.next('a value');
  if (/^['"]/.test(token.text)) return unquoted(token.text);
  const number = own(namedNumbers, token.text.toLowerCase()) ?? Number(token.text);
  if (token.text === '' || (Number.isNaN(number) && token.text.toLowerCase() !== 'nan')) {
    throw new FilterError(`text stands in quotes: '${token.text}'`, token.column);
  }
  return number;
}

const namedNumbers: Readonly<Record<string, number>> = { inf: Infinity, infinity: Infinity, '-inf': -Infinity, '-infinity': -Infinity };

function compare(operator: string, there: number | string, value: number | string): boolean {
  if (operator === 'LIKE' || operator === 'ILIKE') return like(String(value), operator === 'ILIKE').test(String(there));
  const [a, b] = typeof value === 'number' ? [Number(there), value] : [String(there), value];
  switch (operator) {
    case '=':
    case '==':
      return a === b;
    case '!=':
    case '<>':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    default:
      return a >= b;
  }
}

/** `%` stands for any text, `_` for one character. */
const like = (pattern: string, ignoreCase: boolean): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll('%', '.*')
      .replaceAll('_', '.')}$`,
    ignoreCase ? 'isu' : 'su',
  );

const unquoted = (text: string): string => (/^(["'`]).*\1$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text);

interface Token {
  readonly text: string;
  readonly column: number;
}

interface Tokens {
  peek(): Token | undefined;
  next(wanted: string): Token;
  name(): Token;
  operator(): string;
  /** Takes the word when it is the next one. */
  isWord(word: string): boolean;
  word(word: string): void;
  isSign(sign: string): boolean;
  sign(sign: string): void;
}

const pattern = /\s*((?:\w+\.)?(?:`[^`]*`|"[^"]*")|'[^']*'|[<>!=]=?|<>|[(),]|[^\s<>!=(),'"`]+)/gy;

function tokenize(text: string): Tokens {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    end = match.index + match[0].length;
    tokens.push({ text: match[1] ?? '', column: end - (match[1] ?? '').length + 1 });
  }
  const rest = text.slice(end).trim();
  if (rest !== '') throw new FilterError(`this can't be read: ${rest}`, text.indexOf(rest, end) + 1);
  let at = 0;
  const is = (wanted: string): boolean => tokens[at]?.text.toUpperCase() === wanted && ++at > 0;
  const next = (wanted: string): Token => {
    const token = tokens[at++];
    if (!token) throw new FilterError(`${wanted} is missing at the end`, text.length + 1);
    return token;
  };
  const must = (wanted: string): void => {
    const token = next(wanted);
    if (token.text.toUpperCase() !== wanted) throw new FilterError(`${wanted} is expected, not ${token.text}`, token.column);
  };
  return {
    peek: () => tokens[at],
    next,
    name() {
      const token = next('a name');
      if (!/^\w/.test(token.text)) throw new FilterError(`a name like metrics.loss is expected, not ${token.text}`, token.column);
      return token;
    },
    operator() {
      const token = next('a comparison');
      if (!/^([<>]=?|==?|!=|<>|LIKE|ILIKE)$/i.test(token.text)) {
        throw new FilterError(`a comparison is expected, not ${token.text}: = != < <= > >= LIKE ILIKE IN`, token.column);
      }
      return token.text.toUpperCase();
    },
    isWord: is,
    word: must,
    isSign: is,
    sign: must,
  };
}
