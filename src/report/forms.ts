import { basename, dirname, extname, join } from 'node:path';
import type { Content, Form, Kind, Reports, Writer } from './form.js';
import type { Wishes } from './kit/latex.js';
import { csv } from './forms/csv.js';
import { html } from './forms/html.js';
import { json } from './forms/json.js';
import { jsonLines } from './forms/json-lines.js';
import { latex } from './forms/latex.js';
import { markdown } from './forms/markdown.js';
import { png, svg } from './forms/pictures.js';

/** All that results are written as, in the order in which a person is told of them. A new form is a file of `forms/` and a word here. */
export const FORMS: readonly Form[] = [html, markdown, latex, csv, json, jsonLines, svg, png];

/** The endings that a kind is written as. */
export const endingsOf = (kind: Kind, forms: readonly Form[] = FORMS): readonly string[] =>
  forms.filter(({ write }) => write[kind] !== undefined).map(({ ending }) => ending);

/** How a kind is written into a file of this name; undefined where its ending asks for no form that there is. Capitals don't matter. */
export function writerOf<K extends Kind>(kind: K, file: string, forms: readonly Form[] = FORMS): Writer<Reports[K]> | undefined {
  const ending = extname(file).toLowerCase();
  const write: { readonly [P in Kind]?: Writer<Reports[P]> } | undefined = forms.find((form) => form.ending === ending)?.write;
  return write?.[kind];
}

/** What is to be written, by file: the one that is asked for, and what lies beside it. */
export async function filesOf<K extends Kind>(
  kind: K,
  report: Reports[K],
  file: string,
  forms: readonly Form[] = FORMS,
  wishes: Wishes = {},
): Promise<ReadonlyMap<string, Content>> {
  const write = writerOf(kind, file, forms);
  if (!write) throw new Error(`${file} asks for no form that there is`);
  const written = await write(report, basename(file).slice(0, -extname(file).length), wishes);
  if (typeof written === 'string' || written instanceof Uint8Array) return new Map([[file, written]]);
  return new Map([
    [file, written.content],
    ...Array.from(written.beside, ([name, content]) => [join(dirname(file), name), content] as const),
  ]);
}
