import { extname } from 'node:path';
import { renderPng } from './kit/render.js';

/** What a run, a sweep or a table can be written as, by the ending of the file's name. */
export const ENDINGS = ['.html', '.md', '.tex', '.csv', '.json', '.svg', '.png'] as const;
export type Ending = (typeof ENDINGS)[number];

/** How one kind of result is written in every form; what stands beside the file is written on the way. */
export type Forms<Result> = Readonly<Record<Ending, (result: Result) => Written | Promise<Written>>>;
export type Written = string | Uint8Array;

/** Undefined where the name asks for no form that there is. Capitals don't matter. */
export const endingOf = (file: string): Ending | undefined => ENDINGS.find((ending) => ending === extname(file).toLowerCase());

/** A picture of dots from a drawn one. */
export async function pngOf(svg: string): Promise<Uint8Array> {
  const png = await renderPng(svg);
  if (!png) throw new CannotWrite('PNG pictures need the optional package @resvg/resvg-js', 'install it, or write an .svg');
  return png;
}

/** Why there is nothing to write in a form, and what to do. */
export class CannotWrite extends Error {
  override readonly name = 'CannotWrite';
  readonly help: string;
  constructor(message: string, help: string) {
    super(message);
    this.help = help;
  }
}
