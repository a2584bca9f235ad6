import { setTimeout as wait } from 'node:timers/promises';

/** How often, and after how many milliseconds, what was made at the same moment is looked for again. */
const LOOKS = 20;
const PAUSE = 100;

/** What a server has, and whether it was filled: then it stays. */
interface Twin {
  readonly id: string;
  readonly isFilled: boolean;
}

/**
 * A copy of this store may be sent at the same moment, by a process that has leases of its own. What was just made for it on the server is kept
 * only where a look after that shows no other: of any two, the one made later sees the older. Where two see each other, the one with the smaller
 * id waits for the other to go. `others` gives those that are there beside it, the one first that all processes would choose.
 */
export async function theOnlyOne<Item extends Twin>(
  made: Item,
  others: () => Promise<readonly Item[]>,
  remove: (id: string) => Promise<void>,
): Promise<Item> {
  for (let look = 0; ; look++) {
    const found = (await others()).filter(({ id }) => id !== made.id);
    const [older] = found;
    if (!older) return made;
    if (look === LOOKS || found.some(({ id, isFilled }) => id < made.id || isFilled)) {
      await remove(made.id);
      return older;
    }
    await wait(PAUSE);
  }
}
