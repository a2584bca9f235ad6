import { readFileSync } from 'node:fs';

/** One of 287 inputs with its answer, made with scipy and statsmodels; `by` names the function. */
export interface Case<Input, Output> {
  readonly fn: string;
  readonly input: Input;
  readonly output: Output;
  readonly by: string;
}

const { cases } = JSON.parse(readFileSync(new URL('statistics_cases.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Case<unknown, unknown>[];
};

export const allCases = cases;
export const casesOf = <Input, Output>(fn: string): readonly Case<Input, Output>[] =>
  cases.filter((each) => each.fn === fn) as readonly Case<Input, Output>[];

interface D2l {
  readonly perplexity: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;
}
const d2l = JSON.parse(readFileSync(new URL('../../experiments/references/time_machine_d2l.json', import.meta.url), 'utf8')) as D2l;

/** Test exact match after epoch 50 of the addition experiment in PyTorch, seeds 1 to 15. */
const ADDITION: readonly number[] = [
  0.9923, 0.99075, 0.9823, 0.9832, 0.9868, 0.99225, 0.98715, 0.9873, 0.98445, 0.98595, 0.99015, 0.98295, 0.98775, 0.98755, 0.988,
];

/** The runs that a case names: `time_machine_d2l.json#/perplexity/ROW/FRAMEWORK`, or the addition experiment. */
export function referenceOf(name: string): readonly number[] {
  if (name.startsWith('addition_pytorch')) return ADDITION;
  const [row = '', framework = ''] = name.split('/perplexity/')[1]?.split('/') ?? [];
  const counts = d2l.perplexity[row]?.[framework];
  if (!counts) throw new Error(`no reference ${name}`);
  return Object.entries(counts).flatMap(([value, count]) => Array.from({ length: count }, () => Number(value)));
}
