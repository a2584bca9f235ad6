import { mkdirSync } from 'node:fs';
import type { Attack } from '../attack.js';

export const outputs: readonly Attack[] = [
  {
    name: 'a folder stands where a page should',
    tries: 4,
    async attempt(world, any) {
      mkdirSync(world.path('page.html'));
      const [command, ...more] = any.pick([['run'], ['report', 'latest'], ['export', 'latest'], ['init']]);
      const file = command === 'init' ? world.write('a.txt', 'to be or not to be\n'.repeat(50)) : world.experiment();
      if (more.length > 0) await world.succeeds(['run', file]);
      await world.refused([command ?? '', ...(more.length > 0 ? more : [file]), '--output', 'page.html'], /page\.html/);
    },
  },
];
