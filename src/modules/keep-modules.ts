import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { InputError } from '../diagnostics/diagnostic.js';
import { parseJson } from '../record/files.js';
import type { Stage } from '../stages/stage.js';
import { type OwnModules, type StageSet, importAll } from './use-modules.js';

/** Which of the kept files a document names, as paths below the folder of this list. */
const LIST = 'source/use.json';
const FOLDER = 'use';

/** The modules that a run used, with what they import by relative paths, as artifacts: the record can be used when the files have changed. */
export function modulesAsArtifacts({ entries, sources }: OwnModules): ReadonlyMap<string, string> {
  const above = commonFolder([...sources.keys()]);
  const kept = (file: string): string => [FOLDER, ...relative(above, file).split(sep)].join('/');
  return new Map([
    [LIST, `${JSON.stringify(entries.map(kept), null, 2)}\n`],
    ...[...sources].map(([file, text]) => [`source/${kept(file)}`, text] as const),
  ]);
}

/** The stages that a recorded run could name: the known ones, and those of the modules that it keeps. */
export function stagesOfRecord(artifacts: string, known: readonly Stage[]): StageSet {
  const list = join(artifacts, LIST);
  if (!existsSync(list)) return { stages: known };
  const entries = parseJson<readonly string[]>(
    readFileSync(list, 'utf8'),
    list,
    (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
  );
  const used = importAll(
    entries.map((written) => ({ written, file: resolve(dirname(list), written) })),
    known,
  );
  if ('diagnostics' in used) throw new InputError(used.diagnostics);
  return used;
}

function commonFolder(files: readonly string[]): string {
  const [first = [], ...others] = files.map((file) => dirname(file).split(sep));
  const parts = first.findIndex((part, index) => others.some((other) => other[index] !== part));
  return first.slice(0, parts < 0 ? first.length : parts).join(sep) || sep;
}
