import type { Engine } from '../engine/engine.js';
import { readComputedWith, type Recorded, writeComputedWith } from '../record/checkpoint.js';
import type { RunPlace, Store } from '../record/layout.js';

/** What decides the digits of an engine, as records and their checkpoints have it: equal texts promise equal digits. */
export const numericsOf = ({ kind, device, numerics, digits }: Pick<Engine, 'kind' | 'device' | 'numerics' | 'digits'>): string => {
  const { libraries, ...rest } = digits;
  return JSON.stringify({ kind, device, numerics, ...libraries, ...rest });
};

/** The text of whoever didn't say. */
const UNKNOWN = '{}';

/**
 * In what those who made a checkpoint and recorded values compute otherwise than the engine here: `processor x64 avx2 fma, here x64`. Nothing
 * where epochs that are computed again must come out bit for bit. From now on the engine here is among those who record.
 */
export function otherDigits(
  store: Store,
  run: RunPlace,
  { here, checkpoint, recorded }: { readonly here: string; readonly checkpoint: string | undefined; readonly recorded: Recorded },
): readonly string[] {
  const writers = readComputedWith(store, run) ?? (recorded.size > 0 ? [UNKNOWN] : []);
  if (!writers.includes(here)) writeComputedWith(store, run, [...writers, here]);
  const others = new Set([...(checkpoint === undefined ? [] : [checkpoint]), ...writers].filter((text) => text !== here));
  return [...new Set([...others].flatMap((text) => differences(text, here)))];
}

/** At least one: texts that aren't equal promise nothing. */
function differences(there: string, here: string): readonly string[] {
  const [before, now] = [parse(there), parse(here)];
  const other = Object.entries(before).filter(([name, said]) => said !== '' && said !== now[name]);
  return other.length > 0
    ? other.map(([name, said]) => `${name} ${String(said)}, here ${String(now[name] ?? 'none')}`)
    : ['the record does not say all that decides digits'];
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
