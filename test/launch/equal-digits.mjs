// equal-digits.mjs STORE STORE: the same works, each with one finished run, and every metric equal in every digit but those of speed.
// Reads MLflow's file layout by itself, so that it shares no mistake with what wrote it.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

function worksOf(store) {
  const works = new Map();
  for (const tag of readdirSync(store, { recursive: true }).filter((file) => file.endsWith(join('tags', 'retable.work')))) {
    const run = join(store, tag, '..', '..');
    const work = readFileSync(join(store, tag), 'utf8');
    works.set(work, [...(works.get(work) ?? []), digitsOf(run)]);
  }
  return works;
}

function digitsOf(run) {
  const status = /^status: (\d)$/m.exec(readFileSync(join(run, 'meta.yaml'), 'utf8'))?.[1];
  const folder = join(run, 'metrics');
  const metrics = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => statSync(join(folder, file)).isFile() && !file.endsWith('_per_second'))
    .toSorted()
    .map((file) => {
      // A line is TIMESTAMP VALUE STEP.
      const points = readFileSync(join(folder, file), 'utf8').trim().split('\n');
      return `${file}: ${points.map((point) => point.split(' ').slice(1).join(' at ')).join(', ')}`;
    });
  return [`status ${status}`, ...metrics].join('\n');
}

const [here, there] = process.argv.slice(2, 4).map(worksOf);
const wrong = [];
for (const work of new Set([...here.keys(), ...there.keys()])) {
  const runs = [here.get(work) ?? [], there.get(work) ?? []];
  const finished = runs.map((tried) => tried.filter((digits) => digits.startsWith('status 3')));
  if (finished.some(({ length }) => length !== 1))
    wrong.push(`${work}: finished ${finished.map(({ length }) => length).join(' and ')} times`);
  else if (finished[0][0] !== finished[1][0]) wrong.push(`${work}:\n${finished[0][0]}\n-- and --\n${finished[1][0]}`);
}
if (here.size === 0 || wrong.length > 0) {
  console.log(here.size === 0 ? 'no works' : wrong.join('\n'));
  process.exit(1);
}
console.log(`${here.size} works, each finished once, all digits equal`);
