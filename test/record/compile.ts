import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Compiles the record's sources into a folder, for processes that a test starts and kills; gives the import of a module, quoted. */
export function compileRecord(folder: string): (module: string) => string {
  const project = join(import.meta.dirname, '../..');
  const sources = ['claim', 'machine', 'reader', 'reopen', 'start', 'checkpoint', 'compare', 'works'].map((name) =>
    join(project, `src/record/${name}.ts`),
  );
  const options = '--ignoreConfig --module nodenext --target es2022 --types node --skipLibCheck --noCheck --outDir'.split(' ');
  execFileSync(process.execPath, [join(project, 'node_modules/typescript/bin/tsc'), ...options, join(folder, 'built'), ...sources], {
    cwd: project,
    stdio: 'inherit',
  });
  fs.writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  fs.symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return (module) => JSON.stringify(pathToFileURL(join(folder, 'built', `${module}.js`)).href);
}
