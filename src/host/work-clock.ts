/** Seconds between two looks at the clock that may be a pause; a call of the engine takes about a tenth of a second. */
const LONG = 5;

/** Seconds in which the use of the processor is not asked for again: that takes longer than a look at the clock. */
const SOON = 0.1;

/** Share of one processor below which a process has stood still: it was stopped (Ctrl-Z, a cluster's suspend), or the machine slept. */
const IDLE = 0.05;

const elapsed = (): number => performance.now() / 1000;

function usedProcessor(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * A clock that stands still while this process does: seconds of work since it was made. It must be looked at often. Of a long time without a look
 * in which the processor was hardly used, only that use counts.
 */
export function workClock(now = elapsed, used = usedProcessor): () => number {
  let [worked, before, asked, usedBefore] = [0, now(), now(), used()];
  return () => {
    const time = now();
    const [passed, counted] = [time - before, before - asked];
    before = time;
    if (passed <= LONG && time - asked < SOON) return (worked += passed);
    const processor = used();
    const busy = Math.max(0, processor - usedBefore - counted);
    worked += passed > LONG && busy < IDLE * passed ? busy : passed;
    [asked, usedBefore] = [time, processor];
    return worked;
  };
}
