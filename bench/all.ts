// What `npm run bench` measures without a name. Each writes bench/results/NAME.json, and refuses when others keep the machine busy; then the
// figures go into docs/performance.md.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const run = fileURLToPath(new URL('run.mjs', import.meta.url));
// A process each: what one leaves in memory must not slow the next.
for (const name of ['startup', 'record', 'addition', 'recurrent', 'roofline', 'processes', 'memory', 'long', 'docs']) {
  execFileSync(process.execPath, [run, name, ...process.argv.slice(2)], { stdio: 'inherit' });
}
