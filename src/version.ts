import { readFileSync } from 'node:fs';

/** The package's folder: above `dist` or `src`. */
export const packageRoot = new URL('../', import.meta.url);

interface Manifest {
  readonly version: string;
}

export const version = (JSON.parse(readFileSync(new URL('package.json', packageRoot), 'utf8')) as Manifest).version;
