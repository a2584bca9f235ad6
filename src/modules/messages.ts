import { type Words, listed, pathHelp, quote } from '../diagnostics/words.js';

/** What a person reads when modules of their own can't be used, one function each. */

export const EXTENSIONS = ['.mjs', '.js', '.cjs', '.mts', '.ts', '.cts'] as const;

export const noModule = (path: string, guess: string | undefined): Words => ({
  code: 'missing-module',
  message: `there is no module ${path}`,
  help: guess === undefined ? pathHelp(path) : `did you mean ${quote(guess)}?`,
});

export const noCode = (path: string): Words => ({
  code: 'not-a-module',
  message: `${path} is no JavaScript or TypeScript module`,
  help: `a module's name ends in ${listed(EXTENSIONS)}`,
});

export const noTypeScript = (path: string, node: string): Words => ({
  code: 'needs-newer-node',
  message: `Node ${node} can't read TypeScript, which ${path} is written in`,
  help: 'use Node 22.18 or newer, or compile it to .mjs first',
});

export const importFailed = (path: string, reason: string): Words => ({
  code: 'module-fails',
  message: `${path} can't be imported: ${reason}`,
});

export const changedMeanwhile = (path: string): Words => ({
  code: 'module-changed',
  message: `${path}, or what it imports, was changed after this command imported it`,
  help: 'run the command again',
});

export const awaits = (path: string): Words => ({
  code: 'module-waits',
  message: `${path}, or what it imports, has an "await" outside of functions`,
  help: 'stages are needed at once; read data with files.read in look and create',
});

export const spoils = (path: string, name: string): Words => ({
  code: 'module-fails',
  message: `${path} gives every object a property ${quote(name)}, by which other code no longer works`,
  help: `leave Object.prototype as it is`,
});

export const noFunction = (path: string, found: string): Words => ({
  code: 'no-stages',
  message: `${path} must export a function as its default, and exports ${found}`,
  help: 'write: export default ({ defineStage, Type, tf }) => [defineStage({ … })]',
});

export const noList = (path: string, found: string): Words => ({
  code: 'no-stages',
  message: `the function of ${path} must give a list of stages, and gives ${found}`,
  help: 'write: export default ({ defineStage, Type, tf }) => [defineStage({ … })]',
});

export const misshapen = (path: string, stage: string, reason: string): Words => ({
  code: 'wrong-stage',
  message: `${stage} of ${path} ${reason}`,
  help: 'a stage has slot, kind, version, summary, options, plan and create; a dataset also look and fit',
});

export const kindTaken = (path: string, slot: string, kind: string, owner: string): Words => ({
  code: 'kind-taken',
  message: `${path} defines the ${slot} ${quote(kind)}, and ${owner} has one of that kind already`,
  help: 'give it a kind of its own',
});

export const stageFailed = (stage: string, part: string, reason: string): Words => ({
  code: 'stage-fails',
  message: `${stage} fails in ${part}: ${reason}`,
});

export const gavePromise = (): string => "it is an async function, and a stage's functions must give their values at once";

export const libraryNotThere = (name: string): string =>
  `tf.${name} is read before there are tensors: use tf only inside of what create returns, because checking and planning never load it`;
