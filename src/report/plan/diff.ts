import type { ResolvedConfig } from '../../language/experiment.js';
import { PLAIN, type TextStyle } from '../kit/text-style.js';
import { textTable } from '../kit/text-table.js';
import { leaves, type Leaf } from '../../planning/leaves.js';

interface Difference {
  readonly path: string;
  /** `undefined`: the path is not there. */
  readonly left: Leaf | undefined;
  readonly right: Leaf | undefined;
  readonly affects: 'result' | 'execution';
}

/** What two resolved experiments do not share; what affects the result first, then in the order of the documents. */
export function diffConfigs(left: ResolvedConfig, right: ResolvedConfig): readonly Difference[] {
  const ours = leaves(left.values);
  const theirs = leaves(right.values);
  const paths = [...new Set([...ours.keys(), ...theirs.keys()])];
  const differences = paths
    .map((path): Difference => {
      const affects = left.execution.has(path) || right.execution.has(path) ? 'execution' : 'result';
      return { path, left: ours.get(path), right: theirs.get(path), affects };
    })
    .filter((difference) => JSON.stringify(difference.left) !== JSON.stringify(difference.right));
  return ['result', 'execution'].flatMap((affects) => differences.filter((difference) => difference.affects === affects));
}

/** The differences as text of two parts; says so when there are none. */
export function describeDiff(left: ResolvedConfig, right: ResolvedConfig, style: TextStyle = PLAIN): string {
  const differences = diffConfigs(left, right);
  if (differences.length === 0) return 'no difference\n';
  const part = (affects: Difference['affects'], title: string): readonly string[] => {
    const rows = differences
      .filter((difference) => difference.affects === affects)
      .map(({ path, left: ours, right: theirs }) => [`  ${path}`, describeLeaf(ours), describeLeaf(theirs)]);
    return rows.length === 0 ? [] : [style.heading(title), ...textTable([['', left.file, right.file], ...rows])];
  };
  return `${[...part('result', 'affects the result'), ...part('execution', 'affects the execution only')].join('\n')}\n`;
}

const describeLeaf = (leaf: Leaf | undefined): string => (leaf === undefined ? '(absent)' : JSON.stringify(leaf));
