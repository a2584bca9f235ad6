// What `npm run bench` measures without a name. Each writes bench/results/NAME.json, and refuses when others keep the machine busy; then the
// figures go into docs/internals/performance.md. What fails doesn't keep the others from being measured.
import { spawnSync } from 'node:child_process';
import { runner } from './product.js';

const names = [
  'recurrent',
  'roofline',
  'processes',
  'minutes',
  'startup',
  'replicas',
  'addition',
  'forecast',
  'rows',
  'texts',
  'long',
  'memory',
  'record',
  'judging',
  'compile',
  'docs',
];

// A process each: what one leaves in memory must not slow the next.
const failed = names.filter(
  (name) => spawnSync(process.execPath, [runner, name, ...process.argv.slice(2)], { stdio: 'inherit' }).status !== 0,
);
if (failed.length > 0) {
  console.error(`not measured: ${failed.join(', ')}`);
  process.exitCode = 1;
}
