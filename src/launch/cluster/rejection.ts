import { InputError } from '../../diagnostics/diagnostic.js';
import type { SourceDoc } from '../../language/source.js';
import { Refusal } from '../../host/exit.js';

/** What a cluster does not grant. */
export interface Rejection {
  readonly message: string;
  /** Of `run_on`, which says it. */
  readonly key?: string;
  readonly help?: string;
}

/** What was rejected, as an error that is shown where the document says it. */
export const refuseAt =
  (doc: SourceDoc) =>
  ({ message, key, help }: Rejection): Error => {
    const said = doc.value['run_on'];
    if (key === undefined || typeof said !== 'object' || said === null || !Object.hasOwn(said, key))
      return new Refusal(message, help === undefined ? {} : { help });
    const place = doc.place(['run_on', key]);
    return new InputError([{ code: 'cluster-refuses', severity: 'error', message, place, ...(help !== undefined && { help }) }]);
  };
