import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Compiles sources into a folder, for processes that a test starts and kills; gives the import of a module (`record/lease`), quoted. */
export function compileSources(folder: string, modules: readonly string[]): (module: string) => string {
  const project = join(import.meta.dirname, '../..');
  const source = join(project, 'src');
  const options = '--ignoreConfig --module nodenext --target es2022 --types node --skipLibCheck --noCheck'.split(' ');
  const places = ['--rootDir', source, '--outDir', join(folder, 'built')];
  const compiler = join(project, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, ...options, ...places, ...modules.map((name) => join(source, `${name}.ts`))], {
    cwd: project,
    stdio: 'inherit',
  });
  fs.writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  fs.symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return (module) => JSON.stringify(pathToFileURL(join(folder, 'built', `${module}.js`)).href);
}

/** The record, by the names of its files. */
export function compileRecord(folder: string): (module: string) => string {
  const modules = ['checkpoint', 'lease', 'reader', 'start', 'works'];
  const built = compileSources(
    folder,
    modules.map((name) => `record/${name}`),
  );
  return (module) => built(`record/${module}`);
}
