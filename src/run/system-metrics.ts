import { statfsSync } from 'node:fs';
import { cpus, freemem, totalmem } from 'node:os';
import { readIfThere } from '../record/files.js';
import { keyFile, type RunPlace, type Store } from '../record/layout.js';
import { parsePoints } from '../record/reader.js';
import { openWriter } from '../record/writer.js';

/** What MLflow's page shows under "System metrics", by its names; megabytes are millions. */
interface Sample {
  readonly cpu_utilization_percentage: number;
  readonly system_memory_usage_megabytes: number;
  readonly system_memory_usage_percentage: number;
  readonly disk_usage_megabytes: number;
  readonly disk_usage_percentage: number;
  readonly disk_available_megabytes: number;
}

/** Milliseconds; Node takes a longer interval as one of 1 ms. */
const LONGEST = 2 ** 31 - 1;

/**
 * Records what the machine does every `seconds`, as MLflow's own client does: the step is the number of the sample, and a run that goes on
 * counts on. What is given ends it; a run that was shorter than one interval gets one sample.
 */
export function sampleSystem(store: Store, run: RunPlace, seconds: number): () => void {
  const writer = openWriter(store, run);
  let step = lastStep(store, run);
  let before = busyTime();
  const sample = (): void => {
    const now = busyTime();
    for (const [name, value] of Object.entries(takeSample(run.folder, before, now))) {
      writer.metric(`system/${name}`, Math.round(10 * value) / 10, step + 1, Date.now());
    }
    before = now;
    step++;
  };
  const first = step;
  const timer = setInterval(sample, Math.min(1000 * seconds, LONGEST));
  timer.unref();
  return () => {
    clearInterval(timer);
    if (step === first) sample();
    writer.close();
  };
}

function takeSample(folder: string, before: BusyTime, now: BusyTime): Sample {
  const { bsize, blocks, bfree, bavail } = statfsSync(folder);
  const megabytes = (bytes: number): number => bytes / 1e6;
  const used = totalmem() - freemem();
  return {
    cpu_utilization_percentage: (100 * (now.busy - before.busy)) / Math.max(1, now.all - before.all),
    system_memory_usage_megabytes: megabytes(used),
    system_memory_usage_percentage: (100 * used) / totalmem(),
    disk_usage_megabytes: megabytes(bsize * (blocks - bfree)),
    disk_usage_percentage: (100 * (blocks - bfree)) / Math.max(1, blocks - bfree + bavail),
    disk_available_megabytes: megabytes(bsize * bavail),
  };
}

/** Milliseconds of all processors since the machine started. */
interface BusyTime {
  readonly busy: number;
  readonly all: number;
}

function busyTime(): BusyTime {
  return cpus().reduce(
    ({ busy, all }, { times: { user, nice, sys, irq, idle } }) => {
      const work = user + nice + sys + irq;
      return { busy: busy + work, all: all + work + idle };
    },
    { busy: 0, all: 0 },
  );
}

const lastStep = (store: Store, run: RunPlace): number =>
  parsePoints(readIfThere(store.files, keyFile(run, 'metrics', 'system/cpu_utilization_percentage')) ?? '').at(-1)?.step ?? 0;
