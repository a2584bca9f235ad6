// Runs a TypeScript file of this folder as it is: node bench/run.mjs passes lstm. Without a name: bench/all.ts.
import { runnerImport } from 'vite';

const [file = 'all', ...rest] = process.argv.slice(2);
process.argv.splice(2, Infinity, ...rest);
await runnerImport(new URL(`${file}.ts`, import.meta.url).pathname, { configFile: false, logLevel: 'error' });
