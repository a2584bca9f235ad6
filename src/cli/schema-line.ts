import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { DocumentKind } from '../language/source.js';
import { packageRoot } from '../version.js';

/**
 * The first line of a document, by which editors complete and check it: the way from there to the schema of its kind. In a project that has retable
 * installed it leads through the project's `node_modules`, and is the same for everybody who has the project; elsewhere to this package.
 */
export function schemaLine(output: string, kind: DocumentKind): string {
  const schema = join('schemas', `${kind}.schema.json`);
  const installed = foldersAbove(output).map((folder) => join(folder, 'node_modules', 'retable', schema));
  return lineFor(output, installed.find((file) => existsSync(file)) ?? join(fileURLToPath(packageRoot), schema));
}

/** The first line of a document that names a schema. */
export function lineFor(document: string, schema: string): string {
  const way = pathFrom(document, schema);
  // A blank would end the path, and "#" begins what stands behind one.
  return `# yaml-language-server: $schema=${/[\s#]/.test(way) ? pathToFileURL(resolve(schema)).href : way}\n`;
}

/** How a document names another file: with `/` on every system. */
export const pathFrom = (document: string, file: string): string =>
  relative(dirname(resolve(document)), resolve(file))
    .split(sep)
    .join('/');

/** The folder of a file, and those around it. */
function foldersAbove(file: string): readonly string[] {
  const folder = dirname(resolve(file));
  return folder === dirname(folder) ? [folder] : [folder, ...foldersAbove(folder)];
}
