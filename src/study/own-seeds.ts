import { setArgument } from '../diagnostics/shell.js';
import { listed } from '../diagnostics/words.js';
import { Refusal } from '../host/exit.js';

/** How many seeds are named one by one. */
const NAMED = 8;

/** `--seed` beside a document that says its seeds itself. `more`: how to have more of them. */
export function refuseSeed(kind: 'sweep' | 'table', seeds: readonly number[], asked: string, more: string): never {
  const [first = 1] = seeds;
  const areOneByOne = seeds.length > 2 && seeds.every((seed, index) => seed === first + index);
  const named = areOneByOne
    ? `${first} to ${first + seeds.length - 1}`
    : seeds.length > NAMED
      ? `${seeds.slice(0, NAMED).join(', ')}, …`
      : listed(seeds.map(String), 'and');
  const one = /^\d+$/.test(asked) ? asked : '4';
  throw new Refusal(`a ${kind} has its own seeds: ${named}`, { help: `${setArgument(`seeds=[${one}]`)} for seed ${one} alone, ${more}` });
}
