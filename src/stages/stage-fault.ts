import type { Problem } from '../diagnostics/diagnostic.js';

/**
 * What a stage gave is not what it announced: a vector in place of a sum, an index beyond the vocabulary. A mistake of whoever wrote the stage,
 * found before a number rests on it. The path of its problem is that of the stage's own options until `at` puts the stage's place in front.
 */
export class StageFault extends Error {
  override readonly name = 'StageFault';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }

  at(path: Problem['path']): StageFault {
    return new StageFault({ ...this.problem, path: [...path, ...this.problem.path] });
  }
}

/** Runs what a stage at `path` of the document does, so that a fault of it knows its place. */
export function faultsAt<T>(path: Problem['path'], work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof StageFault ? error.at(path) : error;
  }
}
