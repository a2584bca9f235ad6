import { join } from 'node:path';
import { isObject } from '../language/check.js';
import { readIfThere, RecordError } from '../record/files.js';
import type { RunPlace, Store } from '../record/layout.js';
import type { RunWriter } from '../record/writer.js';
import { InterruptedError } from '../host/stop.js';
import { type Levels, measureBaselines } from '../train/baselines.js';

/** What the answers that a dataset knows without learning reach: of the data, and not of how well the run did. */
const FILE = 'baselines.json';

/** Measures them and writes them down. What can't be measured is told, and takes nothing away from the run. */
export async function keepBaselines(
  writer: RunWriter,
  request: Parameters<typeof measureBaselines>[0],
  onNote: (note: string) => void,
): Promise<void> {
  try {
    const levels = await measureBaselines(request);
    if (levels && Object.keys(levels).length > 0) writer.artifact(FILE, `${JSON.stringify(levels, null, 2)}\n`);
  } catch (error) {
    if (error instanceof RecordError || error instanceof InterruptedError) throw error;
    onNote(`the baselines could not be measured: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function readBaselines(store: Store, run: RunPlace): Levels {
  try {
    const levels: unknown = JSON.parse(readIfThere(store.files, join(run.folder, 'artifacts', FILE)) ?? '{}');
    return Object.fromEntries(Object.entries(isObject(levels) ? levels : {}).map(([key, named]) => [key, numbersOf(named)]));
  } catch {
    return {}; // cut by whatever ended it
  }
}

const numbersOf = (named: unknown): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(isObject(named) ? named : {}).flatMap(([name, value]) => (typeof value === 'number' ? [[name, value]] : [])),
  );
