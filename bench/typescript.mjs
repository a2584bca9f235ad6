// Node's hooks for the TypeScript of this folder, in every version that we run on: types are stripped, and `./x.js` is found as `./x.ts`. What it
// imports from src/ is taken as users have it, from dist/: `npm run bench` builds that first.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from 'rolldown/utils';

const [sources, built] = ['../src/', '../dist/'].map((folder) => new URL(folder, import.meta.url).href);

export async function resolve(specifier, context, next) {
  if (!specifier.startsWith('.') || !specifier.endsWith('.js') || !context.parentURL?.endsWith('.ts')) return next(specifier, context);
  const { href } = new URL(specifier, context.parentURL);
  return href.startsWith(sources) ? next(href.replace(sources, built), context) : next(`${href.slice(0, -3)}.ts`, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const file = fileURLToPath(url);
  const { code, errors } = await transform(file, await readFile(file, 'utf8'));
  if (errors.length > 0) throw new SyntaxError(errors.map(({ message }) => message).join('\n'));
  return { format: 'module', source: code, shortCircuit: true };
}
