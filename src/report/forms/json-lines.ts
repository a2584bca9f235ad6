import type { Form } from '../form.js';
import { predictionsToJsonLines } from '../run/predictions.js';

/** An answer a line, for programs that read as it comes. */
export const jsonLines: Form = {
  ending: '.jsonl',
  write: { prediction: predictionsToJsonLines },
};
