// Runs a TypeScript file of this folder as it is: node bench/run.mjs passes lstm. Without a name: bench/all.ts.
import { register } from 'node:module';

register('./typescript.mjs', import.meta.url);

const [file = 'all', ...rest] = process.argv.slice(2);
process.argv.splice(2, Infinity, ...rest);
await import(`./${file}.ts`);
