import { writeFileSync } from 'node:fs';
import { page, performancePage } from './page.js';

// Puts the figures of bench/results/ into docs/internals/performance.md.
const { now, due } = await performancePage();
if (due !== now) writeFileSync(page, due);
console.log(
  due === now
    ? 'docs/internals/performance.md holds these figures already'
    : 'docs/internals/performance.md holds the figures of bench/results now',
);
