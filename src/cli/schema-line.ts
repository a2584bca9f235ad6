import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { DocumentKind } from '../language/source.js';
import { packageRoot } from '../version.js';

/** Editors complete and check a document with the schema of this package, by the way from the document to it. */
export function schemaLine(output: string, kind: DocumentKind): string {
  const schema = join(fileURLToPath(packageRoot), 'schemas', `${kind}.schema.json`);
  const way = pathFrom(output, schema);
  // A blank would end the path, and "#" begins what stands behind one.
  return `# yaml-language-server: $schema=${/[\s#]/.test(way) ? pathToFileURL(schema).href : way}\n`;
}

/** How a document names another file: with `/` on every system. */
export const pathFrom = (document: string, file: string): string =>
  relative(dirname(resolve(document)), resolve(file))
    .split(sep)
    .join('/');
