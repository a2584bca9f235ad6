import { Refusal } from '../../host/exit.js';

/** `f.csv` and the rest of a sentence that says why no experiment can be made of it. */
export const cannot = (file: string, why: string, help?: string): Refusal =>
  new Refusal(`${file} ${why}`, help === undefined ? {} : { help });
